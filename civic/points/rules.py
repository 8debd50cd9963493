"""Arithmetic of points, on values only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import prod

CANCEL_WITHIN = timedelta(hours=24)
HELD_FOR = timedelta(days=7)
HONOUR_REASONS = ("nominee", "nominator")
# Days before points expire on which their owner is told.
WARNED_AT = (60, 30, 7)
# And up to so many days later, where nobody could tell them on the day itself.
WARNED_LATE_BY = 3


def worth(minutes: int, per_hour: int, *percents: int) -> int:
    """Whole points of served minutes, rounded down once, at the end: 90 minutes at 10 an hour are 15, at 150 and 80 percent 18."""
    return minutes * per_hour * prod(percents) // (60 * 100 ** len(percents))


def within_caps(points: int, today: int, most_a_day: int, month: int, most_a_month: int) -> int:
    """What of `points` may still be earned after `today` and `month` points of the same day and month."""
    return max(0, min(points, most_a_day - today, most_a_month - month))


def taken_from(lots: Sequence[tuple[int, int]], points: int) -> list[tuple[int, int]]:
    """[(lot, points)] that make up `points` from lots [(lot, left)] in their order, as far as they reach."""
    taken = []
    for lot, left in lots:
        if points <= 0:
            break
        part = min(left, points)
        if part:
            taken.append((lot, part))
            points -= part
    return taken
