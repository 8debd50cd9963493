"""Who was noted as missed and was there after all: the appeal, hours filled in by two people."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, concerned, demand, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions.attendance import held, may_lead
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.attendance import Attestation, Hours, HoursKind
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.queries import hours as questions
from civic.volunteering.states import ShiftStatus, SignUpStatus, Verb


def span_of(shift: Shift, came_at: datetime) -> int:
    """Minutes from a coming to the end of a shift, at least one, never more than the shift: what can be filled in."""
    return max(1, int((shift.ends_at - max(came_at, shift.starts_at)).total_seconds()) // 60)


def appeal(actor: Actor, sign_up_id: int, *, words: str) -> SignUp:
    """Somebody noted as missed, or who signs them up, says that they came, or why they could not."""
    row = held(sign_up_id)
    if not identity.speaks_for(actor.person_id, row.person_id) or row.status is not SignUpStatus.MISSED:
        raise out_of_reach()
    if not words.strip():
        raise Invalid("words_missing", _l("请写一句当时的情况。"), field="words")
    row.appeal = words.strip()[:300]
    audit.record(actor.user_id, "sign_up.appeal", ("sign_up", row.id), region_path=row.shift.event.region_path)
    return row


def request_attestation(actor: Actor, sign_up_id: int, *, minutes: int, evidence: str) -> Attestation:
    """Ask to fill in hours of somebody noted as missed who was there after all; never for oneself or one's
    family, never longer than the shift. Another person has to confirm it."""
    row = held(sign_up_id)
    if not may_lead(actor, row.shift):
        raise out_of_reach()
    if identity.speaks_for(actor.person_id, row.person_id):
        raise NotAllowed("backfill_self", _l("自己和家里人的时长不能自己申请补记，请别的队长来。"))
    if row.shift.status is ShiftStatus.CANCELLED:
        raise NotNow("backfill_never_held", _l("这一班没有办，没有时长可补。"))
    assert actor.user_id is not None
    if row.status is not SignUpStatus.MISSED:
        raise NotNow("not_missed", _l("只有记了“没来”的才补记。"))
    longest = int((row.shift.ends_at - row.shift.starts_at).total_seconds()) // 60
    if not 0 < minutes <= longest:
        raise Invalid("minutes_wrong", _l("分钟数不能超过这一班的长度。"), field="minutes")
    if len(evidence.strip()) < 5:
        raise Invalid("evidence_missing", _l("请写凭什么补记，比如“照片里有他，交警也看见了”。"), field="evidence")
    if db.session.scalars(select(Attestation.id).where(Attestation.sign_up_id == row.id)).first() is not None:
        raise Conflict("attested_already", _l("这一班已经申请过补记了。"))
    found = Attestation(
        sign_up_id=row.id, minutes=minutes, evidence=evidence.strip()[:300], requested_by_id=actor.user_id, requested_at=clock.now()
    )
    db.session.add(found)
    db.session.flush()
    audit.record(actor.user_id, "hours.attest", ("sign_up", row.id), region_path=row.shift.event.region_path, minutes=minutes)
    return found


def decide_attestation(actor: Actor, attestation_id: int, *, confirms: bool) -> Attestation:
    """The second person's word. Confirmed, the hours are drafted as attested ones: they earn no points."""
    found = db.session.scalars(locked(select(Attestation).where(Attestation.id == attestation_id))).first()
    if found is None:
        raise out_of_reach()
    row = held(found.sign_up_id)
    demand(actor, Permission.EVENT_RUN, row.shift.event.region_path, concerned(row.person_id))
    if found.requested_by_id == actor.user_id:
        raise NotAllowed("two_people", _l("补记要两个人：这一条是您申请的，请别的同志确认。"))
    if found.decided_at is not None:
        raise NotNow("decided_already", _l("这一条已经定过了。"))
    found.decided_by_id, found.decided_at, found.is_confirmed = actor.user_id, clock.now(), confirms
    if confirms:
        stepped(row, Verb.ATTEND, actor.user_id, found.evidence)
        policy = questions.policy_on(row.shift.day)
        draft = Hours(
            person_id=row.person_id, sign_up_id=row.id, shift_id=row.shift_id, kind=HoursKind.ATTESTED, day=row.shift.day, minutes=found.minutes,
            how="attested", policy_id=policy.id, earns_points=False, drafted_at=clock.now(),
            final_from=calendar.add_working_days(clock.now(), policy.objection_days),
        )  # fmt: skip
        db.session.add(draft)
        db.session.flush()
        letters.tell_hours("hours_drafted", draft)
    audit.record(actor.user_id, "hours.attested", ("sign_up", row.id), region_path=row.shift.event.region_path, confirmed=confirms)
    return found
