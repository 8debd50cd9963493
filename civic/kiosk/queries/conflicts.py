"""Questions about what a person has to decide: who may, what waits, and both sides of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock, listing
from civic.core.db import db
from civic.core.paging import Page, after, cursor, values_of
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, may
from civic.kiosk import rules
from civic.kiosk.models.devices import Kiosk
from civic.kiosk.models.scans import KitLine, Scan
from civic.kiosk.queries import devices
from civic.kiosk.states import Kind, Outcome
from civic.regions.queries import within
from civic.volunteering.models.attendance import Punch
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.queries import people
from civic.volunteering.states import ShiftStatus

SHOWN = 60
LOANS = 60
CHOICES = 200  # of shifts and people that a scan without a place may have meant


def may_decide(actor: Actor, scan: Scan) -> bool:
    """Organisers where the kiosk or the event is, leaders of the team."""
    if devices.may_tend(actor, scan.kiosk):
        return True
    event = db.session.get(Event, scan.event_id) if scan.event_id is not None else None
    return event is not None and (may(actor, Permission.EVENT_RUN, event.region_path) or people.leads(actor.person_id, event.team_id))


def scan_by_id(number: int) -> Scan | None:
    return db.session.get(Scan, number)


def shifts_around(scan: Scan) -> Sequence[Shift]:
    """The shifts that a scan without a place may have meant; one more than can be chosen from where there are more."""
    if scan.at is None:
        return []
    where = Shift.event_id == scan.event_id if scan.event_id is not None else devices.in_scope(scan.kiosk)
    return db.session.scalars(
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(where, Shift.status != ShiftStatus.CANCELLED, Shift.starts_at <= scan.at + rules.EARLY, Shift.ends_at >= scan.at - rules.GOING_UNTIL)
        .options(contains_eager(Shift.event), contains_eager(Shift.post))
        .order_by(Shift.starts_at, Shift.id)
        .limit(CHOICES + 1)
    ).all()


def people_on(shift_ids: Sequence[int]) -> Sequence[SignUp]:
    """Who holds a place on these shifts: whom a code that nobody knew may have meant; one more where there are more."""
    return db.session.scalars(
        select(SignUp)
        .where(SignUp.shift_id.in_(shift_ids), SignUp.status.in_(rules.HELD))
        .options(joinedload(SignUp.person), joinedload(SignUp.shift))
        .order_by(SignUp.id)
        .limit(CHOICES + 1)
    ).all()


def shift_meant(scan: Scan, shift_id: int | None, place_id: int | None) -> Shift | None:
    """The shift whose hours a decision is about: the scan's own, else that of the place or the shift that was chosen."""
    place = scan.place or (db.session.get(SignUp, place_id) if place_id is not None else None)
    if place is not None:
        return place.shift
    return db.session.get(Shift, shift_id) if shift_id is not None else None


@dataclass(frozen=True)
class Conflict:
    """A scan that waits for a decision, with the other side of it."""

    scan: Scan
    name: str | None
    shift: Shift | None
    other: Punch | None  # what counts now
    other_kiosk: str | None


def conflicts(actor: Actor, *, seen: str | None = None) -> Page[Conflict]:
    """What waits for the actor's decision, oldest first, a page at a time."""
    where = _reach(actor)
    if where is None:
        return Page([])
    values = values_of(seen, [int])
    if values is not None:
        where = and_(where, after([Scan.id], values))
    rows = db.session.scalars(
        select(Scan)
        .join(Scan.kiosk)
        .outerjoin(Event, Event.id == Scan.event_id)
        .where(Scan.outcome == Outcome.UNDECIDED, Scan.decision.is_(None), where)
        .options(
            contains_eager(Scan.kiosk), joinedload(Scan.place).joinedload(SignUp.person), joinedload(Scan.place).joinedload(SignUp.shift).joinedload(Shift.event),
            joinedload(Scan.place).joinedload(SignUp.shift).joinedload(Shift.post),
        )
        .order_by(Scan.id)
        .limit(SHOWN + 1)
    ).all()  # fmt: skip
    return Page(_with_other_sides(rows[:SHOWN]), cursor(rows[SHOWN - 1].id) if len(rows) > SHOWN else None, values is None)


