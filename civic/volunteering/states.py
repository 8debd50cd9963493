"""A place on a shift as data: statuses, verbs and the table of lawful steps.

Scenario. The 7:00 shift at 育才小学路口 has four places. Huang SIGNs up: *confirmed*. Four are in, so Wei WAITs: *waiting*,
first in line. On Monday one WITHDRAWs; the place is not open to all but OFFERed to Wei, and held for him while the clock
of his offer runs. He ACCEPTs: *confirmed*. Had two hours passed in silence, the clock would LAPSE the offer and offer the
place to the next. On the day Huang comes: a punch in, a punch out. When the shift is over she has ATTENDed; somebody
whose place stood empty is MISSed, and may appeal. If it rains, the leader CANCELs the whole day; is it held after all, who was in
is OFFERed the place again, and who waited WAITs again.

Whoever withdrew, declined or let an offer lapse may sign up again, at the end of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SignUpStatus(StrEnum):
    CONFIRMED = "confirmed"  # 报上了
    WAITING = "waiting"  # 候补
    OFFERED = "offered"  # 有空位，等本人答应
    WITHDRAWN = "withdrawn"  # 退出
    LAPSED = "lapsed"  # 没有答应，过时
    CANCELLED = "cancelled"  # 这一班不办了
    CAME = "came"  # 到了
    MISSED = "missed"  # 没到


class Verb(StrEnum):
    SIGN = "sign"
    WAIT = "wait"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    ATTEND = "attend"
    MISS = "miss"


S, V = SignUpStatus, Verb
# These hold a place of the shift.
HOLDING = frozenset({S.CONFIRMED, S.OFFERED})
OPEN = HOLDING | {S.WAITING}
GONE = frozenset({S.WITHDRAWN, S.LAPSED})


@dataclass(frozen=True)
class Step:
    """From which statuses a verb may be taken (none: there is no row yet), and where it leads."""

    verb: Verb
    sources: frozenset[SignUpStatus | None]
    target: SignUpStatus


STEPS: dict[Verb, Step] = {
    step.verb: step
    for step in (
        Step(V.SIGN, GONE | {None, S.WAITING, S.CANCELLED}, S.CONFIRMED),
        Step(V.WAIT, GONE | {None, S.CANCELLED}, S.WAITING),
        Step(V.OFFER, GONE | {None, S.WAITING, S.CANCELLED}, S.OFFERED),
        Step(V.ACCEPT, frozenset({S.OFFERED}), S.CONFIRMED),
        Step(V.DECLINE, frozenset({S.OFFERED}), S.WITHDRAWN),
        Step(V.LAPSE, frozenset({S.OFFERED, S.WAITING}), S.LAPSED),
        Step(V.WITHDRAW, frozenset({S.CONFIRMED, S.WAITING}), S.WITHDRAWN),
        Step(V.CANCEL, OPEN, S.CANCELLED),
        Step(V.ATTEND, frozenset({S.CONFIRMED, S.MISSED, S.CANCELLED}), S.CAME),
        Step(V.MISS, frozenset({S.CONFIRMED}), S.MISSED),
    )
}


class NotLawful(ValueError):
    """The table knows no such step from here."""


def after(status: SignUpStatus | None, verb: Verb) -> SignUpStatus:
    """Where a sign-up stands after the verb; NotLawful where the table has no such row."""
    step = STEPS[verb]
    if status not in step.sources:
        raise NotLawful(f"{verb} at {status}")
    return step.target


class EventStatus(StrEnum):
    DRAFT = "draft"  # 还在写
    PUBLISHED = "published"  # 正在报名
    CLOSED = "closed"  # 不再报名
    CANCELLED = "cancelled"  # 不办了


class ShiftStatus(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"
    COUNTED = "counted"  # 办完了，时长待确认
    SETTLED = "settled"  # 时长、积分都入账了


class Rhythm(StrEnum):
    """On which days hours repeat."""

    WORKDAYS = "workdays"  # 工作日
    DAILY = "daily"  # 每天
    WEEKLY = "weekly"  # 每周的这几天


class Direction(StrEnum):
    """Of a punch."""

    IN = "in"
    OUT = "out"
