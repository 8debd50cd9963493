"""Whether votes and scores add up to what was found on each case."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from civic.audit import contents
from civic.core.crypto import matches
from civic.core.db import db
from civic.nominations.models.councils import Choice, Meeting, MeetingStatus, Verdict, Vote
from civic.nominations.models.juries import Juror, JurorMark, Jury, JuryCase, JuryScore
from civic.nominations.rules import panels


def discrepancies() -> Iterator[str]:
    """Every verdict that is not the sum of its votes, every score that nobody gave, every mean that is not one."""
    yield from _wrong_verdicts()
    yield from _wrong_scores()
    yield from _wrong_means()


def _wrong_verdicts() -> Iterator[str]:
    choices = {choice: getattr(Verdict, choice.value) for choice in Choice}
    rows = db.session.execute(
        select(Verdict, Meeting).join(Meeting, Meeting.id == Verdict.meeting_id).where(Meeting.status == MeetingStatus.CLOSED, Verdict.passed.is_not(None))
        .order_by(Verdict.id).execution_options(yield_per=500)
    )  # fmt: skip
    for verdict, meeting in rows:
        votes = db.session.execute(select(Vote.choice, Vote.score).where(Vote.meeting_id == meeting.id, Vote.nomination_id == verdict.nomination_id)).all()
        if meeting.by_score:
            given = [vote.score for vote in votes if vote.score is not None]
            if verdict.score != panels.trimmed_mean(given):
                yield f"verdict {verdict.id}: its score is not the mean of those given"
            if verdict.passed != (verdict.score is not None and verdict.score >= meeting.round.rule.pass_score * 100):
                yield f"verdict {verdict.id}: the rule says otherwise"
            continue
        counted = {choice: getattr(verdict, column.key) for choice, column in choices.items()}
        named = [vote for vote in votes if vote.choice is not None]
        if named and any(counted[choice] < sum(vote.choice is choice for vote in named) for choice in counted):
            yield f"verdict {verdict.id}: fewer votes counted than were cast by name"
        if len(votes) > sum(counted.values()) or (votes and not meeting.is_on_paper and len(votes) != sum(counted.values())):
            yield f"verdict {verdict.id}: {sum(counted.values())} votes counted, {len(votes)} cast"
        if verdict.passed != (verdict.yes * 100 > meeting.round.rule.pass_percent * (verdict.present or 0)):
            yield f"verdict {verdict.id}: the rule says otherwise"


def _wrong_scores() -> Iterator[str]:
    rows = db.session.execute(select(JuryScore).order_by(JuryScore.id).execution_options(yield_per=1000)).scalars()
    for row in rows:
        if row.mark is None or not matches(row.mark, contents.mark_of("jury_score", (row.jury_id, row.nomination_id, row.score))):
            yield f"jury_score {row.id}: not as it was given"
    given = (
        select(Juror.jury_id, JurorMark.nomination_id, func.count().label("many"))
        .join(Juror, Juror.id == JurorMark.juror_id).where(JurorMark.ground.is_(None)).group_by(Juror.jury_id, JurorMark.nomination_id).subquery()
    )  # fmt: skip
    kept = select(JuryScore.jury_id, JuryScore.nomination_id, func.count().label("many")).group_by(JuryScore.jury_id, JuryScore.nomination_id).subquery()
    said = {(row.jury_id, row.nomination_id): row.many for row in db.session.execute(select(given))}
    have = {(row.jury_id, row.nomination_id): row.many for row in db.session.execute(select(kept))}
    for key in sorted(said.keys() | have.keys()):
        if said.get(key, 0) != have.get(key, 0):
            yield f"jury {key[0]}, case {key[1]}: {have.get(key, 0)} scores, {said.get(key, 0)} jurors gave one"


def _wrong_means() -> Iterator[str]:
    rows = db.session.execute(select(JuryCase).join(Jury, Jury.id == JuryCase.jury_id).where(JuryCase.score.is_not(None)).order_by(JuryCase.id)).scalars().all()
    for row in rows:
        given = list(db.session.scalars(select(JuryScore.score).where(JuryScore.jury_id == row.jury_id, JuryScore.nomination_id == row.nomination_id)))
        if (row.given, row.score) != (len(given), panels.trimmed_mean(given)):
            yield f"jury_case {row.id}: its score is not the mean of those given"
