"""Which steps of a desk can still be taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from civic.core import clock
from civic.core.db import db
from civic.identity.permissions import Actor, Permission, may
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Meeting, Verdict
from civic.nominations.models.decisions import Decision
from civic.nominations.models.inquiries import OpinionRequest, Visit
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.rules import climbing

MANY = 200


@dataclass(frozen=True)
class Going:
    """Steps that somebody took in one go (or one alone) and can still take back."""

    key: str
    verb: str
    at: datetime
    steps: Sequence[Decision]

    @property
    def until(self) -> datetime:
        """When the first of them can no longer be undone."""
        return self.steps[-1].at + climbing.UNDO_FOR

    @property
    def is_batch(self) -> bool:
        return self.steps[0].batch is not None


def step_by_id(decision_id: int) -> Decision | None:
    return db.session.get(Decision, decision_id)


def step_anew(decision_id: int) -> Decision:
    """The step as it stands now, read after its case was locked."""
    return db.session.scalars(select(Decision).where(Decision.id == decision_id).execution_options(populate_existing=True)).one()


def open_step(actor: Actor, nomination: Nomination) -> Decision | None:
    """The last step of the case, where the actor's desk can still take it back; needs decisions loaded."""
    last = nomination.decisions[-1] if nomination.decisions else None
    if last is None or last.was is None or last.undone_at is not None or clock.now() >= last.at + climbing.UNDO_FOR:
        return None
    at_my_desk = may(actor, Permission.NOMINATION_REVIEW, json.loads(last.was)["desk_path"])
    return last if at_my_desk and not has_gone_on(last) else None


def is_settling(nomination: Nomination) -> bool:
    """Whether the last step may still be taken back, so that nobody builds on it yet; needs decisions loaded."""
    last = nomination.decisions[-1] if nomination.decisions else None
    return last is not None and last.was is not None and last.undone_at is None and clock.now() < last.at + climbing.UNDO_FOR


def of_batch(actor: Actor, batch: str) -> Sequence[Decision]:
    """Every step somebody took in one go, undone or not."""
    return db.session.scalars(
        select(Decision).where(Decision.batch == batch, Decision.actor_id == actor.user_id).options(joinedload(Decision.nomination)).order_by(Decision.id)
    ).all()


def has_gone_on(step: Decision) -> bool:
    """Whether something hangs on the step that leaves no row in the case's own history: a visit, a question, a council, a
    request to look again."""
    after = (
        select(Visit.id).where(Visit.nomination_id == step.nomination_id, Visit.signed_at > step.at),
        select(OpinionRequest.id).where(OpinionRequest.nomination_id == step.nomination_id, OpinionRequest.asked_at > step.at),
        select(SecondLook.id).where(SecondLook.nomination_id == step.nomination_id, SecondLook.asked_at > step.at),
        select(Verdict.id).join(Meeting).where(Verdict.nomination_id == step.nomination_id, Meeting.opened_at > step.at),
    )
    return any(db.session.scalars(question.limit(1)).first() is not None for question in after)


def open_to(actor: Actor, *, limit: int = MANY) -> list[Going]:
    """What somebody can still take back of their own, the newest first. One statement."""
    later = aliased(Decision)
    last = select(func.max(later.number)).where(later.nomination_id == Decision.nomination_id).scalar_subquery()
    rows = db.session.scalars(
        select(Decision)
        .where(
            Decision.actor_id == actor.user_id,
            Decision.at > clock.now() - climbing.UNDO_FOR,
            Decision.was.is_not(None),
            Decision.undone_at.is_(None),
            Decision.number == last,
        )
        .options(joinedload(Decision.nomination).joinedload(Nomination.category))
        .order_by(Decision.id.desc())
        .limit(limit)
    ).all()
    groups: dict[str, list[Decision]] = {}
    for row in rows:
        groups.setdefault(row.batch or str(row.id), []).append(row)
    return [Going(key, steps[0].verb.value, steps[-1].at, steps) for key, steps in groups.items()]
