"""The council's deeds: naming members, opening a meeting, voting, staying out, counting paper, closing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.core.text import normalised_name
from civic.identity.actions import accounts
from civic.identity.models import Person
from civic.identity.permissions import Actor, Permission, demand
from civic.identity.rules import Contact
from civic.nominations.actions.rounds import held_for
from civic.nominations.models.councils import (
    Attendance,
    Choice,
    Meeting,
    MeetingStatus,
    Member,
    Recusal,
    RecusalGround,
    Verdict,
    Vote,
)
from civic.nominations.models.levels import Council
from civic.nominations.models.rounds import RoundStatus
from civic.nominations.queries import councils as seats
from civic.nominations.queries import papers
from civic.nominations.queries import rounds as queries
from civic.nominations.rules import panels
from civic.nominations.states import Status
from civic.regions.models import Region


def name_member(
    actor: Actor, region: Region, *, name: str, contact: Contact | None, standing: str, since: date, until: date
) -> Member:
    """Give somebody a seat for a term. With a contact that has an account they can vote here; without, on paper."""
    demand(actor, Permission.ROUND_RUN, region.path)
    if until < since:
        raise Invalid("term_backwards", _l("任期的最后一天不能早于第一天。"), field="until")
    user = accounts.user_of(contact) if contact is not None else None
    if contact is not None and user is None:
        raise Invalid("no_such_account", _l("这个手机号或邮箱还没有注册。不用网上投票的话，这里空着就行。"), field="contact")
    if user is not None:
        person = user.person
    else:
        person = Person(name=name.strip(), normal_name=normalised_name(name), region_id=region.id, created_at=clock.now())
        db.session.add(person)
        db.session.flush()
    if any(m.person_id == person.id for m in queries.sitting(region.id, since)):
        raise Conflict("already_member", _l("%(name)s 已经在评议会里了。", name=person.name))
    member = Member(
        region_id=region.id, region_path=region.path, person_id=person.id, name=name.strip() or person.name,
        standing=standing.strip()[:40], since=since, until=until, named_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()
    audit.record(actor.user_id, "council.name", ("council_member", member.id), region_path=region.path)
    return member


def end_member(actor: Actor, member_id: int, *, reason: str) -> None:
    """Take back a seat. Not under a meeting that sits: what it counts were those of its opening."""
    member = db.session.scalars(locked(select(Member).where(Member.id == member_id))).first()
    demand(actor, Permission.ROUND_RUN, member.region_path if member else "")
    if member is None or member.ended_at is not None:
        return
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    if seats.open_meeting_in(member.region_id) is not None:
        raise NotNow("meeting_sitting", _l("评议会正在开，席位不能动。会开完了再办。"))
    member.ended_at, member.end_reason = clock.now(), reason.strip()[:1000]
    audit.record(actor.user_id, "council.end", ("council_member", member.id), region_path=member.region_path)


def open_meeting(actor: Actor, round_id: int, *, held_on: date, is_secret: bool, is_on_paper: bool) -> Meeting:
    """Call the council together on the cases that are ready now; who must stay out is written down at once."""
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    if round_.rule.council is Council.NONE:
        raise NotNow("no_council_here", _l("这一级不用评议，直接拟定就行。"))
    if queries.open_meeting(round_id) is not None:
        raise Conflict("meeting_open", _l("上一次评议会还没有结束。"))
    members = queries.sitting(round_.region_id, held_on)
    if len(members) < 3:
        raise NotNow("too_few_members", _l("评议会至少要有 3 名成员，请先添上。"))
    ready = queries.cases_of(round_)[Status.READY]
    if not ready:
        raise NotNow("nothing_ready", _l("还没有初审通过的推荐，没有可以评议的。"))
    meeting = Meeting(
        round_id=round_.id, region_path=round_.region_path, held_on=held_on, is_secret=is_secret, is_on_paper=is_on_paper,
        by_score=round_.rule.council is Council.PANEL, seats=len(members), opened_by_id=actor.user_id, opened_at=clock.now(),
        status=MeetingStatus.OPEN,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    for case in ready:
        db.session.add(Verdict(meeting_id=meeting.id, nomination_id=case.id, yes=0, no=0, abstain=0))
        for member_id, ground in queries.grounds(members, case).items():
            db.session.add(
                Recusal(meeting_id=meeting.id, nomination_id=case.id, member_id=member_id, ground=ground, at=clock.now())
            )
    db.session.flush()
    audit.record(
        actor.user_id, "council.open", ("council_meeting", meeting.id), region_path=round_.region_path, cases=len(ready),
        seats=len(members),
    )  # fmt: skip
    return meeting


def open_held(meeting_id: int) -> Meeting:
    """The meeting, locked, while it sits."""
    meeting = db.session.scalars(locked(select(Meeting).where(Meeting.id == meeting_id))).first()
    if meeting is None or meeting.status is MeetingStatus.CLOSED:
        raise NotNow("meeting_closed", _l("这次评议会已经结束，不能再投了。"))
    return meeting


def _seat(actor: Actor, meeting: Meeting) -> Member:
    seats = {m.person_id: m for m in queries.sitting(meeting.round.region_id, meeting.held_on)}
    member = seats.get(actor.person_id) if actor.person_id is not None else None
    if member is None:
        raise NotAllowed("not_a_member", _l("您不是这次评议会的成员，不能投票。"))
    return member


def _listed(meeting: Meeting, nomination_id: int) -> Verdict:
    verdict = db.session.scalars(
        locked(select(Verdict).where(Verdict.meeting_id == meeting.id, Verdict.nomination_id == nomination_id))
    ).first()
    if verdict is None:
        raise NotNow("not_on_agenda", _l("这件不在这次评议的名单里。"))
    return verdict


def _recused(meeting: Meeting, nomination_id: int, member: Member) -> bool:
    return (
        db.session.scalars(
            select(Recusal.id).where(
                Recusal.meeting_id == meeting.id, Recusal.nomination_id == nomination_id, Recusal.member_id == member.id
            )
        ).first()
        is not None
    )


def _voted(meeting: Meeting, nomination_id: int, member: Member) -> bool:
    return (
        db.session.scalars(
            select(Vote.id).where(Vote.meeting_id == meeting.id, Vote.nomination_id == nomination_id, Vote.member_id == member.id)
        ).first()
        is not None
    )


def vote(
    actor: Actor, meeting_id: int, nomination_id: int, *, choice: Choice | None = None, score: int | None = None, note: str = ""
) -> Vote:
    """One member's word on one case, once. In a secret ballot only the count keeps the choice."""
    meeting = open_held(meeting_id)
    member = _seat(actor, meeting)
    verdict = _listed(meeting, nomination_id)
    if _recused(meeting, nomination_id, member):
        raise NotAllowed("recused", _l("这件要您回避，不能投票。"))
    if _voted(meeting, nomination_id, member):
        raise Conflict("voted_already", _l("您已经投过这件了，一人一票。"))
    if meeting.by_score:
        if score is None or not 0 <= score <= 100:
            raise Invalid("score_missing", _l("请打分，0 到 100。"), field="score")
        choice = None
    elif choice is None:
        raise Invalid("choice_missing", _l("请选同意、不同意或弃权。"), field="choice")
    else:
        score = None
        count = getattr(Verdict, choice.value)
        db.session.execute(
            update(Verdict).where(Verdict.id == verdict.id).values({count: count + 1}).execution_options(synchronize_session="fetch")
        )
    found = Vote(
        meeting_id=meeting.id, nomination_id=nomination_id, member_id=member.id, score=score, note=note.strip()[:300] or None,
        choice=None if meeting.is_secret else choice, at=clock.now(),
    )  # fmt: skip
    db.session.add(found)
    _present(meeting, [member.id])
    db.session.flush()
    audit.record(actor.user_id, "council.vote", ("council_meeting", meeting.id), region_path=meeting.region_path, nomination=nomination_id)
    return found


