"""The five-level pipeline as data: statuses, verbs and the table of lawful steps.

Scenario. Huang nominates her neighbour Chen, who lives at 3栋2单元 (level 1). SUBMIT puts the case there as *submitted*.
The steward TAKEs it and ENDORSEs: Chen is elected 好人 of the stairwell and recommended upward, so the case is
*submitted* again, now at level 2, and the community's clock starts. The community RETURNs it for one more photograph:
*returned*, the clock stands still. Huang RESUBMITs; the clock runs on with the days that were left (had she let the
ten days pass, RESUME would have brought it back as it was: nobody is thrown out by a clock). The community ENDORSEs,
the street ENDORSEs, the county finds the deed good but not for the whole city and ELECTs: Chen is 县区好人, and the case
ends there. At level 5 there is no ENDORSE; ELECT puts the person on the city's roll.

Where a level works by rounds, one click is not enough. The street PASSes Chen's case as complete: *ready*. Its council
votes, the desk PROPOSEs her, and the list is POSTed for everybody to read: *noticed*. Somebody OBJECTs: *held*, her days
stand still. The county looks into it and DISMISSes: the days run on. When they are over and the street closes its round,
the closing itself takes the ENDORSE that was proposed. Had the objection been true, UPHOLD would have ended the case.

The community DECLINEs the wrong Chen by a slip of the finger. Within ten minutes UNDO puts the case back as it was, as long
as nothing further has happened; both rows stay in the history. UNDO is no row of the table: it leads wherever the step
before it came from.

Each level decides two facts: *elected* and *recommended upward*. A step names both. What part of the procedure a city
adds (council vote, visit, department opinions, public notice) is another row here, or another name in `conditions`,
which `actions` looks up and asks before the step: never a special case.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    SUBMITTED = "submitted"  # 待受理
    IN_REVIEW = "in_review"  # 审核中
    RETURNED = "returned"  # 待补充
    READY = "ready"  # 初审通过，等评议
    PROPOSED = "proposed"  # 拟定，等公示
    NOTICED = "noticed"  # 公示中
    HELD = "held"  # 异议核查
    ELECTED = "elected"  # 评上，到此为止
    DECLINED = "declined"  # 未通过
    WITHDRAWN = "withdrawn"  # 已撤回
    MERGED = "merged"  # 并到另一件


class Department(StrEnum):
    """Who is asked (domain 1.8). Family planning, seen in old forms, is left out: the policy ended."""

    POLICE = "police"  # 公安
    COURT = "court"  # 法院、信用
    DISCIPLINE = "discipline"  # 纪检监察
    PERSONNEL = "personnel"  # 组织人事
    MARKET = "market"  # 市场监管
    TAX = "tax"  # 税务
    ENVIRONMENT = "environment"  # 生态环境
    EMERGENCY = "emergency"  # 应急管理


WAITING = frozenset({Status.SUBMITTED, Status.IN_REVIEW})
IN_ROUND = frozenset({Status.READY, Status.PROPOSED, Status.NOTICED, Status.HELD})
OPEN = WAITING | {Status.RETURNED} | IN_ROUND
ENDED = frozenset(Status) - OPEN


class Verb(StrEnum):
    SUBMIT = "submit"
    TAKE = "take"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    RETURN = "return"
    RESUBMIT = "resubmit"
    RESUME = "resume"
    ENDORSE = "endorse"
    ELECT = "elect"
    DECLINE = "decline"
    PASS = "pass"
    PROPOSE = "propose"
    RECALL = "recall"
    POST = "post"
    OBJECT = "object"
    DISMISS = "dismiss"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    REOPEN = "reopen"
    UNDO = "undo"  # puts back the position before the last step; not in the table
    ENTRUST = "entrust"


class Who(StrEnum):
    DESK = "desk"
    NOMINATOR = "nominator"
    CLOCK = "clock"
    ROUND = "round"  # the deeds of a round: council, notice, closing
    PUBLIC = "public"
    ABOVE = "above"  # the level above, which was asked to look again
    PAIR = "pair"  # whoever sees two cases of one person side by side


class Clock(StrEnum):
    """What the step does to the deadline."""

    STARTS = "starts"
    RUNS = "runs"
    PAUSES = "pauses"
    RESUMES = "resumes"
    STOPS = "stops"
    PARKS = "parks"  # the round's days count now


@dataclass(frozen=True)
class Step:
    verb: Verb
    who: Who
    sources: frozenset[Status]
    target: Status
    clock: Clock
    climbs: bool = False
    elected: bool = False
    needs_reason: bool = False
    levels: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    # From these only the closing of a round takes the step.
    at_closing: frozenset[Status] = frozenset()
    conditions: tuple[str, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether the step is a level's word on the case: there is one such row per case and level."""
        return self.verb in DECIDING


DECIDING = frozenset({Verb.ENDORSE, Verb.ELECT, Verb.DECLINE, Verb.UPHOLD})
BELOW_CITY = frozenset({1, 2, 3, 4})
# What a desk decides by a click may be taken back for some minutes. The closing of a round may not: it is public at once.
UNDOABLE = frozenset({Verb.RETURN, Verb.PASS, Verb.ENDORSE, Verb.ELECT, Verb.DECLINE, Verb.HAND_OVER})

