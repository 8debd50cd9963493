"""The 会议记录 of a council's meeting on paper: who was there, who stayed out and why, the count of each case, names with votes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from civic.nominations.files import PROTECTED
from civic.nominations.models.councils import Choice, Meeting, Recusal, RecusalGround, Verdict, Vote
from civic.nominations.queries import councils
from civic.nominations.queries import rounds as queries
from civic.nominations.queries.councils import Sum
from civic.nominations.rules import panels

CHOICES = {Choice.YES: "同意", Choice.NO: "不同意", Choice.ABSTAIN: "弃权"}
GROUNDS = {
    RecusalGround.SELF: "是本人", RecusalGround.KIN: "是亲属或住在一家", RecusalGround.NOMINATOR: "是推荐人", RecusalGround.UNIT: "在同一个单位",
    RecusalGround.DECLARED: "有别的关系",
}  # fmt: skip


def minutes_of(meeting: Meeting) -> dict[str, Any]:
    """What the 会议记录 of a meeting says; every case adds up: present are those who stayed out and those who voted."""
    rule = meeting.round.rule
    sums = councils.sums_of(meeting)
    before = councils.verdicts_before([found.verdict.nomination_id for found in sums], meeting.round.level)
    recusals, ballots = queries.recusals_of(meeting.id), {(v.nomination_id, v.member_id): v for v in queries.votes_of(meeting.id)}
    return {
        "title": f"{meeting.round.region.name}道德评议会会议记录",
        "round": meeting.round.name,
        "date": f"{meeting.held_on.year} 年 {meeting.held_on.month} 月 {meeting.held_on.day} 日",
        "seats": meeting.seats,
        "present": len(meeting.attendances),
        "quorum": panels.quorum_of(meeting.seats, rule.quorum_numerator, rule.quorum_denominator),
        "manner": "打分" if meeting.by_score else "无记名投票" if meeting.is_secret else "记名投票",
        "rule": f"平均 {rule.pass_score} 分以上" if meeting.by_score else f"同意的超过能投的百分之 {rule.pass_percent}",
        "people": [a.member.name for a in meeting.attendances],
        "why": [
            *([f"评过的再评一次：{meeting.again_reason}"] if meeting.again_reason else []),
            *([f"这次会没有算：{meeting.off_reason}"] if meeting.off_reason else []),
        ],
        "cases": [_found(s, recusals, before.get(s.verdict.nomination_id, [])) for s in sums],
        "votes": [] if meeting.is_secret else [_spoken(s.verdict, meeting, recusals, ballots) for s in sums],
    }  # fmt: skip


def _found(found: Sum, recusals: dict[tuple[int, int], Recusal], before: Sequence[Verdict]) -> dict[str, Any]:
    verdict = found.verdict
    out = [f"{r.member.name}（{r.words or GROUNDS[r.ground]}）" for (case, _m), r in recusals.items() if case == verdict.nomination_id]
    earlier = [f"{v.meeting.held_on.month} 月 {v.meeting.held_on.day} 日{_result(v)}" for v in before if v.id < verdict.id]
    return {
        "reference": verdict.nomination.reference,
        "name": _name_on_paper(verdict),
        "recused": "、".join(out) or "无",
        "present": found.present,
        "out": found.recused,
        "votes": found.votes,
        "yes": verdict.yes,
        "no": verdict.no,
        "abstain": verdict.abstain,
        "result": _result(verdict) + (f"\n以前：{'；'.join(earlier)}" if earlier else ""),
    }


def _name_on_paper(verdict: Verdict) -> str:
    return PROTECTED if verdict.nomination.is_protected else verdict.nomination.nominee_name


def _result(verdict: Verdict) -> str:
    return "没有结果" if verdict.passed is None else ("通过" if verdict.passed else "不通过") + (f"（{verdict.score / 100:.1f} 分）" if verdict.score is not None else "")


def _spoken(verdict: Verdict, meeting: Meeting, recusals: dict[tuple[int, int], Recusal], ballots: dict[tuple[int, int], Vote]) -> dict[str, Any]:
    """Who voted what on a case, of an open ballot: a line for everybody present."""

    def word(member_id: int) -> str:
        if (verdict.nomination_id, member_id) in recusals:
            return "回避"
        ballot = ballots.get((verdict.nomination_id, member_id))
        if ballot is None:
            return "—"
        return str(ballot.score) if ballot.score is not None else CHOICES[ballot.choice] if ballot.choice is not None else "—"

    return {"name": _name_on_paper(verdict), "lines": [f"{a.member.name}：{word(a.member_id)}" for a in meeting.attendances]}
