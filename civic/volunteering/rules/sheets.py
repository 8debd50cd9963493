"""The paper sheet beside what was ticked, and how long a sheet may be: on values only."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from civic.volunteering.rules.hours import LATE_TICK

# A paper sheet is typed back within a week of its shift.
PAPER_UNTIL = timedelta(days=7)
# Somebody comes a little before a shift and goes a little after it.
AROUND = timedelta(hours=2)
NOTEWORTHY, LATE_BY = timedelta(minutes=2), timedelta(minutes=10)
# A sheet with people in it holds at most so many lines; who needs more takes shorter periods.
SHEET_MOST = 20_000


def paper_differences(
    starts_at: datetime, ends_at: datetime, told: tuple[datetime, datetime | None] | None, came_at: datetime | None, went_at: datetime | None, *, is_final: bool
) -> list[str]:
    """In what a line of the paper sheet differs from the shift and from what was ticked, by name.

    `told`: (came, went) on paper, none where the paper has no such line; `came_at`, `went_at`: what was ticked.
    """
    if told is None:
        return ["only_ticked"] if came_at is not None else ["not_on_paper"]
    came, went = told
    found = []
    if is_final:
        found.append("final_already")
    if came_at is not None and abs(came_at - came) >= NOTEWORTHY:
        found.append("ticked_in_otherwise")
    if went_at is not None and went is not None and abs(went_at - went) >= NOTEWORTHY:
        found.append("ticked_out_otherwise")
    if went is None and went_at is None:
        found.append("no_going")
    if came > starts_at + LATE_BY:
        found.append("came_late")
    if went is not None and went < ends_at - LATE_BY:
        found.append("went_early")
    if went is not None and went > ends_at + LATE_TICK:
        found.append("went_late")
    return found


def moment_of(typed: time, starts: datetime, ends: datetime) -> datetime:
    """The moment a time on a shift's paper means, the shift's begin and end being local: of the days around it the one on
    which the time lies near the shift, else the day it begins on."""
    on_the_day = datetime.combine(starts.date(), typed, tzinfo=starts.tzinfo)
    for days in (0, 1, -1):
        moment = on_the_day + timedelta(days=days)
        if starts - AROUND <= moment <= ends + AROUND:
            return moment
    return on_the_day
