"""Arithmetic and yes/no decisions of volunteering, on values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from civic.identity.rules import QUIET_FROM, next_polite

OFFER_LASTS = timedelta(hours=2)
OFFER_LASTS_NEAR = timedelta(minutes=30)
NEAR = timedelta(hours=12)
# Somebody who missed shifts books later, until ninety days have passed; nothing else follows from it.
MISSES_COUNT_FOR = timedelta(days=90)
MISSES_MATTER_FROM = 3
OPENS_DAYS_AFTER_MISSES = 3
LATE_TICK = timedelta(minutes=30)  # after a shift's end its hours are drafted
# A paper sheet is typed back within a week of its shift.
PAPER_UNTIL = timedelta(days=7)
NOTEWORTHY, LATE_BY = timedelta(minutes=2), timedelta(minutes=10)
MINOR_LATEST = time(19, 0)
# A sheet with people in it holds at most so many lines; who needs more takes shorter periods.
SHEET_MOST = 20_000
DEFAULT_STARS = ((1, 100), (2, 300), (3, 600), (4, 1000), (5, 1500))


@dataclass(frozen=True)
class Refusal:
    """A named no: the code is stable, the words say why and what to do next."""

    code: str
    words: LazyString


FULL = Refusal("full", _l("刚好满了。可以候补，有人退出就问您。"))


@dataclass(frozen=True)
class Asked:
    """Everything a sign-up is judged by."""

    now: datetime
    starts_at: datetime
    ends_at: datetime
    is_open: bool  # shift open, event published
    opens_at: datetime
    closes_at: datetime
    is_registered: bool
    age: int | None  # None: grown, or not known
    has_guardian_consent: bool
    guardian_is_on_shift: bool
    is_roadside: bool
    is_on_carriageway: bool
    ends_locally: time
    needs_briefing: bool
    has_read_briefing: bool
    clash: str | None  # the name of a shift at the same time
    in_month: int
    most_a_month: int | None
    places_left: int
    wants_to_wait: bool


def refusal(asked: Asked) -> Refusal | None:
    """The first reason against it, in an order that tells people what they can change last; None: nothing is against it."""
    if not asked.is_open:
        return Refusal("shift_closed", _l("这一班不办了，或者停止报名了。看看别的班次。"))
    if asked.now >= asked.closes_at:
        return Refusal("too_late", _l("报名已经截止了。看看后面几天的。"))
    if asked.now < asked.opens_at:
        return Refusal("too_early", _l("这一班还没开始报名，过几天再来。"))
    if not asked.is_registered:
        return Refusal("not_registered", _l("先登记成志愿者，一分钟就好。"))
    young = _too_young(asked)
    if young is not None:
        return young
    if asked.needs_briefing and not asked.has_read_briefing:
        return Refusal("briefing_unread", _l("请先看安全须知，勾上“我看过了”。"))
    if asked.clash is not None:
        return Refusal("clash", _l("您这个时间已经报了“%(name)s”。要换的话，先退那一班。", name=asked.clash))
    if asked.most_a_month is not None and asked.in_month >= asked.most_a_month:
        return Refusal("limit_reached", _l("这个活动每人每月最多 %(count)s 班，您已经报满了。留点机会给别人。", count=asked.most_a_month))
    if asked.places_left < 1 and not asked.wants_to_wait:
        return FULL
    return None


def _too_young(asked: Asked) -> Refusal | None:
    """Minors, by domain 2.7: under 8 never; 8–13 with a guardian on site and off the carriageway; 14–17 with consent,
    at the kerb, before 19:00."""
    if asked.age is None or asked.age >= 18:
        return None
    never = too_young(asked.age, is_on_carriageway=asked.is_on_carriageway, is_roadside=asked.is_roadside, ends_locally=asked.ends_locally)
    if never is not None and never is not LATE_FOR_MINOR:
        return never
    if asked.age < 14 and not asked.guardian_is_on_shift:
        return Refusal("guardian_first", _l("8 到 13 岁的孩子要家长一起来。请家长先报上同一班。"))
    if not asked.has_guardian_consent:
        return Refusal("guardian_consent", _l("不满 18 岁，要家长先同意。"))
    return never


LATE_FOR_MINOR = Refusal("too_late_for_minor", _l("不满 18 岁的，晚上 7 点以前要结束。看看早一点的班次。"))


def too_young(age: int, *, is_on_carriageway: bool, is_roadside: bool, ends_locally: time) -> Refusal | None:
    """What no guardian can change about a child and a shift."""
    if age >= 18:
        return None
    if age < 8:
        return Refusal("too_young", _l("不满 8 岁的孩子还不能报名。"))
    if is_on_carriageway:
        return Refusal("too_young", _l("这个岗位在车道边上，不满 18 岁的不能站。看看别的岗位。"))
    if age < 14 and is_roadside:
        return Refusal("too_young", _l("路口的活动要满 14 岁。看看别的活动。"))
    return LATE_FOR_MINOR if ends_locally > MINOR_LATEST else None


def age_on(birth_date: date, day: date) -> int:
    """Whole years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def offer_until(now: datetime, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Until when an offered place is held: two hours, half an hour near the start, never past the start.

    Between 20:00 and 8:00 its clock stands still, unless the shift starts before it would run again.
    """
    lasts = OFFER_LASTS_NEAR if starts_at - now < NEAR else OFFER_LASTS
    local = now.astimezone(zone)
    begins = next_polite(local)
    if begins >= starts_at:
        return min(now + lasts, starts_at)
    quiet = begins.replace(hour=QUIET_FROM.hour, minute=QUIET_FROM.minute, second=0, microsecond=0)
    left = begins + lasts - quiet
    end = begins + lasts
    if left > timedelta(0):
        resumed = quiet + timedelta(hours=12) + left
        end = resumed if quiet + timedelta(hours=12) < starts_at else end
    return min(end.astimezone(now.tzinfo), starts_at)


# The parts of a day somebody may be free in, by where a shift begins: morning, afternoon, evening.
PARTS = ((time(0), time(12)), (time(12), time(17)), (time(17), None))
FREE_LOOK_AHEAD = 31


def free_spans(free: str, today: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """[(from, until)] in which shifts may begin that somebody is free for, a month ahead; neighbours joined.

    `free`: 21 marks, Monday's three parts first; 1 is free.
    """
    found: list[tuple[datetime, datetime]] = []
    for n in range(FREE_LOOK_AHEAD):
        day = today + timedelta(days=n)
        for part, (begins, ends) in enumerate(PARTS):
            if free[day.weekday() * len(PARTS) + part] != "1":
                continue
            begin = datetime.combine(day, begins, tzinfo=zone)
            end = datetime.combine(day + timedelta(days=ends is None), ends or time(0), tzinfo=zone)
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
    return found


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


# What a desk should look at. None of it decides anything: people do.
FLAGS_LOOK_BACK = timedelta(days=90)
SAME_TWO_FROM, SAME_TWO_SHARE = 5, 80
BURST_FROM = 10
STAYED_FROM = 4


def same_two(counts: Mapping[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """[(one, other, how often)] of pairs that confirm nearly all of each other's back-fills.

    `counts`: (who asked, who confirmed) → how often. A pair is named from five times on, where it is four fifths or more
    of everything either of them asked for.
    """
    asked: dict[int, int] = {}
    together: dict[tuple[int, int], int] = {}
    for (asker, confirmer), count in counts.items():
        asked[asker] = asked.get(asker, 0) + count
        pair = (min(asker, confirmer), max(asker, confirmer))
        together[pair] = together.get(pair, 0) + count
    found = []
    for (one, other), count in sorted(together.items()):
        whole = asked.get(one, 0) + asked.get(other, 0)
        if count >= SAME_TWO_FROM and count * 100 >= whole * SAME_TWO_SHARE:
            found.append((one, other, count))
    return found


def stars_for(minutes: int, table: Iterable[tuple[int, int]]) -> int:
    """Stars of so many verified minutes by a table of (stars, hours)."""
    return max((stars for stars, hours in table if minutes >= hours * 60), default=0)


def cells_of(most: int, taken: int) -> str:
    """The squares of a shift's places: u taken, . free, s the last one."""
    shown = min(most, 12)
    used = taken * shown // most if most > shown else taken
    free = shown - used
    return "u" * used + ("s" if most - taken == 1 else "." * free)
