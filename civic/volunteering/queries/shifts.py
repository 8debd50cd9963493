"""Questions about shifts: what is to be had, by time and by nearness, what a leader leads, what a team has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, false, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock, listing, paging
from civic.core.db import db
from civic.identity.permissions import Actor
from civic.regions.queries import within
from civic.volunteering.models.events import Event, Post, Shift
from civic.volunteering.models.people import TeamMember
from civic.volunteering.states import EventStatus, ShiftStatus

# How many places a county's path names, itself the last: shifts keep their county (`county_id`).
COUNTY_DEPTH = 2
DAYS, DAYS_AT_DESK = 62, 370
LED = 1000


def shift_by_id(shift_id: int) -> Shift | None:
    return db.session.scalars(
        select(Shift).where(Shift.id == shift_id).options(joinedload(Shift.event).joinedload(Event.team), joinedload(Shift.post))
    ).first()


def days_of(event_id: int, *, limit: int = DAYS) -> listing.Some[tuple[date, int, int, int]]:
    """(day, shifts, places taken, places) of an event from today on."""
    return listing.some_rows(
        select(Shift.day, func.count(), func.sum(Shift.taken), func.sum(Shift.most))
        .where(Shift.event_id == event_id, Shift.day >= clock.today(), Shift.status != ShiftStatus.CANCELLED)
        .group_by(Shift.day)
        .order_by(Shift.day),
        limit,
    )


@dataclass(frozen=True)
class Day:
    """A day of an event as its desk sees it; `called_off` of its shifts do not take place."""

    day: date
    shifts: int
    taken: int
    most: int
    called_off: int


def days_at_desk(event_id: int, *, limit: int = DAYS_AT_DESK) -> listing.Some[Day]:
    """The days of an event from today on, those called off among them: they can stand again."""
    is_off = Shift.status == ShiftStatus.CANCELLED
    rows = listing.some_rows(
        select(
            Shift.day, func.count(), func.sum(case((is_off, 0), else_=Shift.taken)), func.sum(case((is_off, 0), else_=Shift.most)),
            func.sum(case((is_off, 1), else_=0)),
        )
        .where(Shift.event_id == event_id, Shift.day >= clock.today())
        .group_by(Shift.day)
        .order_by(Shift.day),
        limit,
    )  # fmt: skip
    return listing.Some((Day(*row) for row in rows), rows.more)


def shifts_on(event_id: int, day: date) -> dict[Post, list[Shift]]:
    """The shifts of a day by post."""
    found: dict[Post, list[Shift]] = defaultdict(list)
    rows = db.session.scalars(
        select(Shift)
        .join(Shift.post)
        .where(Shift.event_id == event_id, Shift.day == day)
        .options(contains_eager(Shift.post))
        .order_by(Post.position, Post.id, Shift.starts_at)
    )
    for shift in rows:
        found[shift.post].append(shift)
    return dict(found)


def coming(
    *, category_id: int | None = None, free: Sequence[tuple[datetime, datetime]] | None = None, after: str | None = None, limit: int = 40
) -> paging.Page[Shift]:
    """Shifts one can still sign up for, soonest first: one index range, however large the city. `free`: only those that
    begin within these spans."""
    query = (
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(*_to_take(category_id, free))
        .options(contains_eager(Shift.event).joinedload(Event.category), contains_eager(Shift.post))
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit + 1)
    )
    values = paging.values_of(after, (datetime, int))
    if values is not None:
        query = query.where(paging.after((Shift.starts_at, Shift.id), values))
    return paging.cut(db.session.scalars(query).all(), limit, lambda s: (s.starts_at, s.id), is_first=values is None)


def _to_take(category_id: int | None, free: Sequence[tuple[datetime, datetime]] | None) -> list[ColumnElement[bool]]:
    found = [Shift.status == ShiftStatus.OPEN, Shift.starts_at > clock.now(), Event.status == EventStatus.PUBLISHED]
    if category_id is not None:
        found.append(Shift.category_id == category_id)
    if free is not None:
        found.append(or_(false(), *(and_(Shift.starts_at >= begin, Shift.starts_at < end) for begin, end in free)))
    return found


def nearest(
    paths: Sequence[str], *, category_id: int | None = None, free: Sequence[tuple[datetime, datetime]] | None = None, after: str | None = None,
    limit: int = 40,
) -> paging.Page[tuple[int, Shift]]:
    """(ring, shift) of what `coming` shows, nearest first and then soonest; one statement.

    `paths`: the places around somebody from the innermost out, each within the next. A shift is of the innermost ring its
    event lies in. Each ring is asked for on its own, in order and no further than a page, so that a page costs the same
    however much lies farther out: small rings are a range of events, the county a range of its shifts.
    """
    values = paging.values_of(after, (int, datetime, int))
    parts = []
    for ring, path in enumerate(paths):
        if values is not None and ring < values[0]:
            continue
        part = (
            select(Shift.id.label("id"), literal(ring).label("ring"))
            .join(Shift.event)
            .where(*_to_take(category_id, free), within(Event.region_path, path))
            .order_by(Shift.starts_at, Shift.id)
            .limit(limit + 1)
        )
        ids = path.rstrip(".").split(".")
        if len(ids) == COUNTY_DEPTH:
            part = part.where(Shift.county_id == int(ids[-1]))
        if ring:
            part = part.where(not_(within(Event.region_path, paths[ring - 1])))
        if values is not None and ring == values[0]:
            part = part.where(paging.after((Shift.starts_at, Shift.id), values[1:]))
        parts.append(select(part.subquery()))
    if not parts:
        return paging.Page([])
    near = union_all(*parts).subquery()
    rows = db.session.execute(
        select(near.c.ring, Shift)
        .join(near, near.c.id == Shift.id)
        .join(Shift.event)
        .join(Shift.post)
        .options(contains_eager(Shift.event).joinedload(Event.category), contains_eager(Shift.post))
        .order_by(near.c.ring, Shift.starts_at, Shift.id)
        .limit(limit + 1)
    ).all()
    return paging.cut([tuple(row) for row in rows], limit, lambda row: (row[0], row[1].starts_at, row[1].id), is_first=values is None)


def led_by(actor: Actor, *, limit: int = LED) -> listing.Some[Shift]:
    """Shifts of the teams this person leads, from three days back to two ahead."""
    teams = select(TeamMember.team_id).where(TeamMember.person_id == actor.person_id, TeamMember.is_leader, TeamMember.until.is_(None))
    return listing.some(
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(Event.team_id.in_(teams), Shift.day.between(clock.today() - timedelta(days=3), clock.today() + timedelta(days=2)), Shift.status != ShiftStatus.CANCELLED)
        .options(contains_eager(Shift.event), contains_eager(Shift.post))
        .order_by(Shift.starts_at, Shift.id),
        limit,
    )


def of_team(team_id: int, *, limit: int = 500) -> Sequence[Shift]:
    """A team's shifts from a month ago on, for its calendar."""
    return db.session.scalars(
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(Event.team_id == team_id, Shift.day >= clock.today() - timedelta(days=31), Shift.status != ShiftStatus.CANCELLED)
        .options(contains_eager(Shift.event), contains_eager(Shift.post))
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    ).all()
