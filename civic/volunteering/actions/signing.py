"""Signing up: correct under any load.

Every deed locks the person, then the shift, and asks all rules again inside; then the CHECK on `shift.taken` and the
unique pair of shift and person hold whatever the code may do.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import NotAllowed, NotFound, NotNow
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.volunteering import letters
from civic.volunteering.models.events import Basis, Risk, Shift, SignUp, SignUpStep
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import people, qualifications
from civic.volunteering.rules import doors
from civic.volunteering.rules import signing as rules
from civic.volunteering.rules.doors import Door
from civic.volunteering.states import (
    HOLDING,
    EventStatus,
    NotLawful,
    ShiftStatus,
    SignUpStatus,
    Verb,
    after,
)


def sign_up(
    actor: Actor,
    shift_id: int,
    *,
    person_id: int | None = None,
    has_read_briefing: bool = False,
    wants_to_wait: bool = False,
    basis: Basis = Basis.SELF,
    is_one_of_many: bool = False,
) -> SignUp:
    """Take a place for oneself, or for somebody one may sign up; or stand in line where `wants_to_wait`. `is_one_of_many`: of
    several taken on one page, told in one letter.

    Who is in already gets the same place again: a double click is one sign-up.
    """
    whom = actor.person_id if person_id is None else person_id
    person = person_held(whom)
    volunteer = db.session.get(Volunteer, person.id)
    # Everybody waits for the shift: what can be read before is.
    shift = shift_held(shift_id)
    may_run = may(actor, Permission.EVENT_RUN, shift.event.region_path)
    if not may_run and not identity.speaks_for(actor.person_id, person.id):
        raise NotAllowed("not_yours", _l("只能替自己和登记过的家里人报名。"))
    mine = places_near(person.id, shift)
    known = next((row for row in mine if row.shift_id == shift.id), None)
    if known is not None and known.status in HOLDING | {SignUpStatus.CAME}:
        return known
    is_waiting = known is not None and known.status is SignUpStatus.WAITING
    asked = judged(person, volunteer, shift, mine, has_read_briefing=has_read_briefing, wants_to_wait=wants_to_wait)
    no = doors.refusal(_door_of(actor, person.id), asked)
    if known is not None and is_waiting:
        # Who was passed over when a place fell free takes it as soon as they can.
        if no is not None or asked.places_left < 1:
            return known
        shift.waiting -= 1
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    verb = Verb.WAIT if asked.places_left < 1 else Verb.SIGN
    return placed(actor, person, shift, known, verb, basis, is_one_of_many=is_one_of_many)


def _door_of(actor: Actor, person_id: int) -> Door:
    if actor.person_id == person_id:
        return Door.PAGE
    return Door.FAMILY if identity.speaks_for(actor.person_id, person_id) else Door.CALL


def sign_up_at_table(actor: Actor, shift_id: int, person_id: int, *, door: Door = Door.TABLE, has_read_briefing: bool = False) -> SignUp:
    """A leader signs up somebody who stands before them, without an account, or a kiosk does at the door.

    Possible until the shift ends, and only while there is a place; all other rules hold as the door asks them.
    """
    person = person_held(person_id)
    shift = shift_held(shift_id)
    if not may(actor, Permission.EVENT_RUN, shift.event.region_path) and not people.leads(actor.person_id, shift.event.team_id):
        raise out_of_reach()
    mine = places_near(person.id, shift)
    known = next((row for row in mine if row.shift_id == shift.id), None)
    if known is not None and known.status in HOLDING:
        return known
    no = doors.refusal(door, judged(person, db.session.get(Volunteer, person.id), shift, mine, has_read_briefing=has_read_briefing, wants_to_wait=False))
    if no is rules.FULL:
        # Nobody stands in line at a table: who has no account could not be asked later.
        raise NotNow(no.code, _l("这一班刚好满了。看看旁边的岗位还有没有空位。"), shift=shift.id)
    if no is not None:
        raise NotNow(no.code, no.words, shift=shift.id)
    return placed(actor, person, shift, known, Verb.SIGN, Basis.TEAM)


def person_held(person_id: int | None) -> Person:
    """The person, locked first of all."""
    if person_id is None:
        raise NotAllowed("sign_in_first", _l("请先登录。"))
    person = db.session.scalars(locked(select(Person).where(Person.id == person_id), may_be_named=True)).first()
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
    person: Person, volunteer: Volunteer | None, shift: Shift, mine: Collection[SignUp], *, has_read_briefing: bool, wants_to_wait: bool
) -> rules.Asked:
    """What the rules know of a person and a shift."""
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
        is_open=shift.status is ShiftStatus.OPEN and event.status is not EventStatus.CANCELLED,
        takes_sign_ups=event.status is EventStatus.PUBLISHED,
        opens_at=shift.starts_at - timedelta(days=_opens_days(person.id, shift, now)),
        closes_at=shift.starts_at - timedelta(hours=event.closes_hours),
        is_registered=volunteer is not None,
        has_birthday=person.birth_date is not None,
        age=_age(person, shift),
        has_guardian_consent=volunteer is not None and volunteer.guardian_consented_at is not None,
        guardian_is_on_shift=volunteer is not None and volunteer.guardian_id is not None and _is_on(volunteer.guardian_id, shift.id),
        is_roadside=event.risk in (Risk.ROAD, Risk.HIGH),
        is_on_carriageway=shift.post.is_on_carriageway or event.risk is Risk.HIGH,
        is_alone=shift.most < 2,
        ends_locally=shift.ends_locally,
        lacks=qualifications.lacking(person.id, shift.post, shift.day),
        needs_briefing=event.risk in (Risk.ROAD, Risk.HIGH),
        has_read_briefing=has_read_briefing,
        clash=named(clash.shift_id) if clash is not None else None,
        in_month=sum(1 for row in in_month if row.shift.event_id == event.id) if event.most_a_month else 0,
        most_a_month=event.most_a_month,
        # Where places are free and somebody waits, none who waits can take them: they were all asked.
        places_left=shift.most - shift.taken,
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


def named(shift_id: int) -> str:
    """A shift as a refusal names it."""
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


def placed(actor: Actor, person: Person, shift: Shift, known: SignUp | None, verb: Verb, basis: Basis, *, is_one_of_many: bool = False) -> SignUp:
    """The place, taken or waited for, and its letters. The caller holds the person and the shift."""
    now = clock.now()
    row = known
    if row is None:
        row = SignUp(
            shift_id=shift.id, person_id=person.id, status=after(None, verb), starts_at=shift.starts_at, ends_at=shift.ends_at, at=now,
            basis=basis, by_user_id=actor.user_id, queued_at=now if verb is Verb.WAIT else None,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        noted(row, verb, actor.user_id, None)
    else:
        row.at, row.times, row.basis, row.by_user_id = now, row.times + 1, basis, actor.user_id
        row.queued_at = now if verb is Verb.WAIT else None
        stepped(row, verb, actor.user_id, None)
    if verb is Verb.WAIT:
        shift.waiting += 1
    else:
        shift.taken += 1
    letters.tell_placed(row, shift.event_id, is_one_of_many=is_one_of_many)
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
    noted(row, verb, actor_id, reason)


def noted(row: SignUp, verb: Verb, actor_id: int | None, reason: str | None) -> None:
    """Keep what happened to a place; nothing of this is ever changed."""
    db.session.add(SignUpStep(sign_up_id=row.id, verb=verb, after=row.status, actor_id=actor_id, reason=reason, at=clock.now()))
