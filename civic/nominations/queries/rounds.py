"""Questions about rounds, their cases, their council and what stands against a notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from civic.core import clock, listing
from civic.core.db import db, locked
from civic.honours.models import Visibility
from civic.honours.rules import CHILD, Face, face
from civic.identity import queries as identity
from civic.identity.models import Consent, Person, PersonKind, Purpose
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.nominations.models.cases import Nomination, Photo
from civic.nominations.models.councils import Attendance, Meeting, MeetingStatus, Member, Recusal, RecusalGround, Verdict, Vote
from civic.nominations.models.juries import Juror
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.notices import Notice, NoticeItem
from civic.nominations.models.rounds import Round, RoundQuota, RoundStatus
from civic.nominations.queries import cases, guardians
from civic.nominations.states import IN_ROUND, Status
from civic.regions.queries import within

MANY = 200
RUNNING = (RoundStatus.OPEN, RoundStatus.NOTICED)


def held(round_id: int) -> Round:
    """The round, locked until the transaction ends: the first lock of every deed in it."""
    found = db.session.scalars(locked(select(Round).where(Round.id == round_id))).first()
    if found is None:
        raise out_of_reach()
    return found


def in_reach_of(actor: Actor, round_id: int) -> Round:
    """The round, where it lies in the actor's regions."""
    paths = actor.paths_for(Permission.NOMINATION_READ)
    found = db.session.scalars(
        select(Round)
        .where(Round.id == round_id, or_(*(within(Round.region_path, p) for p in paths)) if paths else false())
        .options(joinedload(Round.region), joinedload(Round.rule), joinedload(Round.opened_by), selectinload(Round.quotas).joinedload(RoundQuota.category))
    ).first()
    if found is None:
        raise out_of_reach()
    return found


def rounds_of(actor: Actor, limit: int | None = None) -> listing.Some[Round]:
    """The rounds of the actor's own regions and below, running ones first."""
    paths = actor.paths_for(Permission.NOMINATION_READ)
    return listing.some(
        select(Round)
        .where(or_(*(within(Round.region_path, p) for p in paths)) if paths else false())
        .options(joinedload(Round.region))
        .order_by(Round.status.in_(RUNNING).desc(), Round.level.desc(), Round.opens_on.desc(), Round.id.desc()),
        limit or MANY,
    )


def running_at(region_id: int, *, is_urgent: bool = False) -> Round | None:
    """The round that a region holds now."""
    return db.session.scalars(
        select(Round).where(Round.region_id == region_id, Round.is_urgent.is_(is_urgent), Round.status.in_(RUNNING))
    ).first()


def cases_of(round_: Round) -> dict[Status, list[Nomination]]:
    """The cases of a round by status: what is ready at its region, and what it has proposed."""
    rows = db.session.scalars(
        select(Nomination)
        .where(
            or_(
                (Nomination.region_id == round_.region_id) & (Nomination.status == Status.READY),
                Nomination.round_id == round_.id,
            )
        )
        .options(joinedload(Nomination.category), joinedload(Nomination.nominee), joinedload(Nomination.home_region), joinedload(Nomination.rule))
        .order_by(Nomination.arrived_at, Nomination.id)
    ).all()
    found: dict[Status, list[Nomination]] = {status: [] for status in IN_ROUND}
    for case in rows:
        found[case.status].append(case)
    return found


def count_in(round_id: int) -> int:
    """The cases that a notice or a closing of this round would touch."""
    region = select(Round.region_id).where(Round.id == round_id).scalar_subquery()
    waits = (Nomination.region_id == region) & (Nomination.status == Status.READY)
    return db.session.scalar(select(func.count()).select_from(Nomination).where(or_(Nomination.round_id == round_id, waits))) or 0


def count_waiting(region_id: int) -> int:
    """Cases whose material the desk still reads."""
    return db.session.scalar(select(func.count()).where(Nomination.region_id == region_id, Nomination.due_at.is_not(None))) or 0


def sitting(region_id: int, on: date) -> Sequence[Member]:
    """The members of a region's council on a day."""
    return db.session.scalars(
        select(Member)
        .where(Member.region_id == region_id, Member.since <= on, Member.until >= on, Member.ended_at.is_(None))
        .options(joinedload(Member.person))
        .order_by(Member.id)
    ).all()


