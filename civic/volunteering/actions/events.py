"""Making events: draft, posts, publishing, closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.regions.models import Region
from civic.volunteering import letters
from civic.volunteering.actions import guarding, rechecking
from civic.volunteering.models.events import ROADSIDE, Event, Post, QualificationKind, Risk, Role, ServiceCategory, Shift
from civic.volunteering.models.people import Team
from civic.volunteering.queries import categories, sign_ups
from civic.volunteering.states import EventStatus, ShiftStatus


@dataclass(frozen=True)
class Details:
    """What an event says of itself."""

    name: str
    subtitle: str
    description: str
    place: str
    risk: Risk
    category: str = "other"  # the code of a kind of service
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
    category="traffic",
    kit="红马甲、帽子、小旗、哨子、水",
    briefing="站在路缘以内，不进车道，不拦车，不指挥交通。听交警和队长的。下大雨、打雷、有雾就停。身体不舒服马上说，坐下歇着。",
)


CROSSING_HOURS = (("早高峰", time(7, 30), time(9, 0)), ("晚高峰", time(17, 0), time(18, 30)))


def begin(actor: Actor, team: Team, place: Region, details: Details) -> Event:
    """A draft; nobody but the desk sees it."""
    demand(actor, Permission.EVENT_RUN, team.region_path)
    event = Event(
        team_id=team.id, region_id=place.id, region_path=place.path, organiser_id=actor.user_id, created_at=clock.now(),
        status=EventStatus.DRAFT, category=_category(details.category), **_columns(details),
    )  # fmt: skip
    _fits(event)
    db.session.add(event)
    db.session.flush()
    audit.record(actor.user_id, "event.begin", ("event", event.id), region_path=place.path)
    return event


def change(actor: Actor, event_id: int, details: Details) -> Event:
    """Other words and numbers. What is published stays guarded, and who is in hears of another place."""
    event = held(actor, event_id)
    place, shown, briefed = event.place, _in_calendars(event), _briefing(event)
    for name, value in _columns(details).items():
        setattr(event, name, value)
    if event.category is None or event.category.code != details.category:
        event.category = _category(details.category)
        db.session.execute(
            update(Shift).where(Shift.event_id == event.id, Shift.status == ShiftStatus.OPEN).values(category_id=event.category.id)
        )
    _fits(event)
    if event.status is not EventStatus.DRAFT:
        guarding.guarded(event)
        guarding.opens_at_all(event)
    guarding.no_minor_in(event)
    if shown != _in_calendars(event):
        _revised(Shift.event_id == event.id)
    if event.place != place:
        letters.tell_changed(sign_ups.holders(event_id=event.id))
    if _briefing(event) and _briefing(event) != briefed:
        rechecking.brief_again(event)
    audit.record(actor.user_id, "event.change", ("event", event.id), region_path=event.region_path)
    return event


def _in_calendars(event: Event) -> tuple[str | None, ...]:
    """What calendars show of an event."""
    return event.name, event.place, event.emergency_contact


def _revised(where: ColumnElement[bool]) -> None:
    """Let calendars know that shifts to come are others now."""
    db.session.flush()
    db.session.execute(update(Shift).where(where, Shift.ends_at > clock.now()).values(revision=Shift.revision + 1, changed_at=clock.now()))


def _briefing(event: Event) -> str:
    """What whoever signs up has to read; nothing where the event stands at no road."""
    return " ".join((event.briefing or "").split()) if event.risk in ROADSIDE else ""


def _columns(details: Details) -> dict[str, Any]:
    return {name: value for name, value in vars(details).items() if name != "category"}


def _category(code: str) -> ServiceCategory:
    found = categories.in_use_by_code(code, clock.today())
    if found is None:
        raise Invalid("category_unknown", _l("请选服务类别，这一类现在不用了。"), field="category")
    return found


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
    x: int | None = None, y: int | None = None, latitude: float | None = None, longitude: float | None = None, needs_id: int | None = None,
) -> Post:  # fmt: skip
    """One more place to stand."""
    event = held(actor, event_id)
    if not name.strip():
        raise Invalid("name_missing", _l("请写岗位在哪，比如“育才小学路口”。"), field="name")
    if any(p.name == name.strip() and p.role is role for p in event.posts):
        raise Conflict("post_known", _l("这个岗位已经有了。"), field="name")
    _placed(x, y, latitude, longitude)
    _known(needs_id)
    post = Post(
        event_id=event.id, name=name.strip(), corner=corner.strip(), role=role, is_on_carriageway=is_on_carriageway, x=x, y=y,
        latitude=latitude, longitude=longitude, position=len(event.posts), needs_id=needs_id,
    )  # fmt: skip
    event.posts.append(post)
    db.session.flush()
    return post


def change_post(
    actor: Actor, post_id: int, *, name: str, corner: str, role: Role, is_on_carriageway: bool, x: int | None, y: int | None,
    latitude: float | None = None, longitude: float | None = None, needs_id: int | None = None,
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
    _placed(x, y, latitude, longitude)
    _known(needs_id)
    is_elsewhere = post.name != name.strip()
    post.name, post.corner, post.role, post.is_on_carriageway = name.strip(), corner.strip(), role, is_on_carriageway
    post.x, post.y, post.latitude, post.longitude = x, y, latitude, longitude
    is_asking, post.needs_id = needs_id != post.needs_id, needs_id
    guarding.no_minor_in(event)
    if is_asking:
        rechecking.ask_holders(post_id=post.id)
    if is_elsewhere:
        _revised(Shift.post_id == post.id)
        letters.tell_changed(sign_ups.holders(post_id=post.id))
    audit.record(actor.user_id, "post.change", ("post", post.id), region_path=event.region_path)
    return post


def _known(needs_id: int | None) -> None:
    if needs_id is not None and db.session.get(QualificationKind, needs_id) is None:
        raise Invalid("qualification_unknown", _l("没有这个资格，请重选。"), field="needs")


def _placed(x: int | None, y: int | None, latitude: float | None, longitude: float | None) -> None:
    if (x is None) != (y is None):
        raise Invalid("half_a_place", _l("图上的位置要两个数，少了一个。"), field="y" if y is None else "x")
    if (latitude is None) != (longitude is None):
        raise Invalid("half_a_position", _l("经纬度要两个数，少了一个。"), field="longitude" if longitude is None else "latitude")


def publish(actor: Actor, event_id: int) -> Event:
    """Let people sign up. A roadside event without insurance, briefing and contacts is refused: by law, not by hint."""
    event = held(actor, event_id)
    if event.status is EventStatus.CANCELLED:
        raise NotNow("event_over", _l("这个活动已经取消了。"))
    guarding.guarded(event)
    guarding.opens_at_all(event)
    if db.session.scalars(select(Shift.id).where(Shift.event_id == event.id).limit(1)).first() is None:
        raise NotNow("no_shifts", _l("还没有排班，先排好再发布。"))
    event.status = EventStatus.PUBLISHED
    event.published_at = event.published_at or clock.now()
    audit.record(actor.user_id, "event.publish", ("event", event.id), region_path=event.region_path)
    return event


def close(actor: Actor, event_id: int) -> Event:
    """No further sign-ups; those who are in stay in."""
    event = held(actor, event_id)
    if event.status is not EventStatus.PUBLISHED:
        raise NotNow("not_published", _l("活动没有在报名。"))
    event.status = EventStatus.CLOSED
    audit.record(actor.user_id, "event.close", ("event", event.id), region_path=event.region_path)
    return event
