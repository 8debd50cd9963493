"""Shifts of an event: the hours that repeat, a month made from them, other numbers for one of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from civic.volunteering.actions import guarding, restoring
from civic.volunteering.actions.events import held
from civic.volunteering.actions.offers import fill
from civic.volunteering.models.events import Event, Pattern, Post, Shift, SignUp
from civic.volunteering.queries import sign_ups
from civic.volunteering.rules import scheduling as rules
from civic.volunteering.states import HOLDING, EventStatus, Rhythm, ShiftStatus

GENERATED_MOST = 1000


def add_pattern(
    actor: Actor, event_id: int, *, name: str, starts: time, ends: time, rhythm: Rhythm = Rhythm.WORKDAYS, weekdays: Collection[int] = (),
    first: date | None = None, last: date | None = None, least: int = 2, normal: int = 4, most: int = 4,
) -> Pattern:  # fmt: skip
    """Hours that repeat, for every post. An end not later than the beginning is on the next day; `weekdays` (0 is Monday) are
    those of a weekly rhythm; `first` to `last` are the only days they are for, one day where `last` is not said."""
    event = held(actor, event_id)
    begin, end = rules.span(clock.today(), starts, ends)
    if end - begin > rules.LONGEST:
        raise Invalid("hours_long", _l("从 %(starts)s 到 %(ends)s 要 %(hours)s 个小时，是不是写反了？一班最长 16 小时。", starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}", hours=(end - begin) // timedelta(hours=1)), field="ends")  # fmt: skip
    if not 1 <= least <= normal <= most <= 500:
        raise Invalid("numbers_order", _l("人数要从少到多：最少、正好、最多。"), field="most")
    marks = _marks(rhythm, weekdays)
    last = first if last is None else last
    if first is None and last is not None:
        raise Invalid("days_half", _l("请写从哪天起。"), field="first")
    if first is not None and last is not None and last < first:
        raise Invalid("days_order", _l("止期早于起期，请再看一眼。"), field="last")
    rule = {"starts": starts, "ends": ends, "rhythm": rhythm, "weekdays": marks, "first": first, "last": last}
    if db.session.scalars(select(Pattern.id).filter_by(event_id=event.id, **rule)).first() is not None:
        raise Conflict("pattern_known", _l("这个时段已经有了。"), field="starts")
    pattern = Pattern(event_id=event.id, name=name.strip() or f"{starts:%H:%M}", least=least, normal=normal, most=most, **rule)
    db.session.add(pattern)
    db.session.flush()
    return pattern


def _marks(rhythm: Rhythm, weekdays: Collection[int]) -> str:
    if rhythm is not Rhythm.WEEKLY:
        if weekdays:
            raise Invalid("weekdays_unclear", _l("勾了周几，就选“每周这几天”；不然把勾去掉。"), field="rhythm")
        return ""
    if not weekdays:
        raise Invalid("weekdays_missing", _l("请勾每周的哪几天。"), field="weekdays")
    return "".join("1" if day in weekdays else "0" for day in range(7))


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
    touched = _ever_held([shift.id for shift in coming])
    gone = [shift for shift in coming if shift.status is ShiftStatus.OPEN and shift.id not in touched]
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
    """What generating did: shifts made (those that stand again among them), changed, taken away; and left as they are because
    people hold places there, because they were called off, or because somebody set them by hand."""

    made: int
    changed: int
    removed: int
    kept: int
    restored: int = 0
    called_off: int = 0
    by_hand: int = 0


Wanted = dict[tuple[int, datetime, datetime], tuple[Post, Pattern, date]]


def generate(actor: Actor, event_id: int, *, first: date, last: date, skip: Collection[date] = ()) -> Generated:
    """The shifts of every post from the patterns, from `first` to `last`.

    Done again it mends what changed; a shift that somebody holds a place on, or waits for, is never touched, and what was set
    by hand stays. A day called off stays so, unless it is the one day asked for.
    """
    event = held(actor, event_id)
    if first < clock.today() or last < first or (last - first).days > 92:
        raise Invalid("days_wrong", _l("请选今天以后的日子，一次最多三个月。"), field="first")
    patterns = db.session.scalars(select(Pattern).where(Pattern.event_id == event.id).order_by(Pattern.starts, Pattern.id)).all()
    if not event.posts or not patterns:
        raise Invalid("nothing_to_generate", _l("先写岗位和时段，再排班。"))
    wanted = _wanted(event, patterns, first, last, set(skip))
    if len(wanted) > GENERATED_MOST:
        raise Invalid("too_many_shifts", _l("一次最多排 1000 班，请少选几天。"), field="last")
    there = db.session.scalars(locked(select(Shift).where(Shift.event_id == event.id, Shift.day.between(first, last)).order_by(Shift.id))).all()
    done = _matched(event, wanted, there, may_restore=first == last)
    db.session.flush()
    if done["back"]:
        restoring.stand_again(actor, done["back"])
    if event.status is not EventStatus.DRAFT:
        guarding.guarded(event)
    found = Generated(
        len(done["made"]) + len(done["back"]), len(done["changed"]), len(done["removed"]), len(done["kept"]), len(done["back"]),
        len(done["called_off"]), len(done["by_hand"]),
    )  # fmt: skip
    audit.record(
        actor.user_id, "event.generate", ("event", event.id), region_path=event.region_path, made=found.made, removed=found.removed, kept=found.kept
    )
    return found


def _matched(event: Event, wanted: Wanted, there: Sequence[Shift], *, may_restore: bool) -> dict[str, list[Shift]]:
    """Bring the shifts that are there to what is wanted; {what became of them: which}."""
    done: dict[str, list[Shift]] = {name: [] for name in ("made", "back", "changed", "removed", "kept", "called_off", "by_hand")}
    by_origin = {(shift.pattern_id, shift.post_id, shift.day): shift for shift in there if shift.pattern_id is not None}
    by_hours = {(shift.post_id, shift.starts_at, shift.ends_at): shift for shift in there}
    known, known_ids = _known_again(wanted, by_origin, by_hours)
    touched = _ever_held([shift.id for shift in there])
    county = _county_of(event.region)
    for key, (post, pattern, day) in wanted.items():
        shift = known.get(key)
        if shift is None and key in by_hours:
            done["by_hand"].append(by_hours[key])  # a shift set by hand stands in these very hours
        elif shift is None:
            made = _shift(event, post, pattern, day, county)
            db.session.add(made)
            done["made"].append(made)
        elif shift.status is ShiftStatus.CANCELLED:
            done["back" if may_restore and shift.starts_at > clock.now() else "called_off"].append(shift)
        elif shift.id in touched or shift.status is not ShiftStatus.OPEN:
            done["kept"].append(shift)
        else:
            if shift.hand_most is not None or shift.hand_ends_at is not None:
                done["by_hand"].append(shift)
            if _refreshed(shift, pattern):
                done["changed"].append(shift)
    for shift in there:
        if shift.id not in known_ids and shift.pattern_id is not None and shift.status is ShiftStatus.OPEN and shift.id not in touched:
            db.session.delete(shift)
            done["removed"].append(shift)
    return done


def _known_again(
    wanted: Wanted, by_origin: Mapping[tuple[int | None, int, date], Shift], by_hours: Mapping[tuple[int, datetime, datetime], Shift]
) -> tuple[dict[tuple[int, datetime, datetime], Shift], set[int]]:
    """Which shift each wanted one is already: the one its pattern made, whatever its hours are now, else one of the same hours."""
    known = {key: by_origin[pattern.id, post.id, day] for key, (post, pattern, day) in wanted.items() if (pattern.id, post.id, day) in by_origin}
    ids = {shift.id for shift in known.values()}
    for key in wanted:
        if key not in known and key in by_hours and by_hours[key].id not in ids:
            known[key] = by_hours[key]
            ids.add(by_hours[key].id)
    return known, ids


def _wanted(event: Event, patterns: Collection[Pattern], first: date, last: date, skip: set[date]) -> Wanted:
    """{(post, begin, end): (post, pattern, day)}; of two patterns for the same hours the one that names its days more closely."""
    found: Wanted = {}
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        is_working_day = calendar.is_working_day(day)
        for pattern in sorted(patterns, key=lambda p: rules.precision(p.rhythm, p.first)):
            starts_at, ends_at = _span(day, pattern)
            days = {"rhythm": pattern.rhythm, "weekdays": pattern.weekdays, "first": pattern.first, "last": pattern.last}
            if day in skip or starts_at <= clock.now() or not rules.falls_on(day, is_working_day=is_working_day, **days):
                continue
            for post in event.posts:
                found[post.id, starts_at, ends_at] = (post, pattern, day)
    return found


def _span(day: date, pattern: Pattern) -> tuple[datetime, datetime]:
    begin, end = rules.span(day, pattern.starts, pattern.ends)
    return _moment(begin), _moment(end)


def _moment(local: datetime) -> datetime:
    return local.replace(tzinfo=clock.zone()).astimezone(clock.now().tzinfo)


def _ever_held(shift_ids: Collection[int]) -> set[int]:
    """Those that somebody ever had to do with: such a shift has a history and stays."""
    return set(db.session.scalars(select(SignUp.shift_id).where(SignUp.shift_id.in_(shift_ids)).distinct())) if shift_ids else set()


def _refreshed(shift: Shift, pattern: Pattern) -> bool:
    """Make a shift what its pattern says, but for what was set by hand; whether that changed anything."""
    most = shift.hand_most or pattern.most
    ends_at = shift.hand_ends_at or _span(shift.day, pattern)[1]
    new = (pattern.id, pattern.name, ends_at, min(pattern.least, most), min(pattern.normal, most), most)
    if new == (shift.pattern_id, shift.name, shift.ends_at, shift.least, shift.normal, shift.most):
        return False
    shift.pattern_id, shift.name, shift.ends_at, shift.least, shift.normal, shift.most = new
    revised(shift)
    return True


def revised(shift: Shift) -> None:
    """Let calendars know that a shift is another now."""
    shift.revision += 1
    shift.changed_at = clock.now()


def _county_of(region: Region) -> int | None:
    ids = region.path.rstrip(".").split(".")
    return int(ids[1]) if len(ids) > 1 else None


def _shift(event: Event, post: Post, pattern: Pattern, day: date, county_id: int | None) -> Shift:
    starts_at, ends_at = _span(day, pattern)
    return Shift(
        event_id=event.id, post_id=post.id, pattern_id=pattern.id, county_id=county_id, category_id=event.category_id, name=pattern.name, day=day,
        starts_at=starts_at, ends_at=ends_at, least=pattern.least, normal=pattern.normal, most=pattern.most,
    )  # fmt: skip


def resize(actor: Actor, shift_id: int, *, most: int, ends: time | None = None) -> Shift:
    """Other numbers or an earlier end for one shift; never below those who are in. What is set so is set by hand: generating
    leaves it alone."""
    shift = _shift_held(actor, shift_id)
    _resized(shift, most, None if ends is None else _end_of(shift, ends))
    audit.record(actor.user_id, "shift.resize", ("shift", shift.id), region_path=shift.event.region_path, most=most)
    return shift


def _end_of(shift: Shift, ends: time) -> datetime:
    begin = clock.local(shift.starts_at)
    end = datetime.combine(begin.date(), ends)
    if end <= begin.replace(tzinfo=None):
        if clock.local(shift.ends_at).date() == begin.date():
            raise Invalid("hours_order", _l("结束的时间要晚于开始的时间。"), field="ends")
        end += timedelta(days=1)
    return _moment(end)


def _resized(shift: Shift, most: int, ends_at: datetime | None, *, least: int = 0, normal: int = 0) -> None:
    if shift.status is not ShiftStatus.OPEN:
        raise NotNow("shift_over", _l("这一班已经办完或者取消了，不能再改。"))
    if most < shift.taken:
        names = [row.person.name for row in sign_ups.holders(shift_id=shift.id) if row.status in HOLDING]
        raise Invalid(
            "below_taken", _l("已经报上了 %(count)s 人：%(names)s。不能少于这个数，要减人，先跟他们商量。", count=shift.taken, names="、".join(names)), field="most"
        )
    if most < 1:
        raise Invalid("numbers_order", _l("至少要一个人。"), field="most")
    if ends_at is not None and ends_at != shift.ends_at:
        _ended_at(shift, ends_at)
    if most != shift.most:
        shift.hand_most = most
    shift.least, shift.normal, shift.most = min(max(shift.least, least), most), min(max(shift.normal, normal), most), most
    if most < 2:
        guarding.no_minor_in(shift.event)
    fill(shift)


def _ended_at(shift: Shift, ends_at: datetime) -> None:
    if ends_at > shift.ends_at and (shift.hand_ends_at is None or shift.taken or shift.waiting):
        # Who is in said yes to less: it might clash, or be too late for a child.
        raise Invalid("ends_later", _l("不能改晚，报上的人没答应过。要加时间，另排一班。"), field="ends")
    same = select(Shift.id).where(Shift.post_id == shift.post_id, Shift.starts_at == shift.starts_at, Shift.ends_at == ends_at)
    if db.session.scalars(same).first() is not None:
        raise Conflict("same_hours", _l("这个岗位已经有一班是这个时间了。"), field="ends")
    shift.ends_at = shift.hand_ends_at = ends_at
    revised(shift)
    for sign_up in db.session.scalars(select(SignUp).where(SignUp.shift_id == shift.id)):
        sign_up.ends_at = ends_at
    db.session.flush()
    letters.tell_changed(sign_ups.holders(shift_id=shift.id))


def undo_by_hand(actor: Actor, shift_id: int) -> Shift:
    """A shift as its pattern makes it again; refused where who is in would have to stay longer."""
    shift = _shift_held(actor, shift_id)
    pattern = db.session.get(Pattern, shift.pattern_id) if shift.pattern_id is not None else None
    if pattern is None or (shift.hand_most is None and shift.hand_ends_at is None):
        raise NotNow("not_by_hand", _l("这一班没有手改过，或者它的时段已经不要了。"))
    _resized(shift, pattern.most, _span(shift.day, pattern)[1], least=pattern.least, normal=pattern.normal)
    shift.hand_most = shift.hand_ends_at = None
    audit.record(actor.user_id, "shift.undo_by_hand", ("shift", shift.id), region_path=shift.event.region_path)
    return shift


def _shift_held(actor: Actor, shift_id: int) -> Shift:
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    return shift
