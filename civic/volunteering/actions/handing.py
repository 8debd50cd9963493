"""Handing one's place over (转班). Who waits longest is asked first; naming somebody else needs a leader and a reason.

The giver keeps the place until somebody says yes, so it is held throughout and nobody slips in between; then giver and
taker change places in one step, all rules asked again of the taker.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions import guarding, offers, signing
from civic.volunteering.actions.signing import person_held, shift_held, stepped
from civic.volunteering.models.events import Basis, Shift, SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import handing as questions
from civic.volunteering.queries import people
from civic.volunteering.rules import doors
from civic.volunteering.rules import signing as rules
from civic.volunteering.rules.doors import Door
from civic.volunteering.states import HOLDING, EventStatus, ShiftStatus, SignUpStatus, Verb

BATCH = 100


def hand_over(actor: Actor, sign_up_id: int) -> HandOver:
    """Ask the first who waits to take one's place. Asked twice it is asked once."""
    row, shift = _given(actor, sign_up_id)
    known = questions.open_of(row.id)
    if known is not None:
        return known
    first = _next_in_line(row, shift)
    if first is None:
        raise NotNow("nobody_waits", _l("现在没有人候补。请队长找一位能来的，找到以前这一班还是您的。"))
    return _asked(actor, row, shift, first.person_id, None)


def _next_in_line(row: SignUp, shift: Shift) -> SignUp | None:
    """The first who waits and could take the place; who has other plans by now is passed over and keeps their turn."""
    return next((other for other in questions.still_to_ask(row) if offers.reason_against(other.person, shift) is None), None)


def name_successor(actor: Actor, sign_up_id: int, person_id: int, *, reason: str) -> HandOver:
    """A leader asks somebody out of turn to take a place over; why is written down, and that person alone decides."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    _persons_held(found.person_id, person_id)
    shift = shift_held(found.shift_id)
    if not may(actor, Permission.EVENT_RUN, shift.event.region_path) and not people.leads(actor.person_id, shift.event.team_id):
        raise out_of_reach()
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).one()
    if actor.person_id in (row.person_id, person_id):
        raise NotAllowed("recused", _l("自己的班、转给自己的班，要请别的队长来指。"))
    _may_be_handed(row, shift)
    if not reason.strip():
        raise Invalid("reason_missing", _l("不按候补的先后，要写明原因，排队的人会问。"), field="reason")
    if people.hearer_for(person_id) is None:
        raise Invalid("cannot_answer", _l("他（她）没有账号，没法自己答应。请当面记到名单里。"), field="phone")
    if questions.was_asked(row, person_id):
        raise NotNow("asked_already", _l("已经问过他（她）了，换一位。"))
    open_ = questions.open_of(row.id)
    if open_ is not None:
        _ended(open_, AskStatus.CALLED_BACK)
        db.session.flush()
    return _asked(actor, row, shift, person_id, reason.strip()[:300])


def _persons_held(*person_ids: int) -> None:
    """Several persons locked, in the one order that cannot deadlock."""
    for person_id in sorted(set(person_ids)):
        person_held(person_id)


def _given(actor: Actor, sign_up_id: int) -> tuple[SignUp, Shift]:
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    person_held(found.person_id)
    row, shift = offers.mine_held(actor, sign_up_id)
    _may_be_handed(row, shift)
    return row, shift


def _may_be_handed(row: SignUp, shift: Shift) -> None:
    if row.status is not SignUpStatus.CONFIRMED:
        raise NotNow("not_in", _l("只有报上了的班才能转。"))
    if shift.status is not ShiftStatus.OPEN or shift.event.status is EventStatus.CANCELLED or clock.now() >= shift.starts_at:
        raise NotNow("shift_began", _l("这一班已经开始，或者不办了，转不了。没能来，跟队长说一声。"))
    guarding.keeps_company(row)


def _asked(actor: Actor, row: SignUp, shift: Shift, person_id: int, reason: str | None) -> HandOver:
    now = clock.now()
    ask = HandOver(
        sign_up_id=row.id, times=row.times, shift_id=shift.id, to_person_id=person_id, reason=reason, asked_by_id=actor.user_id, asked_at=now,
        until=rules.offer_until(now, shift.starts_at, clock.zone()), status=AskStatus.ASKED,
    )  # fmt: skip
    db.session.add(ask)
    db.session.flush()
    letters.tell_ask("take_over_asked", ask, person_id)
    audit.record(
        actor.user_id, "hand_over.ask", ("sign_up", row.id), region_path=shift.event.region_path, to=person_id, out_of_turn=reason is not None
    )
    return ask


def _ended(ask: HandOver, status: AskStatus) -> None:
    ask.status, ask.ended_at = status, clock.now()


def answer(actor: Actor, hand_over_id: int, *, accepts: bool, has_read_briefing: bool = False) -> HandOver:
    """Say yes or no to a place somebody cannot keep. Answered twice alike, it is answered once."""
    found = db.session.get(HandOver, hand_over_id)
    if found is None or not identity.speaks_for(actor.person_id, found.to_person_id):
        raise out_of_reach()
    _persons_held(found.sign_up.person_id, found.to_person_id)
    shift = shift_held(found.shift_id)
    ask, row = _both_held(found.id)
    if ask.status is (AskStatus.TAKEN if accepts else AskStatus.DECLINED):
        return ask
    if ask.status is not AskStatus.ASKED or row.status is not SignUpStatus.CONFIRMED or clock.now() >= ask.until or shift.status is not ShiftStatus.OPEN:
        raise NotNow("hand_over_over", _l("这一班不用接了：过了时间，或者已经有人接了。"))
    if not accepts:
        _ended(ask, AskStatus.DECLINED)
        audit.record(actor.user_id, "hand_over.decline", ("sign_up", row.id), region_path=shift.event.region_path)
        _passed_on(row, shift, ask)
        return ask
    _changed(actor, ask, row, shift, has_read_briefing)
    return ask


def _both_held(hand_over_id: int) -> tuple[HandOver, SignUp]:
    """The question and the giver's place, locked; the caller holds the shift."""
    ask = db.session.scalars(locked(select(HandOver).where(HandOver.id == hand_over_id))).one()
    return ask, db.session.scalars(locked(select(SignUp).where(SignUp.id == ask.sign_up_id))).one()


