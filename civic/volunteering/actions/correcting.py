"""Punches that reach us, or turn out to be wrong, when the hours of their shift are drafted already.

As long as nothing is final the hours are drafted anew by the punches as they are now. The caller holds person, shift and place,
in this order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.identity.permissions import Actor
from civic.volunteering.actions import attendance, counting, signing
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.attendance import Attestation, Hours, HoursKind, HoursPolicy, Means, Punch
from civic.volunteering.models.events import Basis, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules import doors
from civic.volunteering.rules.doors import Door
from civic.volunteering.states import GONE, Direction, ShiftStatus, SignUpStatus, Verb

REPLACED = "裁定：按另一次算"


def punched_late(
    row: SignUp, direction: Direction, *, at: datetime, means: Means, recorded_by_id: int | None = None, device_at: datetime | None = None,
    kiosk_id: int | None = None,
) -> Punch:
    """A punch that reached us when the shift was counted: its hours are drafted anew, missed becomes came.

    The caller holds person, shift and place, in this order. Hours that are final, attested or asked for stay as they are.
    """
    known = attendance.live(row.id, direction)
    if known is not None:
        return known
    _still_draft(row)
    if direction is Direction.OUT and attendance.live(row.id, Direction.IN) is None:
        raise NotNow("not_come", _l("还没签到，先点“到了”。"))
    punch = attendance.written(row, direction, at=at, means=means, recorded_by_id=recorded_by_id, device_at=device_at, kiosk_id=kiosk_id)
    _drafted_anew(row)
    return punch


def slipped(row: SignUp, direction: Direction, *, at: datetime, means: Means, device_at: datetime | None = None, kiosk_id: int | None = None) -> Punch:
    """A punch that was taken back before it reached us: both rows stand, none counts."""
    punch = attendance.written(row, direction, at=at, means=means, device_at=device_at, kiosk_id=kiosk_id)
    attendance.unwritten(punch, row, means=means, kiosk_id=kiosk_id, reason=attendance.SLIP)
    return punch


def taken_back_late(actor: Actor, punch_id: int, *, reason: str) -> Punch:
    """Take a punch back whose hours are drafted, and draft them anew. The caller holds person, shift and place."""
    wrong = db.session.get_one(Punch, punch_id)
    row = db.session.get_one(SignUp, wrong.sign_up_id)
    attendance.led(actor, row.shift, row.person_id)
    if not wrong.is_live:
        raise NotNow("undone_already", _l("这一条已经撤过了。"))
    _still_draft(row)
    if wrong.direction is Direction.IN and attendance.live(row.id, Direction.OUT) is not None:
        raise NotNow("undo_out_first", _l("先撤“走了”，再撤“到了”。"))
    undoing = attendance.unwritten(wrong, row, means=Means.TICK, recorded_by_id=actor.user_id, reason=reason)
    _drafted_anew(row)
    return undoing


def accepted(
    actor: Actor, row: SignUp, direction: Direction, *, at: datetime, means: Means, kiosk_id: int | None = None, device_at: datetime | None = None
) -> Punch:
    """A leader's word that somebody came or went at this time, whatever stood against it; what counted before is taken back."""
    attendance.led(actor, row.shift, row.person_id)
    if at > clock.now():
        raise Invalid("time_ahead", _l("时间比现在还晚，请看一眼钟。"), field="at")
    other = attendance.live(row.id, Direction.OUT if direction is Direction.IN else Direction.IN)
    if other is None and direction is Direction.OUT:
        raise NotNow("not_come", _l("还没签到，先点“到了”。"))
    if other is not None and (at > other.at) is (direction is Direction.IN):
        raise Invalid("time_order", _l("走的时间早于来的时间，请看一眼钟。"), field="at")
    in_time = row.shift.status is ShiftStatus.OPEN and row.status is SignUpStatus.CONFIRMED
    if not in_time:
        _still_draft(row)
    known = attendance.live(row.id, direction)
    if known is not None:
        attendance.unwritten(known, row, means=Means.TICK, recorded_by_id=actor.user_id, reason=REPLACED)
    punch = attendance.written(row, direction, at=at, means=means, recorded_by_id=actor.user_id, device_at=device_at, kiosk_id=kiosk_id)
    if not in_time:
        _drafted_anew(row)
    return punch


def seated(actor: Actor, shift_id: int, person_id: int) -> SignUp:
    """A place for somebody who was there, as a kiosk saw, though not signed up; also when the shift is over.

    Until its end it is signing up at the table; afterwards the same rules are asked as of its start, and hours that were
    drafted leave room for one more.
    """
    person = signing.person_held(person_id)
    shift = signing.shift_held(shift_id)
    if shift.status is ShiftStatus.OPEN and clock.now() < shift.ends_at:
        return signing.sign_up_at_table(actor, shift_id, person_id)
    attendance.led(actor, shift, person_id)
    if shift.status not in (ShiftStatus.OPEN, ShiftStatus.COUNTED):
        raise NotNow("hours_final", _l("这一班的时长已经入账了，要改请走更正或补记。"))
    mine = signing.places_near(person.id, shift)
    known = next((row for row in mine if row.shift_id == shift.id), None)
    if known is not None and known.status not in GONE | {SignUpStatus.WAITING}:
        return known
    asked = signing.judged(person, db.session.get(Volunteer, person.id), shift, mine, has_read_briefing=False, wants_to_wait=False)
    no = doors.refusal(Door.SEAT, asked if shift.status is ShiftStatus.OPEN else replace(asked, places_left=1))
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    if known is not None and known.status is SignUpStatus.WAITING:
        shift.waiting -= 1
    row = signing.placed(actor, person, shift, known, Verb.SIGN, Basis.TEAM)
    if shift.status is ShiftStatus.COUNTED:
        shift.taken -= 1
        db.session.flush()
    return row


def _still_draft(row: SignUp) -> None:
    """Refuse where the hours of a place cannot be drafted anew any more."""
    final = _l("这一班的时长已经入账了，要改请走更正或补记。")
    if row.shift.status not in (ShiftStatus.COUNTED, ShiftStatus.CANCELLED):
        raise NotNow("hours_final", final)
    draft = _draft_of(row)
    if draft is not None and (draft.final_at is not None or draft.kind is HoursKind.ATTESTED):
        raise NotNow("hours_final", final)
    if db.session.scalars(select(Attestation.id).where(Attestation.sign_up_id == row.id)).first() is not None:
        raise NotNow("attested_already", _l("这一班已经申请过补记了。"))


def _draft_of(row: SignUp) -> Hours | None:
    return db.session.scalars(locked(select(Hours).where(Hours.sign_up_id == row.id, Hours.reverses_id.is_(None)))).first()


def _drafted_anew(row: SignUp) -> None:
    """Hours by the punches as they are now; what a leader said about them stands."""
    draft = _draft_of(row)
    if row.status in (SignUpStatus.CONFIRMED, SignUpStatus.MISSED, SignUpStatus.CANCELLED):
        stepped(row, Verb.ATTEND, None, None)
    if draft is None:
        counting.drafted(row, row.shift, questions.policy_on(row.shift.day))
    elif draft.how != "corrected":
        policy = db.session.get_one(HoursPolicy, draft.policy_id)
        counted = counting.credited(row, row.shift, policy)
        draft.minutes, draft.how = counted.minutes, counted.how
        draft.final_from = counting.final_from(policy, counted.how)
        audit.record(None, "hours.redraft", ("hours", draft.id), region_path=row.shift.event.region_path, minutes=draft.minutes)
    db.session.flush()
