"""What was voted on paper: two clerks enter it, neither sees the other's sheet before, and only what agrees counts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.actions.councils import open_held
from civic.nominations.models.councils import Attendance, Meeting, PaperEntry, Vote
from civic.nominations.queries import papers
from civic.nominations.queries import rounds as queries

CLERKS = 2


@dataclass(frozen=True)
class Sheet:
    """One clerk's reading of the paper: who sat there; per case yes, no, abstain; or per case and member a score."""

    present: tuple[int, ...]
    counts: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    scores: dict[int, dict[int, int]] = field(default_factory=dict)


def enter(actor: Actor, meeting_id: int, sheet: Sheet) -> PaperEntry:
    """Keep one clerk's sheet; when the second says the same, it is the meeting's count. Until then nothing is."""
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
    if not meeting.is_on_paper:
        raise NotNow("not_on_paper", _l("这次是在网上投的，不能手工填票数。"))
    _fits(meeting, sheet)
    entries = papers.entries_of(meeting.id)
    mine = next((e for e in entries if e.clerk_id == actor.user_id), None)
    if mine is None and len(entries) >= CLERKS:
        raise Conflict("two_clerks_already", _l("两位同志已经录过了，请他们自己改。"))
    if mine is None:
        mine = PaperEntry(meeting_id=meeting.id, clerk_id=actor.user_id, sheet="", entered_at=clock.now())
        db.session.add(mine)
        entries = [*entries, mine]
    mine.sheet, mine.entered_at = _written(sheet), clock.now()
    db.session.flush()
    agreed = len(entries) == CLERKS and len({e.sheet for e in entries}) == 1
    _counted(meeting, sheet if agreed else None)
    audit.record(
        actor.user_id, "council.paper", ("council_meeting", meeting.id), region_path=meeting.region_path, entries=len(entries), agreed=agreed
    )
    return mine


def _written(sheet: Sheet) -> str:
    return json.dumps({**asdict(sheet), "present": sorted(sheet.present)}, sort_keys=True)


def _fits(meeting: Meeting, sheet: Sheet) -> None:
    """What no paper can say: strangers at the table, more votes than people, scores of somebody who stays out."""
    seats = {m.id for m in queries.sitting(meeting.round.region_id, meeting.held_on)}
    present = set(sheet.present)
    if not present <= seats:
        raise Invalid("not_a_member", _l("名单里有不是评议会成员的人。"))
    out = queries.recusals_of(meeting.id)
    for verdict in queries.verdicts_of(meeting.id):
        case = verdict.nomination_id
        eligible = {m for m in present if (case, m) not in out}
        yes, no, abstain = sheet.counts.get(case, (0, 0, 0))
        if min(yes, no, abstain) < 0 or yes + no + abstain > len(eligible):
            raise Invalid("more_votes_than_people", _l("票数比能投票的人还多，请核对。"), field=f"yes_{case}")
        given = sheet.scores.get(case, {})
        if not set(given) <= eligible:
            raise Invalid("score_of_absent", _l("有没到会或者要回避的人也打了分，请核对。"))
        if any(not 0 <= score <= 100 for score in given.values()):
            raise Invalid("score_missing", _l("请打分，0 到 100。"))


def _counted(meeting: Meeting, sheet: Sheet | None) -> None:
    """Make the agreed sheet the meeting's own, or take back what an earlier agreement had made."""
    db.session.execute(delete(Vote).where(Vote.meeting_id == meeting.id))
    db.session.execute(delete(Attendance).where(Attendance.meeting_id == meeting.id))
    for verdict in queries.verdicts_of(meeting.id):
        counts = sheet.counts.get(verdict.nomination_id, (0, 0, 0)) if sheet is not None and not meeting.by_score else (0, 0, 0)
        verdict.yes, verdict.no, verdict.abstain = counts
    if sheet is None:
        db.session.flush()
        return
    for member_id in sheet.present:
        db.session.add(Attendance(meeting_id=meeting.id, member_id=member_id))
    if meeting.by_score:
        for case, given in sheet.scores.items():
            for member_id, score in given.items():
                db.session.add(Vote(meeting_id=meeting.id, nomination_id=case, member_id=member_id, score=score, at=clock.now()))
    db.session.flush()
