"""Councils, panels and juries: who is enough, what scores come to, how residents are drawn."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

CONFLICT_FROM = 40
# How many residents are drawn for a jury, where a panel scores.
JURY_SIZES = {4: 15, 5: 21}


def quorum_of(seats: int, numerator: int, denominator: int) -> int:
    """How many of `seats` must be present: 2/3 of 7 is 5."""
    return -(-seats * numerator // denominator)


def has_quorum(present: int, seats: int, numerator: int, denominator: int) -> bool:
    return present >= quorum_of(seats, numerator, denominator)


def trimmed_mean(scores: list[int]) -> int | None:
    """Hundredths of the mean; from five scores on, the highest and the lowest are left out. None without scores."""
    if not scores:
        return None
    kept = sorted(scores)[1:-1] if len(scores) >= 5 else scores
    return round(sum(kept) * 100 / len(kept))


def is_conflicting(scores: list[int]) -> bool:
    """Whether the panel disagrees so far that somebody should talk about it before the mean decides."""
    return len(scores) >= 2 and max(scores) - min(scores) >= CONFLICT_FROM


def list_digest(listed: list[int]) -> str:
    """SHA-256 of the numbers in ascending order with commas between: whoever has the list can check it is the same."""
    return sha256(",".join(map(str, sorted(listed))).encode()).hexdigest()


def drawn(listed: list[int], seed: str) -> list[int]:
    """The order of a draw: by SHA-256 of `seed:number`. Same seed, same list, same order, in any language."""
    return sorted(listed, key=lambda number: sha256(f"{seed}:{number}".encode()).digest())


def combined(panel: int, jury: int, panel_weight: int) -> int:
    """Hundredths of the panel's and the jury's mean, weighed: 60 means sixty parts panel and forty parts jury."""
    return round((panel * panel_weight + jury * (100 - panel_weight)) / 100)


def ties(scores: dict[int, int]) -> frozenset[int]:
    """The cases that share their score with another."""
    often = Counter(scores.values())
    return frozenset(case for case, score in scores.items() if often[score] > 1)
