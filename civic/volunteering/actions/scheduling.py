"""Shifts of an event: the hours that repeat, a month made from them, other numbers for one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.regions.models import Region
from civic.volunteering import letters
from civic.volunteering.actions import guarding
from civic.volunteering.actions.events import held
from civic.volunteering.actions.offers import fill
from civic.volunteering.models.events import Event, Pattern, Post, Shift, SignUp
from civic.volunteering.queries import sign_ups
from civic.volunteering.states import HOLDING, EventStatus, ShiftStatus

GENERATED_MOST = 1000


def add_pattern(
    actor: Actor, event_id: int, *, name: str, starts: time, ends: time, working_days_only: bool = True, least: int = 2, normal: int = 4,
    most: int = 4,
) -> Pattern:  # fmt: skip
    """Hours that repeat, for every post."""
    event = held(actor, event_id)
    if ends <= starts:
        raise Invalid("hours_order", _l("结束的时间要晚于开始的时间。"), field="ends")
    if not 1 <= least <= normal <= most <= 500:
        raise Invalid("numbers_order", _l("人数要从少到多：最少、正好、最多。"), field="most")
    known = select(Pattern.id).where(Pattern.event_id == event.id, Pattern.starts == starts, Pattern.ends == ends)
    if db.session.scalars(known).first() is not None:
        raise Conflict("pattern_known", _l("这个时段已经有了。"), field="starts")
    pattern = Pattern(
        event_id=event.id, name=name.strip() or f"{starts:%H:%M}", starts=starts, ends=ends, working_days_only=working_days_only,
        least=least, normal=normal, most=most,
    )  # fmt: skip
    db.session.add(pattern)
    db.session.flush()
    return pattern


def end_pattern(actor: Actor, pattern_id: int) -> int:
    """Take hours away that are not wanted any more, with their shifts to come; how many went. A shift that anybody ever
    had to do with stays, on its own."""
    found = db.session.get(Pattern, pattern_id)
    if found is None:
        raise out_of_reach()
    event = held(actor, found.event_id)
    coming = db.session.scalars(
        locked(select(Shift).where(Shift.event_id == event.id, Shift.pattern_id == pattern_id, Shift.starts_at > clock.now()).order_by(Shift.id))
    ).all()
    gone = [shift for shift in coming if shift.status is ShiftStatus.OPEN and not (shift.taken or shift.waiting or _was_held(shift))]
    for shift in gone:
        db.session.delete(shift)
    db.session.flush()
    db.session.execute(update(Shift).where(Shift.event_id == event.id, Shift.pattern_id == pattern_id).values(pattern_id=None))
    db.session.delete(found)
    db.session.flush()
    audit.record(actor.user_id, "event.end_pattern", ("event", event.id), region_path=event.region_path, pattern=pattern_id, removed=len(gone))
    return len(gone)


@dataclass(frozen=True)
class Generated:
    """What generating did: shifts made, changed, taken away, and left as they are because people hold places there."""

    made: int
    changed: int
    removed: int
    kept: int


def generate(actor: Actor, event_id: int, *, first: date, last: date, skip: Collection[date] = ()) -> Generated:
    """The shifts of every post from the patterns, from `first` to `last`.

    Done again it mends what changed; a shift that somebody holds a place on, or waits for, is never touched.
    """
    event = held(actor, event_id)
    if first < clock.today() or last < first or (last - first).days > 92:
        raise Invalid("days_wrong", _l("请选今天以后的日子，一次最多三个月。"), field="first")
    patterns = db.session.scalars(select(Pattern).where(Pattern.event_id == event.id).order_by(Pattern.starts)).all()
    if not event.posts or not patterns:
        raise Invalid("nothing_to_generate", _l("先写岗位和时段，再排班。"))
    wanted = _wanted(event, patterns, first, last, set(skip))
    if len(wanted) > GENERATED_MOST:
        raise Invalid("too_many_shifts", _l("一次最多排 1000 班，请少选几天。"), field="last")
    there = {
        (shift.post_id, shift.starts_at): shift
        for shift in db.session.scalars(
            locked(
                select(Shift)
                .where(Shift.event_id == event.id, Shift.day.between(first, last))
                .order_by(Shift.id)
            )
        )
    }
    made = changed = removed = kept = 0
    for key, shift in there.items():
        if shift.taken or shift.waiting or shift.status is not ShiftStatus.OPEN or _was_held(shift):
            kept += key in wanted
        elif key not in wanted:
            if shift.pattern_id is not None:
                db.session.delete(shift)
                removed += 1
        elif _refreshed(shift, wanted[key][1]):
            changed += 1
    county = _county_of(event.region)
    for key, (post, pattern, day) in wanted.items():
        if key not in there:
            db.session.add(_shift(event, post, pattern, day, county))
            made += 1
    db.session.flush()
    if event.status is not EventStatus.DRAFT:
        guarding.guarded(event)
    audit.record(
        actor.user_id, "event.generate", ("event", event.id), region_path=event.region_path, made=made, removed=removed, kept=kept
    )
    return Generated(made, changed, removed, kept)


def _wanted(
    event: Event, patterns: Collection[Pattern], first: date, last: date, skip: set[date]
) -> dict[tuple[int, datetime], tuple[Post, Pattern, date]]:
    found = {}
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        for pattern in patterns:
            starts_at = _at(day, pattern.starts)
            if day in skip or (pattern.working_days_only and not calendar.is_working_day(day)) or starts_at <= clock.now():
                continue
            for post in event.posts:
                found[post.id, starts_at] = (post, pattern, day)
    return found


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.zone()).astimezone(clock.now().tzinfo)


def _was_held(shift: Shift) -> bool:
    """Whether somebody ever had to do with it: such a shift has a history and stays."""
    return db.session.scalars(select(SignUp.id).where(SignUp.shift_id == shift.id).limit(1)).first() is not None


def _refreshed(shift: Shift, pattern: Pattern) -> bool:
    new = (pattern.id, pattern.name, _at(shift.day, pattern.ends), pattern.least, pattern.normal, pattern.most)
    if new == (shift.pattern_id, shift.name, shift.ends_at, shift.least, shift.normal, shift.most):
        return False
    shift.pattern_id, shift.name, shift.ends_at, shift.least, shift.normal, shift.most = new
    return True


def _county_of(region: Region) -> int | None:
    ids = region.path.rstrip(".").split(".")
    return int(ids[1]) if len(ids) > 1 else None


def _shift(event: Event, post: Post, pattern: Pattern, day: date, county_id: int | None) -> Shift:
    return Shift(
        event_id=event.id, post_id=post.id, pattern_id=pattern.id, county_id=county_id, category_id=event.category_id, name=pattern.name, day=day,
        starts_at=_at(day, pattern.starts), ends_at=_at(day, pattern.ends), least=pattern.least, normal=pattern.normal, most=pattern.most,
    )  # fmt: skip


def resize(actor: Actor, shift_id: int, *, most: int, ends: time | None = None) -> Shift:
    """Other numbers or an earlier end for one shift; never below those who are in."""
    shift = _shift_held(actor, shift_id)
    if shift.status is not ShiftStatus.OPEN:
        raise NotNow("shift_over", _l("这一班已经办完或者取消了，不能再改。"))
    if most < shift.taken:
        names = [row.person.name for row in sign_ups.holders(shift_id=shift.id) if row.status in HOLDING]
        raise Invalid(
            "below_taken", _l("已经报上了 %(count)s 人：%(names)s。不能少于这个数，要减人，先跟他们商量。", count=shift.taken, names="、".join(names)), field="most"
        )
    if most < 1:
        raise Invalid("numbers_order", _l("至少要一个人。"), field="most")
    if ends is not None:
        ends_at = _at(shift.day, ends)
        if ends_at <= shift.starts_at:
            raise Invalid("hours_order", _l("结束的时间要晚于开始的时间。"), field="ends")
        if ends_at > shift.ends_at:
            # Who is in said yes to less: it might clash, or be too late for a child.
            raise Invalid("ends_later", _l("不能改晚，报上的人没答应过。要加时间，另排一班。"), field="ends")
        if ends_at < shift.ends_at:
            shift.ends_at = ends_at
            for sign_up in db.session.scalars(select(SignUp).where(SignUp.shift_id == shift.id)):
                sign_up.ends_at = ends_at
            db.session.flush()
            letters.tell_changed(sign_ups.holders(shift_id=shift.id))
    shift.least, shift.normal, shift.most = min(shift.least, most), min(shift.normal, most), most
    if most < 2:
        guarding.no_minor_in(shift.event)
    fill(shift)
    audit.record(actor.user_id, "shift.resize", ("shift", shift.id), region_path=shift.event.region_path, most=most)
    return shift


def _shift_held(actor: Actor, shift_id: int) -> Shift:
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    return shift
