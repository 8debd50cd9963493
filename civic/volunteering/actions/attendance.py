"""Coming and going: a tick writes a punch and nothing else. Hours and points follow at settlement."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.volunteering.models.attendance import Direction, Means, Punch
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.queries import people
from civic.volunteering.states import ShiftStatus, SignUpStatus

TICK_FROM = timedelta(hours=2)
TICK_UNTIL = timedelta(days=3)
SLIP = "按错了"


def may_lead(actor: Actor, shift: Shift) -> bool:
    """Whether somebody ticks the list of a shift: a leader of its team, or whoever runs events there."""
    return may(actor, Permission.EVENT_RUN, shift.event.region_path) or people.leads(actor.person_id, shift.event.team_id)


def led(actor: Actor, shift: Shift, person_id: int) -> None:
    if not may_lead(actor, shift):
        raise out_of_reach()
    if identity.speaks_for(actor.person_id, person_id):
        raise NotAllowed("recused", _l("自己和家里人的签到、时长，要请别的队长来。"))


def held(sign_up_id: int) -> SignUp:
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).first()
    if row is None:
        raise out_of_reach()
    return row


def live(sign_up_id: int, direction: Direction) -> Punch | None:
    """The punch that counts."""
    return db.session.scalars(
        select(Punch).where(Punch.sign_up_id == sign_up_id, Punch.direction == direction, Punch.is_live)
    ).first()


def tick(
    actor: Actor, sign_up_id: int, direction: Direction, *, at: datetime | None = None, means: Means = Means.TICK
) -> Punch:
    """A leader saw somebody come or go. Ticked twice it is one punch."""
    row = held(sign_up_id)
    led(actor, row.shift, row.person_id)
    return punched(row, direction, at=at or clock.now(), means=means, recorded_by_id=actor.user_id)


def punched(
    row: SignUp, direction: Direction, *, at: datetime, means: Means, recorded_by_id: int | None = None, device_at: datetime | None = None,
    kiosk_id: int | None = None,
) -> Punch:
    """Write a punch for a place whose row the caller holds."""
    known = live(row.id, direction)
    if known is not None:
        return known
    if row.status is not SignUpStatus.CONFIRMED or row.shift.status is not ShiftStatus.OPEN:
        raise NotNow("not_on_list", _l("他（她）现在不在这一班的名单里，或者这一班已经结了。"))
    now = clock.now()
    if now < row.starts_at - TICK_FROM:
        raise NotNow("tick_too_early", _l("还早，开始前两小时才能点名。"))
    if now > row.ends_at + TICK_UNTIL:
        raise NotNow("tick_too_late", _l("过了三天，不能点名了，请走补记。"))
    if at > now:
        raise Invalid("time_ahead", _l("时间比现在还晚，请看一眼钟。"), field="at")
    came = live(row.id, Direction.IN)
    if direction is Direction.OUT:
        if came is None:
            raise NotNow("not_come", _l("还没签到，先点“到了”。"))
        if at < came.at:
            raise Invalid("time_order", _l("走的时间早于来的时间，请看一眼钟。"), field="at")
    return written(row, direction, at=at, means=means, recorded_by_id=recorded_by_id, device_at=device_at, kiosk_id=kiosk_id)


def written(
    row: SignUp, direction: Direction, *, at: datetime, means: Means, recorded_by_id: int | None = None, device_at: datetime | None = None,
    kiosk_id: int | None = None,
) -> Punch:
    punch = Punch(
        sign_up_id=row.id, direction=direction, at=at, recorded_at=clock.now(), device_at=device_at, means=means, recorded_by_id=recorded_by_id,
        kiosk_id=kiosk_id,
    )  # fmt: skip
    db.session.add(punch)
    row.touched_at = clock.now()
    db.session.flush()
    facts = {"means": means.value} if kiosk_id is None else {"means": means.value, "kiosk": kiosk_id}
    audit.record(recorded_by_id, f"punch.{direction.value}", ("sign_up", row.id), region_path=row.shift.event.region_path, **facts)
    return punch


def undo(actor: Actor, punch_id: int, *, reason: str) -> Punch:
    """Take a wrong punch back, by a row that names it; before the hours are counted."""
    wrong = db.session.get(Punch, punch_id)
    if wrong is None:
        raise out_of_reach()
    row = held(wrong.sign_up_id)
    led(actor, row.shift, row.person_id)
    db.session.refresh(wrong)
    if not wrong.is_live:
        raise NotNow("undone_already", _l("这一条已经撤过了。"))
    if row.shift.status is not ShiftStatus.OPEN:
        raise NotNow("counted_already", _l("时长已经算出来了，请在“时长”里改。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么撤。"), field="reason")
    going = live(row.id, Direction.OUT)
    if wrong.direction is Direction.IN and going is not None:
        raise NotNow("undo_out_first", _l("先撤“走了”，再撤“到了”。"))
    return unwritten(wrong, row, means=Means.TICK, recorded_by_id=actor.user_id, reason=reason)


def unwritten(
    wrong: Punch, row: SignUp, *, means: Means, reason: str, recorded_by_id: int | None = None, kiosk_id: int | None = None
) -> Punch:
    wrong.is_live = False
    row.touched_at = clock.now()
    db.session.flush()
    undoing = Punch(
        sign_up_id=row.id, direction=wrong.direction, at=wrong.at, recorded_at=clock.now(), means=means, recorded_by_id=recorded_by_id,
        kiosk_id=kiosk_id, undoes_id=wrong.id, reason=reason.strip()[:200], is_live=False,
    )  # fmt: skip
    db.session.add(undoing)
    db.session.flush()
    audit.record(recorded_by_id, "punch.undo", ("sign_up", row.id), region_path=row.shift.event.region_path, punch=wrong.id)
    return undoing
