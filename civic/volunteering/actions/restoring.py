"""Taking a calling-off back: a shift, a day or an event stands again, and who was in is asked, for they were told to stay away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import NotNow
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions import guarding, offers
from civic.volunteering.actions.events import held
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.events import Basis, Event, Shift, SignUp, SignUpStep
from civic.volunteering.states import EventStatus, ShiftStatus, SignUpStatus, Verb

# Who was told to stay away has made other plans: longer than for a place that falls free.
ASKED_FOR = timedelta(days=1)


def restore_shift(actor: Actor, shift_id: int) -> int:
    """Let one shift take place after all; how many people were asked or told."""
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).first()
    if shift is None:
        raise out_of_reach()
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    return _restored(actor, shift.event, [shift])


def restore_day(actor: Actor, event_id: int, day: date) -> int:
    """Let what was called off of a day take place after all."""
    event = held(actor, event_id)
    return _restored(actor, event, _called_off(event.id, day=day))


def restore_event(actor: Actor, event_id: int) -> int:
    """Let a whole event take place after all, with the shifts that were called off with it; those of rain stay off."""
    event = held(actor, event_id)
    if event.status is not EventStatus.CANCELLED:
        raise NotNow("not_cancelled", _l("这个活动没有取消过。"))
    shifts = [shift for shift in _called_off(event.id) if shift.called_off_at == event.called_off_at]
    event.status = EventStatus.PUBLISHED if event.published_at is not None else EventStatus.DRAFT
    event.called_off_at = None
    db.session.flush()
    asked = stand_again(actor, shifts)
    audit.record(actor.user_id, "event.restore", ("event", event.id), region_path=event.region_path, shifts=len(shifts))
    return asked


def _called_off(event_id: int, *, day: date | None = None) -> Sequence[Shift]:
    query = select(Shift).where(Shift.event_id == event_id, Shift.status == ShiftStatus.CANCELLED, Shift.starts_at > clock.now())
    if day is not None:
        query = query.where(Shift.day == day)
    return db.session.scalars(locked(query.order_by(Shift.id))).all()


def _restored(actor: Actor, event: Event, shifts: Sequence[Shift]) -> int:
    if event.status is EventStatus.CANCELLED:
        raise NotNow("event_over", _l("整个活动取消了，先让活动照旧办。"))
    if not any(shift.status is ShiftStatus.CANCELLED and shift.starts_at > clock.now() for shift in shifts):
        raise NotNow("nothing_to_restore", _l("没有可以照旧办的班：没有取消过，或者时间已经过了。"))
    return stand_again(actor, shifts)


def stand_again(actor: Actor, shifts: Sequence[Shift]) -> int:
    """Open shifts that were called off, ask who was in, put back who waited; of how many people. The caller holds the shifts."""
    asked: list[SignUp] = []
    for shift in shifts:
        shift.status, shift.cancelled_for, shift.called_off_at = ShiftStatus.OPEN, None, None
        shift.revision += 1
        shift.changed_at = clock.now()
        asked += _asked(actor, shift)
        db.session.flush()
        offers.fill(shift)
        audit.record(actor.user_id, "shift.restore", ("shift", shift.id), region_path=shift.event.region_path)
    if shifts:
        event = shifts[0].event
        if event.status is not EventStatus.DRAFT:
            guarding.guarded(event)
        guarding.no_minor_in(event)
    letters.tell_restored(asked)
    return len({row.person_id for row in asked})


def _asked(actor: Actor, shift: Shift) -> list[SignUp]:
    """Who was in or in line when the shift was called off, with their place held or their turn given back. Whoever cannot
    come any more is told all the same, and may sign up anew."""
    rows = db.session.scalars(
        locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status == SignUpStatus.CANCELLED).order_by(SignUp.id))
    ).all()
    stood = _before(rows)
    for row in rows:
        row.times += 1
        person = db.session.get_one(Person, row.person_id)
        if offers.reason_against(person, shift) is not None:
            continue
        if stood.get(row.id) is SignUpStatus.WAITING:
            stepped(row, Verb.WAIT, actor.user_id, None)
            shift.waiting += 1
            continue
        until = shift.starts_at if row.basis is Basis.UNIT else min(shift.starts_at, clock.now() + ASKED_FOR)
        stepped(row, Verb.OFFER, actor.user_id, None)
        row.offer_until = until
        shift.taken += 1
    return list(rows)


def _before(rows: Collection[SignUp]) -> dict[int, SignUpStatus]:
    """How each place stood before it was called off: the last but one of its steps."""
    steps: dict[int, list[SignUpStatus]] = {row.id: [] for row in rows}
    for number, status in db.session.execute(
        select(SignUpStep.sign_up_id, SignUpStep.after).where(SignUpStep.sign_up_id.in_(steps)).order_by(SignUpStep.id)
    ):
        steps[number].append(status)
    return {number: found[-2] for number, found in steps.items() if len(found) > 1}
