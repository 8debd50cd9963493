"""What a desk should look at: back-fills and words of leaders that repeat too much. Named rules; nothing follows by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock, listing
from civic.core.db import db
from civic.identity.models import Person
from civic.regions.models import Region
from civic.regions.queries import within
from civic.volunteering.models.attendance import Attestation, FlagLook, Hours
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.rules import flags as rules

READ_MOST = 5000
TIMES = 50  # of one flag on its page


@dataclass(frozen=True)
class Flag:
    """One rule that struck: accounts concerned, how often, and on which day or for whom where the rule knows."""

    rule: str
    user_ids: tuple[int, ...]
    count: int
    newest: datetime  # when it last happened
    day: date | None = None
    person_id: int | None = None

    @property
    def key(self) -> str:
        """The rule and whom it is about, in one word for an address."""
        about = [*map(str, self.user_ids), *([f"p{self.person_id}"] if self.person_id is not None else []), *([f"{self.day:%Y%m%d}"] if self.day else [])]
        return "-".join([self.rule, *about])


def flags(paths: Sequence[str]) -> list[Flag]:
    """Everything that stands out in these places in the last ninety days; three statements."""
    since = clock.now() - rules.FLAGS_LOOK_BACK
    here = or_(*(within(Event.region_path, path) for path in paths))
    asked = _asked(paths).order_by(Attestation.id.desc()).limit(READ_MOST)
    pairs: Counter[tuple[int, int]] = Counter()
    days: Counter[tuple[int, date]] = Counter()
    newest: dict[tuple[int, int] | tuple[int, date], datetime] = {}
    for asker, decider, is_confirmed, at, decided_at in db.session.execute(asked):
        day = clock.local(at).date()
        days[asker, day] += 1
        newest[asker, day] = max(newest.get((asker, day), at), at)
        if is_confirmed and decider is not None:
            pairs[asker, decider] += 1
            pair = min(asker, decider), max(asker, decider)
            newest[pair] = max(newest.get(pair, decided_at), decided_at)
    found = [Flag("same_two", (one, other), count, newest[one, other]) for one, other, count in rules.same_two(pairs)]
    found += [Flag("burst", (asker,), count, newest[asker, day], day=day) for (asker, day), count in sorted(days.items()) if count >= rules.BURST_FROM]
    stayed = db.session.execute(
        select(Hours.confirmed_by_id, Hours.person_id, func.count(), func.max(func.coalesce(Hours.confirmed_at, Hours.drafted_at)).label("newest"))
        .join(Shift, Shift.id == Hours.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(*_stayed(since), here)
        .group_by(Hours.confirmed_by_id, Hours.person_id)
        .having(func.count() >= rules.STAYED_FROM)
        .order_by(func.count().desc(), Hours.confirmed_by_id, Hours.person_id)
    )
    return found + [Flag("stayed_again", (leader,), count, last, person_id=person) for leader, person, count, last in stayed]


def unread(paths: Sequence[str]) -> int:
    """How many back-fills of the last ninety days were too many to be counted; the oldest."""
    return max(0, (db.session.scalar(select(func.count()).select_from(_asked(paths).subquery())) or 0) - READ_MOST)


def _asked(paths: Sequence[str]) -> Select[Any]:
    return (
        select(Attestation.requested_by_id, Attestation.decided_by_id, Attestation.is_confirmed, Attestation.requested_at, Attestation.decided_at)
        .join(SignUp, SignUp.id == Attestation.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Attestation.requested_at >= clock.now() - rules.FLAGS_LOOK_BACK, or_(*(within(Event.region_path, path) for path in paths)))
    )


@dataclass(frozen=True)
class Occurrence:
    """One of the times a rule counted: whose minutes on which shift, on what evidence, who asked and who said yes."""

    shift: Shift
    person: Person
    minutes: int
    at: datetime
    by: int
    evidence: str | None = None
    second: int | None = None  # none: nobody yet, or the rule knows only one
    is_confirmed: bool | None = None


def occurrences_of(flag: Flag, paths: Sequence[str], *, limit: int = TIMES) -> listing.Some[Occurrence]:
    """What a flag counted in these places, the latest first; one statement."""
    here = or_(*(within(Event.region_path, path) for path in paths))
    since = clock.now() - rules.FLAGS_LOOK_BACK
    if flag.rule == "stayed_again":
        query = (
            select(Hours)
            .join(Hours.shift)
            .join(Shift.event)
            .where(*_stayed(since), Hours.confirmed_by_id == flag.user_ids[0], Hours.person_id == flag.person_id, here)
            .options(contains_eager(Hours.shift).options(contains_eager(Shift.event), joinedload(Shift.post)), joinedload(Hours.person))
            .order_by(Hours.day.desc(), Hours.id.desc())
        )
        hours = listing.some(query, limit)
        return listing.Some((Occurrence(h.shift, h.person, h.minutes, h.confirmed_at or h.drafted_at, flag.user_ids[0]) for h in hours), hours.more)
    asked = (
        select(Attestation)
        .join(Attestation.sign_up)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(Attestation.requested_at >= since, here)
        .options(
            contains_eager(Attestation.sign_up).contains_eager(SignUp.shift).options(contains_eager(Shift.event), joinedload(Shift.post)),
            contains_eager(Attestation.sign_up).joinedload(SignUp.person),
        )
        .order_by(Attestation.requested_at.desc(), Attestation.id.desc())
    )  # fmt: skip
    if flag.rule == "same_two":
        asked = asked.where(Attestation.is_confirmed, Attestation.requested_by_id.in_(flag.user_ids), Attestation.decided_by_id.in_(flag.user_ids))
    else:
        assert flag.day is not None
        begin = datetime.combine(flag.day, time(), tzinfo=clock.zone())
        asked = asked.where(Attestation.requested_by_id == flag.user_ids[0], Attestation.requested_at >= begin, Attestation.requested_at < begin + timedelta(days=1))
    rows = listing.some(asked, limit)
    return listing.Some(
        (Occurrence(a.sign_up.shift, a.sign_up.person, a.minutes, a.requested_at, a.requested_by_id, a.evidence, a.decided_by_id, a.is_confirmed) for a in rows),
        rows.more,
    )


def _stayed(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Hours that a leader's word made whole, without an objection."""
    return Hours.confirmed_by_id.is_not(None), Hours.objected_at.is_(None), Hours.how == "full", Hours.day >= clock.local(since).date()


@dataclass(frozen=True)
class Standing:
    """What stands out and was not looked at since it last happened, and what was put aside, with the look."""

    open: list[Flag]
    aside: list[tuple[Flag, FlagLook]]


def standing(paths: Sequence[str]) -> Standing:
    """What stands out in these places, told apart by whether somebody looked; four statements.

    A look counts where it was taken and below: what the street looked at, the county still sees.
    """
    found = flags(paths)
    looks: dict[str, list[tuple[FlagLook, str]]] = defaultdict(list)
    for look, path in db.session.execute(
        select(FlagLook, Region.path).join(Region, Region.id == FlagLook.region_id).where(FlagLook.flag.in_([flag.key for flag in found])).order_by(FlagLook.id)
    ):
        looks[look.flag].append((look, path))
    told = Standing([], [])
    for flag in found:
        seen = [look for look, path in looks[flag.key] if look.newest >= flag.newest and all(mine.startswith(path) for mine in paths)]
        if seen:
            told.aside.append((flag, seen[-1]))
        else:
            told.open.append(flag)
    return told
