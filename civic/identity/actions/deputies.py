"""Standing in for a colleague (代): named by whoever is away, for a time, with exactly their roles at desks."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed
from civic.identity import queries
from civic.identity.models import Deputy, User
from civic.identity.permissions import AT_DESKS, Actor, Permission, may, out_of_reach
from civic.outbox import actions as outbox

LONGEST = timedelta(days=92)


def name_deputy(actor: Actor, deputy_id: int, *, since: date, until: date) -> Deputy:
    """Let a colleague stand in for oneself from one day to another.

    The deputy works at a desk already: nobody becomes staff through a colleague. What one holds only for somebody else
    is not handed on.
    """
    assert actor.user_id is not None
    if not any(g.role in AT_DESKS and g.for_id is None for g in actor.grants):
        raise NotAllowed("no_desk", _l("您自己没有审核的角色，没有什么要代的。"))
    if deputy_id not in {user.id for user, _place in queries.colleagues_of(actor.user_id)}:
        raise Invalid("deputy_not_colleague", _l("请从本县区在任的同志里选一位。"), field="deputy")
    if until < since or until < clock.today():
        raise Invalid("term_backwards", _l("到期的日子要在开始之后，也不能已经过去。"), field="until")
    if until - since > LONGEST:
        raise Invalid("term_too_long", _l("最长三个月。更久的，请管理员正式任命。"), field="until")
    # One after the other: two pages of the same person must not both find nobody.
    db.session.scalars(locked(select(User).where(User.id == actor.user_id))).one()
    for known in queries.deputies_of(actor.user_id):
        if known.since <= until and since <= known.until:
            raise Conflict("deputy_known", _l("这几天已经请了%(name)s代办，先撤了再请别人。", name=known.deputy.person.name), field="deputy")
    row = Deputy(user_id=actor.user_id, deputy_id=deputy_id, since=since, until=until, named_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.record(actor.user_id, "deputy.name", ("deputy", row.id), deputy=deputy_id, since=since, until=until)
    outbox.enqueue("deputy_named", str(row.id), ("user", deputy_id), deputy=row.id)
    return row


def end_deputy(actor: Actor, row_id: int) -> Deputy:
    """End it now: whoever is away, whoever stands in, or an administrator above them."""
    row = db.session.scalars(locked(select(Deputy).where(Deputy.id == row_id))).first()
    if row is None:
        raise out_of_reach()
    above = any(may(actor, Permission.GRANT_GIVE, g.region_path) for g in queries.running_grants(row.user_id))
    if actor.user_id not in (row.user_id, row.deputy_id) and not above:
        raise out_of_reach()
    if row.ended_at is None:
        row.ended_at, row.ended_by_id = clock.now(), actor.user_id
        audit.record(actor.user_id, "deputy.end", ("deputy", row.id), deputy=row.deputy_id)
    return row
