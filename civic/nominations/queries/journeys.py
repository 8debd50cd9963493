"""The five steps of one case as the ladder and the log tell them, worked out from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from civic.core import calendar, clock
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.voices import Voice
from civic.nominations.queries.cases import rules_in_force
from civic.nominations.rules import climbing
from civic.nominations.states import DECIDING, ENDED, IN_ROUND, Status, Verb
from civic.outbox import queries as letters
from civic.regions.models import Region
from civic.regions.queries import line_of


@dataclass(frozen=True)
class StepView:
    """One tread. `state` is a word of the drawing: todo, doing, soon, today, over, back, notice, hold, pass, fail, listed,
    stopped."""

    level: int
    region: Region | None
    state: str
    limit: int
    actor: str | None = None
    at: datetime | None = None
    days_used: int | None = None
    due_at: datetime | None = None
    days_left: int | None = None
    cells: str = ""
    decision: Decision | None = None
    history: Sequence[Decision] = field(default_factory=tuple)

    @property
    def is_current(self) -> bool:
        return self.state in ("doing", "soon", "today", "over", "back", "notice", "hold")

    @property
    def glyph(self) -> tuple[str, ...]:
        """The small staircase with only this step filled in."""
        word = {"soon": "doing", "today": "doing", "stopped": "hold", "skipped": "todo"}.get(self.state, self.state)
        return tuple(word if n == self.level else "todo" for n in range(1, 6))


def journey(nomination: Nomination) -> list[StepView]:
    """The five steps, from the stairwell up; needs decisions, rule and taken_by loaded. Two statements."""
    places = {place.level: place for place in line_of(nomination.home_region)}
    limits = {rule.level: rule for rule in rules_in_force(clock.today())}
    limits[nomination.level] = nomination.rule
    by_level: dict[int, list[Decision]] = {}
    for decision in nomination.decisions:
        # What was taken back within minutes was never told to anybody.
        if decision.undone_at is not None or decision.verb is Verb.UNDO:
            continue
        by_level.setdefault(decision.level, []).append(decision)
    entry = min([*by_level, nomination.level])
    return [
        _step(nomination, level, places.get(level), limits.get(level), by_level.get(level, []), entry)
        for level in range(1, 6)
    ]


def _step(
    nomination: Nomination,
    level: int,
    region: Region | None,
    rule: LevelRule | None,
    history: list[Decision],
    entry: int,
) -> StepView:
    limit = rule.review_days if rule is not None else 0
    word = next((d for d in history if d.verb in DECIDING and d.set_aside_at is None), None)
    if level < entry:
        return StepView(level, region, "skipped", limit)
    if word is not None:
        state = "fail" if not word.elected else "listed" if word.verb is Verb.ELECT else "pass"
        actor = word.actor.person.name if word.actor else None
        return StepView(level, region, state, limit, actor, word.at, word.days_used, decision=word, history=history)
    if level == nomination.level and nomination.status in (Status.WITHDRAWN, Status.MERGED):
        return StepView(level, region, "stopped", limit, at=nomination.decided_at, history=history)
    if level != nomination.level:
        return StepView(level, region, "stopped" if nomination.status in ENDED else "todo", limit)
    return _current(nomination, region, limit, history)


def _current(nomination: Nomination, region: Region | None, limit: int, history: list[Decision]) -> StepView:
    actor = nomination.taken_by.person.name if nomination.taken_by else None
    if nomination.status is Status.RETURNED:
        left = nomination.days_left
        return StepView(
            nomination.level,
            region,
            "back",
            limit,
            at=history[-1].at if history else nomination.arrived_at,
            due_at=nomination.supplement_due_at,
            days_left=left,
            cells=climbing.cells_of(limit, left, paused=True),
            history=history,
        )
    if nomination.status in IN_ROUND:
        # The days of a level are over for these: the round's own calendar counts.
        state = {Status.NOTICED: "notice", Status.HELD: "hold"}.get(nomination.status, "doing")
        at = history[-1].at if history else nomination.arrived_at
        return StepView(nomination.level, region, state, limit, at=at, history=history)
    assert nomination.due_at is not None
    now = clock.now()
    left = calendar.working_days_left(nomination.due_at, now)
    urgency = climbing.urgency(left, nomination.due_at, now)
    return StepView(
        nomination.level,
        region,
        "doing" if urgency == "ok" else urgency,
        limit,
        actor,
        nomination.arrived_at,
        due_at=nomination.due_at,
        days_left=left,
        cells=climbing.cells_of(limit, left),
        history=history,
    )


def unreached(case: Nomination) -> list[Voice]:
    """Nominators whose last letter came back or could not be handed over: somebody has to ring them up."""
    gone = letters.returned_to([("voice", voice.id) for voice in case.voices])
    return [voice for voice in case.voices if ("voice", voice.id) in gone]