def conflict_of(scan: Scan) -> Conflict:
    return _with_other_sides([scan])[0]


def _with_other_sides(rows: Sequence[Scan]) -> list[Conflict]:
    punches = {
        (punch.sign_up_id, punch.direction): punch
        for punch in db.session.scalars(select(Punch).where(Punch.sign_up_id.in_([r.place_id for r in rows if r.place_id is not None]), Punch.is_live))
    }
    names = dict(db.session.execute(select(Kiosk.id, Kiosk.name).where(Kiosk.id.in_({p.kiosk_id for p in punches.values() if p.kiosk_id is not None}))).all())
    aliases = {r.id: found[0] for r in rows if r.place is None and r.alias is not None and (found := devices.person_of(r.alias)) is not None}
    people_ = dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(set(aliases.values())))).all())
    found = []
    for row in rows:
        other = punches.get((row.place_id, row.direction)) if row.place_id is not None and row.direction is not None else None
        name = row.place.person.name if row.place is not None else people_.get(aliases.get(row.id, 0))
        found.append(Conflict(row, name, row.place.shift if row.place is not None else None, other, names.get(other.kiosk_id) if other is not None and other.kiosk_id else None))
    return found


def _reach(actor: Actor) -> ColumnElement[bool] | None:
    """The actor's kiosks, and scans of the actor's events at kiosks of others; a question about `scan`, `kiosk` and `event` rows."""
    tended = devices.reach(actor)
    teams = devices.led_teams(actor)
    parts = [within(Event.region_path, path) for path in actor.paths_for(Permission.EVENT_RUN)]
    if teams:
        parts.append(Event.team_id.in_(teams))
    return or_(*parts, *([tended] if tended is not None else [])) if parts or tended is not None else None


def count_open(actor: Actor, most: int = 100) -> int:
    """How many wait, at most so many: the number on the menu."""
    where = _reach(actor)
    if where is None:
        return 0
    waiting = select(Scan.id).join(Scan.kiosk).outerjoin(Event, Event.id == Scan.event_id).where(Scan.outcome == Outcome.UNDECIDED, Scan.decision.is_(None), where)
    return db.session.scalar(select(func.count()).select_from(waiting.limit(most).subquery())) or 0


def walk_ins_to_complete(actor: Actor, *, limit: int = 30) -> listing.Some[Scan]:
    """Those who joined at the door and of whom we know no birthday yet."""
    where = _reach(actor)
    if where is None:
        return listing.Some()
    return listing.some(
        select(Scan)
        .join(Scan.kiosk)
        .outerjoin(Event, Event.id == Scan.event_id)
        .join(SignUp, SignUp.id == Scan.place_id)
        .join(Person, Person.id == SignUp.person_id)
        .where(Scan.kind == Kind.WALK_IN, Person.birth_date.is_(None), where)
        .options(contains_eager(Scan.place).contains_eager(SignUp.person), contains_eager(Scan.kiosk))
        .order_by(Scan.id.desc()),
        limit,
    )


@dataclass(frozen=True)
class Loan:
    """Something that went out and did not come back."""

    person: Person
    event: str
    item: str
    count: int
    since: datetime


def loans(actor: Actor, *, limit: int = LOANS) -> listing.Some[Loan]:
    """Kit of the actor's events that is still out, oldest first; of the last ninety days."""
    parts = [within(Event.region_path, path) for path in actor.paths_for(Permission.EVENT_RUN)]
    teams = devices.led_teams(actor)
    if teams:
        parts.append(Event.team_id.in_(teams))
    if not parts:
        return listing.Some()
    out = func.sum(KitLine.count)
    rows = listing.some_rows(
        select(Person, Event.name, KitLine.item, out, func.min(KitLine.at))
        .join(SignUp, SignUp.id == KitLine.place_id)
        .join(Person, Person.id == SignUp.person_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(or_(*parts), KitLine.at > clock.now() - timedelta(days=90))
        .group_by(Person.id, Event.id, Event.name, KitLine.item)
        .having(out > 0)
        .order_by(func.min(KitLine.at)),
        limit,
    )
    return listing.Some((Loan(*row) for row in rows), rows.more)
