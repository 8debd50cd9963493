"""Rules asked anew of who is in already, when something becomes known late: a birthday, a consent, a qualification, a briefing.

Nobody is put out by a machine. What a rule now says against a place is kept as a question; the organiser hears of it, sees it
on the list, and takes somebody off with a word – or it clears by itself, when a guardian agrees or a qualification is given.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Invalid, NotAllowed, NotNow
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import Actor, out_of_reach
from civic.volunteering import letters
from civic.volunteering.actions import attendance, offers, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.models.rechecks import Recheck, RecheckEnd
from civic.volunteering.queries import rechecks as questions
from civic.volunteering.rules import doors
from civic.volunteering.rules.doors import Door
from civic.volunteering.rules.signing import Refusal
from civic.volunteering.states import OPEN, ShiftStatus

UNREAD = "briefing_unread"


def ask_again(person_id: int) -> list[Recheck]:
    """Ask the rules anew of every place that this person, and each they bring, still has to come to. Raises a question where
    a rule stands against it now, closes those where none does any more; the questions that are open afterwards."""
    for ward_id in (person_id, *questions.wards_of(person_id)):
        _asked_of(signing.person_held(ward_id))
    db.session.flush()
    return questions.open_of_person(person_id)


def _asked_of(person: Person) -> None:
    rows = db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .where(SignUp.person_id == person.id, SignUp.status.in_(OPEN), SignUp.ends_at > clock.now(), Shift.status == ShiftStatus.OPEN)
        .options(contains_eager(SignUp.shift))
        .order_by(SignUp.starts_at)
    ).all()
    known = questions.open_among([row.id for row in questions.places_of(person.id)])
    volunteer = db.session.get(Volunteer, person.id)
    against = {row.id: _against(person, volunteer, row) for row in rows}
    for recheck in known:
        no = against.get(recheck.sign_up_id)
        if recheck.sign_up_id not in against or (recheck.code != UNREAD and (no is None or no.code != recheck.code)):
            _end(recheck, RecheckEnd.CLEARED, None)
    open_ = {(recheck.sign_up_id, recheck.code) for recheck in known if recheck.ended is None}
    _raise([(row, no.code) for row in rows if (no := against[row.id]) is not None and (row.id, no.code) not in open_])


def _against(person: Person, volunteer: Volunteer | None, row: SignUp) -> Refusal | None:
    asked = signing.judged(person, volunteer, row.shift, [], has_read_briefing=False, wants_to_wait=False)
    return doors.refusal(Door.AGAIN, asked)


def _raise(found: list[tuple[SignUp, str]]) -> None:
    """Questions about places; the organiser of each event hears once."""
    for row, code in found:
        _question(row, code)
    for row in {row.shift.event_id: row for row, _code in reversed(found)}.values():
        letters.tell_recheck(row)


def _question(row: SignUp, code: str) -> None:
    recheck = Recheck(sign_up_id=row.id, code=code, raised_at=clock.now())
    db.session.add(recheck)
    db.session.flush()
    audit.record(None, "recheck.raise", ("sign_up", row.id), region_path=row.shift.event.region_path, code=code)


def _end(recheck: Recheck, how: RecheckEnd, actor: Actor | None) -> None:
    recheck.ended, recheck.ended_at, recheck.ended_by_id = how, clock.now(), actor.user_id if actor is not None else None


def ask_holders(*, post_id: int) -> None:
    """The same of everybody who has a place at a post, when the post asks for more than it did."""
    people = db.session.scalars(
        select(SignUp.person_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.post_id == post_id, Shift.status == ShiftStatus.OPEN, SignUp.status.in_(OPEN), SignUp.ends_at > clock.now())
        .distinct()
        .order_by(SignUp.person_id)
    ).all()
    for person_id in people:
        _asked_of(signing.person_held(person_id))


def brief_again(event: Event) -> int:
    """The briefing is another one: whoever is in reads it anew. They are told, one letter each; how many."""
    rows = questions.coming_to(event.id)
    known = {recheck.sign_up_id for recheck in questions.open_among([row.id for row in rows]) if recheck.code == UNREAD}
    told: set[int] = set()
    for row in rows:
        if row.id in known:
            continue
        _question(row, UNREAD)
        if row.person_id not in told:
            told.add(row.person_id)
            letters.tell("briefing_changed", row, occasion=f"{clock.now():%y%m%d%H%M%S}")
    return len(told)


def read_briefing(actor: Actor, sign_up_id: int, *, has_read: bool) -> SignUp:
    """Say that one read the new briefing, for all one's places at the event; said twice it is said once."""
    row = db.session.get(SignUp, sign_up_id)
    if row is None or not identity.speaks_for(actor.person_id, row.person_id):
        raise out_of_reach()
    if not has_read:
        raise Invalid(UNREAD, _l("请先看安全须知，勾上“我看过了”。"), field="has_read_briefing")
    signing.person_held(row.person_id)
    for recheck in questions.open_among([place.id for place in questions.places_of(row.person_id, event_id=row.shift.event_id)]):
        if recheck.code == UNREAD:
            _end(recheck, RecheckEnd.READ, actor)
    audit.record(actor.user_id, "briefing.read", ("sign_up", row.id), region_path=row.shift.event.region_path)
    return row


def take_off(actor: Actor, recheck_id: int, *, reason: str) -> SignUp:
    """A rule stands against the place: the organiser takes them off, and they hear why. Who waits is asked."""
    found = db.session.get(Recheck, recheck_id)
    if found is None or not attendance.may_lead(actor, found.sign_up.shift):
        raise out_of_reach()
    person = signing.person_held(found.sign_up.person_id)
    if identity.speaks_for(actor.person_id, person.id):
        raise NotAllowed("recused", _l("自己和家里人的，要请别的队长定。"))
    if found.ended is not None:
        raise NotNow("settled_already", _l("这一条已经核对过了。"))
    if attendance.live(found.sign_up_id, Direction.IN) is not None:
        raise NotNow("came_already", _l("他（她）已经签到了。请当面说清楚，先在名单上撤掉“到了”。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么，本人看得到。"), field="reason")
    row = offers.take_off(actor, found.sign_up_id, reason=reason)
    for open_ in questions.open_among([row.id]):
        _end(open_, RecheckEnd.TAKEN_OFF, actor)
    audit.record(actor.user_id, "recheck.take_off", ("sign_up", row.id), region_path=row.shift.event.region_path, code=found.code)
    # A child whose grown-up is off the shift is in question now.
    for ward_id in questions.wards_of(person.id):
        _asked_of(signing.person_held(ward_id))
    return row
