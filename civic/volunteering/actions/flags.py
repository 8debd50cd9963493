"""Putting aside what stood out: somebody looked, and wrote what they found."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.regions.models import Region
from civic.volunteering.models.attendance import FlagLook
from civic.volunteering.queries import flags


def look(actor: Actor, key: str, *, reason: str) -> list[FlagLook]:
    """Put a flag aside in the places where the actor runs events, with what they found, until it happens again."""
    paths = sorted(actor.paths_for(Permission.EVENT_RUN))
    places = [int(path.rstrip(".").split(".")[-1]) for path in paths]
    # The rows of the places stand for their looks: two at once are one look and one who is told.
    db.session.scalars(locked(select(Region.id).where(Region.id.in_(places)).order_by(Region.id))).all()
    told = flags.standing(paths)
    if any(flag.key == key for flag, _look in told.aside):
        raise Conflict("seen_already", _l("另一位同志刚看过这一条，写的在下面。"))
    flag = next((flag for flag in told.open if flag.key == key), None)
    if flag is None or actor.user_id is None:
        raise out_of_reach()
    if actor.user_id in flag.user_ids or (flag.person_id is not None and flag.person_id in {actor.person_id, *actor.kin}):
        raise NotAllowed("recused", _l("这一条说的是您自己或者家里人，请别的同志来看。"))
    if len(reason.strip()) < 5:
        raise Invalid("reason_missing", _l("请写看了什么、怎么回事，比如“抽了三条，照片都对得上”。"), field="reason")
    looks = [
        FlagLook(flag=key, region_id=place, newest=flag.newest, reason=reason.strip()[:300], by_user_id=actor.user_id, at=clock.now())
        for place in places
    ]
    db.session.add_all(looks)
    db.session.flush()
    for made, path in zip(looks, paths, strict=True):
        audit.record(actor.user_id, "flag.look", ("flag_look", made.id), region_path=path, rule=flag.rule, count=flag.count)
    return looks
