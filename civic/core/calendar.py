"""Working days: China's published holidays and shifted workdays, under the city's own table of exceptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from time import monotonic

import holidays
from sqlalchemy import Date, String, select
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock
from civic.core.db import Key, Model, db

CLOSING = time(18, 0)
KEPT_SECONDS = 60.0
_kept: tuple[float, dict[date, bool]] | None = None


class CalendarDay(Model):
    """One day on which this city differs from the published calendar."""

    __tablename__ = "calendar_day"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date] = mapped_column(Date, unique=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40))


@cache
def _published(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off, weekend days that are worked) of a year, as the library knows them."""
    china = holidays.country_holidays("CN", years=year)
    return frozenset(d for d in china if d.year == year), frozenset(d for d in china.weekend_workdays if d.year == year)


def is_provisional(year: int) -> bool:
    """Whether the State Council's arrangement of the year is not known yet: since 2007 each one shifts some weekends."""
    return not _published(year)[1]


def forget() -> None:
    """Read the city's exceptions anew at the next question (after they were changed, between tests)."""
    global _kept
    _kept = None


def _exceptions() -> dict[date, bool]:
    global _kept
    if _kept is None or monotonic() - _kept[0] > KEPT_SECONDS:
        # Asked in the middle of changes: half a change must not be written because somebody counts days.
        with db.session.no_autoflush:
            rows = db.session.execute(select(CalendarDay.day, CalendarDay.is_working)).all()
        _kept = (monotonic(), {row.day: row.is_working for row in rows})
    return _kept[1]


def is_working_day(day: date) -> bool:
    """Whether offices are open on the day."""
    exceptions = _exceptions()
    if day in exceptions:
        return exceptions[day]
    off, worked = _published(day.year)
    return day in worked or (day.weekday() < 5 and day not in off)


def closing_of(day: date) -> datetime:
    """18:00 in the city on that day, in UTC."""
    return datetime.combine(day, CLOSING, tzinfo=clock.zone()).astimezone(UTC)


def add_working_days(start: datetime, days: int) -> datetime:
    """The deadline: closing time of the `days`-th working day after the day of `start`."""
    day, left = clock.local(start).date(), days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return closing_of(day)


def working_days_between(start: datetime, end: datetime) -> int:
    """Working days after the day of `start` up to and with the day of `end`; 0 where `end` is not later."""
    day, last = clock.local(start).date(), clock.local(end).date()
    return sum(is_working_day(day + timedelta(days=n)) for n in range(1, (last - day).days + 1))


def working_days_left(due_at: datetime, at: datetime) -> int:
    """Working days until the deadline; negative when it has passed: −1 on the first working day after it."""
    return working_days_between(at, due_at) if due_at >= at else -max(1, working_days_between(due_at, at))
