"""On which days hours fall, when they end, which of two rules for one hour goes first: on values only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from civic.volunteering.states import Rhythm

# Longer than this nobody serves: two times were mixed up.
LONGEST = timedelta(hours=16)


def falls_on(day: date, *, rhythm: Rhythm, weekdays: str, first: date | None, last: date | None, is_working_day: bool) -> bool:
    """Whether hours that repeat are for this day."""
    if first is not None and last is not None and not first <= day <= last:
        return False
    if rhythm is Rhythm.WORKDAYS:
        return is_working_day
    return rhythm is Rhythm.DAILY or weekdays[day.weekday()] == "1"


def precision(rhythm: Rhythm, first: date | None) -> tuple[bool, int]:
    """How closely a rule names its days: where two are for the same hour of a day, the closer one says how many people."""
    return first is not None, (Rhythm.DAILY, Rhythm.WORKDAYS, Rhythm.WEEKLY).index(rhythm)


def span(day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """(begin, end) of hours on a day, without a zone; an end not later than the beginning is on the next day."""
    return datetime.combine(day, starts), datetime.combine(day + timedelta(days=ends <= starts), ends)
