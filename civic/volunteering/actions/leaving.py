"""What ends of volunteering with an account: places, turns in line, open questions, teams, the private calendar.

Hours, stars and certificates stay with the person. Family whom nobody can speak for any more gives its places up too.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.identity.permissions import Actor
from civic.volunteering import letters
from civic.volunteering.actions import handing, offers, rechecking
from civic.volunteering.actions.signing import person_held, shift_held, stepped
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.models.people import BoardName, TeamMember, Volunteer
from civic.volunteering.queries import people
from civic.volunteering.states import HOLDING, OPEN, ShiftStatus, SignUpStatus, Verb

WHY = "account_closed"


def leave(actor: Actor, person_id: int) -> int:
    """End everything of somebody whose account closes; how many places were given up. The line of each is asked at once."""
    wards = [ward.person_id for ward in people.wards_of(person_id) if _depends(ward)]
    whose = sorted({person_id, *wards})
    for each in whose:
        person_held(each)
    given_up = sum(_left(actor, shift_id, whose) for shift_id in _shifts_of(whose))
    db.session.execute(
        update(TeamMember).where(TeamMember.person_id == person_id, TeamMember.until.is_(None)).values(until=clock.today(), is_leader=False)
    )
    db.session.execute(delete(BoardName).where(BoardName.person_id == person_id))
    db.session.execute(update(Volunteer).where(Volunteer.person_id == person_id).values(calendar_key=None, free_times=None))
    db.session.execute(update(Volunteer).where(Volunteer.guardian_id == person_id).values(guardian_id=None, guardian_consented_at=None))
    db.session.flush()
    # A question about a place that is no more clears by itself.
    for each in whose:
        rechecking.ask_again(each)
    audit.record(actor.user_id, "volunteer.leave", ("person", person_id), places=given_up, family=len(wards))
    return given_up


def _depends(ward: Volunteer) -> bool:
    """Whether nobody is left to speak for a ward: one without an account of their own, or under age."""
    return people.account_of(ward.person_id) is None or ward.person.is_minor


def _shifts_of(person_ids: list[int]) -> list[int]:
    """The shifts still to begin in which they have a place, a turn, or a question; in the order of the locks."""
    now = clock.now()
    places = select(SignUp.shift_id).where(SignUp.person_id.in_(person_ids), SignUp.status.in_(OPEN), SignUp.starts_at > now)
    asks = select(HandOver.shift_id).where(HandOver.to_person_id.in_(person_ids), HandOver.status == AskStatus.ASKED)
    return sorted({*db.session.scalars(places), *db.session.scalars(asks)})


def _left(actor: Actor, shift_id: int, person_ids: list[int]) -> int:
    shift = shift_held(shift_id)
    rows = db.session.scalars(
        locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.person_id.in_(person_ids), SignUp.status.in_(OPEN)).order_by(SignUp.id))
    ).all()
    if shift.status is not ShiftStatus.OPEN or clock.now() >= shift.starts_at:
        rows = []
    # Out of the line first: else a place of one would be offered to another of the same family.
    for row in (row for row in rows if row.status is SignUpStatus.WAITING):
        shift.waiting -= 1
        _given_up(actor, shift, row, Verb.WITHDRAW)
    handing.end_questions(shift, person_ids, [row.id for row in rows])
    for row in (row for row in rows if row.status in HOLDING):
        _given_up(actor, shift, row, Verb.DECLINE if row.status is SignUpStatus.OFFERED else Verb.WITHDRAW)
        if offers.fall_free(shift) is None:
            letters.tell_place_left(shift, row)
    db.session.flush()
    return len(rows)


def _given_up(actor: Actor, shift: Shift, row: SignUp, verb: Verb) -> None:
    stepped(row, verb, actor.user_id, WHY)
    audit.record(actor.user_id, "sign_up.withdraw", ("sign_up", row.id), region_path=shift.event.region_path, shift=shift.id, why=WHY)
    db.session.flush()
