"""Places on a board, ties shared: on values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Placed:
    """One line of a board: a place shared by all who have as much."""

    place: int
    is_tied: bool
    nickname: str
    value: int


def placed(values: Iterable[tuple[str, int]]) -> list[Placed]:
    """Lines of a board from (nickname, value): the most first, ties share a place and say so, nothing stands at nought."""
    rows = sorted(((name, value) for name, value in values if value > 0), key=lambda row: (-row[1], row[0]))
    count: dict[int, int] = {}
    for _name, value in rows:
        count[value] = count.get(value, 0) + 1
    found: list[Placed] = []
    for at, (name, value) in enumerate(rows, start=1):
        place = found[-1].place if found and found[-1].value == value else at
        found.append(Placed(place, count[value] > 1, name, value))
    return found
