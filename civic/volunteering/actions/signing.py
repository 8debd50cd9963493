"""Signing up, waiting, offers, withdrawing: correct under any load.

Every deed locks the person, then the shift, and asks all rules again inside; then the CHECK on `shift.taken` and the
unique pair of shift and person hold whatever the code may do. A place that falls free is offered to the first who waits
and held meanwhile, so nobody slips in between.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed, NotFound, NotNow
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, demand, may, out_of_reach
from civic.volunteering import letters, rules
from civic.volunteering.models.events import Basis, Risk, Shift, SignUp, SignUpStep
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import people
from civic.volunteering.states import (
    HOLDING,
    EventStatus,
    NotLawful,
    ShiftStatus,
    SignUpStatus,
    Verb,
    after,
)

BATCH = 100


def sign_up(
    actor: Actor,
    shift_id: int,
    *,
    person_id: int | None = None,
    has_read_briefing: bool = False,
    wants_to_wait: bool = False,
    basis: Basis = Basis.SELF,
) -> SignUp:
    """Take a place for oneself, or for somebody one may sign up; or stand in line where `wants_to_wait`.

    Who is in already gets the same place again: a double click is one sign-up.
    """
    whom = actor.person_id if person_id is None else person_id
    person = person_held(whom)
    shift = shift_held(shift_id)
    may_run = may(actor, Permission.EVENT_RUN, shift.event.region_path)
    volunteer = db.session.get(Volunteer, person.id)
    if person.id != actor.person_id and not may_run and (volunteer is None or volunteer.guardian_id != actor.person_id):
        raise NotAllowed("not_yours", _l("只能替自己和登记过的家里人报名。"))
    mine = places_near(person.id, shift)
    known = next((row for row in mine if row.shift_id == shift.id), None)
    if known is not None and known.status in HOLDING | {SignUpStatus.WAITING, SignUpStatus.CAME}:
        return known
    asked = judged(person, volunteer, shift, mine, has_read_briefing=has_read_briefing, wants_to_wait=wants_to_wait)
    no = rules.refusal(asked)
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    verb = Verb.WAIT if asked.places_left < 1 else Verb.SIGN
    return placed(actor, person, shift, known, verb, basis)


def sign_up_at_table(actor: Actor, shift_id: int, person_id: int) -> SignUp:
    """A leader signs up somebody who stands before them, without an account; they were briefed by word of mouth.

    Possible until the shift ends, and only while there is a place; all other rules hold.
    """
    person = person_held(person_id)
    shift = shift_held(shift_id)
    if not may(actor, Permission.EVENT_RUN, shift.event.region_path) and not people.leads(actor.person_id, shift.event.team_id):
        raise out_of_reach()
    mine = places_near(person.id, shift)
    known = next((row for row in mine if row.shift_id == shift.id), None)
    if known is not None and known.status in HOLDING:
        return known
    asked = judged(person, db.session.get(Volunteer, person.id), shift, mine, has_read_briefing=True, wants_to_wait=False)
    no = rules.refusal(replace(asked, now=min(asked.now, shift.starts_at - timedelta(seconds=1)), closes_at=shift.starts_at) if asked.now < shift.ends_at else asked)
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    return placed(actor, person, shift, known, Verb.SIGN, Basis.TEAM)


def person_held(person_id: int | None) -> Person:
    """The person, locked first of all."""
    if person_id is None:
        raise NotAllowed("sign_in_first", _l("请先登录。"))
    person = db.session.scalars(locked(select(Person).where(Person.id == person_id))).first()
    if person is None:
        raise out_of_reach()
    return person


def shift_held(shift_id: int) -> Shift:
    """The shift, locked, with its event and post."""
    found = db.session.scalars(
        select(Shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(Shift.id == shift_id)
        .options(contains_eager(Shift.event), contains_eager(Shift.post))
        .with_for_update(of=Shift)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("shift_unknown", _l("没有找到这一班，可能重新排过了。请看看最新的班次。"))
    return found


def places_near(person_id: int, shift: Shift) -> list[SignUp]:
    """The person's places in the month around a shift: for clashes, the month's limit and the pair itself."""
    first, last = _month_of(shift)
    gap = timedelta(minutes=shift.event.gap_minutes + 1440)
    return list(
        db.session.scalars(
            select(SignUp)
            .where(
                SignUp.person_id == person_id,
                SignUp.starts_at >= min(first, shift.starts_at - gap),
                SignUp.starts_at <= max(last, shift.ends_at + gap),
            )
            .order_by(SignUp.starts_at)
            .execution_options(populate_existing=True)
        )
    )


def _month_of(shift: Shift) -> tuple[datetime, datetime]:
    local = clock.local(shift.starts_at)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(microseconds=1)


def judged(
    person: Person, volunteer: Volunteer | None, shift: Shift, mine: list[SignUp], *, has_read_briefing: bool, wants_to_wait: bool
) -> rules.Asked:
    event, now = shift.event, clock.now()
    gap = timedelta(minutes=event.gap_minutes)
    first, last = _month_of(shift)
    counted = HOLDING | {SignUpStatus.CAME, SignUpStatus.MISSED, SignUpStatus.WAITING}
    holding = [row for row in mine if row.shift_id != shift.id and row.status in HOLDING]
    clash = next((row for row in holding if row.starts_at < shift.ends_at + gap and shift.starts_at < row.ends_at + gap), None)
    in_month = [row for row in mine if row.shift_id != shift.id and row.status in counted and first <= row.starts_at <= last]
    return rules.Asked(
        now=now,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        is_open=shift.status is ShiftStatus.OPEN and event.status is EventStatus.PUBLISHED,
        opens_at=shift.starts_at - timedelta(days=_opens_days(person.id, shift, now)),
        closes_at=shift.starts_at - timedelta(hours=event.closes_hours),
        is_registered=volunteer is not None,
        age=_age(person, shift),
        has_guardian_consent=volunteer is not None and volunteer.guardian_consented_at is not None,
        guardian_is_on_shift=volunteer is not None and volunteer.guardian_id is not None and _is_on(volunteer.guardian_id, shift.id),
        is_roadside=event.risk in (Risk.ROAD, Risk.HIGH),
        is_on_carriageway=shift.post.is_on_carriageway or event.risk is Risk.HIGH,
        ends_locally=clock.local(shift.ends_at).time(),
        needs_briefing=event.risk in (Risk.ROAD, Risk.HIGH),
        has_read_briefing=has_read_briefing,
        clash=_named(clash.shift_id) if clash is not None else None,
        in_month=sum(1 for row in in_month if row.shift.event_id == event.id) if event.most_a_month else 0,
        most_a_month=event.most_a_month,
        places_left=shift.most - shift.taken if not shift.waiting else 0,
        wants_to_wait=wants_to_wait,
    )


def _age(person: Person, shift: Shift) -> int | None:
    if person.birth_date is not None:
        return rules.age_on(person.birth_date, shift.day)
    # Said to be a minor, age unknown: treated as the youngest who may come with somebody.
    return 8 if person.is_minor else None


def _is_on(person_id: int, shift_id: int) -> bool:
    return (
        db.session.scalars(
            select(SignUp.id).where(
                SignUp.shift_id == shift_id, SignUp.person_id == person_id, SignUp.status == SignUpStatus.CONFIRMED
            )
        ).first()
        is not None
    )


def _named(shift_id: int) -> str:
    shift = db.session.get(Shift, shift_id)
    assert shift is not None
    return f"{shift.event.name} {clock.local(shift.starts_at):%H:%M}"


def _opens_days(person_id: int, shift: Shift, now: datetime) -> int:
    """How early this person may book: later after three misses in ninety days, and nothing worse than that."""
    event, late = shift.event, timedelta(days=rules.OPENS_DAYS_AFTER_MISSES)
    if event.opens_days <= rules.OPENS_DAYS_AFTER_MISSES or shift.starts_at - now <= late:
        return event.opens_days
    missed = db.session.scalar(
        select(func.count())
        .select_from(SignUp)
        .where(
            SignUp.person_id == person_id, SignUp.status == SignUpStatus.MISSED, SignUp.starts_at > now - rules.MISSES_COUNT_FOR,
            SignUp.starts_at <= now,
        )
    )  # fmt: skip
    return rules.OPENS_DAYS_AFTER_MISSES if missed >= rules.MISSES_MATTER_FROM else event.opens_days


def placed(actor: Actor, person: Person, shift: Shift, known: SignUp | None, verb: Verb, basis: Basis) -> SignUp:
    now = clock.now()
    row = known
    if row is None:
        row = SignUp(
            shift_id=shift.id, person_id=person.id, status=after(None, verb), starts_at=shift.starts_at, ends_at=shift.ends_at, at=now,
            basis=basis, by_user_id=actor.user_id, queued_at=now if verb is Verb.WAIT else None,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        _noted(row, verb, actor.user_id, None)
    else:
        row.at, row.times, row.basis, row.by_user_id = now, row.times + 1, basis, actor.user_id
        row.queued_at = now if verb is Verb.WAIT else None
        stepped(row, verb, actor.user_id, None)
    if verb is Verb.WAIT:
        shift.waiting += 1
    else:
        shift.taken += 1
        letters.tell("shift_reminder", row, due_at=letters.evening_before(shift.starts_at))
    letters.tell("signed_up" if verb is Verb.SIGN else "waiting", row)
    audit.record(actor.user_id, f"sign_up.{verb.value}", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    db.session.flush()
    return row


def stepped(row: SignUp, verb: Verb, actor_id: int | None, reason: str | None) -> None:
    """Move a place by the table and note it."""
    try:
        row.status = after(row.status, verb)
    except NotLawful:
        raise NotNow("not_now", _l("这个名额刚才变过了，请看看最新的。")) from None
    if row.status is not SignUpStatus.OFFERED:
        row.offer_until = None
    _noted(row, verb, actor_id, reason)


def _noted(row: SignUp, verb: Verb, actor_id: int | None, reason: str | None) -> None:
    db.session.add(SignUpStep(sign_up_id=row.id, verb=verb, after=row.status, actor_id=actor_id, reason=reason, at=clock.now()))


def mine_held(actor: Actor, sign_up_id: int) -> tuple[SignUp, Shift]:
    """A place and its shift, locked; the actor's own, a ward's, or one of a shift they run."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    shift = shift_held(found.shift_id)
    row = db.session.scalars(locked(select(SignUp).where(SignUp.id == sign_up_id))).one()
    if row.person_id != actor.person_id and not may(actor, Permission.EVENT_RUN, shift.event.region_path):
        volunteer = db.session.get(Volunteer, row.person_id)
        if volunteer is None or volunteer.guardian_id != actor.person_id:
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
        raise NotNow("shift_began", _l("这一班已经开始了。没能来，跟组长说一声。"))
    late = clock.now() > shift.starts_at - timedelta(hours=shift.event.withdraw_hours)
    if was_holding and late and not may(actor, Permission.EVENT_RUN, shift.event.region_path):
        raise NotNow(
            "withdraw_too_late",
            _l("快开始了，不能在这里退了。请打电话告诉组织者，好找人顶上。"),
            contact=shift.event.emergency_contact or "",
        )
    stepped(row, Verb.WITHDRAW, actor.user_id, None)
    if was_holding:
        fall_free(shift)
    else:
        shift.waiting -= 1
    audit.record(actor.user_id, "sign_up.withdraw", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    db.session.flush()
    return row


def fall_free(shift: Shift) -> SignUp | None:
    """A held place is given up: the first who waits is asked and the place stays held; or it is free. The caller holds
    the shift."""
    first = db.session.scalars(
        locked(
            select(SignUp)
            .where(SignUp.shift_id == shift.id, SignUp.status == SignUpStatus.WAITING)
            .order_by(SignUp.queued_at, SignUp.id)
            .limit(1)
        )
    ).first()
    if first is None or shift.status is not ShiftStatus.OPEN or clock.now() >= shift.starts_at:
        shift.taken -= 1
        return None
    shift.waiting -= 1
    _offered(first, shift, None, None)
    return first


def fill(shift: Shift) -> None:
    """Offer what became free by a larger shift to those who wait. The caller holds the shift."""
    while shift.taken < shift.most and shift.waiting:
        shift.taken += 1
        fall_free(shift)
        db.session.flush()


def _offered(row: SignUp, shift: Shift, actor_id: int | None, reason: str | None) -> None:
    row.offer_until = rules.offer_until(clock.now(), shift.starts_at, clock.zone())
    until = row.offer_until
    stepped(row, Verb.OFFER, actor_id, reason)
    row.offer_until = until
    letters.tell("place_offered", row, hurry=shift.starts_at - clock.now() < rules.NEAR, occasion=f"{until:%m%d%H%M}")


def answer(actor: Actor, sign_up_id: int, *, accepts: bool) -> SignUp:
    """Say yes or no to an offered place. Answered twice alike, it is answered once."""
    found = db.session.get(SignUp, sign_up_id)
    if found is None:
        raise out_of_reach()
    person_held(found.person_id)
    row, shift = mine_held(actor, sign_up_id)
    if row.status is (SignUpStatus.CONFIRMED if accepts else SignUpStatus.WITHDRAWN):
        return row
    if row.status is not SignUpStatus.OFFERED or row.offer_until is None:
        raise NotNow("offer_over", _l("这个空位的时间过了，已经问下一位了。还想来，可以再候补。"))
    if clock.now() >= row.offer_until:
        raise NotNow("offer_over", _l("这个空位的时间过了，已经问下一位了。还想来，可以再候补。"))
    if accepts:
        clash = next(
            (
                other
                for other in places_near(row.person_id, shift)
                if other.shift_id != shift.id
                and other.status in HOLDING
                and other.starts_at < shift.ends_at
                and shift.starts_at < other.ends_at
            ),
            None,
        )
        if clash is not None and clash.status is SignUpStatus.CONFIRMED:
            raise NotNow("clash", _l("您这个时间已经报了“%(name)s”。要换的话，先退那一班。", name=_named(clash.shift_id)))
        stepped(row, Verb.ACCEPT, actor.user_id, None)
        letters.tell("signed_up", row)
        letters.tell("shift_reminder", row, due_at=letters.evening_before(shift.starts_at))
    else:
        stepped(row, Verb.DECLINE, actor.user_id, None)
        fall_free(shift)
    audit.record(
        actor.user_id, "offer.accept" if accepts else "offer.decline", ("sign_up", row.id), region_path=shift.event.region_path,
        shift=shift.id,
    )  # fmt: skip
    db.session.flush()
    return row


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
    _noted(row, Verb.WAIT, actor.user_id, reason.strip()[:300])
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
        raise NotNow("full", _l("刚好满了。可以候补，有人退出就问您。"))
    known = db.session.scalars(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.person_id == person.id)).first()
    if known is not None:
        raise NotNow("known_here", _l("他（她）已经在这一班的名单里，或者说过不来了。"))
    now = clock.now()
    row = SignUp(
        shift_id=shift.id, person_id=person.id, status=SignUpStatus.OFFERED, basis=Basis.UNIT, is_working_time=is_working_time,
        by_user_id=actor.user_id, starts_at=shift.starts_at, ends_at=shift.ends_at, at=now, offer_until=shift.starts_at,
    )  # fmt: skip
    db.session.add(row)
    shift.taken += 1
    db.session.flush()
    _noted(row, Verb.OFFER, actor.user_id, None)
    letters.tell("arranged", row)
    audit.record(actor.user_id, "sign_up.arrange", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id)
    return row


