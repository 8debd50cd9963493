"""A person decides what a machine could not: this counts, it counts at another time, or it does not count."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed
from civic.identity import queries as identity
from civic.identity.permissions import Actor, out_of_reach
from civic.kiosk.actions import late
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import conflicts, devices
from civic.kiosk.states import Code, Decision, Kind, Outcome
from civic.volunteering.actions import attendance, attesting, correcting
from civic.volunteering.models.attendance import Means, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.states import Direction, ShiftStatus, SignUpStatus


def decide(
    actor: Actor, number: int, how: Decision, *, at: datetime | None = None, reason: str = "", shift_id: int | None = None, place_id: int | None = None
) -> Scan:
    """One tap on the desk. `shift_id` for somebody who was not signed up, `place_id` for a code that nobody knew."""
    found = db.session.get(Scan, number)
    if found is None or not conflicts.may_decide(actor, found):
        raise out_of_reach()
    whose = found.place.person_id if found.place is not None else _person_of(found)
    if whose is not None and identity.speaks_for(actor.person_id, whose):
        raise NotAllowed("recused", _l("自己和家里人的签到，要请别的队长定。"))
    if how is Decision.COUNT_AT and not reason.strip():
        raise Invalid("reason_missing", _l("改时间要写明原因。"), field="reason")
    if how is Decision.COUNT_AT and at is None:
        raise Invalid("time_missing", _l("请写按几点算。"), field="at")
    row = _place(actor, found, shift_id, place_id) if how is not Decision.DROP else None
    # Last of all locks, as kiosks themselves take it.
    scan = db.session.scalars(locked(select(Scan).where(Scan.id == number))).one()
    if scan.outcome is not Outcome.UNDECIDED or scan.decision is not None:
        raise Conflict("decided_already", _l("这一条已经定过了。"), by=scan.decided_by_id)
    if row is not None:
        punch = _counted(actor, scan, row, at if how is Decision.COUNT_AT else None, reason)
        scan.punch_id = punch.id if punch is not None else scan.punch_id
    scan.decision, scan.decided_at, scan.decided_by_id = how, clock.now(), actor.user_id
    scan.decided_for = reason.strip()[:200] or None
    scan.counts_at = at if how is Decision.COUNT_AT else None
    path = row.shift.event.region_path if row is not None else scan.kiosk.region_path
    audit.record(actor.user_id, f"scan.{how.value}", ("scan", scan.id), region_path=path, code=scan.code.value, punch=scan.punch_id)
    db.session.flush()
    return scan


def _person_of(scan: Scan) -> int | None:
    named = devices.person_of(scan.alias) if scan.alias is not None else None
    return named[0] if named is not None else None


def _place(actor: Actor, scan: Scan, shift_id: int | None, place_id: int | None) -> SignUp:
    """The place that the scan shall count for, held with its person and shift."""
    number = scan.place_id or place_id
    if number is None or (scan.place is not None and scan.code is Code.NOT_SIGNED_UP):
        person_id = scan.place.person_id if scan.place is not None else _person_of(scan)
        shift_id = scan.place.shift_id if scan.place is not None else shift_id
        if person_id is None:
            raise Invalid("place_missing", _l("请选是谁。"), field="place")
        if shift_id is None or shift_id not in {shift.id for shift in conflicts.shifts_around(scan)}:
            raise Invalid("shift_missing", _l("请选算在哪一班。"), field="shift")
        return correcting.seated(actor, shift_id, person_id)
    row = late.hold(number)
    if row is None or (scan.place_id is None and row.shift_id not in {shift.id for shift in conflicts.shifts_around(scan)}):
        raise Invalid("place_missing", _l("请选是谁。"), field="place")
    return row


def _counted(actor: Actor, scan: Scan, row: SignUp, at: datetime | None, reason: str) -> Punch | None:
    """The punch that the scan becomes by a person's word; None where a second person has to confirm it first."""
    if scan.kind is Kind.UNDO:
        assert scan.punch_id is not None
        correcting.taken_back_late(actor, scan.punch_id, reason=reason.strip() or attendance.SLIP)
        return None
    direction = scan.direction or Direction.IN
    assert scan.at is not None
    if row.status is SignUpStatus.MISSED and row.shift.status is ShiftStatus.SETTLED:
        # Nothing can be drafted any more: it is filled in afterwards, which takes two people.
        minutes = attesting.span_of(row.shift, at or scan.at)
        attesting.request_attestation(actor, row.id, minutes=minutes, evidence=str(_l("签到台“%(name)s”的记录", name=scan.kiosk.name)))
        return None
    more = {"means": Means.KIOSK, "kiosk_id": scan.kiosk_id, "device_at": scan.device_at}
    if direction is Direction.OUT and attendance.live(row.id, Direction.IN) is None and at is not None:
        # The coming never arrived: the person names its time, the going is as it was scanned.
        correcting.accepted(actor, row, Direction.IN, at=at, **more)
        return correcting.accepted(actor, row, Direction.OUT, at=scan.at, **more)
    return correcting.accepted(actor, row, direction, at=at or scan.at, **more)
