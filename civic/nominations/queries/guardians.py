"""Questions about guardians: whose word stands for a child's case."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from civic.core.db import db
from civic.nominations.models.cases import Nomination
from civic.nominations.models.guardians import Guardian
from civic.nominations.rules import links


def guardian_of(nomination_id: int) -> Guardian | None:
    """The guardian of a case, also one who took the word back."""
    return db.session.get(Guardian, nomination_id)


def agreed(nomination_ids: Iterable[int]) -> frozenset[int]:
    """The cases for which a guardian's word stands."""
    return frozenset(
        db.session.scalars(
            select(Guardian.nomination_id).where(Guardian.nomination_id.in_(list(nomination_ids)), Guardian.withdrawn_at.is_(None))
        )
    )


def by_token(token: str) -> Guardian | None:
    """The guardian whose link this is, with the case."""
    number = links.numbered(token, "guardian")
    if number is None:
        return None
    return db.session.scalars(
        select(Guardian)
        .where(Guardian.nomination_id == number)
        .options(joinedload(Guardian.nomination).options(joinedload(Nomination.category), joinedload(Nomination.region)))
    ).first()
