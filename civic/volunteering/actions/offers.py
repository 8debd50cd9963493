"""A place that falls free: withdrawing, offers to who waits, their answers, and places a unit asks somebody to take.

The place is offered to the first who waits and held meanwhile, so nobody slips in between.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, demand, may, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions import guarding
from civic.volunteering.actions.attendance import may_lead
from civic.volunteering.actions.signing import judged, noted, person_held, places_near, shift_held, stepped
from civic.volunteering.models.events import Basis, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import people
from civic.volunteering.rules import doors
from civic.volunteering.rules import signing as rules
from civic.volunteering.rules.doors import Door
from civic.volunteering.states import HOLDING, OPEN, ShiftStatus, SignUpStatus, Verb

BATCH = 100


def mine_held(actor: Actor, sign_up_id: int) -> tuple[SignUp, Shift]:
    """A place and its shift, locked; the actor's own, a ward's, or one of a shift they run."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    shift = shift_held(found.shift_id)
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).one()
    if not identity.speaks_for(actor.person_id, row.person_id) and not may(actor, Permission.EVENT_RUN, shift.event.region_path):
        raise out_of_reach()
    return row, shift


def withdraw(actor: Actor, sign_up_id: int) -> SignUp:
    """Give the place back. In one tap until the event's deadline; afterwards the leader has to know."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    # Person before shift, as everywhere: withdrawing from an offer is answering it.
    person_held(found.person_id)
    row, shift = mine_held(actor, sign_up_id)
    if row.status is SignUpStatus.WITHDRAWN:
        return row
    if row.status is SignUpStatus.OFFERED:
        return answer(actor, sign_up_id, accepts=False)
    was_holding = row.status in HOLDING
    if clock.now() >= shift.starts_at:
        raise NotNow("shift_began", _l("这一班已经开始了。没能来，跟队长说一声。"))
    late = clock.now() > shift.starts_at - timedelta(hours=shift.event.withdraw_hours)
    if was_holding and late and not may(actor, Permission.EVENT_RUN, shift.event.region_path):
        raise NotNow(
            "withdraw_too_late",
            _l("快开始了，不能在这里退了。请打电话告诉组织者，好找人顶上。"),
            contact=shift.event.emergency_contact or "",
        )
    if was_holding:
        guarding.keeps_company(row)
    stepped(row, Verb.WITHDRAW, actor.user_id, None)
    if was_holding:
        fall_free(shift)
    else:
        shift.waiting -= 1
    audit.record(actor.user_id, "sign_up.withdraw", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    db.session.flush()
    return row


def take_off(actor: Actor, sign_up_id: int, *, reason: str = "") -> SignUp:
    """Give somebody's place back for them, before the shift: they rang up, or have no account to say it on. They are told, and
    the next who waits is asked. Its leader may, and whoever runs events there."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    person_held(found.person_id)
    shift = shift_held(found.shift_id)
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).one()
    if not may_lead(actor, shift):
        raise out_of_reach()
    if row.status not in OPEN:
        raise NotNow("not_on_list", _l("他（她）现在不在这一班的名单里了。"))
    if clock.now() >= shift.starts_at:
        raise NotNow("shift_began", _l("这一班已经开始了，没来的不用退，结束以后会记下。"))
    was_holding = row.status in HOLDING
    if was_holding:
        guarding.keeps_company(row)
    stepped(row, Verb.DECLINE if row.status is SignUpStatus.OFFERED else Verb.WITHDRAW, actor.user_id, reason.strip()[:300] or None)
    if was_holding:
        fall_free(shift)
    else:
        shift.waiting -= 1
    letters.tell("taken_off", row)
    audit.record(actor.user_id, "sign_up.take_off", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    db.session.flush()
    return row


def reason_against(person: Person, shift: Shift) -> rules.Refusal | None:
    """What is against somebody's taking a place that fell free; what they were asked when they stood in line is not asked again."""
    asked = judged(person, db.session.get(Volunteer, person.id), shift, places_near(person.id, shift), has_read_briefing=True, wants_to_wait=False)
    return doors.refusal(Door.OFFER, asked)


def fall_free(shift: Shift) -> SignUp | None:
    """A held place is given up: the first who waits and can take it is asked, and the place stays held; or it is free. Who
    cannot is passed over and keeps their turn. The caller holds the shift."""
    if shift.status is ShiftStatus.OPEN and clock.now() < shift.starts_at:
        line = db.session.scalars(
            locked(
                select(SignUp)
                .where(SignUp.shift_id == shift.id, SignUp.status == SignUpStatus.WAITING)
                .order_by(SignUp.queued_at, SignUp.id)
            )
        ).all()
        for row in line:
            if reason_against(db.session.get_one(Person, row.person_id), shift) is None:
                shift.waiting -= 1
                _offered(row, shift, None, None)
                return row
    shift.taken -= 1
    return None


def fill(shift: Shift) -> int:
    """Offer places that are free to those who wait; how many. The caller holds the shift."""
    offered = 0
    while shift.taken < shift.most and shift.waiting:
        shift.taken += 1
        if fall_free(shift) is None:
            break
        offered += 1
        db.session.flush()
    return offered


def fill_due(limit: int = BATCH) -> int:
    """Ask those anew who were passed over when a place fell free, for they may be able to come now; how many were asked."""
    due = db.session.scalars(
        select(Shift.id)
        .where(Shift.status == ShiftStatus.OPEN, Shift.starts_at > clock.now(), Shift.waiting > 0, Shift.taken < Shift.most)
        .order_by(Shift.starts_at, Shift.id)
        .limit(limit)
    ).all()
    return sum(fill(shift_held(shift_id)) for shift_id in due)


def _offered(row: SignUp, shift: Shift, actor_id: int | None, reason: str | None) -> None:
    row.offer_until = rules.offer_until(clock.now(), shift.starts_at, clock.zone())
    until = row.offer_until
    stepped(row, Verb.OFFER, actor_id, reason)
    row.offer_until = until
    letters.tell("place_offered", row, occasion=f"{until:%m%d%H%M}")


def answer(actor: Actor, sign_up_id: int, *, accepts: bool, has_read_briefing: bool = False) -> SignUp:
    """Say yes or no to an offered place. Answered twice alike, it is answered once."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    person = person_held(found.person_id)
    row, shift = mine_held(actor, sign_up_id)
    if row.status is (SignUpStatus.CONFIRMED if accepts else SignUpStatus.WITHDRAWN):
        return row
    if row.status is not SignUpStatus.OFFERED or row.offer_until is None or clock.now() >= row.offer_until:
        raise NotNow("offer_over", _l("这个空位的时间过了，已经问下一位了。还想来，可以再候补。"))
    if accepts:
        _may_accept(actor, row, shift, person, has_read_briefing)
        stepped(row, Verb.ACCEPT, actor.user_id, None)
        letters.tell_accepted(row)
    else:
        stepped(row, Verb.DECLINE, actor.user_id, None)
        fall_free(shift)
    audit.record(
        actor.user_id, "offer.accept" if accepts else "offer.decline", ("sign_up", row.id), region_path=shift.event.region_path,
        shift=shift.id,
    )  # fmt: skip
    db.session.flush()
    return row


def _may_accept(actor: Actor, row: SignUp, shift: Shift, person: Person, has_read_briefing: bool) -> None:
    if row.basis is Basis.UNIT and not identity.speaks_for(actor.person_id, person.id):
        raise NotAllowed("their_own_word", _l("来不来只有本人说了算，请他（她）自己在“我的班”里回。"))
    # What was offered elsewhere at the same time is no answer yet: only a place that is theirs stands in the way.
    near = [other for other in places_near(person.id, shift) if row.basis is Basis.UNIT or other.status is SignUpStatus.CONFIRMED]
    door = Door.ARRANGED if row.basis is Basis.UNIT else Door.OFFER
    no = _against(door, person, shift, near, has_read_briefing=has_read_briefing)
    if no is not None:
        raise NotNow(no.code, no.words)


def _against(door: Door, person: Person, shift: Shift, near: list[SignUp], *, has_read_briefing: bool) -> rules.Refusal | None:
    """What is against a place that is kept for somebody."""
    volunteer = db.session.get(Volunteer, person.id)
    return doors.refusal(door, judged(person, volunteer, shift, near, has_read_briefing=has_read_briefing, wants_to_wait=False))


def lapse_due(limit: int = BATCH) -> int:
    """Take offers back whose time is over, and ask the next in line."""
    due = db.session.execute(
        select(SignUp.id, SignUp.shift_id)
        .where(SignUp.status == SignUpStatus.OFFERED, SignUp.offer_until <= clock.now())
        .order_by(SignUp.shift_id, SignUp.id)
        .limit(limit)
    ).all()
    for sign_up_id, shift_id in due:
        shift = shift_held(shift_id)
        row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).one()
        if row.status is not SignUpStatus.OFFERED or row.offer_until is None or row.offer_until > clock.now():
            continue
        stepped(row, Verb.LAPSE, None, None)
        letters.tell("offer_lapsed", row, occasion=str(row.times))
        fall_free(shift)
        audit.record(None, "offer.lapse", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
        db.session.flush()
    return len(due)


def move_up(actor: Actor, sign_up_id: int, *, reason: str) -> SignUp:
    """Put somebody who waits at the head of the line; only with a written reason."""
    row, shift = mine_held(actor, sign_up_id)
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    if not reason.strip():
        raise Invalid("reason_missing", _l("往前挪要写明原因，排队的人会问。"), field="reason")
    if row.status is not SignUpStatus.WAITING:
        raise NotNow("not_waiting", _l("他（她）现在不在候补里。"))
    first = db.session.scalar(
        select(func.min(SignUp.queued_at)).where(SignUp.shift_id == shift.id, SignUp.status == SignUpStatus.WAITING)
    )
    row.queued_at = first - timedelta(microseconds=1)
    noted(row, Verb.WAIT, actor.user_id, reason.strip()[:300])
    audit.record(actor.user_id, "sign_up.move_up", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    return row


def arrange(actor: Actor, shift_id: int, person_id: int, *, is_working_time: bool) -> SignUp:
    """A unit asks somebody for a shift. The place is held; only the person decides, and a no leaves nothing but a free
    place (条例 Art. 25: nobody is ordered to volunteer)."""
    person = person_held(person_id)
    shift = shift_held(shift_id)
    demand(actor, Permission.EVENT_RUN, shift.event.region_path)
    if shift.status is not ShiftStatus.OPEN or clock.now() >= shift.starts_at:
        raise NotNow("shift_closed", _l("这一班不办了，或者停止报名了。看看别的班次。"))
    if shift.taken >= shift.most:
        raise NotNow("full", _l("这一班满了，再加人先把人数改大。"))
    near = places_near(person.id, shift)
    known = next((row for row in near if row.shift_id == shift.id), None)
    if known is not None and known.status in OPEN:
        raise NotNow("known_here", _l("他（她）已经在这一班的名单里了。"))
    if people.hearer_for(person.id) is None:
        raise NotNow("cannot_answer", _l("他（她）没有账号，没法自己答应。请当面记到名单里。"))
    # One answer to every reason, age and other shifts among them: else it could be read off who said no before.
    if known is not None or _against(Door.ARRANGING, person, shift, near, has_read_briefing=False) is not None:
        raise NotNow("cannot_arrange", _l("这一班安排不了他（她），请换一位。"))
    now = clock.now()
    row = SignUp(
        shift_id=shift.id, person_id=person.id, status=SignUpStatus.OFFERED, basis=Basis.UNIT, is_working_time=is_working_time,
        by_user_id=actor.user_id, starts_at=shift.starts_at, ends_at=shift.ends_at, at=now, offer_until=shift.starts_at,
    )  # fmt: skip
    db.session.add(row)
    shift.taken += 1
    db.session.flush()
    noted(row, Verb.OFFER, actor.user_id, None)
    letters.tell("arranged", row)
    audit.record(actor.user_id, "sign_up.arrange", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    return row
