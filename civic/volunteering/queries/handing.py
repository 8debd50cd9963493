"""Questions about places that are being handed over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from civic.core import clock
from civic.core.db import db
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.states import HOLDING, SignUpStatus


def open_of(sign_up_id: int) -> HandOver | None:
    """Who is asked now for a place."""
    return db.session.scalars(select(HandOver).where(HandOver.sign_up_id == sign_up_id, HandOver.status == AskStatus.ASKED)).first()


def open_from(sign_up_ids: Sequence[int]) -> dict[int, HandOver]:
    """The same for many places, by the place; one statement."""
    if not sign_up_ids:
        return {}
    rows = db.session.scalars(
        select(HandOver).where(HandOver.sign_up_id.in_(sign_up_ids), HandOver.status == AskStatus.ASKED).options(joinedload(HandOver.to_person))
    )
    return {row.sign_up_id: row for row in rows}


def asked_of(person_ids: Sequence[int]) -> Sequence[HandOver]:
    """What these people are asked to take over and may still answer."""
    return db.session.scalars(
        select(HandOver)
        .join(HandOver.sign_up)
        .where(
            HandOver.to_person_id.in_(person_ids), HandOver.status == AskStatus.ASKED, HandOver.until > clock.now(), SignUp.status == SignUpStatus.CONFIRMED
        )
        .options(
            joinedload(HandOver.shift).joinedload(Shift.event), joinedload(HandOver.shift).joinedload(Shift.post),
            joinedload(HandOver.sign_up).joinedload(SignUp.person), joinedload(HandOver.to_person),
        )
        .order_by(HandOver.until)
    ).all()  # fmt: skip


def still_to_ask(place: SignUp) -> Sequence[SignUp]:
    """Who waits for the shift and was not asked yet, by this giver or, just now, by another one; the longest first."""
    asked = select(HandOver.to_person_id).where(
        HandOver.shift_id == place.shift_id,
        or_((HandOver.sign_up_id == place.id) & (HandOver.times == place.times), HandOver.status == AskStatus.ASKED),
    )
    return db.session.scalars(
        select(SignUp)
        .where(SignUp.shift_id == place.shift_id, SignUp.status == SignUpStatus.WAITING, SignUp.person_id.not_in(asked))
        .order_by(SignUp.queued_at, SignUp.id)
    ).all()


def was_asked(place: SignUp, person_id: int) -> bool:
    """Whether this giver asked that person already."""
    query = select(HandOver.id).where(HandOver.sign_up_id == place.id, HandOver.times == place.times, HandOver.to_person_id == person_id)
    return db.session.scalars(query).first() is not None


def overdue(limit: int) -> Sequence[int]:
    """Questions whose time is over, or that nobody needs to answer any more."""
    giver, taker = aliased(SignUp), aliased(SignUp)
    return db.session.scalars(
        select(HandOver.id)
        .join(giver, giver.id == HandOver.sign_up_id)
        .outerjoin(taker, (taker.shift_id == HandOver.shift_id) & (taker.person_id == HandOver.to_person_id))
        .where(
            HandOver.status == AskStatus.ASKED,
            or_(HandOver.until <= clock.now(), giver.status != SignUpStatus.CONFIRMED, taker.status.in_(HOLDING)),
        )
        .order_by(HandOver.shift_id, HandOver.id)
        .limit(limit)
    ).all()
