"""Whom a case mentions, and what in its two texts looks private."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from civic.core import privacy
from civic.core.db import db
from civic.core.privacy import Find
from civic.nominations.models.cases import Nomination
from civic.nominations.models.mentioned import Agreement, Mentioned


def of_case(nomination_id: int) -> Sequence[Mentioned]:
    """The people the story tells of now, in the order they were written down."""
    return db.session.scalars(
        select(Mentioned)
        .where(Mentioned.nomination_id == nomination_id, Mentioned.removed_at.is_(None))
        .options(joinedload(Mentioned.recorded_by))
        .order_by(Mentioned.id)
    ).all()


def stand_in_the_way_of(nomination_id: int, put_up_at: datetime) -> bool:
    """Whether somebody in a text that hangs since then has not agreed; to drop them from a later wording does not help."""
    return (
        db.session.scalars(
            select(Mentioned.id)
            .where(
                Mentioned.nomination_id == nomination_id,
                Mentioned.is_recognisable,
                Mentioned.agreement != Agreement.AGREED,
                or_(Mentioned.removed_at.is_(None), Mentioned.removed_at >= put_up_at),
            )
            .limit(1)
        ).first()
        is not None
    )


def finds_in(text: str, nomination: Nomination, people: Sequence[Mentioned], *, agreed_too: bool = False) -> list[Find]:
    """What looks private in a text of the case; names of those who agreed are none."""
    names = [row.name for row in people if agreed_too or row.agreement is not Agreement.AGREED]
    known = {row.name for row in people} - set(names)
    # A child's own name is as private as anybody's.
    own = "" if nomination.is_of_a_child else nomination.nominee_name
    if nomination.is_of_a_child:
        names.append(nomination.nominee_name)
    return [f for f in privacy.finds(text, names=names, own=own) if f.words not in known]


def finds_in_public(nomination: Nomination, people: Sequence[Mentioned]) -> list[Find]:
    """What looks private in headline and public text as they stand."""
    return finds_in(f"{nomination.public_headline or ''}\n{nomination.public_story or ''}", nomination, people)
