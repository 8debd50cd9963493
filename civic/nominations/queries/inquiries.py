"""Questions about visits, department opinions and clues."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import joinedload

from civic.core import clock, listing
from civic.core.db import db, locked
from civic.core.text import normalised_name
from civic.identity.permissions import Actor, Permission
from civic.nominations.models.cases import Nomination
from civic.nominations.models.inquiries import Clue, ClueStatus, NomineeFacts, OpinionRequest, Outcome, Visit
from civic.nominations.rules import climbing, links
from civic.nominations.states import OPEN, Department
from civic.regions.queries import within

MANY = 100


def visits_of(nomination_id: int) -> Sequence[Visit]:
    """The visits of a case, newest first."""
    return db.session.scalars(select(Visit).where(Visit.nomination_id == nomination_id).options(joinedload(Visit.visitor)).order_by(Visit.id.desc())).all()


def valid_visit(nomination_id: int) -> Visit | None:
    """The newest visit that still holds and found the deed true, of whatever level."""
    newest = db.session.scalars(select(Visit).where(Visit.nomination_id == nomination_id).order_by(Visit.id.desc()).limit(1)).first()
    return newest if newest is not None and newest.is_true and newest.valid_until >= clock.today() else None


def facts_of(nomination_id: int) -> NomineeFacts | None:
    return db.session.get(NomineeFacts, nomination_id)


def departments_for(nomination_id: int) -> tuple[Department, ...]:
    """Who has to be asked about the nominee, by what the desk knows of them."""
    facts = facts_of(nomination_id)
    if facts is None:
        return climbing.departments()
    return climbing.departments(
        is_party_member=facts.is_party_member, is_public_employee=facts.is_public_employee,
        is_business_person=facts.is_business_person, is_head_of_enterprise=facts.is_head_of_enterprise,
    )  # fmt: skip


def opinions_of(nomination_id: int) -> dict[Department, OpinionRequest]:
    """The newest question to each department about a case."""
    rows = db.session.scalars(select(OpinionRequest).where(OpinionRequest.nomination_id == nomination_id).order_by(OpinionRequest.id))
    return {row.department: row for row in rows}


def standing_opinions(nomination_id: int) -> dict[Department, Outcome]:
    """The outcomes that still hold. Silence is none."""
    today = clock.today()
    return {
        d: row.outcome
        for d, row in opinions_of(nomination_id).items()
        if row.outcome is not None and row.valid_until is not None and row.valid_until >= today
    }


def opinion_by_token(token: str) -> OpinionRequest | None:
    """The question a link belongs to, locked; none for a forged one."""
    number = links.numbered(token, "opinion")
    if number is None:
        return None
    return db.session.scalars(locked(select(OpinionRequest).where(OpinionRequest.id == number))).first()


def opinion_of(token: str) -> OpinionRequest | None:
    """The same, for reading."""
    number = links.numbered(token, "opinion")
    return db.session.get(OpinionRequest, number, options=[joinedload(OpinionRequest.nomination).options(joinedload(Nomination.category), joinedload(Nomination.nominee), joinedload(Nomination.home_region))]) if number is not None else None


def _clues_of(actor: Actor) -> ColumnElement[bool]:
    paths = actor.paths_for(Permission.CLUE_TRIAGE)
    return or_(*(within(Clue.region_path, path) for path in paths)) if paths else false()


def clues(actor: Actor, status: ClueStatus) -> listing.Some[Clue]:
    """Clues of a status on the actor's desk, the oldest new ones first: a county sees its own, the city all."""
    order = (Clue.received_at, Clue.id) if status is ClueStatus.NEW else (Clue.id.desc(),)
    return listing.some(select(Clue).where(Clue.status == status, _clues_of(actor)).order_by(*order), MANY)


def clue_by_id(actor: Actor, clue_id: int) -> Clue | None:
    return db.session.scalars(select(Clue).where(Clue.id == clue_id, _clues_of(actor))).first()


def cases_like(clue: Clue) -> Sequence[Nomination]:
    """Open cases that may be the same person: the same name. What is protected is not told here either."""
    return db.session.scalars(
        select(Nomination)
        .where(Nomination.normal_name == normalised_name(clue.who), Nomination.status.in_(OPEN), Nomination.protected_at.is_(None))
        .options(joinedload(Nomination.home_region), joinedload(Nomination.category))
        .order_by(Nomination.id.desc())
        .limit(10)
    ).all()
