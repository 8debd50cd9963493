"""Fields of this house, and the choices of select and radio fields."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.fields.choices import SelectChoice


def choices(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """(value, words) as the form library wants its options."""
    return [SelectChoice(value, words) for value, words in pairs]  # type: ignore[arg-type]
