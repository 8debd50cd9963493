"""Who is on a shift: the tick list and the roster (花名册)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core.db import db
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import Event, Post, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries.sign_ups import turns_of
from civic.volunteering.rules.sheets import SHEET_MOST
from civic.volunteering.states import HOLDING, OPEN, SignUpStatus


@dataclass(frozen=True)
class Line:
    """One person on a tick list."""

    sign_up: SignUp
    came: Punch | None
    went: Punch | None
    hours: Hours | None
    turn: int | None
    is_reversed: bool = False  # the hours were final and taken back


def list_of(shift_id: int) -> list[Line]:
    """Everybody on a shift: who holds a place, then who waits. Four statements."""
    shown = [*HOLDING, SignUpStatus.WAITING, SignUpStatus.CAME, SignUpStatus.MISSED]
    rows = db.session.scalars(
        select(SignUp).where(SignUp.shift_id == shift_id, SignUp.status.in_(shown)).options(joinedload(SignUp.person)).order_by(SignUp.queued_at.is_not(None), SignUp.queued_at, SignUp.id)
    ).all()
    punches: dict[int, dict[Direction, Punch]] = defaultdict(dict)
    for punch in db.session.scalars(select(Punch).join(SignUp, SignUp.id == Punch.sign_up_id).where(SignUp.shift_id == shift_id, Punch.is_live)):
        punches[punch.sign_up_id][punch.direction] = punch
    counted = db.session.scalars(select(Hours).where(Hours.shift_id == shift_id)).all()
    hours = {h.sign_up_id: h for h in counted if h.reverses_id is None}
    taken_back = {h.sign_up_id for h in counted if h.reverses_id is not None}
    turns = turns_of(rows)
    found = [
        Line(row, punches[row.id].get(Direction.IN), punches[row.id].get(Direction.OUT), hours.get(row.id), turns.get(row.id), row.id in taken_back)
        for row in rows
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
