"""Taking back one's last step at a desk (撤回这一步): for ten minutes, and only while nothing further has happened.

Letters about the step and its honour wait as long, so that nobody was told and nobody saw. The history keeps both rows.
"""

from __future__ import annotations

import json
from datetime import datetime

from flask_babel import lazy_gettext as _l

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, NotNow
from civic.honours import actions as honours
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.nominations.actions import rewarding
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.queries import cases
from civic.nominations.queries import undoing as queries
from civic.nominations.rules import climbing
from civic.nominations.states import UNDOABLE, Status, Verb

MOMENTS = ("arrived_at", "due_at", "taken_at")
# What a desk's step changes of a case, and its home, which only a change of the map could move.
FIELDS = (
    "status", "level", "region_id", "desk_path", "raised_path", "rule_id", "taken_by_id", "honour_id", "carried", "home_path", *MOMENTS,
)  # fmt: skip

TOO_LATE = {
    Verb.RETURN: _l("过了十分钟，信已经发给推荐人了。材料要是齐了，请打电话说一声，请他（她）点“补好了”。"),
    Verb.PASS: _l("过了十分钟，不能撤回了。请到这一期里点“退回”，件就回到审核台。"),
    Verb.ENDORSE: _l("过了十分钟，上一级已经收到，推荐人也知道了。请联系上一级；这一级的荣誉有问题，到“公开”里打开它，可以暂停。"),
    Verb.ELECT: _l("过了十分钟，推荐人已经知道了。荣誉有问题，到“公开”里打开它，可以暂停，也可以凭文号撤销。"),
    Verb.DECLINE: _l("过了十分钟，信已经发给推荐人了。办错了的，请打电话告诉推荐人，可以请上一级再看一遍，或者重新推荐。"),
    Verb.HAND_OVER: _l("过了十分钟，不能撤回了。请现在经办的同志转回来。"),
}


def remember(nomination: Nomination) -> str:
    """The case as it stands before a step, to be kept with the step."""
    return json.dumps({name: _plain(getattr(nomination, name)) for name in FIELDS})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def allow(actor: Actor, decision: Decision, was: str) -> datetime:
    """Open the way back from a step that a desk has just taken. When letters about it may go out."""
    assert decision.verb in UNDOABLE
    decision.was = was
    sign_for(actor, decision, json.loads(was)["desk_path"])
    return told_after(decision)


def sign_for(actor: Actor, decision: Decision, path: str) -> None:
    """Say for whom, where somebody stands in for a colleague (代)."""
    held = actor.stands_in_at(Permission.NOMINATION_REVIEW, path)
    decision.stands_for_id = held.for_id if held is not None else None


def told_after(decision: Decision) -> datetime:
    """When nobody can undo the step any more, with a margin: letters and the public roll wait for it."""
    return decision.at + climbing.TOLD_AFTER


def undo(actor: Actor, decision_id: int) -> Decision:
    """Put the case back as it was before the step. Of two who undo at once, one is told who was first."""
    known = queries.step_by_id(decision_id)
    if known is None:
        raise out_of_reach()
    nomination = cases.held_in_reach_of(actor, known.nomination_id)
    if known.was is None:
        raise NotNow("not_undoable", _l("这一步不能撤回。一期的发布是公开的，定了就不能撤回。"))
    step = queries.step_anew(decision_id)
    was = json.loads(step.was or "{}")
    demand(actor, Permission.NOMINATION_REVIEW, was["desk_path"], cases.parties_of(nomination))
    _demand_time(nomination, step, was)
    return _undone(actor, nomination, step, was)


def _demand_time(nomination: Nomination, step: Decision, was: dict) -> None:
    if step.undone_by is not None:
        name = step.undone_by.person.name
        raise Conflict("undone_already", _l("%(name)s 已经撤回了这一步。", name=name), by=name)
    if clock.now() >= step.at + climbing.UNDO_FOR:
        raise NotNow("undo_too_late", TOO_LATE[step.verb])
    last = cases.last_decision(nomination.id)
    if last is None or last.id != step.id or queries.has_gone_on(step) or was["home_path"] != nomination.home_path:
        raise NotNow("moved_on", _l("这件后来又有人办过了，不能再撤回这一步。请看看现在的进度。"))


def _undone(actor: Actor, nomination: Nomination, step: Decision, was: dict) -> Decision:
    given, now = nomination.honour_id, clock.now()
    # Everything returns at once or the row's CHECKs refuse: nothing is written in between.
    with db.session.no_autoflush:
        row = Decision(
            nomination_id=nomination.id, number=step.number + 1, verb=Verb.UNDO, before=nomination.status, after=Status(was["status"]),
            level=step.level, region_id=step.region_id, actor_id=actor.user_id, at=now,
        )  # fmt: skip
        for name in FIELDS:
            value = was[name]
            setattr(nomination, name, datetime.fromisoformat(value) if name in MOMENTS and value else value)
        nomination.status = row.after
        nomination.days_left = nomination.return_reason = nomination.supplement_due_at = None
        nomination.decided_at = nomination.decided_by_id = None
        step.undone_at, step.undone_by_id = now, actor.user_id
        if step.elected and given is not None:
            honours.take_back(actor, given)
        db.session.add(row)
        audit.record(
            actor.user_id, "nomination.undo", ("nomination", nomination.id), region_path=nomination.home_path, level=step.level,
            number=row.number, undone=step.number, deed=step.verb.value,
        )  # fmt: skip
    db.session.flush()
    if step.elected and given is not None:
        rewarding.take_back(actor, given)
    return row