def _changed(actor: Actor, ask: HandOver, row: SignUp, shift: Shift, has_read_briefing: bool) -> None:
    """Giver out, taker in: the place is never free in between, so nobody who waits is asked for it."""
    taker = person_held(ask.to_person_id)
    near = signing.places_near(taker.id, shift)
    known = next((other for other in near if other.shift_id == shift.id), None)
    if known is not None and known.status in HOLDING:
        raise NotNow("already_in", _l("您自己已经在这一班了。"))
    was_waiting = known is not None and known.status is SignUpStatus.WAITING
    asked = signing.judged(
        taker, db.session.get(Volunteer, taker.id), shift, near, has_read_briefing=has_read_briefing or was_waiting, wants_to_wait=False
    )
    no = doors.refusal(Door.HAND_OVER, asked)
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    try:
        guarding.keeps_company(row)
    except NotNow:
        # The giver brought their child after they had asked: who was asked need not hear whose.
        raise NotNow("hand_over_over", _l("这一班不用接了：过了时间，或者已经有人接了。")) from None
    stepped(row, Verb.WITHDRAW, actor.user_id, "hand_over")
    shift.taken -= 1
    if was_waiting:
        shift.waiting -= 1
    signing.placed(actor, taker, shift, known, Verb.SIGN, Basis.SELF)
    _ended(ask, AskStatus.TAKEN)
    letters.tell_ask("handed_over", ask, row.person_id)
    audit.record(actor.user_id, "hand_over.take", ("sign_up", row.id), region_path=shift.event.region_path, to=taker.id)
    db.session.flush()


def _passed_on(row: SignUp, shift: Shift, ask: HandOver) -> None:
    """The next who waits is asked; is there none, or was somebody named, the giver hears that the shift is still theirs."""
    db.session.flush()
    following = _next_in_line(row, shift) if ask.reason is None else None
    if following is None or clock.now() >= shift.starts_at:
        letters.tell_ask("hand_over_ended", ask, row.person_id)
        return
    _asked(Actor(user_id=None), row, shift, following.person_id, None)


def call_back(actor: Actor, sign_up_id: int) -> SignUp:
    """The giver comes after all."""
    row, shift = _given(actor, sign_up_id)
    ask = questions.open_of(row.id)
    if ask is not None:
        _ended(ask, AskStatus.CALLED_BACK)
        audit.record(actor.user_id, "hand_over.call_back", ("sign_up", row.id), region_path=shift.event.region_path)
        db.session.flush()
    return row


def pass_due(limit: int = BATCH) -> int:
    """Close questions whose time is over or that nobody needs any more, and ask the next in line."""
    due = questions.overdue(limit)
    for hand_over_id in due:
        found = db.session.get(HandOver, hand_over_id)
        assert found is not None
        shift = shift_held(found.shift_id)
        ask, row = _both_held(hand_over_id)
        if ask.status is not AskStatus.ASKED:
            continue
        is_late = clock.now() >= ask.until
        _ended(ask, AskStatus.LAPSED if is_late else AskStatus.OVER)
        audit.record(None, f"hand_over.{ask.status.value}", ("sign_up", row.id), region_path=shift.event.region_path)
        if row.status is SignUpStatus.CONFIRMED and shift.status is ShiftStatus.OPEN:
            _passed_on(row, shift, ask)
        db.session.flush()
    return len(due)


def end_questions(shift: Shift, person_ids: list[int], sign_up_ids: list[int]) -> None:
    """End what these people were asked, and what was asked about places they give up. The caller holds persons and shift."""
    mine = HandOver.to_person_id.in_(person_ids) | HandOver.sign_up_id.in_(sign_up_ids)
    for ask in db.session.scalars(
        locked(select(HandOver).where(HandOver.shift_id == shift.id, HandOver.status == AskStatus.ASKED, mine).order_by(HandOver.id))
    ):
        row = db.session.scalars(locked(select(SignUp).where(SignUp.id == ask.sign_up_id))).one()
        is_mine = row.id in sign_up_ids
        _ended(ask, AskStatus.OVER if is_mine else AskStatus.DECLINED)
        if not is_mine and row.status is SignUpStatus.CONFIRMED:
            _passed_on(row, shift, ask)
    db.session.flush()