def stay_out(actor: Actor, meeting_id: int, nomination_id: int, *, member_id: int | None = None) -> None:
    """A member declares a reason to stay out; or whoever runs the round writes down that they must."""
    meeting = open_held(meeting_id)
    _listed(meeting, nomination_id)
    if member_id is None:
        member = _seat(actor, meeting)
    else:
        demand(actor, Permission.ROUND_RUN, meeting.region_path)
        member = next((m for m in queries.sitting(meeting.round.region_id, meeting.held_on) if m.id == member_id), None)
        if member is None:
            raise NotAllowed("not_a_member", _l("他（她）不是这次评议会的成员。"))
    if _voted(meeting, nomination_id, member):
        raise NotNow("voted_already", _l("已经投过票的，不能再回避。"))
    if not _recused(meeting, nomination_id, member):
        db.session.add(
            Recusal(
                meeting_id=meeting.id, nomination_id=nomination_id, member_id=member.id, ground=RecusalGround.DECLARED,
                at=clock.now(),
            )
        )  # fmt: skip
        db.session.flush()
        audit.record(
            actor.user_id, "council.recuse", ("council_meeting", meeting.id), region_path=meeting.region_path,
            nomination=nomination_id, member=member.id,
        )  # fmt: skip


def _present(meeting: Meeting, member_ids: Iterable[int]) -> None:
    known = set(db.session.scalars(select(Attendance.member_id).where(Attendance.meeting_id == meeting.id)))
    for member_id in member_ids:
        if member_id not in known:
            db.session.add(Attendance(meeting_id=meeting.id, member_id=member_id))


