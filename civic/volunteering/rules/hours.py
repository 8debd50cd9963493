"""Minutes from punches, stars from minutes: on values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LATE_TICK = timedelta(minutes=30)  # after a shift's end its hours are drafted
DEFAULT_STARS = ((1, 100), (2, 300), (3, 600), (4, 1000), (5, 1500))


@dataclass(frozen=True)
class Policy:
    """The numbers of an hours policy."""

    least_minutes: int = 15
    most_a_day: int = 480
    grace_minutes: int = 30
    missing_out_percent: int = 50


@dataclass(frozen=True)
class Credit:
    """Minutes and how they came about."""

    minutes: int
    how: str


def credit(
    policy: Policy,
    starts_at: datetime,
    ends_at: datetime,
    came_at: datetime | None,
    went_at: datetime | None,
    *,
    other: Iterable[tuple[datetime, datetime]] = (),
    minutes_today: int = 0,
    confirmed_out: bool = False,
) -> Credit:
    """Minutes of one shift from its punches.

    What lies within the shift counts, stretched at its end by the policy's grace; time already counted for another shift
    does not; below the least it is nothing; a day has its cap. Without a going it is a part of the shift, until the
    leader says that the person stayed.
    """
    if came_at is None:
        return Credit(0, "absent")
    how = "full"
    if went_at is None and not confirmed_out:
        whole = _minutes(max(came_at, starts_at), ends_at)
        minutes, how = min(whole, _minutes(starts_at, ends_at) * policy.missing_out_percent // 100), "no_out"
        begin, end = max(came_at, starts_at), ends_at
    else:
        begin = max(came_at, starts_at)
        latest = ends_at + timedelta(minutes=policy.grace_minutes)
        end = min(went_at, latest) if went_at is not None else ends_at
        minutes = _minutes(begin, end)
        if went_at is not None and went_at > latest:
            how = "capped"
    twice = sum(_minutes(max(begin, a), min(end, b)) for a, b in _merged(other))
    if twice and how != "no_out":
        minutes, how = max(0, minutes - twice), "overlap"
    elif twice:
        minutes = max(0, minutes - twice)
    if minutes < policy.least_minutes:
        return Credit(0, "short")
    room = max(0, policy.most_a_day - minutes_today)
    if minutes > room:
        return Credit(room, "day_full")
    return Credit(minutes, how)


def _minutes(begin: datetime, end: datetime) -> int:
    return max(0, int((end - begin).total_seconds()) // 60)


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans without their own overlaps, so that nothing is subtracted twice."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def stars_for(minutes: int, table: Iterable[tuple[int, int]]) -> int:
    """Stars of so many verified minutes by a table of (stars, hours)."""
    return max((stars for stars, hours in table if minutes >= hours * 60), default=0)
