"""The number of a certificate, as it stands on paper and as somebody types it."""

from __future__ import annotations

from civic.core import typed


def number_from(words: str) -> str:
    """2026-ABCDE-FGHJK, with or without its dashes, in any width and case."""
    plain = typed.code(words).replace("-", "")
    return "-".join(part for part in (plain[:4], plain[4:9], plain[9:]) if part)
