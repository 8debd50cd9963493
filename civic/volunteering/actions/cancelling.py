"""Calling off by shift, day or event: one act, and everybody is told."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.identity.permissions import Actor, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions import attendance, counting
from civic.volunteering.actions.events import held
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.states import OPEN, EventStatus, ShiftStatus, Verb


def cancel_shift(actor: Actor, shift_id: int, *, reason: str) -> int:
    """Call one shift off, also while it is under way; how many people are told. Its leader may, in the rain."""
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None or not attendance.may_lead(actor, shift):
        raise out_of_reach()
    return _cancelled(actor, [shift], reason)


def cancel_day(actor: Actor, event_id: int, day: date, *, reason: str) -> int:
    """Call off what is still to come of a day (rain); one act, everybody is told."""
    event = held(actor, event_id)
    return _cancelled(actor, _open_shifts(event.id, day), reason)


def cancel_event(actor: Actor, event_id: int, *, reason: str) -> int:
    """Call the whole event off, with every shift still to come."""
    event = held(actor, event_id)
    told = _cancelled(actor, _open_shifts(event.id, None), reason, may_be_none=True)
    event.status = EventStatus.CANCELLED
    audit.record(actor.user_id, "event.cancel", ("event", event.id), region_path=event.region_path, told=told)
    return told


def _open_shifts(event_id: int, day: date | None) -> list[Shift]:
    query = select(Shift).where(Shift.event_id == event_id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > clock.now())
    if day is not None:
        query = query.where(Shift.day == day)
    return list(db.session.scalars(locked(query.order_by(Shift.id))))


def _cancelled(actor: Actor, shifts: list[Shift], reason: str, *, may_be_none: bool = False) -> int:
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么不办了，报名的人会看到。"), field="reason")
    shifts = [shift for shift in shifts if shift.status is ShiftStatus.OPEN and shift.ends_at > clock.now()]
    if not shifts and not may_be_none:
        raise NotNow("nothing_to_cancel", _l("没有可以取消的班，可能已经取消过了。"))
    told = 0
    for shift in shifts:
        for sign_up in db.session.scalars(
            locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(OPEN)).order_by(SignUp.id))
        ):
            told += 1
            if counting.cut_short(sign_up, shift, by_user_id=actor.user_id):
                continue
            stepped(sign_up, Verb.CANCEL, actor.user_id, reason.strip()[:300])
            letters.tell("shift_cancelled", sign_up)
        shift.taken = shift.waiting = 0
        shift.status, shift.cancelled_for = ShiftStatus.CANCELLED, reason.strip()[:200]
        audit.record(actor.user_id, "shift.cancel", ("shift", shift.id), region_path=shift.event.region_path)
    return told
