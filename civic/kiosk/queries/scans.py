"""Questions about scans, and the places that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import aliased

from civic.core import crypto
from civic.core.db import db
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import devices
from civic.kiosk.queries.devices import Device
from civic.kiosk.rules import Mark, Place
from civic.kiosk.states import Code, Outcome
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.states import ShiftStatus

_came, _went = aliased(Punch), aliased(Punch)
_PLACES = (
    select(
        SignUp.id, SignUp.person_id, Shift.event_id, Event.region_path, SignUp.starts_at, SignUp.ends_at, SignUp.status, Shift.status,
        _came.at, _came.kiosk_id, _went.at, _went.kiosk_id, _came.id, _went.id,
    )
    .select_from(SignUp)
    .join(Shift, Shift.id == SignUp.shift_id)
    .join(Event, Event.id == Shift.event_id)
    .outerjoin(_came, (_came.sign_up_id == SignUp.id) & (_came.direction == Direction.IN) & _came.is_live)
    .outerjoin(_went, (_went.sign_up_id == SignUp.id) & (_went.direction == Direction.OUT) & _went.is_live)
    .order_by(SignUp.id)
)  # fmt: skip


def places(ids: Iterable[int], device: Device | None = None, *, held: bool = False) -> dict[int, Place]:
    """Places as scans are judged by them; only those that the device may see; `held`: locked, in the order of their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = _PLACES.where(SignUp.id.in_(wanted))
    if device is not None:
        query = query.where(devices.in_scope(device))
    if held and db.session.get_bind().dialect.name == "postgresql":
        # In a statement of its own: whoever waits here for a lock gets the new place, but would get the punches beside it
        # as they were before; and a going would wait for ever for a coming that has just arrived.
        db.session.execute(select(SignUp.id).where(SignUp.id.in_(wanted)).order_by(SignUp.id).with_for_update())
    return {row[0]: _place(row) for row in db.session.execute(query)}


def _place(row: Row) -> Place:
    return Place(
        id=row[0], person_id=row[1], event_id=row[2], region_path=row[3], starts_at=row[4], ends_at=row[5], status=row[6], shift_status=row[7],
        came=Mark(row[8], row[9], row[12]) if row[8] is not None else None, went=Mark(row[10], row[11], row[13]) if row[10] is not None else None,
    )  # fmt: skip


SCAN = (
    Scan.id, Scan.scan_id, Scan.kiosk_id, Scan.content, Scan.outcome, Scan.code, Scan.place_id, Scan.at, Scan.device_at, Scan.punch_id, Scan.decision,
    Scan.kind, Scan.kit, Scan.direction,
)  # fmt: skip


def known(kiosk_id: int, scan_ids: Iterable[str], place_ids: Iterable[int] = ()) -> Sequence[Row]:
    """The scans of a kiosk by the names it gave them; and goings that wait for their coming at these places."""
    where: Any = (Scan.kiosk_id == kiosk_id) & Scan.scan_id.in_([*scan_ids])
    at = [*place_ids]
    if at:
        where = or_(
            where, Scan.place_id.in_(at) & (Scan.code == Code.OUT_FIRST) & (Scan.outcome == Outcome.UNDECIDED) & Scan.decision.is_(None)
        )
    return db.session.execute(select(*SCAN).where(where).order_by(Scan.id)).all()


def people_of_cards(tokens: Iterable[str]) -> dict[str, int]:
    """Whose valid cards these are."""
    by_digest = {crypto.digest("member_card", token): token for token in tokens}
    if not by_digest:
        return {}
    rows = db.session.execute(
        select(MemberCard.token_digest, MemberCard.person_id).where(MemberCard.token_digest.in_(by_digest), MemberCard.revoked_at.is_(None))
    )
    return {by_digest[digest]: person_id for digest, person_id in rows}


def places_of(device: Device, person_ids: Iterable[int], first: datetime, last: datetime) -> Sequence[Row]:
    """(id, person, event, starts, ends, status) of places in a kiosk's reach that these people may mean at these times."""
    return db.session.execute(
        select(SignUp.id, SignUp.person_id, Shift.event_id, SignUp.starts_at, SignUp.ends_at, SignUp.status)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            SignUp.person_id.in_([*person_ids]), SignUp.starts_at <= last + rules.EARLY, SignUp.ends_at >= first - rules.GOING_UNTIL,
            Shift.status != ShiftStatus.CANCELLED, devices.in_scope(device),
        )
        .order_by(SignUp.starts_at, SignUp.id)
    ).all()  # fmt: skip


def events_in_sight(device: Device, event_ids: Iterable[int]) -> set[int]:
    """Those of these events that the kiosk may see."""
    wanted = [*event_ids]
    if not wanted:
        return set()
    return set(db.session.scalars(select(Event.id).where(Event.id.in_(wanted), devices.in_scope(device))))
