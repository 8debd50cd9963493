"""Questions about events, shifts and the places on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, false, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock, paging
from civic.core.db import db, rows_alone
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.regions.queries import within
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import Event, Pattern, Post, Shift, SignUp, SignUpStep
from civic.volunteering.models.people import TeamMember, Volunteer
from civic.volunteering.rules.sheets import SHEET_MOST
from civic.volunteering.rules.signing import MISSES_COUNT_FOR
from civic.volunteering.states import HOLDING, OPEN, EventStatus, ShiftStatus, SignUpStatus

SOON = timedelta(days=14)
# How many places a county's path names, itself the last: shifts keep their county (`county_id`).
COUNTY_DEPTH = 2


def event_by_id(event_id: int) -> Event | None:
    """The event with its team, place and posts."""
    return db.session.scalars(
        select(Event).where(Event.id == event_id).options(joinedload(Event.team), joinedload(Event.region), joinedload(Event.category), joinedload(Event.posts))
    ).unique().first()


def post_by_id(post_id: int) -> Post | None:
    return db.session.get(Post, post_id)


def in_reach_of(actor: Actor, event_id: int) -> Event:
    """The event, where the actor runs events; else the same 404 as for none."""
    event = event_by_id(event_id)
    if event is None or not any(event.region_path.startswith(path) for path in actor.paths_for(Permission.EVENT_RUN)):
        raise out_of_reach()
    return event


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


def days_of(event_id: int) -> list[tuple[date, int, int, int]]:
    """(day, shifts, places taken, places) of an event from today on."""
    rows = db.session.execute(
        select(Shift.day, func.count(), func.sum(Shift.taken), func.sum(Shift.most))
        .where(Shift.event_id == event_id, Shift.day >= clock.today(), Shift.status != ShiftStatus.CANCELLED)
        .group_by(Shift.day)
        .order_by(Shift.day)
        .limit(62)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


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


def patterns_of(event_id: int) -> Sequence[Pattern]:
    return db.session.scalars(select(Pattern).where(Pattern.event_id == event_id).order_by(Pattern.starts)).all()


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


def _month_of(moment: datetime) -> tuple[int, int]:
    local = clock.local(moment)
    return local.year, local.month


@dataclass(frozen=True)
class Record:
    """What a person's other places mean for those still to be had."""

    by_month: Mapping[tuple[int, tuple[int, int]], int]  # (event, month) → shifts
    missed: int  # of the last ninety days

    def in_month(self, shift: Shift) -> int:
        """Shifts of the same event in the same month."""
        return self.by_month.get((shift.event_id, _month_of(shift.starts_at)), 0)


def record_of(person_id: int, until: datetime) -> Record:
    """The places of the last ninety days and up to `until`, counted as sign-up counts them; one statement."""
    now = clock.now()
    counted = [*HOLDING, SignUpStatus.CAME, SignUpStatus.MISSED, SignUpStatus.WAITING]
    rows = db.session.execute(
        select(Shift.event_id, SignUp.starts_at, SignUp.status)
        .join(SignUp.shift)
        .where(SignUp.person_id == person_id, SignUp.starts_at > now - MISSES_COUNT_FOR, SignUp.starts_at <= until + timedelta(days=31), SignUp.status.in_(counted))
    ).all()
    by_month: dict[tuple[int, tuple[int, int]], int] = defaultdict(int)
    for event_id, starts_at, _status in rows:
        by_month[event_id, _month_of(starts_at)] += 1
    return Record(by_month, sum(status is SignUpStatus.MISSED and starts_at <= now for _event, starts_at, status in rows))


def shift_by_id(shift_id: int) -> Shift | None:
    return db.session.scalars(
        select(Shift).where(Shift.id == shift_id).options(joinedload(Shift.event).joinedload(Event.team), joinedload(Shift.post))
    ).first()


@dataclass(frozen=True)
class Standing:
    """How a shift stands to a person who asks for it."""

    is_full: bool  # others hold all places, or wait already
    mine: SignUpStatus | None  # where this person is in already: holding, waiting, or having come


# Put together once: a rush asks nothing else.
_STANDINGS = (
    select(Shift.id, Shift.status, Shift.taken, Shift.most, Shift.waiting, Shift.starts_at, SignUp.status)
    .outerjoin(SignUp, (SignUp.shift_id == Shift.id) & (SignUp.person_id == bindparam("person")))
    .where(Shift.id.in_(bindparam("shifts", expanding=True)))
)


def standings(shift_ids: Sequence[int], person_id: int) -> dict[int, Standing]:
    """How shifts stand to a person, in one statement without a lock.

    In a rush nine of ten ask in vain or twice: they are answered by this and never queue for the row that the tenth
    needs. Who may come in is decided under the locks all the same.
    """
    rows = rows_alone(_STANDINGS, {"shifts": list(shift_ids), "person": person_id})
    now = clock.now()
    return {
        shift_id: Standing(
            is_full=status is ShiftStatus.OPEN and starts_at > now and (taken >= most or waiting > 0),
            mine=mine if mine in OPEN or mine is SignUpStatus.CAME else None,
        )
        for shift_id, status, taken, most, waiting, starts_at, mine in rows
    }


def held_by(person_ids: Sequence[int], first: datetime, last: datetime) -> Sequence[SignUp]:
    """Places that these people hold or wait for between two moments."""
    if not person_ids:
        return []
    return db.session.scalars(
        select(SignUp).where(SignUp.person_id.in_(person_ids), SignUp.starts_at.between(first, last), SignUp.status.in_(OPEN)).order_by(SignUp.starts_at)
    ).all()


