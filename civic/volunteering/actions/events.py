"""Making events: draft, posts, patterns, a month of shifts, publishing, closing, cancelling by shift, day or event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.regions.models import Region
from civic.volunteering import letters
from civic.volunteering.actions import attendance
from civic.volunteering.actions.offers import fill
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.events import Event, Pattern, Post, Risk, Role, Shift, SignUp
from civic.volunteering.models.people import Team
from civic.volunteering.states import OPEN, EventStatus, ShiftStatus, Verb

GENERATED_MOST = 1000
ROADSIDE = frozenset({Risk.ROAD, Risk.HIGH})


@dataclass(frozen=True)
class Details:
    """What an event says of itself."""

    name: str
    subtitle: str
    description: str
    place: str
    risk: Risk
    requirements: str = ""
    kit: str = ""
    insurance_number: str | None = None
    insured_from: date | None = None
    insured_until: date | None = None
    briefing: str | None = None
    police_contact: str | None = None
    emergency_contact: str | None = None
    opens_days: int = 30
    closes_hours: int = 0
    withdraw_hours: int = 11
    gap_minutes: int = 0
    most_a_month: int | None = None


# The template of the city's best-known service (domain 2.10): a leader changes names and contacts and is done.
CROSSING = Details(
    name="礼让斑马线",
    subtitle="早晚高峰劝导",
    description="站在斑马线两头，车到了举旗，人过了点头。不拦车、不争执，遇到不让的记下时间就好。红马甲、小旗和水由服务队准备。",
    place="",
    risk=Risk.ROAD,
    kit="红马甲、帽子、小旗、哨子、水",
    briefing="站在路缘以内，不进车道，不拦车，不指挥交通。听交警和组长的。下大雨、打雷、有雾就停。身体不舒服马上说，坐下歇着。",
)
CROSSING_HOURS = (("早高峰", time(7, 30), time(9, 0)), ("晚高峰", time(17, 0), time(18, 30)))


def begin(actor: Actor, team: Team, place: Region, details: Details) -> Event:
    """A draft; nobody but the desk sees it."""
    demand(actor, Permission.EVENT_RUN, team.region_path)
    event = Event(
        team_id=team.id, region_id=place.id, region_path=place.path, organiser_id=actor.user_id, created_at=clock.now(),
        status=EventStatus.DRAFT, **vars(details),
    )  # fmt: skip
    _fits(event)
    db.session.add(event)
    db.session.flush()
    audit.record(actor.user_id, "event.begin", ("event", event.id), region_path=place.path)
    return event


def change(actor: Actor, event_id: int, details: Details) -> Event:
    """Other words and numbers. What is published stays guarded."""
    event = held(actor, event_id)
    for name, value in vars(details).items():
        setattr(event, name, value)
    _fits(event)
    if event.status is not EventStatus.DRAFT:
        _guarded(event)
    audit.record(actor.user_id, "event.change", ("event", event.id), region_path=event.region_path)
    return event


def _fits(event: Event) -> None:
    if not event.name.strip():
        raise Invalid("name_missing", _l("请写活动叫什么。"), field="name")
    if event.insured_from and event.insured_until and event.insured_until < event.insured_from:
        raise Invalid("cover_order", _l("保险的止期早于起期，请对一下保单。"), field="insured_until")


def held(actor: Actor, event_id: int) -> Event:
    """The event, locked, where the actor runs events."""
    event = db.session.scalars(locked(select(Event).where(Event.id == event_id))).first()
    if event is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, event.region_path)
    return event


def add_post(
    actor: Actor, event_id: int, *, name: str, corner: str = "", role: Role = Role.GUIDE, is_on_carriageway: bool = False,
    x: int | None = None, y: int | None = None,
) -> Post:  # fmt: skip
    """One more place to stand."""
    event = held(actor, event_id)
    if not name.strip():
        raise Invalid("name_missing", _l("请写岗位在哪，比如“育才小学路口”。"), field="name")
    if any(p.name == name.strip() and p.role is role for p in event.posts):
        raise Conflict("post_known", _l("这个岗位已经有了。"), field="name")
    _on_the_map(x, y)
    post = Post(
        event_id=event.id, name=name.strip(), corner=corner.strip(), role=role, is_on_carriageway=is_on_carriageway, x=x, y=y,
        position=len(event.posts),
    )  # fmt: skip
    event.posts.append(post)
    db.session.flush()
    return post


def change_post(
    actor: Actor, post_id: int, *, name: str, corner: str, role: Role, is_on_carriageway: bool, x: int | None, y: int | None
) -> Post:  # fmt: skip
    """Other words for a post, and where it stands on the drawn map."""
    found = db.session.get(Post, post_id)
    if found is None:
        raise out_of_reach()
    event = held(actor, found.event_id)
    post = next(p for p in event.posts if p.id == post_id)
    if not name.strip():
        raise Invalid("name_missing", _l("请写岗位在哪，比如“育才小学路口”。"), field="name")
    if any(p.id != post_id and p.name == name.strip() and p.role is role for p in event.posts):
        raise Conflict("post_known", _l("这个岗位已经有了。"), field="name")
    _on_the_map(x, y)
    post.name, post.corner, post.role, post.is_on_carriageway = name.strip(), corner.strip(), role, is_on_carriageway
    post.x, post.y = x, y
    audit.record(actor.user_id, "post.change", ("post", post.id), region_path=event.region_path)
    return post


def _on_the_map(x: int | None, y: int | None) -> None:
    if (x is None) != (y is None):
        raise Invalid("half_a_place", _l("图上的位置要两个数，少了一个。"), field="y" if y is None else "x")


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
                .where(Shift.event_id == event.id, Shift.day.between(first, last), Shift.pattern_id.is_not(None))
                .order_by(Shift.id)
            )
        )
    }
    made = changed = removed = kept = 0
    for key, shift in there.items():
        if shift.taken or shift.waiting or shift.status is not ShiftStatus.OPEN or _was_held(shift):
            kept += key in wanted
        elif key not in wanted:
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
        event_id=event.id, post_id=post.id, pattern_id=pattern.id, county_id=county_id, name=pattern.name, day=day,
        starts_at=_at(day, pattern.starts), ends_at=_at(day, pattern.ends), least=pattern.least, normal=pattern.normal, most=pattern.most,
    )  # fmt: skip


def resize(actor: Actor, shift_id: int, *, most: int, ends: time | None = None) -> Shift:
    """Other numbers or an earlier end for one shift; never below those who are in."""
    shift = _shift_held(actor, shift_id)
    if shift.status is not ShiftStatus.OPEN:
        raise NotNow("shift_over", _l("这一班已经办完或者取消了，不能再改。"))
    if most < shift.taken:
        raise Invalid("below_taken", _l("已经有 %(count)s 个人报上了，不能少于这个数。要减人，先跟他们商量。", count=shift.taken), field="most")
    if most < 1:
        raise Invalid("numbers_order", _l("至少要一个人。"), field="most")
    if ends is not None:
        ends_at = _at(shift.day, ends)
        if ends_at <= shift.starts_at:
            raise Invalid("hours_order", _l("结束的时间要晚于开始的时间。"), field="ends")
        shift.ends_at = ends_at
        for sign_up in db.session.scalars(select(SignUp).where(SignUp.shift_id == shift.id)):
            sign_up.ends_at = ends_at
    shift.least, shift.normal, shift.most = min(shift.least, most), min(shift.normal, most), most
    fill(shift)
    audit.record(actor.user_id, "shift.resize", ("shift", shift.id), region_path=shift.event.region_path, most=most)
    return shift


def _shift_held(actor: Actor, shift_id: int) -> Shift:
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    return shift


def publish(actor: Actor, event_id: int) -> Event:
    """Let people sign up. A roadside event without insurance, briefing and contacts is refused: by law, not by hint."""
    event = held(actor, event_id)
    if event.status is EventStatus.CANCELLED:
        raise NotNow("event_over", _l("这个活动已经取消了。"))
    _guarded(event)
    if db.session.scalars(select(Shift.id).where(Shift.event_id == event.id).limit(1)).first() is None:
        raise NotNow("no_shifts", _l("还没有排班，先排好再发布。"))
    event.status = EventStatus.PUBLISHED
    event.published_at = event.published_at or clock.now()
    audit.record(actor.user_id, "event.publish", ("event", event.id), region_path=event.region_path)
    return event


def _guarded(event: Event) -> None:
    if event.risk not in ROADSIDE:
        return
    for field, words in (
        ("insurance_number", _l("路边的活动要先上意外险，请写保单号。")),
        ("insured_from", _l("请写保险从哪天起。")),
        ("insured_until", _l("请写保险到哪天止。")),
        ("briefing", _l("请写安全须知，报名的人要先看。")),
        ("police_contact", _l("请写交警联系人和电话。")),
        ("emergency_contact", _l("请写紧急联系人和电话。")),
    ):
        if not getattr(event, field):
            raise Invalid(f"{field}_missing", words, field=field)
    uncovered = db.session.scalars(
        select(Shift.day)
        .where(
            Shift.event_id == event.id, Shift.status == ShiftStatus.OPEN,
            (Shift.day < event.insured_from) | (Shift.day > event.insured_until),
        )
        .order_by(Shift.day)
        .limit(1)
    ).first()  # fmt: skip
    if uncovered is not None:
        raise Invalid("not_covered", _l("%(day)s 的班不在保险期里。请续保，或者去掉那几天。", day=f"{uncovered:%Y-%m-%d}"), field="insured_until")


def close(actor: Actor, event_id: int) -> Event:
    """No further sign-ups; those who are in stay in."""
    event = held(actor, event_id)
    if event.status is not EventStatus.PUBLISHED:
        raise NotNow("not_published", _l("活动没有在报名。"))
    event.status = EventStatus.CLOSED
    audit.record(actor.user_id, "event.close", ("event", event.id), region_path=event.region_path)
    return event


def cancel_shift(actor: Actor, shift_id: int, *, reason: str) -> int:
    """Call one shift off, also while it is under way; how many people are told. Its leader may, in the rain."""
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None or not attendance.may_lead(actor, shift):
        raise out_of_reach()
    return _cancelled(actor, [shift], reason)


def cancel_day(actor: Actor, event_id: int, day: date, *, reason: str) -> int:
    """Call off what is still to come of a day (rain); one act, everybody is told."""
    event = held(actor, event_id)
    return _cancelled(actor, _open_shifts(event.id, day), reason)


def cancel_event(actor: Actor, event_id: int, *, reason: str) -> int:
    """Call the whole event off, with every shift still to come."""
    event = held(actor, event_id)
    told = _cancelled(actor, _open_shifts(event.id, None), reason, may_be_none=True)
    event.status = EventStatus.CANCELLED
    audit.record(actor.user_id, "event.cancel", ("event", event.id), region_path=event.region_path, told=told)
    return told


def _open_shifts(event_id: int, day: date | None) -> list[Shift]:
    query = select(Shift).where(Shift.event_id == event_id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > clock.now())
    if day is not None:
        query = query.where(Shift.day == day)
    return list(db.session.scalars(locked(query.order_by(Shift.id))))


def _cancelled(actor: Actor, shifts: list[Shift], reason: str, *, may_be_none: bool = False) -> int:
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么不办了，报名的人会看到。"), field="reason")
    shifts = [shift for shift in shifts if shift.status is ShiftStatus.OPEN and shift.ends_at > clock.now()]
    if not shifts and not may_be_none:
        raise NotNow("nothing_to_cancel", _l("没有可以取消的班，可能已经取消过了。"))
    told = 0
    for shift in shifts:
        for sign_up in db.session.scalars(
            locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(OPEN)).order_by(SignUp.id))
        ):
            told += 1
            if attendance.cut_short(sign_up, shift, by_user_id=actor.user_id):
                continue
            stepped(sign_up, Verb.CANCEL, actor.user_id, reason.strip()[:300])
            letters.tell("shift_cancelled", sign_up, hurry=True)
        shift.taken = shift.waiting = 0
        shift.status, shift.cancelled_for = ShiftStatus.CANCELLED, reason.strip()[:200]
        audit.record(actor.user_id, "shift.cancel", ("shift", shift.id), region_path=shift.event.region_path)
    return told