def meetings_of(round_id: int) -> Sequence[Meeting]:
    return db.session.scalars(select(Meeting).where(Meeting.round_id == round_id).options(selectinload(Meeting.attendances).joinedload(Attendance.member)).order_by(Meeting.id)).all()


def open_meeting(round_id: int) -> Meeting | None:
    return db.session.scalars(select(Meeting).where(Meeting.round_id == round_id, Meeting.status == MeetingStatus.OPEN)).first()


def meeting_by_id(meeting_id: int) -> Meeting | None:
    return db.session.scalars(
        select(Meeting).where(Meeting.id == meeting_id).options(joinedload(Meeting.round).joinedload(Round.region), selectinload(Meeting.attendances))
    ).first()


def verdicts_of(meeting_id: int) -> Sequence[Verdict]:
    return db.session.scalars(
        select(Verdict)
        .where(Verdict.meeting_id == meeting_id)
        .options(joinedload(Verdict.nomination).options(joinedload(Nomination.category), joinedload(Nomination.home_region), selectinload(Nomination.photos)))
        .order_by(Verdict.id)
    ).all()


def latest_verdicts(nomination_ids: Iterable[int], level: int) -> dict[int, Verdict]:
    """The newest settled verdict on each case at a level."""
    ids = list(nomination_ids)
    rows = db.session.scalars(
        select(Verdict)
        .join(Meeting)
        .join(Round)
        .where(Verdict.nomination_id.in_(ids), Verdict.passed.is_not(None), Round.level == level)
        .options(joinedload(Verdict.meeting))
        .order_by(Verdict.id)
    )
    return {v.nomination_id: v for v in rows}


def recusals_of(meeting_id: int) -> dict[tuple[int, int], Recusal]:
    """Who stays out of which case: by (case, member)."""
    rows = db.session.scalars(select(Recusal).where(Recusal.meeting_id == meeting_id).options(joinedload(Recusal.member)))
    return {(r.nomination_id, r.member_id): r for r in rows}


def votes_of(meeting_id: int) -> Sequence[Vote]:
    return db.session.scalars(select(Vote).where(Vote.meeting_id == meeting_id).options(joinedload(Vote.member)).order_by(Vote.id)).all()


def my_seats(person_id: int) -> Sequence[tuple[Meeting, Member]]:
    """The open meetings at which a person has a seat."""
    today = clock.today()
    return db.session.execute(
        select(Meeting, Member)
        .join(Round, Round.id == Meeting.round_id)
        .join(Member, Member.region_id == Round.region_id)
        .where(
            Member.person_id == person_id,
            Member.ended_at.is_(None),
            Member.since <= today,
            Member.until >= today,
            Meeting.status == MeetingStatus.OPEN,
            Meeting.is_on_paper.is_(False),
        )
        .options(joinedload(Meeting.round).joinedload(Round.region))
        .order_by(Meeting.id)
    ).all()


def grounds(members: Sequence[Member | Juror], nomination: Nomination) -> dict[int, RecusalGround]:
    """Which members must stay out of a case, and why: themselves, kin or household, who nominated, the same unit."""
    parties = set(cases.parties_of(nomination))
    nominators = parties - {nomination.nominee_id}
    ids = [m.person_id for m in members]
    kin = identity.kin_of(ids)
    homes = set(db.session.scalars(select(Person.household_id).where(Person.id.in_(parties), Person.household_id.is_not(None))))
    unit = (nomination.nominee.work_unit or "").strip()
    found: dict[int, RecusalGround] = {}
    for member in members:
        if member.person_id == nomination.nominee_id:
            found[member.id] = RecusalGround.SELF
        elif member.person_id in nominators:
            found[member.id] = RecusalGround.NOMINATOR
        elif kin.get(member.person_id, set()) & parties or (member.person.household_id in homes):
            found[member.id] = RecusalGround.KIN
        elif unit and (member.person.work_unit or "").strip() == unit:
            found[member.id] = RecusalGround.UNIT
    return found


