"""Calling off by shift, day or event: one act, and everybody is told, each person once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

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


@dataclass(frozen=True)
class Told:
    """Whom a calling-off reached: people, and how many places they had between them."""

    people: int
    places: int


def cancel_shift(actor: Actor, shift_id: int, *, reason: str) -> Told:
    """Call one shift off, also while it is under way. Its leader may, in the rain."""
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None or not attendance.may_lead(actor, shift):
        raise out_of_reach()
    return _cancelled(actor, [shift], reason, clock.now())


def cancel_day(actor: Actor, event_id: int, day: date, *, reason: str) -> Told:
    """Call off what is still to come of a day (rain); one act, everybody is told."""
    event = held(actor, event_id)
    return _cancelled(actor, _open_shifts(event.id, day), reason, clock.now())


def cancel_event(actor: Actor, event_id: int, *, reason: str) -> Told:
    """Call the whole event off, with every shift still to come."""
    event, now = held(actor, event_id), clock.now()
    if event.status is EventStatus.CANCELLED:
        raise NotNow("event_over", _l("这个活动已经取消了。"))
    told = _cancelled(actor, _open_shifts(event.id, None), reason, now, may_be_none=True)
    event.status, event.called_off_at = EventStatus.CANCELLED, now
    audit.record(actor.user_id, "event.cancel", ("event", event.id), region_path=event.region_path, told=told.people)
    return told


def _open_shifts(event_id: int, day: date | None) -> list[Shift]:
    query = select(Shift).where(Shift.event_id == event_id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > clock.now())
    if day is not None:
        query = query.where(Shift.day == day)
    return list(db.session.scalars(locked(query.order_by(Shift.id))))


def _cancelled(actor: Actor, shifts: list[Shift], reason: str, now: datetime, *, may_be_none: bool = False) -> Told:
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么不办了，报名的人会看到。"), field="reason")
    shifts = [shift for shift in shifts if shift.status is ShiftStatus.OPEN and shift.ends_at > now]
    if not shifts and not may_be_none:
        raise NotNow("nothing_to_cancel", _l("没有可以取消的班，可能已经取消过了。"))
    held_places: list[SignUp] = []
    called_off: list[SignUp] = []
    for shift in shifts:
        for sign_up in db.session.scalars(
            locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(OPEN)).order_by(SignUp.id))
        ):
            held_places.append(sign_up)
            if counting.cut_short(sign_up, shift, by_user_id=actor.user_id):
                continue
            stepped(sign_up, Verb.CANCEL, actor.user_id, reason.strip()[:300])
            called_off.append(sign_up)
        shift.taken = shift.waiting = 0
        shift.status, shift.cancelled_for, shift.called_off_at = ShiftStatus.CANCELLED, reason.strip()[:200], now
        shift.revision += 1
        shift.changed_at = now
        audit.record(actor.user_id, "shift.cancel", ("shift", shift.id), region_path=shift.event.region_path)
    letters.tell_called_off(called_off)
    return Told(len({row.person_id for row in held_places}), len(held_places))
