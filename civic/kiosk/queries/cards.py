"""Questions about member cards, and about a volunteer's pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock
from civic.core.db import db
from civic.identity.models import Person
from civic.identity.queries import Rows, rows_of
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.queries import devices
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import ShiftStatus, SignUpStatus


def card_of(person_id: int) -> MemberCard | None:
    """The card that works."""
    return db.session.scalars(select(MemberCard).where(MemberCard.person_id == person_id, MemberCard.revoked_at.is_(None))).first()


def cards_of(person_ids: Iterable[int]) -> dict[int, MemberCard]:
    """The working cards of several people."""
    rows = db.session.scalars(select(MemberCard).where(MemberCard.person_id.in_([*person_ids]), MemberCard.revoked_at.is_(None)))
    return {card.person_id: card for card in rows}


def numbers_of(person_ids: Iterable[int]) -> dict[int, int]:
    """Volunteer numbers."""
    return dict(db.session.execute(select(Volunteer.person_id, Volunteer.number).where(Volunteer.person_id.in_([*person_ids]))).all())


def volunteers_on(event_id: int, *, limit: int = 500) -> dict[int, str]:
    """Registered volunteers who hold or held a place of an event from two weeks back on: person → name, by name."""
    rows = db.session.execute(
        select(Person.id, Person.name)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .where(
            Person.id.in_(
                select(SignUp.person_id)
                .join(Shift, Shift.id == SignUp.shift_id)
                .where(
                    Shift.event_id == event_id, Shift.day >= clock.today() - timedelta(days=14),
                    SignUp.status.in_((SignUpStatus.CONFIRMED, SignUpStatus.OFFERED, SignUpStatus.CAME)),
                )
            )
        )
        .order_by(Person.normal_name, Person.id)
        .limit(limit)
    )  # fmt: skip
    return dict(rows.all())


def places_for_pass(person_ids: Sequence[int]) -> Sequence[SignUp]:
    """The places of today and tomorrow that these people can check in at, soonest first."""
    now = clock.now()
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .where(
            SignUp.person_id.in_(person_ids), SignUp.status == SignUpStatus.CONFIRMED, SignUp.ends_at > now - timedelta(hours=1),
            SignUp.starts_at < now + rules.SEES_AHEAD, Shift.status == ShiftStatus.OPEN,
        )
        .options(contains_eager(SignUp.shift).joinedload(Shift.event), contains_eager(SignUp.shift).joinedload(Shift.post), joinedload(SignUp.person))
        .order_by(SignUp.starts_at, SignUp.id)
        .limit(12)
    ).all()  # fmt: skip


def pass_of(place: SignUp) -> str | None:
    """What the QR code of a place says in this half minute; None before the event has its key."""
    event_id = place.shift.event_id
    key = devices.keys_of([event_id]).get(event_id)
    return rules.pass_text(event_id, key, devices.alias_of(place.person_id, event_id), clock.now()) if key is not None else None


def own_data(person_id: int) -> dict[str, Rows]:
    """A person's member cards, to be taken along; what opens a door by them is not."""
    return {"cards": rows_of(select(MemberCard.issued_at, MemberCard.revoked_at, MemberCard.revoked_for).where(MemberCard.person_id == person_id).order_by(MemberCard.id))}