@dataclass(frozen=True)
class Row:
    """One line of the list to be put up: the case, its public face, and what still stands in the way."""

    case: Nomination
    face: Face
    problem: str | None  # consent, text, guardian, quota

    @property
    def direction(self) -> str:
        return "up" if self.case.proposed_upward else "here"


def list_of(round_: Round) -> list[Row]:
    """The provisional list as the public would read it, with every obstacle named. Five statements, however long."""
    proposed = db.session.scalars(
        select(Nomination)
        .where(Nomination.round_id == round_.id, Nomination.status == Status.PROPOSED, Nomination.protected_at.is_(None))
        .options(joinedload(Nomination.category), joinedload(Nomination.nominee), joinedload(Nomination.home_region))
        .order_by(Nomination.category_id, Nomination.arrived_at, Nomination.id)
    ).all()
    given: dict[int, set[str]] = {}
    taken_back: set[int] = set()
    people = [case.nominee_id for case in proposed]
    for person_id, purpose, withdrawn_at in db.session.execute(
        select(Consent.person_id, Consent.purpose, Consent.withdrawn_at).where(Consent.person_id.in_(people))
    ):
        if withdrawn_at is None:
            given.setdefault(person_id, set()).add(purpose.value)
        elif purpose is Purpose.STORY:
            taken_back.add(person_id)
    taken_back = {person_id for person_id in taken_back if "story" not in given.get(person_id, ())}
    over = over_quota(round_)
    guarded = guardians.agreed(case.id for case in proposed)
    return [
        _row(case, frozenset(given.get(case.nominee_id, ())), over, round_.rule, case.id in guarded, case.nominee_id in taken_back)
        for case in proposed
    ]


def _row(case: Nomination, given: frozenset[str], over: set[int | None], rule: LevelRule, guarded: bool, taken_back: bool) -> Row:
    person = case.nominee
    approved = None
    if case.public_approved_at is not None and case.public_story:
        approved = (case.public_headline or case.headline, case.public_story)
    # What is put up names the deed, or the street has nothing to object to: so text and name are needed both.
    shown = face(
        name=person.name, sex=person.sex, is_minor=person.is_minor, consents=given | {"story"} if "name" in given else given,
        approved=approved, photo_key=None, surname_allowed=rule.surname_without_consent,
        is_group=person.kind is PersonKind.GROUP,
    )  # fmt: skip
    problem = None
    if case.is_of_a_child:
        # Told without a name: what the guardian agreed to is the deed.
        shown = Face(Visibility.SURNAME, CHILD, *(approved or (None, None)))
        problem = None if guarded else "guardian"
    elif "name" not in given:
        problem = "consent"
    elif taken_back:
        problem = "story"
    if problem is None and approved is None:
        problem = "text"
    elif problem is None and (case.category_id in over or None in over):
        problem = "quota"
    return Row(case, shown, problem)


def over_quota(round_: Round) -> set[int | None]:
    """The classes (None: all together) of which more are proposed or elected than the round may take."""
    counts = dict(
        db.session.execute(
            select(Nomination.category_id, func.count()).where(Nomination.round_id == round_.id).group_by(Nomination.category_id)
        ).all()
    )
    found: set[int | None] = set()
    for quota in round_.quotas:
        count = sum(counts.values()) if quota.category_id is None else counts.get(quota.category_id, 0)
        if count > quota.most:
            found.add(quota.category_id)
    return found


def items_of(round_id: int) -> Sequence[NoticeItem]:
    """What a round put up, with its objections."""
    return db.session.scalars(
        select(NoticeItem)
        .join(Notice)
        .where(Notice.round_id == round_id)
        .options(joinedload(NoticeItem.nomination), selectinload(NoticeItem.objections))
        .order_by(NoticeItem.id)
    ).all()


def photos_of(nomination_ids: Iterable[int]) -> dict[int, list[Photo]]:
    found: dict[int, list[Photo]] = {}
    for photo in db.session.scalars(select(Photo).where(Photo.nomination_id.in_(list(nomination_ids))).order_by(Photo.position, Photo.id)):
        found.setdefault(photo.nomination_id or 0, []).append(photo)
    return found
