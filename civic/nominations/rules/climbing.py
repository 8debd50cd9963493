"""How a case climbs: levels, clocks, the steps as they are drawn, who is asked about a nominee."""

from __future__ import annotations

from datetime import datetime, timedelta

from civic.nominations.states import Department, Status

DATED_FROM = 2  # the level from which on somebody has asked when the deed was
# These channels found the deed from outside: the place has to see for itself before the case may climb (domain 1.12).
FROM_OUTSIDE = frozenset({"media", "netizen"})
# Where a channel's cases begin, and who owns them first (domain 1.12): a neighbour's word at the stairwell, a unit's and a
# school's at the community, a mass organisation's at the street, where its branch is. What media and netizens saw arrives as
# a clue at the county or the city and is sent down from there, to the stairwell or community that has to look.
ENTERS_AT = {"household": 1, "workplace": 2, "school": 2, "organisation": 3, "media": 1, "netizen": 1}
# Whoever found the deed, somebody has to have seen it on the spot where the community below was skipped or never asked.
SEEN_ON_THE_SPOT = FROM_OUTSIDE | {"organisation"}
# A reviewer who took a case keeps it for half an hour after the last touch; then a colleague may take it over.
HELD_FOR = timedelta(minutes=30)
# The same person, the same class: within a year it is asked whether it is the same deed.
SAME_WITHIN = timedelta(days=365)
# So long a step of a desk may be taken back. Letters and the public roll wait a minute longer, so that an undoing which
# began in the last second is over when they go out.
UNDO_FOR = timedelta(minutes=10)
TOLD_AFTER = UNDO_FOR + timedelta(minutes=1)
# Two birth dates so far apart are two people; nearer, somebody may have guessed.
AGE_BAND = timedelta(days=5 * 366)
# Within so many years nobody is honoured again at the same level or above: boards of stairwells turn quickly.
AGAIN_YEARS = {1: 1, 2: 1, 3: 3, 4: 5, 5: 5}
# (level, working days to review, calendar days to supplement, who judges, days of notice, are they working days, days on
# the board): domain 1.8 and 1.13, and the defaults.
DEFAULT_LEVELS = (
    (1, 3, 10, "council", 3, False, 90),
    (2, 5, 10, "council", 3, False, 90),
    (3, 5, 10, "council", 3, False, None),
    (4, 7, 10, "panel", 5, True, None),
    (5, 10, 10, "panel", 5, True, None),
)


def enters_at(region_level: int) -> bool:
    """Whether a nomination can begin at a region of this level: a stairwell, or a community that will find it."""
    return region_level in (1, 2)


def entry_level(channel: str, home_level: int) -> int:
    """The level whose desk gets a new case first: the channel's, or that of the place where no lower one is known."""
    return max(ENTERS_AT[channel], home_level)


def urgency(days_left: int, due_at: datetime, now: datetime) -> str:
    """ok, soon (two working days or less), today, over."""
    if now > due_at:
        return "over"
    if days_left <= 0:
        return "today"
    return "soon" if days_left <= 2 else "ok"


def glyph_of(status: Status, level: int, is_over: bool = False) -> tuple[str, ...]:
    """The five steps of the small staircase, as the glyph macro wants them."""
    here = {
        Status.RETURNED: "back",
        Status.NOTICED: "notice",
        Status.HELD: "hold",
        Status.ELECTED: "listed",
        Status.DECLINED: "fail",
        Status.WITHDRAWN: "hold",
        Status.MERGED: "hold",
    }.get(status, "over" if is_over else "doing")
    return tuple("pass" if n < level else here if n == level else "todo" for n in range(1, 6))


def cells_of(limit: int, left: int | None, paused: bool = False) -> str:
    """The counted squares of a deadline: u used, s last two days, o over, p paused, . free."""
    if left is None:
        return "." * limit
    if left < 0:
        return "u" * limit + "o" * min(-left, 6)
    used = max(0, limit - left)
    rest = min(left, limit)
    if paused:
        return "u" * used + "p" * rest
    return "u" * used + ("s" * rest if rest <= 2 else "." * rest)


def departments(
    *,
    is_party_member: bool = False,
    is_public_employee: bool = False,
    is_business_person: bool = False,
    is_head_of_enterprise: bool = False,
) -> tuple[Department, ...]:
    """Who is asked about a nominee (domain 1.8): police and court always, the others by what the person is."""
    found = [Department.POLICE, Department.COURT]
    if is_party_member or is_public_employee:
        found += [Department.DISCIPLINE, Department.PERSONNEL]
    if is_business_person or is_head_of_enterprise:
        found += [Department.MARKET, Department.TAX]
    if is_head_of_enterprise:
        found += [Department.ENVIRONMENT, Department.EMERGENCY]
    return tuple(found)
