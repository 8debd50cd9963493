"""What was voted on paper: two clerks enter it, neither sees the other's sheet before, and only what agrees counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from civic.audit import actions as audit
from civic.audit import contents
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.actions.councils import open_held
from civic.nominations.models.councils import Attendance, Choice, Meeting, PaperEntry, Verdict, Vote
from civic.nominations.queries import councils as seats
from civic.nominations.queries import papers
from civic.nominations.queries import rounds as queries

CLERKS = 2


@dataclass(frozen=True)
class Sheet:
    """One clerk's reading of the papers: whose they are; per case yes, no, abstain of a secret ballot, or per case and member
    what they chose in an open one, or what they scored."""

    present: tuple[int, ...]
    counts: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    scores: dict[int, dict[int, int]] = field(default_factory=dict)
    choices: dict[int, dict[int, str]] = field(default_factory=dict)


def enter(actor: Actor, meeting_id: int, sheet: Sheet) -> PaperEntry:
    """Keep one clerk's sheet; when the second says the same, these votes are cast. Until then none is.

    At a meeting on paper these are all who came; beside phones they are those who have none.
    """
    meeting = open_held(meeting_id)
    demand(actor, Permission.ROUND_RUN, meeting.region_path)
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
    _cast(meeting, sheet if agreed else None)
    audit.record(
        actor.user_id, "council.paper", ("council_meeting", meeting.id), region_path=meeting.region_path, entries=len(entries), agreed=agreed
    )
    return mine


def _written(sheet: Sheet) -> str:
    return json.dumps({**asdict(sheet), "present": sorted(sheet.present)}, sort_keys=True)


def _fits(meeting: Meeting, sheet: Sheet) -> None:
    """What no paper can say: strangers at the table, somebody who voted on a phone, votes that do not add up to the people."""
    held = {m.id: m.name for m in seats.seats_of(meeting)}
    present = set(sheet.present)
    if not present <= set(held):
        raise Invalid("not_a_member", _l("名单里有不是评议会成员的人。"))
    twice = present & seats.on_phones(meeting.id)
    if twice:
        raise Invalid("voted_on_phone", _l("%(names)s已经在手机上投过了，纸上的不能再算。", names="、".join(held[m] for m in sorted(twice))))
    out = queries.recusals_of(meeting.id)
    for verdict in queries.verdicts_of(meeting.id):
        eligible = {m for m in present if (verdict.nomination_id, m) not in out}
        if meeting.by_score:
            _fit_named(verdict, sheet.scores.get(verdict.nomination_id, {}), eligible)
            if any(not 0 <= score <= 100 for score in sheet.scores.get(verdict.nomination_id, {}).values()):
                raise Invalid("score_missing", _l("请打分，0 到 100。"))
        elif meeting.is_secret:
            _fit_counted(verdict, sheet.counts.get(verdict.nomination_id, (0, 0, 0)), eligible)
        else:
            _fit_named(verdict, sheet.choices.get(verdict.nomination_id, {}), eligible)
            if not set(sheet.choices.get(verdict.nomination_id, {}).values()) <= {c.value for c in Choice}:
                raise Invalid("choice_missing", _l("请选同意、不同意或弃权。"))


def _fit_counted(verdict: Verdict, counts: tuple[int, int, int], eligible: set[int]) -> None:
    name, number = verdict.nomination.nominee_name, sum(counts)
    if min(counts) < 0 or number > len(eligible):
        raise Invalid("more_votes_than_people", _l("%(name)s这件的票数比能投票的人还多，请核对。", name=name), field=f"yes_{verdict.nomination_id}")
    if number < len(eligible):
        raise _short(name, len(eligible), number, f"yes_{verdict.nomination_id}")


def _fit_named(verdict: Verdict, given: Mapping[int, object], eligible: set[int]) -> None:
    name = verdict.nomination.nominee_name
    if not set(given) <= eligible:
        raise Invalid("vote_of_absent", _l("%(name)s这件：有没到会、要回避的人也投了票，请核对。", name=name))
    if len(given) < len(eligible):
        raise _short(name, len(eligible), len(given), None)


def _short(name: str, wanted: int, found: int, field: str | None) -> Invalid:
    return Invalid(
        "votes_do_not_add_up", _l("%(name)s这件：能投的 %(wanted)s 人，只有 %(found)s 票。没写的算弃权，也要录上。", name=name, wanted=wanted, found=found), field=field
    )


def _cast(meeting: Meeting, sheet: Sheet | None) -> None:
    """Cast the agreed sheet's votes, or take back what an earlier agreement had cast. A secret ballot keeps no choice: what it
    counts is read from the sheets when the meeting closes."""
    contents.forget(Vote, db.session.scalars(select(Vote.id).where(Vote.meeting_id == meeting.id, Vote.on_paper)).all())
    db.session.execute(delete(Vote).where(Vote.meeting_id == meeting.id, Vote.on_paper))
    if meeting.is_on_paper:
        db.session.execute(delete(Attendance).where(Attendance.meeting_id == meeting.id))
    db.session.flush()
    if sheet is None:
        return
    known = set(db.session.scalars(select(Attendance.member_id).where(Attendance.meeting_id == meeting.id)))
    db.session.add_all(Attendance(meeting_id=meeting.id, member_id=member_id) for member_id in sheet.present if member_id not in known)
    out = queries.recusals_of(meeting.id)
    for verdict in queries.verdicts_of(meeting.id):
        case = verdict.nomination_id
        for member_id in sheet.present:
            if (case, member_id) not in out:
                chosen = sheet.choices.get(case, {}).get(member_id)
                db.session.add(
                    Vote(
                        meeting_id=meeting.id, nomination_id=case, member_id=member_id, on_paper=True, at=clock.now(),
                        choice=Choice(chosen) if chosen is not None and not meeting.is_secret else None,
                        score=sheet.scores.get(case, {}).get(member_id) if meeting.by_score else None,
                    )
                )  # fmt: skip
    db.session.flush()
