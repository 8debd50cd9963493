"""Ending a council's meeting: everybody present has voted or stays out, then each case has its verdict; or it comes to nothing."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.actions.councils import open_held
from civic.nominations.models.councils import Choice, Meeting, MeetingStatus, Verdict, Vote
from civic.nominations.queries import councils as seats
from civic.nominations.queries import papers
from civic.nominations.queries import rounds as queries
from civic.nominations.rules import panels


def demand_complete(meeting: Meeting) -> list[seats.Sum]:
    """Refuse the end of a meeting that does not add up: too few there, papers not agreed, or a vote of somebody present missing."""
    if meeting.is_on_paper or papers.entries_of(meeting.id):
        _demand_agreed(meeting)
    rule, sums = meeting.round.rule, seats.sums_of(meeting)
    present = sums[0].present if sums else 0
    if not panels.has_quorum(present, meeting.seats, rule.quorum_numerator, rule.quorum_denominator):
        raise NotNow(
            "no_quorum",
            _l("到会 %(present)s 人，不够 %(needed)s 人，不能结束。可以等人到齐，或者这次不算，改天再开。",
               present=present, needed=panels.quorum_of(meeting.seats, rule.quorum_numerator, rule.quorum_denominator)),
        )  # fmt: skip
    short = next((found for found in sums if not found.is_right), None)
    if short is not None:
        raise NotNow(
            "votes_missing",
            _l(
                "%(name)s这件：到会 %(present)s 人，回避 %(recused)s 人，应该有 %(wanted)s 票，现在 %(votes)s 票，差%(missing)s。在纸上投的，请两位同志各录一遍；没有来的，把到会的勾去掉。",
                name=short.verdict.nomination.nominee_name, present=short.present, recused=short.recused, wanted=short.present - short.recused,
                votes=short.votes, missing="、".join(m.name for m in short.missing),
            ),
        )  # fmt: skip
    return sums


def close_meeting(actor: Actor, meeting_id: int, *, minutes_key: str | None = None) -> list[Verdict]:
    """Settle every case by the rule of the round, once everybody present has voted or stays out.

    What was withdrawn while the council sat stays without a verdict.
    """
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    sums = demand_complete(meeting)
    if meeting.is_on_paper and minutes_key is None:
        raise Invalid("minutes_missing", _l("纸上开的会，请附会议记录的照片。"), field="minutes")
    votes: dict[int, list[Vote]] = {}
    for ballot in queries.votes_of(meeting.id):
        votes.setdefault(ballot.nomination_id, []).append(ballot)
    sheet = papers.agreed_sheet(meeting.id)
    for found in sums:
        if not found.missing:
            _settle(meeting, found, votes.get(found.verdict.nomination_id, []), sheet["counts"].get(found.verdict.nomination_id, (0, 0, 0)))
    verdicts = [found.verdict for found in sums]
    meeting.status = MeetingStatus.CLOSED
    meeting.closed_at = clock.now()
    meeting.closed_by_id = actor.user_id
    meeting.minutes_key = minutes_key
    db.session.flush()
    audit.record(
        actor.user_id, "council.close", ("council_meeting", meeting.id), region_path=meeting.region_path, present=sums[0].present if sums else 0,
        passed=sum(bool(v.passed) for v in verdicts),
    )  # fmt: skip
    return verdicts


def _settle(meeting: Meeting, found: seats.Sum, ballots: Sequence[Vote], on_paper: tuple[int, int, int]) -> None:
    """Count one case. In a secret ballot phones were counted as they voted, and the papers come on top of them."""
    verdict, rule = found.verdict, meeting.round.rule
    verdict.present = found.votes
    if meeting.by_score:
        given = [ballot.score for ballot in ballots if ballot.score is not None]
        verdict.score = panels.trimmed_mean(given)
        verdict.is_conflicting = panels.is_conflicting(given)
        verdict.passed = verdict.score is not None and verdict.score >= rule.pass_score * 100
        return
    if meeting.is_secret:
        verdict.yes, verdict.no, verdict.abstain = (a + b for a, b in zip((verdict.yes, verdict.no, verdict.abstain), on_paper, strict=True))
    else:
        verdict.yes, verdict.no, verdict.abstain = (sum(b.choice is choice for b in ballots) for choice in (Choice.YES, Choice.NO, Choice.ABSTAIN))
    verdict.passed = verdict.yes * 100 > rule.pass_percent * verdict.present


def call_off(actor: Actor, meeting_id: int, *, reason: str) -> None:
    """End a meeting that comes to nothing, too few there or broken off: no verdict, and the cases wait for the next one."""
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会写进会议记录。"), field="reason")
    meeting.status, meeting.closed_at, meeting.closed_by_id = MeetingStatus.CLOSED, clock.now(), actor.user_id
    meeting.off_reason = reason.strip()[:1000]
    db.session.flush()
    audit.record(actor.user_id, "council.call_off", ("council_meeting", meeting.id), region_path=meeting.region_path)


def _demand_agreed(meeting: Meeting) -> None:
    """Two clerks' entries that say the same, or the reason why not."""
    sheets = [entry.sheet for entry in papers.entries_of(meeting.id)]
    if len(sheets) < 2:
        raise NotNow("paper_entered_once", _l("纸上的票要两个人各录一遍，现在录了 %(count)s 遍。请另一位同志也录一遍。", count=len(sheets)))
    if len(set(sheets)) > 1:
        raise NotNow("paper_differs", _l("两遍录得不一样，下面列出来了。请对着纸看，录错的那位改过来。"))
