"""Who may take a place and who may not, how long an offer lasts, when somebody is free: on values only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from civic.outbox.rules import QUIET_FROM, next_polite

OFFER_LASTS = timedelta(hours=2)
OFFER_LASTS_NEAR = timedelta(minutes=30)
NEAR = timedelta(hours=12)
# Somebody who missed shifts books later, until ninety days have passed; nothing else follows from it.
MISSES_COUNT_FOR = timedelta(days=90)
MISSES_MATTER_FROM = 3
OPENS_DAYS_AFTER_MISSES = 3
MINOR_LATEST = time(19, 0)
# Younger ones come with a guardian, and stand at no road.
ALONE_FROM = 14
GROWN = 18


@dataclass(frozen=True)
class Refusal:
    """A named no: the code is stable, the words say why and what to do next."""

    code: str
    words: LazyString


FULL = Refusal("full", _l("刚好满了。可以候补，有人退出就问您。"))


class Rule(StrEnum):
    """Everything that may stand against a place. The one list: every door asks each, or says in `doors` why not."""

    OPEN = "open"  # the shift is not called off
    TAKES = "takes"  # its event still takes sign-ups
    OVER = "over"
    BEGUN = "begun"
    DEADLINE = "deadline"
    NOT_YET = "not_yet"
    REGISTERED = "registered"
    BIRTHDAY = "birthday"  # known at all
    YOUNG = "young"  # what no guardian can change
    COMPANY = "company"  # under 14 with the guardian on the same shift
    CONSENT = "consent"
    EVENING = "evening"
    QUALIFIED = "qualified"
    BRIEFED = "briefed"
    CLASH = "clash"
    MONTH = "month"
    PLACE = "place"


@dataclass(frozen=True)
class Asked:
    """Everything a sign-up is judged by."""

    now: datetime
    starts_at: datetime
    ends_at: datetime
    is_open: bool  # the shift
    opens_at: datetime
    closes_at: datetime
    is_registered: bool
    age: int | None  # None: grown, or not known
    has_guardian_consent: bool
    guardian_is_on_shift: bool
    is_roadside: bool
    is_on_carriageway: bool
    is_alone: bool  # the shift has one place
    ends_locally: time
    needs_briefing: bool
    has_read_briefing: bool
    clash: str | None  # the name of a shift at the same time
    in_month: int
    most_a_month: int | None
    places_left: int
    wants_to_wait: bool
    takes_sign_ups: bool = True  # its event
    has_birthday: bool = True
    lacks: str | None = None  # the qualification that the post asks for and the person has not on that day


def refusal(asked: Asked, waived: Collection[Rule] = ()) -> Refusal | None:
    """The first reason against it, in an order that tells people what they can change last; None: nothing is against it.
    `waived`: what the door through which somebody comes does not ask."""
    for rule, against in AGAINST.items():
        no = against(asked) if rule not in waived else None
        if no is not None:
            return no
    return None


LATE_FOR_MINOR = Refusal("too_late_for_minor", _l("不满 18 岁的，晚上 7 点以前要结束。看看早一点的班次。"))
TOO_LATE = Refusal("too_late", _l("报名已经截止了。看看后面几天的。"))


def _young(asked: Asked) -> Refusal | None:
    """Minors, by domain 2.7: under 8 never; 8–13 with a guardian on site and off the carriageway; 14–17 with consent,
    at the kerb, never alone, before 19:00."""
    never = _never(asked)
    return never if never is not LATE_FOR_MINOR else None


def _never(asked: Asked) -> Refusal | None:
    if asked.age is None:
        return None
    return too_young(asked.age, is_on_carriageway=asked.is_on_carriageway, is_alone=asked.is_alone, is_roadside=asked.is_roadside, ends_locally=asked.ends_locally)


def _company(asked: Asked) -> Refusal | None:
    if asked.age is None or asked.age >= ALONE_FROM or asked.guardian_is_on_shift:
        return None
    return Refusal("guardian_first", _l("8 到 13 岁的孩子要家长一起来。请家长先报上同一班。"))


def _consent(asked: Asked) -> Refusal | None:
    if asked.age is None or asked.age >= GROWN or asked.has_guardian_consent:
        return None
    return Refusal("guardian_consent", _l("不满 18 岁，要家长同意。请家长在自己手机上“替家里人报名”，替您报。"))


def _month(asked: Asked) -> Refusal | None:
    if asked.most_a_month is None or asked.in_month < asked.most_a_month:
        return None
    return Refusal("limit_reached", _l("这个活动每人每月最多 %(count)s 班，您已经报满了。留点机会给别人。", count=asked.most_a_month))


SHIFT_CLOSED = Refusal("shift_closed", _l("这一班不办了，或者停止报名了。看看别的班次。"))

# In the order in which they are asked.
AGAINST: dict[Rule, Callable[[Asked], Refusal | None]] = {
    Rule.OPEN: lambda a: None if a.is_open else SHIFT_CLOSED,
    Rule.TAKES: lambda a: None if a.takes_sign_ups else SHIFT_CLOSED,
    Rule.OVER: lambda a: TOO_LATE if a.now >= a.ends_at else None,
    Rule.BEGUN: lambda a: TOO_LATE if a.now >= a.starts_at else None,
    Rule.DEADLINE: lambda a: TOO_LATE if a.now >= a.closes_at else None,
    Rule.NOT_YET: lambda a: Refusal("too_early", _l("这一班还没开始报名，过几天再来。")) if a.now < a.opens_at else None,
    Rule.REGISTERED: lambda a: None if a.is_registered else Refusal("not_registered", _l("先登记成志愿者，一分钟就好。")),
    Rule.BIRTHDAY: lambda a: None if a.has_birthday else Refusal("birthday_unknown", _l("还不知道生日，上保险、看年龄都要用。请先补上，再报名。")),
    Rule.YOUNG: _young,
    Rule.COMPANY: _company,
    Rule.CONSENT: _consent,
    Rule.EVENING: lambda a: LATE_FOR_MINOR if _never(a) is LATE_FOR_MINOR else None,
    Rule.QUALIFIED: lambda a: (
        Refusal("not_qualified", _l("这个岗位要有“%(name)s”，到那天还有效。没有的，先问组织者怎么考，或者看看别的岗位。", name=a.lacks)) if a.lacks else None
    ),
    Rule.BRIEFED: lambda a: Refusal("briefing_unread", _l("请先看安全须知，勾上“我看过了”。")) if a.needs_briefing and not a.has_read_briefing else None,
    Rule.CLASH: lambda a: Refusal("clash", _l("您这个时间已经报了“%(name)s”。要换的话，先退那一班。", name=a.clash)) if a.clash is not None else None,
    Rule.MONTH: _month,
    Rule.PLACE: lambda a: FULL if a.places_left < 1 and not a.wants_to_wait else None,
}


def too_young(age: int, *, is_on_carriageway: bool, is_alone: bool, is_roadside: bool, ends_locally: time) -> Refusal | None:
    """What no guardian can change about a child and a shift."""
    if age >= GROWN:
        return None
    if age < 8:
        return Refusal("too_young", _l("不满 8 岁的孩子还不能报名。"))
    if is_on_carriageway:
        return Refusal("too_young", _l("这个岗位在车道边上，不满 18 岁的不能站。看看别的岗位。"))
    if age < ALONE_FROM and is_roadside:
        return Refusal("too_young", _l("路口的活动要满 14 岁。看看别的活动。"))
    if is_alone:
        return Refusal("too_young", _l("这一班只站一个人，不满 18 岁的不能单独站。看看别的班次。"))
    return LATE_FOR_MINOR if ends_locally > MINOR_LATEST else None


def age_on(birth_date: date, day: date) -> int:
    """Whole years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def months_later(since: date, months: int) -> date:
    """The last day on which something is good that holds for so many months; a 31st ends with a shorter month."""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    first_after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=since.day - 1), first_after) - timedelta(days=1)


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


def cells_of(most: int, taken: int) -> str:
    """The squares of a shift's places: u taken, . free, s the last one."""
    shown = min(most, 12)
    used = taken * shown // most if most > shown else taken
    free = shown - used
    return "u" * used + ("s" if most - taken == 1 else "." * free)