def mark_present(actor: Actor, meeting_id: int, member_ids: Iterable[int]) -> None:
    """Who sat in the room, where votes are cast here; what is voted on paper says so on its two sheets."""
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    if meeting.is_on_paper:
        raise NotNow("on_paper", _l("纸上开的会，到会的人和票一起录，两个人各录一遍。"))
    seats = {m.id for m in queries.sitting(meeting.round.region_id, meeting.held_on)}
    wanted = set(member_ids)
    if not wanted <= seats:
        raise Invalid("not_a_member", _l("名单里有不是评议会成员的人。"))
    _present(meeting, wanted)
    db.session.flush()


def _eligible(meeting: Meeting) -> dict[int, int]:
    """How many of those present may vote on each case."""
    present = set(db.session.scalars(select(Attendance.member_id).where(Attendance.meeting_id == meeting.id)))
    out: dict[int, set[int]] = {}
    for nomination_id, member_id in queries.recusals_of(meeting.id):
        out.setdefault(nomination_id, set()).add(member_id)
    return {v.nomination_id: len(present - out.get(v.nomination_id, set())) for v in queries.verdicts_of(meeting.id)}


def close_meeting(actor: Actor, meeting_id: int, *, minutes_key: str | None = None) -> list[Verdict]:
    """Settle every case by the rule of the round. Without a quorum nothing is settled, on paper not before two agree."""
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    if meeting.is_on_paper:
        _demand_agreed(meeting)
    rule = meeting.round.rule
    eligible = _eligible(meeting)
    present = len(set(db.session.scalars(select(Attendance.member_id).where(Attendance.meeting_id == meeting.id))))
    if not panels.has_quorum(present, meeting.seats, rule.quorum_numerator, rule.quorum_denominator):
        raise NotNow(
            "no_quorum",
            _l("到会 %(present)s 人，不够 %(needed)s 人，不能结束。可以等人到齐，或者改天再开。",
               present=present, needed=panels.quorum_of(meeting.seats, rule.quorum_numerator, rule.quorum_denominator)),
        )  # fmt: skip
    if meeting.is_on_paper and minutes_key is None:
        raise Invalid("minutes_missing", _l("纸上开的会，请附会议记录的照片。"), field="minutes")
    scores: dict[int, list[int]] = {}
    for ballot in queries.votes_of(meeting.id):
        if ballot.score is not None:
            scores.setdefault(ballot.nomination_id, []).append(ballot.score)
    verdicts = list(queries.verdicts_of(meeting.id))
    for verdict in verdicts:
        verdict.present = eligible[verdict.nomination_id]
        if meeting.by_score:
            given = scores.get(verdict.nomination_id, [])
            verdict.score = panels.trimmed_mean(given)
            verdict.is_conflicting = panels.is_conflicting(given)
            verdict.passed = verdict.score is not None and verdict.score >= rule.pass_score * 100
        else:
            verdict.passed = verdict.yes * 100 > rule.pass_percent * verdict.present
    meeting.status = MeetingStatus.CLOSED
    meeting.closed_at = clock.now()
    meeting.closed_by_id = actor.user_id
    meeting.minutes_key = minutes_key
    db.session.flush()
    audit.record(
        actor.user_id, "council.close", ("council_meeting", meeting.id), region_path=meeting.region_path, present=present,
        passed=sum(bool(v.passed) for v in verdicts),
    )  # fmt: skip
    return verdicts


def _demand_agreed(meeting: Meeting) -> None:
    """Two clerks' entries that say the same, or the reason why not."""
    sheets = [entry.sheet for entry in papers.entries_of(meeting.id)]
    if len(sheets) < 2:
        raise NotNow("paper_entered_once", _l("纸上的票要两个人各录一遍，现在录了 %(count)s 遍。请另一位同志也录一遍。", count=len(sheets)))
    if len(set(sheets)) > 1:
        raise NotNow("paper_differs", _l("两遍录得不一样，下面列出来了。请对着纸看，录错的那位改过来。"))


def record_refusal(actor: Actor, meeting_id: int, code: str) -> None:
    """A vote that was refused leaves a trace: in a transaction of its own, for the vote's was undone."""
    audit.record(actor.user_id, "council.refused", ("council_meeting", meeting_id), code=code)
