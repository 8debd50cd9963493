"""Keeping what a desk wants remembered: texts before they change, that somebody has read a case, filters by name."""

from __future__ import annotations

from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from civic.core import clock
from civic.core.db import db, rows_changed
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.nominations.models.cases import Nomination
from civic.nominations.models.looks import Look, Revision, SavedFilter
from civic.nominations.queries import cases

FILTERS_MOST = 12
# What a filter may hold: the boxes of the queue, nothing else that an address may carry.
FILTER_NAMES = ("lane", "category", "channel", "region", "search")


def keep_old(nomination_id: int, field: str, before: object, after: object) -> None:
    """Note what a field said, where it is about to say something else."""
    if before != after:
        db.session.add(Revision(nomination_id=nomination_id, field=field, before="" if before is None else str(before), at=clock.now()))


def has_read(actor: Actor, nomination_id: int) -> Nomination:
    """Say that one has read the case as it stands: from now on only newer changes are marked."""
    nomination = cases.in_reach_of(actor, nomination_id)
    demand(actor, Permission.NOMINATION_READ, nomination.home_path)
    assert actor.user_id is not None
    look = db.session.get(Look, (nomination.id, actor.user_id))
    if look is None:
        look = Look(nomination_id=nomination.id, user_id=actor.user_id, at=clock.now())
        db.session.add(look)
    look.at = clock.now()
    db.session.flush()
    return nomination


def keep_filter(actor: Actor, name: str, chosen: dict[str, str]) -> SavedFilter:
    """Keep a way of filtering under a name of one's own."""
    assert actor.user_id is not None
    kept = {n: chosen[n] for n in FILTER_NAMES if chosen.get(n)}
    if not name.strip():
        raise Invalid("filter_name_missing", _l("给它起个名字，比如“快到期的孝老爱亲”。"), field="name")
    if len(name.strip()) > 20:
        raise Invalid("filter_name_too_long", _l("名字请不超过 20 个字。"), field="name")
    if not set(kept) - {"lane"}:
        raise Invalid("filter_empty", _l("还没有筛。先选类别、渠道、地区或写要搜的，再存下来。"), field="name")
    query = urlencode(kept)
    if len(query) > 300:
        raise Invalid("filter_too_long", _l("要搜的字太多了，存不下。请短一点。"), field="name")
    count = db.session.scalar(select(func.count()).select_from(SavedFilter).where(SavedFilter.user_id == actor.user_id)) or 0
    if count >= FILTERS_MOST:
        raise NotNow("filters_full", _l("已经存了 12 个，先删掉用不着的。"))
    known = select(SavedFilter.id).where(SavedFilter.user_id == actor.user_id, SavedFilter.name == name.strip())
    if db.session.scalar(known) is not None:
        raise Conflict("filter_known", _l("这个名字用过了，换一个。"), field="name")
    found = SavedFilter(user_id=actor.user_id, name=name.strip(), query=query, created_at=clock.now())
    db.session.add(found)
    db.session.flush()
    return found


def forget_filter(actor: Actor, filter_id: int) -> None:
    """Remove a filter of one's own."""
    gone = rows_changed(delete(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.user_id == actor.user_id))
    if not gone:
        raise out_of_reach()
