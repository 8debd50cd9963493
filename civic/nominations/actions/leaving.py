"""What ends of the procedure with an account or a role: work in hand, seats, turns on a jury, drafts, hearts, contacts.

Cases go on as they are: what somebody nominated climbs, what they decided stands, what they held lies on the desk again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, or_, select

from civic.audit import actions as audit
from civic.core import clock, crypto, storage
from civic.core.db import db, locked
from civic.identity.models import User
from civic.identity.permissions import Actor, Permission, may
from civic.nominations.actions import juries as drawing
from civic.nominations.actions import reacting
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Draft, Nomination, Photo
from civic.nominations.models.councils import Member
from civic.nominations.models.juries import Juror, JurorMark, JurorStatus, Jury, JuryStatus
from civic.nominations.models.looks import Look, SavedFilter
from civic.nominations.models.notices import Objection, ObjectionStatus
from civic.nominations.models.voices import Voice
from civic.nominations.states import Status, Verb


def leave(actor: Actor, user: User) -> None:
    """End everything of somebody whose account closes."""
    lay_down(actor, user.id, None)
    for member in db.session.scalars(locked(select(Member).where(Member.person_id == user.person_id, Member.ended_at.is_(None)).order_by(Member.id))):
        _stood_up(actor, member)
    _off_juries(actor, user.id)
    _forget_drafts(user.id)
    reacting.forget(user.id)
    _forget_contacts(actor, user)
    for table in (Look, SavedFilter):
        db.session.execute(delete(table).where(table.user_id == user.id))
    db.session.flush()


def lay_down(actor: Actor, user_id: int, now_may: Actor | None) -> int:
    """Lay back on the desk what somebody has in hand and may not decide any more; `now_may`: as they stand from now on,
    none where nothing is left to them. How many cases and objections."""
    count = 0
    for case in db.session.scalars(
        locked(select(Nomination).where(Nomination.taken_by_id == user_id, Nomination.status == Status.IN_REVIEW).order_by(Nomination.id))
    ):
        if now_may is None or not may(now_may, Permission.NOMINATION_REVIEW, case.desk_path):
            step_taken(case, Verb.RELEASE, actor_id=actor.user_id)
            count += 1
    rows = select(Objection).where(Objection.investigator_id == user_id, Objection.status == ObjectionStatus.INVESTIGATING)
    for objection in db.session.scalars(locked(rows.order_by(Objection.id))):
        if now_may is None or not may(now_may, Permission.OBJECTION_HANDLE, objection.region_path):
            objection.status, objection.investigator_id = ObjectionStatus.RECEIVED, None
            audit.record(actor.user_id, "objection.lay_down", ("objection", objection.id), region_path=objection.region_path)
            count += 1
    db.session.flush()
    return count


def stand_up(actor: Actor, person_id: int, region_path: str) -> None:
    """End a seat on the council of a region where somebody's office ended."""
    here = (Member.region_path == region_path, Member.ended_at.is_(None))
    for member in db.session.scalars(locked(select(Member).where(Member.person_id == person_id, *here))):
        _stood_up(actor, member)


def _stood_up(actor: Actor, member: Member) -> None:
    member.ended_at = clock.now()
    audit.record(actor.user_id, "council.end", ("council_member", member.id), region_path=member.region_path)


def _off_juries(actor: Actor, user_id: int) -> None:
    """A seat on a jury goes to the next in the draw, unless scores were given: those are secret and cannot be taken back."""
    spoken = select(JurorMark.juror_id).where(JurorMark.ground.is_(None))
    rows = db.session.execute(
        select(Juror.jury_id)
        .join(Jury)
        .where(
            Juror.user_id == user_id, Jury.status == JuryStatus.OPEN, Juror.status.in_((JurorStatus.ASKED, JurorStatus.ACCEPTED)), Juror.id.not_in(spoken)
        )
        .order_by(Juror.jury_id)
    ).scalars()  # fmt: skip
    for jury_id in rows.all():
        drawing.decline(actor, jury_id)


def _forget_drafts(user_id: int) -> None:
    drafts: Sequence[int] = db.session.scalars(select(Draft.id).where(Draft.user_id == user_id)).all()
    for photo in db.session.scalars(select(Photo).where(Photo.draft_id.in_(drafts))):
        storage.remove(photo.key)
        storage.remove(photo.thumbnail_key)
    db.session.execute(delete(Photo).where(Photo.draft_id.in_(drafts)))
    db.session.execute(delete(Draft).where(Draft.id.in_(drafts)))


def _forget_contacts(actor: Actor, user: User) -> None:
    """What they nominated goes on without them: no number, no mailbox, no letters, no private link."""
    marks = [mark for mark in (user.phone_digest, user.email_digest) if mark is not None]
    mine = or_(Voice.user_id == user.id, Voice.user_id.is_(None) & Voice.contact_digest.in_(marks))
    for voice in db.session.scalars(locked(select(Voice).where(mine).order_by(Voice.id))):
        voice.phone = voice.email = voice.tail_digest = None
        voice.contact_digest = crypto.digest("voice.forgotten", crypto.token())
        voice.forgotten_at = clock.now()
        audit.record(actor.user_id, "voice.forget", ("nomination", voice.nomination_id))
