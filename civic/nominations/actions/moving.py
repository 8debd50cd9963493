"""Carrying out one step of the table on one case: the row of history, the clock, the record. Shared by all who move."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.notices import NoticeItem
from civic.nominations.states import Clock, Status, Step, Verb, step_from

# What a case that a round confirmed stands at afterwards: elected, or on the next level's desk.
CONFIRMED = frozenset({Status.ELECTED, Status.SUBMITTED})


def step_taken(
    nomination: Nomination,
    verb: Verb,
    *,
    actor_id: int | None,
    reason: str | None = None,
    supplement_days: int | None = None,
    closing: bool = False,
) -> Decision:
    """Take a step that does not climb: write its row, set status and clock, record it. The caller has asked may and when."""
    step = step_from(nomination.position, verb, closing=closing)
    decision = decided(nomination, step, actor_id=actor_id, reason=reason)
    # Status and clock change together or the row's CHECKs refuse: no question asked in between writes the half of it.
    with db.session.no_autoflush:
        now = clock.now()
        nomination.status = step.target
        if step.target is not Status.IN_REVIEW:
            nomination.taken_by_id = nomination.taken_at = None
        if step.clock is Clock.PAUSES:
            assert nomination.due_at is not None
            nomination.days_left = max(1, calendar.working_days_left(nomination.due_at, now))
            nomination.due_at = None
            nomination.raised_path = None
            nomination.return_reason = reason
            nomination.supplement_due_at = calendar.closing_of(clock.today() + timedelta(days=supplement_days or 10))
        elif step.clock is Clock.RESUMES:
            # A worker that was down for days brings it back with the deadline it would have had.
            since = nomination.supplement_due_at if verb is Verb.RESUME else now
            nomination.due_at = calendar.add_working_days(since or now, nomination.days_left or 1)
            _forget_return(nomination)
        elif step.clock is Clock.STARTS:
            nomination.due_at = calendar.add_working_days(now, nomination.rule.review_days)
            leave_round(nomination)
        elif step.clock is Clock.PARKS:
            nomination.due_at = None
            nomination.raised_path = None
        elif step.clock is Clock.STOPS:
            ended(nomination, step.target, actor_id)
    return decision


def ended(nomination: Nomination, status: Status, actor_id: int | None) -> None:
    """Close the case: no clock, no hands, no round."""
    nomination.status = status
    nomination.due_at = nomination.raised_path = None
    nomination.taken_by_id = nomination.taken_at = None
    _forget_return(nomination)
    leave_round(nomination)
    nomination.decided_at = clock.now()
    nomination.decided_by_id = actor_id


def leave_round(nomination: Nomination) -> None:
    """Take the case out of its round, and off the public notice where it still hangs there."""
    if nomination.round_id is None:
        return
    # Status and round change together or the row's CHECK refuses: nothing is written in between.
    with db.session.no_autoflush:
        db.session.execute(
            update(NoticeItem)
            .where(NoticeItem.nomination_id == nomination.id, NoticeItem.settled_at.is_(None))
            .values(
                settled_at=clock.now(), taken_down_at=None if nomination.status in CONFIRMED else clock.now(),
                ends_at=func.coalesce(NoticeItem.ends_at, clock.now()), days_left=None,
            )
            .execution_options(synchronize_session="fetch")
        )
    nomination.round_id = nomination.proposed_upward = None


def climbed(nomination: Nomination, region_id: int, level: int, desk_path: str, rule: LevelRule) -> None:
    """Lay the case on the next level's desk and start its clock."""
    now = clock.now()
    nomination.status = Status.SUBMITTED
    leave_round(nomination)
    nomination.carried = 0
    nomination.level = level
    nomination.region_id = region_id
    nomination.desk_path = desk_path
    nomination.raised_path = None
    nomination.rule_id = rule.id
    nomination.arrived_at = now
    nomination.due_at = calendar.add_working_days(now, rule.review_days)
    nomination.taken_by_id = nomination.taken_at = None


def _forget_return(nomination: Nomination) -> None:
    nomination.days_left = None
    nomination.return_reason = None
    nomination.supplement_due_at = None


def decided(nomination: Nomination, step: Step, *, actor_id: int | None, reason: str | None) -> Decision:
    """The row of history of a step, and its audit record."""
    last = db.session.scalar(select(func.max(Decision.number)).where(Decision.nomination_id == nomination.id))
    decision = Decision(
        nomination_id=nomination.id,
        number=(last or 0) + 1,
        verb=step.verb,
        before=nomination.status,
        after=step.target,
        level=nomination.level,
        region_id=nomination.region_id,
        actor_id=actor_id,
        elected=step.elected,
        recommended=step.climbs,
        reason=reason,
        at=clock.now(),
        days_used=_days_used(nomination) if step.decides or step.verb is Verb.PASS else None,
    )
    db.session.add(decision)
    audit.record(
        actor_id,
        f"nomination.{step.verb.value}",
        ("nomination", nomination.id),
        region_path=nomination.home_path,
        level=nomination.level,
        number=decision.number,
        version=nomination.version,
        before=nomination.status.value,
        after=step.target.value,
    )
    return decision


def _days_used(nomination: Nomination) -> int:
    """Working days this level has used of its limit: the days it waited for the nominator are not its own.

    Where a round decides, the limit was the desk's, and its days are those until it found the case complete.
    """
    if nomination.due_at is None:
        return _days_until_passed(nomination)
    return max(0, nomination.rule.review_days - calendar.working_days_left(nomination.due_at, clock.now()))


def _days_until_passed(nomination: Nomination) -> int:
    passed = db.session.scalars(
        select(Decision)
        .where(Decision.nomination_id == nomination.id, Decision.verb == Verb.PASS, Decision.level == nomination.level, Decision.undone_at.is_(None))
        .order_by(Decision.number.desc())
        .limit(1)
    ).first()
    if passed is None:
        return 0
    if passed.days_used is not None:
        return passed.days_used
    # Found complete before this was noted: by the days on which it lay here.
    return max(0, calendar.working_days_between(nomination.arrived_at, passed.at))
