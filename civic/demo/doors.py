"""The demonstration's kiosks: one that waits for its tablet, one at a booth that sent what a person has to decide, and a card."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.identity import queries as identity
from civic.identity.models import Grant
from civic.identity.permissions import Actor, Role
from civic.kiosk import rules
from civic.kiosk.actions import cards, enrolling, scanning
from civic.kiosk.actions.sent import Sent
from civic.kiosk.queries import devices
from civic.kiosk.states import Kind, Scope, Way
from civic.volunteering.actions import people
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.states import Direction, EventStatus, SignUpStatus

PIN = "246810"


def lay_doors() -> None:
    """Paired and scanned through the actions, as a tablet would."""
    grant = db.session.scalars(select(Grant).where(Grant.role == Role.ORGANISER).order_by(Grant.id).limit(1)).first()
    event = db.session.scalars(select(Event).where(Event.status == EventStatus.PUBLISHED).order_by(Event.id).limit(1)).first()
    if grant is None or event is None:
        return
    organiser = identity.actor_of(grant.user)
    until = clock.now() + timedelta(days=60)
    enrolling.found(organiser, name="育才小学路口", place="校门口值班室窗台", scope=Scope.EVENT, thing_id=event.id, until=until, pin=PIN)
    booth = enrolling.found(organiser, name="汀河桥头岗亭", place="交警岗亭里", scope=Scope.TEAM, thing_id=event.team_id, until=until, pin=PIN)
    _, code = enrolling.open_pairing(organiser, booth.id)
    enrolling.pair(code, app="1", browser="Chrome 156")
    now = clock.now()
    enrolling.heard(booth.id, at=now - timedelta(seconds=12), app="1", battery=0.81, queued=7, oldest_at=now - timedelta(minutes=12), roster_at=now)
    device = devices.device_by_id(booth.id)
    scanning.take_in(device, _puzzles(event.id, now))
    _lay_card(organiser, event)


def _puzzles(event_id: int, now: datetime) -> list[Sent]:
    """A clock a day ahead, somebody too early, and a code from a soft drink."""
    shift = db.session.scalars(select(Shift).where(Shift.event_id == event_id).order_by(Shift.starts_at, Shift.id).limit(1)).one()
    held = db.session.scalars(
        select(SignUp).join(Shift).where(Shift.event_id == event_id, SignUp.status == SignUpStatus.CONFIRMED).order_by(SignUp.starts_at, SignUp.id).limit(2)
    ).all()
    told = [(held[0].id, shift.starts_at, None, Way.TAIL), (None, now, "6901234567892", Way.WEDGE)]
    if len(held) > 1:
        told.insert(1, (held[1].id, now, None, Way.LIST))
    return [
        Sent(
            f"demo-{n}", rules.content_digest(f"demo {n}"), f"demo-{n}", Kind.PUNCH, n, at, 12.0, at, event_id, place, None, Direction.IN, way, raw
        )
        for n, (place, at, raw, way) in enumerate(told, start=1)
    ]  # fmt: skip


def _lay_card(organiser: Actor, event: Event) -> None:
    """An elder of the team has a card."""
    person_id = db.session.scalar(select(SignUp.person_id).join(Shift).where(Shift.event_id == event.id).order_by(SignUp.id).limit(1))
    if person_id is not None:
        people.join(organiser, event.team, person_id)
        cards.issue(organiser, cards.of_team(organiser, event.team_id), [person_id])
