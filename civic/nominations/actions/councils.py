"""The council's deeds: naming members, opening a meeting, voting, staying out, counting paper, closing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

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
from civic.nominations.models.cases import Nomination
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
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.queries import councils as seats
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Status
from civic.regions.models import Region


def name_member(
    actor: Actor, region: Region, *, name: str, contact: Contact | None, standing: str, since: date, until: date
) -> Member:
    """Give somebody a seat for a term. With a contact that has an account they can vote here; without, on paper."""
    demand(actor, Permission.ROUND_RUN, region.path)
    if seats.open_meeting_in(region.id) is not None:
        raise NotNow("meeting_sitting", _l("评议会正在开，席位不能动。会开完了再办。"))
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


def open_meeting(
    actor: Actor, round_id: int, *, held_on: date, is_secret: bool, is_on_paper: bool, again: Collection[int] = (), reason: str = ""
) -> Meeting:
    """Call the council together on the cases that are ready and not judged in this round; who must stay out is written down.

    `again`: cases judged in this round already that are to be judged once more, for a `reason`. Whoever stayed out stays out.
    """
    round_ = held_for(actor, round_id, RoundStatus.OPEN)
    if round_.rule.council is Council.NONE:
        raise NotNow("no_council_here", _l("这一级不用评议，直接拟定就行。"))
    if queries.open_meeting(round_id) is not None:
        raise Conflict("meeting_open", _l("上一次评议会还没有结束。"))
    members = queries.sitting(round_.region_id, held_on)
    if len(members) < 3:
        raise NotNow("too_few_members", _l("评议会至少要有 3 名成员，请先添上。"))
    agenda = _agenda(round_, again, reason)
    meeting = Meeting(
        round_id=round_.id, region_path=round_.region_path, held_on=held_on, is_secret=is_secret, is_on_paper=is_on_paper,
        by_score=round_.rule.council is Council.PANEL, seats=len(members), opened_by_id=actor.user_id, opened_at=clock.now(),
        status=MeetingStatus.OPEN, again_reason=reason.strip()[:1000] if again else None,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    for case in agenda:
        db.session.add(Verdict(meeting_id=meeting.id, nomination_id=case.id, yes=0, no=0, abstain=0))
    _stay_out_from_the_start(meeting, members, agenda)
    db.session.flush()
    audit.record(
        actor.user_id, "council.open", ("council_meeting", meeting.id), region_path=round_.region_path, cases=len(agenda),
        seats=len(members), again=sorted(again),
    )  # fmt: skip
    return meeting


def _agenda(round_: Round, again: Collection[int], reason: str) -> list[Nomination]:
    """What the council judges: everything ready that it has not judged in this round, and what it is asked to judge again."""
    ready = queries.cases_of(round_)[Status.READY]
    if not ready:
        raise NotNow("nothing_ready", _l("还没有初审通过的推荐，没有可以评议的。"))
    before = seats.verdicts_before([case.id for case in ready], round_.level)
    judged = {case for case, verdicts in before.items() if any(v.meeting.round_id == round_.id for v in verdicts)}
    if not set(again) <= judged:
        raise Invalid("not_judged_yet", _l("只有评过的才谈得上再评一次。请刷新看看。"), field="again_reason")
    if again and not reason.strip():
        raise Invalid("again_reason_missing", _l("评过的再评一次，请写明原因，会写进会议记录。"), field="again_reason")
    agenda = [case for case in ready if case.id not in judged or case.id in again]
    if not agenda:
        raise NotNow("all_judged", _l("这些都评过了。要再评一次，请勾上是哪几件，写明原因。"))
    return agenda


def _stay_out_from_the_start(meeting: Meeting, members: Sequence[Member], agenda: Sequence[Nomination]) -> None:
    """Write down who must stay out: by what is known of them, and by what they said at an earlier meeting on the case."""
    known: dict[tuple[int, int], Recusal] = {}
    for earlier in seats.recusals_before([case.id for case in agenda], members):
        known[earlier.nomination_id, earlier.member_id] = Recusal(ground=earlier.ground, words=earlier.words, by_id=earlier.by_id)
    for case in agenda:
        for member_id, ground in queries.grounds(members, case).items():
            known[case.id, member_id] = Recusal(ground=ground)
    for (case_id, member_id), row in known.items():
        row.meeting_id, row.nomination_id, row.member_id, row.at = meeting.id, case_id, member_id, clock.now()
        db.session.add(row)


def open_held(meeting_id: int) -> Meeting:
    """The meeting, locked, while it sits."""
    meeting = db.session.scalars(locked(select(Meeting).where(Meeting.id == meeting_id))).first()
    if meeting is None or meeting.status is MeetingStatus.CLOSED:
        raise NotNow("meeting_closed", _l("这次评议会已经结束，不能再投了。"))
    return meeting


def _seat(actor: Actor, meeting: Meeting) -> Member:
    held = {m.person_id: m for m in seats.seats_of(meeting)}
    member = held.get(actor.person_id) if actor.person_id is not None else None
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


def stay_out(
    actor: Actor, meeting_id: int, nomination_id: int, *, member_id: int | None = None, ground: RecusalGround = RecusalGround.DECLARED, words: str = ""
) -> None:
    """A member declares that they stay out; or whoever runs the round writes down that they must, and why."""
    meeting = open_held(meeting_id)
    _listed(meeting, nomination_id)
    if member_id is None:
        member = _seat(actor, meeting)
    else:
        demand(actor, Permission.ROUND_RUN, meeting.region_path)
        found = next((m for m in seats.seats_of(meeting) if m.id == member_id), None)
        if found is None:
            raise NotAllowed("not_a_member", _l("他（她）不是这次评议会的成员。"))
        member = found
        if ground is RecusalGround.DECLARED and not words.strip():
            raise Invalid("reason_missing", _l("请写明为什么要他（她）回避，会写进会议记录。"), field="reason")
    if _voted(meeting, nomination_id, member):
        raise NotNow("voted_already", _l("已经投过票的，不能再回避。"))
    if not _recused(meeting, nomination_id, member):
        db.session.add(
            Recusal(
                meeting_id=meeting.id, nomination_id=nomination_id, member_id=member.id, ground=ground, words=words.strip()[:300] or None,
                by_id=actor.user_id, at=clock.now(),
            )
        )  # fmt: skip
        db.session.flush()
        audit.record(
            actor.user_id, "council.recuse", ("council_meeting", meeting.id), region_path=meeting.region_path,
            nomination=nomination_id, member=member.id, ground=ground.value,
        )  # fmt: skip


def _present(meeting: Meeting, member_ids: Iterable[int]) -> None:
    known = set(db.session.scalars(select(Attendance.member_id).where(Attendance.meeting_id == meeting.id)))
    for member_id in member_ids:
        if member_id not in known:
            db.session.add(Attendance(meeting_id=meeting.id, member_id=member_id))


def mark_present(actor: Actor, meeting_id: int, member_ids: Iterable[int]) -> None:
    """Who sits in the room, where votes are cast here: exactly these, and whoever voted already.

    What is voted on paper alone says it on its two sheets.
    """
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    if meeting.is_on_paper:
        raise NotNow("on_paper", _l("纸上开的会，到会的人和票一起录，两个人各录一遍。"))
    wanted = set(member_ids)
    if not wanted <= {m.id for m in seats.seats_of(meeting)}:
        raise Invalid("not_a_member", _l("名单里有不是评议会成员的人。"))
    wanted |= {vote.member_id for vote in queries.votes_of(meeting.id)}
    db.session.execute(delete(Attendance).where(Attendance.meeting_id == meeting.id, Attendance.member_id.not_in(wanted)))
    _present(meeting, wanted)
    db.session.flush()


def record_refusal(actor: Actor, meeting_id: int, code: str) -> None:
    """A vote that was refused leaves a trace: in a transaction of its own, for the vote's was undone."""
    audit.record(actor.user_id, "council.refused", ("council_meeting", meeting_id), code=code)
