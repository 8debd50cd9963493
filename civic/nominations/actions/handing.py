"""Handing over everything somebody has in hand, when staff change: to a colleague of the same desk, each case for itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed
from civic.identity import queries as identity
from civic.identity.models import User
from civic.identity.permissions import Actor, Permission, demand, is_recused, may
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Nomination
from civic.nominations.models.notices import Objection, ObjectionStatus
from civic.nominations.queries import cases, notices
from civic.nominations.states import Status, Verb


@dataclass
class Handed:
    """What went over, and what could not (the colleague is recused, or serves another desk)."""

    cases: int = 0
    objections: int = 0
    left: list[str] = field(default_factory=list)


def hand_over_all(actor: Actor, from_id: int, to_id: int, *, reason: str) -> Handed:
    """Give a colleague the cases and objections somebody has in hand. By themselves, or by an administrator above them."""
    receiver = db.session.get(User, to_id)
    if receiver is None or receiver.closed_at is not None or from_id == to_id:
        raise Invalid("receiver_missing", _l("请选同一个审核台上的另一位同志。"), field="to")
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么交接，比如“调岗”。"), field="reason")
    if actor.user_id != from_id:
        grants = identity.grants_of(from_id)
        if not any(may(actor, Permission.GRANT_GIVE, g.region_path) for g in grants):
            raise NotAllowed("not_yours", _l("只能交接自己手上的，或者由管理这个地方的同志来办。"))
        demand(actor, Permission.GRANT_GIVE, grants[0].region_path)
    handed, to = Handed(), identity.actor_of(receiver)
    for case in db.session.scalars(
        locked(select(Nomination).where(Nomination.taken_by_id == from_id, Nomination.status == Status.IN_REVIEW).order_by(Nomination.id))
    ):
        _case(actor, case, to, reason.strip(), handed)
    for objection in db.session.scalars(
        locked(
            select(Objection)
            .where(Objection.investigator_id == from_id, Objection.status == ObjectionStatus.INVESTIGATING)
            .order_by(Objection.id)
        )
    ):
        _objection(actor, objection, to, handed)
    audit.record(
        actor.user_id, "desk.hand_over", ("user", from_id), to=to_id, cases=handed.cases, objections=handed.objections, left=len(handed.left)
    )
    return handed


def _case(actor: Actor, case: Nomination, to: Actor, reason: str, handed: Handed) -> None:
    if not may(to, Permission.NOMINATION_REVIEW, case.desk_path) or is_recused(to, cases.parties_of(case)):
        handed.left.append(case.reference)
        return
    step_taken(case, Verb.ENTRUST, actor_id=actor.user_id, reason=reason)
    case.taken_by_id, case.taken_at = to.user_id, clock.now()
    handed.cases += 1


def _objection(actor: Actor, objection: Objection, to: Actor, handed: Handed) -> None:
    case = objection.item.nomination
    if (
        not may(to, Permission.OBJECTION_HANDLE, objection.region_path)
        or is_recused(to, cases.parties_of(case))
        or notices.has_handled(to.user_id, case)
    ):
        handed.left.append(case.reference)
        return
    objection.investigator_id = to.user_id
    audit.record(
        actor.user_id, "objection.entrust", ("objection", objection.id), region_path=objection.region_path, to=to.user_id
    )
    handed.objections += 1