STEPS: dict[Verb, Step] = {
    step.verb: step
    for step in (
        Step(Verb.TAKE, Who.DESK, WAITING, Status.IN_REVIEW, Clock.RUNS),
        Step(Verb.RELEASE, Who.DESK, frozenset({Status.IN_REVIEW}), Status.SUBMITTED, Clock.RUNS),
        # Not a level's decision but a change of hands: the reviewer is recused, or nobody serves this desk.
        Step(Verb.HAND_OVER, Who.DESK, WAITING, Status.SUBMITTED, Clock.RUNS, needs_reason=True),
        # Staff change: what somebody had in hand goes to a colleague of the same desk.
        Step(Verb.ENTRUST, Who.DESK, frozenset({Status.IN_REVIEW}), Status.IN_REVIEW, Clock.RUNS, needs_reason=True),
        Step(Verb.RETURN, Who.DESK, WAITING, Status.RETURNED, Clock.PAUSES, needs_reason=True),
        Step(Verb.RESUBMIT, Who.NOMINATOR, frozenset({Status.RETURNED}), Status.SUBMITTED, Clock.RESUMES),
        Step(Verb.RESUME, Who.CLOCK, frozenset({Status.RETURNED}), Status.SUBMITTED, Clock.RESUMES),
        Step(
            Verb.ENDORSE,
            Who.DESK,
            WAITING,
            Status.SUBMITTED,
            Clock.STARTS,
            climbs=True,
            elected=True,
            levels=BELOW_CITY,
            at_closing=frozenset({Status.NOTICED, Status.PROPOSED}),  # PROPOSED: only what is protected skips the wall
            conditions=("complete", "guarded", "visited", "consulted", "without_round", "dated", "free"),
        ),
        Step(
            Verb.ELECT,
            Who.DESK,
            WAITING,
            Status.ELECTED,
            Clock.STOPS,
            elected=True,
            at_closing=frozenset({Status.NOTICED, Status.PROPOSED}),
            conditions=("complete", "guarded", "visited", "consulted", "without_round", "dated", "free"),
        ),
        Step(Verb.DECLINE, Who.DESK, WAITING | {Status.READY}, Status.DECLINED, Clock.STOPS, needs_reason=True),
        Step(Verb.PASS, Who.DESK, WAITING, Status.READY, Clock.PARKS, conditions=("complete", "guarded", "by_round", "dated")),
        Step(
            Verb.PROPOSE,
            Who.ROUND,
            frozenset({Status.READY}),
            Status.PROPOSED,
            Clock.PARKS,
            conditions=("guarded", "visited", "consulted", "free"),
        ),
        # Something came to light before the notice: back to the reviewer's desk, with the whole time again. A closing
        # sends back what a rule forbids to elect by now, because the person was honoured elsewhere meanwhile.
        Step(
            Verb.RECALL,
            Who.ROUND,
            frozenset({Status.READY, Status.PROPOSED}),
            Status.SUBMITTED,
            Clock.STARTS,
            needs_reason=True,
            at_closing=frozenset({Status.NOTICED, Status.PROPOSED}),
        ),
        Step(Verb.POST, Who.ROUND, frozenset({Status.PROPOSED}), Status.NOTICED, Clock.PARKS),
        Step(Verb.OBJECT, Who.PUBLIC, frozenset({Status.NOTICED, Status.HELD}), Status.HELD, Clock.PARKS),
        Step(Verb.DISMISS, Who.ROUND, frozenset({Status.HELD}), Status.NOTICED, Clock.PARKS),
        Step(Verb.UPHOLD, Who.ROUND, frozenset({Status.HELD}), Status.DECLINED, Clock.STOPS, needs_reason=True),
        Step(Verb.WITHDRAW, Who.NOMINATOR, OPEN, Status.WITHDRAWN, Clock.STOPS),
        # The level above looked again, once, and finds that the case deserves it: the same level, the whole time again.
        Step(Verb.REOPEN, Who.ABOVE, frozenset({Status.DECLINED}), Status.SUBMITTED, Clock.STARTS, needs_reason=True),
        # Two cases of one deed go on as one: this one ends and points to the other. Not from the list or the wall.
        Step(
            Verb.MERGE,
            Who.PAIR,
            WAITING | {Status.RETURNED, Status.READY},
            Status.MERGED,
            Clock.STOPS,
            needs_reason=True,
        ),
    )
}


class NotLawful(ValueError):
    """The table knows no such step from here."""


def step_from(position: tuple[Status, int], verb: Verb, *, closing: bool = False) -> Step:
    """The row of the table for a verb at (status, level); NotLawful where there is none."""
    status, level = position
    step = STEPS.get(verb)
    sources = frozenset() if step is None else step.at_closing if closing else step.sources
    if step is None or status not in sources or level not in step.levels:
        raise NotLawful(f"{verb} at {status}, level {level}")
    return step


def after(position: tuple[Status, int], verb: Verb) -> tuple[Status, int]:
    """Where the case stands after the step."""
    step = step_from(position, verb)
    return step.target, position[1] + 1 if step.climbs else position[1]


def lawful(position: tuple[Status, int], who: Who) -> tuple[Verb, ...]:
    """The verbs open to somebody at this position, in the table's order."""
    status, level = position
    return tuple(v for v, s in STEPS.items() if s.who is who and status in s.sources and level in s.levels)


def outcome(position: tuple[Status, int], verb: Verb) -> tuple[bool, bool]:
    """The two facts a deciding step states: (elected here, recommended upward)."""
    step = step_from(position, verb)
    return step.elected, step.climbs
