"""Questions about events at a desk and in public."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from civic.core import paging
from civic.core.db import db
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.regions.queries import within
from civic.volunteering.models.attendance import Hours
from civic.volunteering.models.events import Event, Pattern, Post, Shift
from civic.volunteering.states import EventStatus, ShiftStatus


def event_by_id(event_id: int) -> Event | None:
    """The event with its team, place and posts."""
    return db.session.scalars(
        select(Event).where(Event.id == event_id).options(joinedload(Event.team), joinedload(Event.region), joinedload(Event.category), joinedload(Event.posts))
    ).unique().first()


def post_by_id(post_id: int) -> Post | None:
    return db.session.get(Post, post_id)


def pattern_by_id(pattern_id: int) -> Pattern | None:
    return db.session.get(Pattern, pattern_id)


def patterns_of(event_id: int) -> Sequence[Pattern]:
    return db.session.scalars(select(Pattern).where(Pattern.event_id == event_id).order_by(Pattern.starts)).all()


def in_reach_of(actor: Actor, event_id: int) -> Event:
    """The event, where the actor runs events; else the same 404 as for none."""
    event = event_by_id(event_id)
    if event is None or not any(event.region_path.startswith(path) for path in actor.paths_for(Permission.EVENT_RUN)):
        raise out_of_reach()
    return event


def is_settled(event: Event) -> bool:
    """Whether nothing more comes of an event: closed, every shift over, every minute of it final."""
    if event.status is not EventStatus.CLOSED:
        return False
    to_come = select(Shift.id).where(Shift.event_id == event.id, Shift.status == ShiftStatus.OPEN)
    drafts = select(Hours.id).join(Shift, Shift.id == Hours.shift_id).where(Shift.event_id == event.id, Hours.final_at.is_(None))
    return not db.session.scalar(select(or_(to_come.exists(), drafts.exists())))


def events_of(actor: Actor, *, after: str | None = None, limit: int = 30) -> paging.Page[Event]:
    """The events of the desk's places, newest first."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    # The newest are found in the index alone; only they are read whole.
    newest = select(Event.id).where(or_(*(within(Event.region_path, path) for path in paths))).order_by(Event.id.desc()).limit(limit + 1)
    values = paging.values_of(after, (int,))
    if values is not None:
        newest = newest.where(paging.after((Event.id,), values, descending=True))
    query = select(Event).where(Event.id.in_(newest)).options(joinedload(Event.team), joinedload(Event.region)).order_by(Event.id.desc())
    return paging.cut(db.session.scalars(query).all(), limit, lambda e: (e.id,), is_first=values is None)
