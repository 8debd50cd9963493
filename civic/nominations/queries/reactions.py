"""How many hearts a deed has: for the two pages that show it, and for nothing that decides."""

from __future__ import annotations

from sqlalchemy import func, select

from civic.core import crypto
from civic.core.db import db
from civic.nominations.models.cases import Nomination
from civic.nominations.models.reactions import Reaction


def who(nomination_id: int, user_id: int | None, browser: str) -> str:
    """The digest of whoever gives one: the account, else the browser; bound to the case, so that no list of likes arises."""
    return crypto.digest("reaction", f"{nomination_id}:user:{user_id}" if user_id is not None else f"{nomination_id}:browser:{browser}")


def takes_them(nomination: Nomination | None) -> bool:
    """Whether hearts are shown at all: never for children, nor for whoever has to be protected."""
    return nomination is not None and not nomination.is_of_a_child and not nomination.is_protected


def of_case(nomination: Nomination | None, digest: str) -> dict[str, object] | None:
    """What a page shows: how many, and whether this visitor gave one. None where there are none to be."""
    if nomination is None or not takes_them(nomination):
        return None
    count, mine = db.session.execute(
        select(func.count(), func.count().filter(Reaction.who_digest == digest)).where(Reaction.nomination_id == nomination.id)
    ).one()
    return {"count": count, "mine": bool(mine)}