def mine(person_ids: Sequence[int], *, limit: int = 60) -> Sequence[SignUp]:
    """What is still to come for these people, soonest first, with everything the page shows."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(SignUp.person_id.in_(person_ids), SignUp.ends_at > clock.now() - timedelta(hours=12), SignUp.status.in_([*OPEN, SignUpStatus.CANCELLED, SignUpStatus.LAPSED]))
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), contains_eager(SignUp.shift).contains_eager(Shift.post), joinedload(SignUp.person))
        .order_by(SignUp.starts_at, SignUp.id)
        .limit(limit)
    ).all()


def turns_of(sign_ups: Sequence[SignUp]) -> dict[int, int]:
    """The position of each waiting place in its line, from 1; two statements."""
    shifts = {row.shift_id for row in sign_ups if row.status is SignUpStatus.WAITING}
    if not shifts:
        return {}
    turn = func.row_number().over(partition_by=SignUp.shift_id, order_by=(SignUp.queued_at, SignUp.id))
    rows = db.session.execute(select(SignUp.id, turn).where(SignUp.shift_id.in_(shifts), SignUp.status == SignUpStatus.WAITING))
    return dict(rows.all())


def sign_up_by_id(sign_up_id: int) -> SignUp | None:
    return db.session.get(SignUp, sign_up_id)


def steps_of(sign_up_id: int) -> Sequence[SignUpStep]:
    return db.session.scalars(select(SignUpStep).where(SignUpStep.sign_up_id == sign_up_id).order_by(SignUpStep.id)).all()


@dataclass(frozen=True)
class Line:
    """One person on a tick list."""

    sign_up: SignUp
    came: Punch | None
    went: Punch | None
    hours: Hours | None
    turn: int | None

    @property
    def is_here(self) -> bool:
        return self.came is not None and self.went is None


def list_of(shift_id: int) -> list[Line]:
    """Everybody on a shift: who holds a place, then who waits. Four statements."""
    shown = [*HOLDING, SignUpStatus.WAITING, SignUpStatus.CAME, SignUpStatus.MISSED]
    rows = db.session.scalars(
        select(SignUp).where(SignUp.shift_id == shift_id, SignUp.status.in_(shown)).options(joinedload(SignUp.person)).order_by(SignUp.queued_at.is_not(None), SignUp.queued_at, SignUp.id)
    ).all()
    punches: dict[int, dict[Direction, Punch]] = defaultdict(dict)
    for punch in db.session.scalars(select(Punch).join(SignUp, SignUp.id == Punch.sign_up_id).where(SignUp.shift_id == shift_id, Punch.is_live)):
        punches[punch.sign_up_id][punch.direction] = punch
    hours = {h.sign_up_id: h for h in db.session.scalars(select(Hours).where(Hours.shift_id == shift_id, Hours.reverses_id.is_(None)))}
    turns = turns_of(rows)
    found = [
        Line(row, punches[row.id].get(Direction.IN), punches[row.id].get(Direction.OUT), hours.get(row.id), turns.get(row.id)) for row in rows
    ]
    return sorted(found, key=lambda line: (line.turn or 0, line.sign_up.id))


def roster(first: date, last: date, *, event_id: int | None = None, team_id: int | None = None) -> list[tuple[SignUp, int | None]]:
    """(place, volunteer number) of everybody who holds, waits for or held a place of an event, or of a team's events, in a
    period, by shift."""
    shown = [*OPEN, SignUpStatus.CAME, SignUpStatus.MISSED]
    whose = Shift.event_id == event_id if event_id is not None else Event.team_id == team_id
    rows = db.session.execute(
        select(SignUp, Volunteer.number)
        .join(SignUp.shift)
        .join(Shift.event)
        .join(Shift.post)
        .outerjoin(Volunteer, Volunteer.person_id == SignUp.person_id)
        .where(whose, Shift.day.between(first, last), SignUp.status.in_(shown))
        .options(
            contains_eager(SignUp.shift).contains_eager(Shift.post), contains_eager(SignUp.shift).contains_eager(Shift.event).joinedload(Event.category),
            joinedload(SignUp.person),
        )
        .order_by(Shift.starts_at, Post.position, Post.id, SignUp.queued_at.is_not(None), SignUp.queued_at, SignUp.id)
        .limit(SHEET_MOST)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def led_by(actor: Actor, *, limit: int = 200) -> Sequence[Shift]:
    """Shifts of the teams this person leads, from three days back to two ahead."""
    teams = select(TeamMember.team_id).where(TeamMember.person_id == actor.person_id, TeamMember.is_leader)
    return db.session.scalars(
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(Event.team_id.in_(teams), Shift.day.between(clock.today() - timedelta(days=3), clock.today() + timedelta(days=2)), Shift.status != ShiftStatus.CANCELLED)
        .options(contains_eager(Shift.event), contains_eager(Shift.post))
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    ).all()


def missed(person_ids: Sequence[int]) -> Sequence[SignUp]:
    """Shifts of the last ninety days that these people are said to have missed."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(SignUp.person_id.in_(person_ids), SignUp.status == SignUpStatus.MISSED, SignUp.starts_at > clock.now() - timedelta(days=90))
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event))
        .order_by(SignUp.starts_at.desc())
        .limit(20)
    ).all()


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


def in_for(person_id: int, *, limit: int = 200) -> Sequence[SignUp]:
    """Shifts a person is in for, or came to in the last month, for their calendar."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(SignUp.person_id == person_id, SignUp.starts_at > clock.now() - timedelta(days=31), SignUp.status.in_([SignUpStatus.CONFIRMED, SignUpStatus.CAME]))
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), contains_eager(SignUp.shift).contains_eager(Shift.post))
        .order_by(SignUp.starts_at)
        .limit(limit)
    ).all()
