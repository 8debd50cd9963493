"""Questions about errands: everybody sees their own."""

from __future__ import annotations

from sqlalchemy import select

from civic.core import listing
from civic.core.db import db
from civic.errands.models import Errand
from civic.identity.permissions import Actor, out_of_reach
from civic.identity.queries import Rows, rows_of

MANY = 30


def own(actor: Actor, errand_id: int) -> Errand:
    """Somebody's own errand; another's is nowhere."""
    found = db.session.get(Errand, errand_id)
    if found is None or found.asked_by_id != actor.user_id:
        raise out_of_reach()
    return found


def all_of(actor: Actor) -> listing.Some[Errand]:
    """What somebody asked for since yesterday, the newest first. One statement."""
    return listing.some(select(Errand).where(Errand.asked_by_id == actor.user_id).order_by(Errand.id.desc()), MANY)


def own_data(user_id: int) -> dict[str, Rows]:
    """What somebody had the house do for them since yesterday, to be taken along."""
    return {"errands": rows_of(select(Errand.name, Errand.asked_at, Errand.status, Errand.ended_at).where(Errand.asked_by_id == user_id).order_by(Errand.id))}
