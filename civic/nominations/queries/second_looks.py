"""Questions about second looks: may one be asked, which wait at a desk, what came of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from civic.core import clock, listing
from civic.core.db import db, locked
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.notices import NoticeItem, Objection
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.states import Status, Verb
from civic.regions.queries import within

MANY = 60
# The statutory model (domain 1.8): fifteen days to ask, thirty to answer.
ASK_WITHIN, ANSWER_WITHIN = timedelta(days=15), timedelta(days=30)
REMIND_BEFORE = timedelta(days=5)


def of_case(nomination_id: int) -> SecondLook | None:
    return db.session.scalars(
        select(SecondLook).where(SecondLook.nomination_id == nomination_id, SecondLook.objection_id.is_(None))
    ).first()


def of_objection(objection_id: int) -> SecondLook | None:
    return db.session.scalars(select(SecondLook).where(SecondLook.objection_id == objection_id)).first()


def refusal_of(nomination: Nomination) -> Decision | None:
    """The word that may be looked at again: a level's decline that stands."""
    if nomination.status is not Status.DECLINED:
        return None
    return db.session.scalars(
        select(Decision)
        .where(
            Decision.nomination_id == nomination.id, Decision.verb == Verb.DECLINE, Decision.undone_at.is_(None), Decision.set_aside_at.is_(None)
        )
        .options(joinedload(Decision.region))
        .order_by(Decision.number.desc())
    ).first()


def may_ask(nomination: Nomination) -> bool:
    """Whether there is still time, and nobody has asked yet."""
    word = refusal_of(nomination)
    return word is not None and clock.now() <= word.at + ASK_WITHIN and of_case(nomination.id) is None


def may_ask_about(objection: Objection) -> bool:
    closed = objection.closed_at
    is_no = objection.status.value in ("not_accepted", "rejected")
    return is_no and closed is not None and clock.now() <= closed + ASK_WITHIN and of_objection(objection.id) is None


def waiting_for(actor: Actor, *, is_open: bool = True, limit: int | None = None) -> listing.Some[SecondLook]:
    """The requests that the actor's level looks into, the soonest due first."""
    paths = actor.paths_for(Permission.OBJECTION_HANDLE)
    state = SecondLook.answered_at.is_(None) if is_open else SecondLook.answered_at.is_not(None)
    return listing.some(
        select(SecondLook)
        .where(or_(*(within(SecondLook.region_path, p) for p in paths)) if paths else false(), state)
        .options(joinedload(SecondLook.nomination).joinedload(Nomination.category), joinedload(SecondLook.objection))
        .order_by(SecondLook.due_at if is_open else SecondLook.answered_at.desc(), SecondLook.id),
        limit or MANY,
    )


def to_chase(now: datetime, limit: int) -> Sequence[SecondLook]:
    """Unanswered requests whose reminder or whose day has come and was not told yet, locked, the soonest due first."""
    return db.session.scalars(
        locked(
            select(SecondLook)
            .where(
                SecondLook.answered_at.is_(None),
                SecondLook.escalated_at.is_(None),
                or_(SecondLook.due_at <= now, and_(SecondLook.due_at <= now + REMIND_BEFORE, SecondLook.reminded_at.is_(None))),
            )
            .order_by(SecondLook.due_at, SecondLook.id)
            .limit(limit)
        )
    ).all()


def in_reach_of(actor: Actor, look_id: int) -> SecondLook:
    paths = actor.paths_for(Permission.OBJECTION_HANDLE)
    found = db.session.scalars(
        select(SecondLook)
        .where(SecondLook.id == look_id, or_(*(within(SecondLook.region_path, p) for p in paths)) if paths else false())
        .options(
            joinedload(SecondLook.nomination).options(joinedload(Nomination.category), selectinload(Nomination.decisions)),
            joinedload(SecondLook.objection).joinedload(Objection.item).joinedload(NoticeItem.notice),
            joinedload(SecondLook.answered_by),
        )
    ).first()
    if found is None:
        raise out_of_reach()
    return found
