"""Questions about a council's seats, who held them at a meeting, whose votes are in and what was found before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from civic.core.db import db
from civic.identity.models import User
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.nominations.models.councils import Attendance, Meeting, MeetingStatus, Member, Recusal, Verdict, Vote
from civic.nominations.models.rounds import Round
from civic.nominations.queries import rounds
from civic.nominations.states import Status


def open_meeting_in(region_id: int) -> Meeting | None:
    """The council of this region while it sits, in whichever of its rounds."""
    return db.session.scalars(select(Meeting).join(Round).where(Round.region_id == region_id, Meeting.status == MeetingStatus.OPEN)).first()


def member_in_reach_of(actor: Actor, member_id: int) -> Member:
    """A running seat of a council that the actor runs."""
    found = db.session.get(Member, member_id)
    if found is None or found.ended_at is not None or not may(actor, Permission.ROUND_RUN, found.region_path):
        raise out_of_reach()
    return found


def seats_of(meeting: Meeting) -> Sequence[Member]:
    """Who held a seat at this meeting, also where it ended since."""
    return db.session.scalars(
        select(Member)
        .where(
            Member.region_id == meeting.round.region_id, Member.since <= meeting.held_on, Member.until >= meeting.held_on,
            or_(Member.ended_at.is_(None), Member.ended_at >= meeting.opened_at),
        )
        .options(joinedload(Member.person))
        .order_by(Member.id)
    ).all()  # fmt: skip


def with_account(members: Iterable[Member]) -> set[int]:
    """Which of these members can vote on their phone: the others have paper."""
    by_person = {m.person_id: m.id for m in members}
    people = db.session.scalars(select(User.person_id).where(User.person_id.in_(by_person), User.closed_at.is_(None)))
    return {by_person[person_id] for person_id in people}


def on_phones(meeting_id: int) -> set[int]:
    """The members who voted on a phone."""
    return set(db.session.scalars(select(Vote.member_id).where(Vote.meeting_id == meeting_id, Vote.on_paper.is_(False)).distinct()))


@dataclass(frozen=True)
class Sum:
    """How a case's votes add up: everybody present stays out, has voted, or is missing."""

    verdict: Verdict
    present: int
    recused: int
    votes: int
    missing: tuple[Member, ...]
    is_waiting: bool  # still on the round's list; what was withdrawn meanwhile is judged by nobody

    @property
    def is_right(self) -> bool:
        return not self.missing or not self.is_waiting


def sums_of(meeting: Meeting) -> list[Sum]:
    """Present, recused, voted and missing of each case on the agenda."""
    present = {a.member_id: a.member for a in db.session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id).options(joinedload(Attendance.member)))}
    out = rounds.recusals_of(meeting.id)
    voted = {(v.nomination_id, v.member_id) for v in rounds.votes_of(meeting.id)}
    found = []
    for verdict in rounds.verdicts_of(meeting.id):
        case = verdict.nomination_id
        recused = {m for m in present if (case, m) in out}
        missing = tuple(member for m, member in present.items() if m not in recused and (case, m) not in voted)
        votes = len(present) - len(recused) - len(missing)
        found.append(Sum(verdict, len(present), len(recused), votes, missing, verdict.nomination.status is Status.READY))
    return found


def verdicts_before(nomination_ids: Iterable[int], level: int) -> dict[int, list[Verdict]]:
    """Every settled verdict on each case at a level, the oldest first."""
    rows = db.session.scalars(
        select(Verdict)
        .join(Meeting)
        .join(Round)
        .where(Verdict.nomination_id.in_(list(nomination_ids)), Verdict.passed.is_not(None), Round.level == level)
        .options(joinedload(Verdict.meeting))
        .order_by(Verdict.id)
    )
    found: dict[int, list[Verdict]] = {}
    for verdict in rows:
        found.setdefault(verdict.nomination_id, []).append(verdict)
    return found


def recusals_before(nomination_ids: Iterable[int], members: Iterable[Member]) -> Sequence[Recusal]:
    """Who of these members stayed out of these cases at an earlier meeting."""
    return db.session.scalars(
        select(Recusal).where(Recusal.nomination_id.in_(list(nomination_ids)), Recusal.member_id.in_([m.id for m in members])).order_by(Recusal.id)
    ).all()
