"""Giving and ending roles: made by those above, for a region and a term."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed, NotNow
from civic.identity import queries
from civic.identity.actions import accounts
from civic.identity.models import Deputy, Grant, User
from civic.identity.permissions import AT_DESKS, LEVELS, TABLE, Actor, Permission, Role, demand, out_of_reach
from civic.outbox import actions as outbox
from civic.regions.models import Region

ADMINS = frozenset({Role.REGION_ADMIN, Role.CITY_ADMIN})


def appoint(actor: Actor, user: User, role: Role, region: Region, *, since: date, until: date | None) -> Grant:
    """Give a role. Nobody appoints himself, and nobody makes an administrator of his own level or above."""
    demand(actor, Permission.GRANT_GIVE, region.path)
    if user.id == actor.user_id:
        raise NotAllowed("not_oneself", _l("不能给自己开通，请上一级的同志来办。"))
    if role in ADMINS and not actor.is_machine:
        mine = max(g.level for g in actor.grants if Permission.GRANT_GIVE in TABLE[g.role] and region.path.startswith(g.path))
        if region.level >= mine:
            raise NotAllowed("not_own_level", _l("本级的管理员要由上一级来任命。"))
    if region.level not in LEVELS[role]:
        raise Invalid("role_wrong_level", _l("这个角色不能放在这一级。请换一个地方或角色。"), field="role")
    if region.is_retired:
        raise Invalid("region_retired", _l("这个地方已经撤并了，请选现在的地方。"), field="region")
    if until is not None and until < since:
        raise Invalid("term_backwards", _l("到期的日子要在开始之后。"), field="until")
    running = db.session.scalars(
        select(Grant).where(
            Grant.user_id == user.id, Grant.role == role, Grant.region_id == region.id, Grant.ended_at.is_(None)
        )
    ).first()
    if running is not None:
        raise Conflict("grant_running", _l("他（她）已经有这个角色了。"), field="role")
    grant = Grant(
        user_id=user.id,
        role=role,
        region_id=region.id,
        region_path=region.path,
        level=region.level,
        since=since,
        until=until,
        granted_by_id=actor.user_id,
        granted_at=clock.now(),
    )
    db.session.add(grant)
    db.session.flush()
    audit.record(
        actor.user_id, "grant.give", ("grant", grant.id), region_path=region.path, user=user.id, role=role.value,
        since=since, until=until,
    )  # fmt: skip
    outbox.enqueue("appointed", str(grant.id), ("user", user.id), grant=grant.id)
    return grant


def end(actor: Actor, grant_id: int, *, reason: str | None) -> Grant:
    """End a role now; whoever held it is told why. The city's last administrator stays: nobody could appoint another."""
    grant = db.session.get(Grant, grant_id)
    if grant is None:
        raise out_of_reach()
    demand(actor, Permission.GRANT_GIVE, grant.region_path)
    if grant.ended_at is not None:
        return grant
    if grant.until is None or grant.until >= clock.today():
        demand_another_administrator(grant)
    plain = (reason or "").strip()
    if not plain:
        raise Invalid("reason_missing", _l("请写明原因，会告诉他（她）。"), field="reason")
    grant.ended_at = clock.now()
    grant.ended_by_id = actor.user_id
    grant.end_reason = plain[:1000]
    audit.record(actor.user_id, "grant.end", ("grant", grant.id), region_path=grant.region_path, user=grant.user_id)
    db.session.flush()
    _without_desk(actor, grant.user_id)
    outbox.enqueue("role_ended", str(grant.id), ("user", grant.user_id), grant=grant.id)
    # What was open in a browser was open in this role.
    accounts.end_sessions(grant.user_id)
    return grant


def demand_another_administrator(grant: Grant) -> None:
    """Refuse where this is the last running role of a city administrator: without one nobody gives roles any more.

    The other roles are held meanwhile, so that two who end each other's at once do not both find the other's running.
    """
    if grant.role is not Role.CITY_ADMIN:
        return
    today = clock.today()
    running = db.session.scalars(
        locked(
            select(Grant)
            .where(
                Grant.role == Role.CITY_ADMIN, Grant.region_id == grant.region_id, Grant.ended_at.is_(None), Grant.since <= today,
                or_(Grant.until.is_(None), Grant.until >= today),
            )
            .order_by(Grant.id)
        )
    ).all()  # fmt: skip
    closed = set(db.session.scalars(select(User.id).where(User.id.in_({g.user_id for g in running}), User.closed_at.is_not(None))))
    if not any(g.user_id != grant.user_id and g.user_id not in closed for g in running):
        raise NotNow("last_administrator", _l("这是全市最后一位管理员，结束了就没有人能再开通角色。请先请上另一位，再结束这个。"))


def demand_closable(user_id: int) -> None:
    """Refuse to close the account of the city's last administrator."""
    for grant in queries.running_grants(user_id):
        demand_another_administrator(grant)


def end_all(actor: Actor, user_id: int) -> None:
    """End every role of an account that closes, and all standing in, for it and by it."""
    for grant in db.session.scalars(locked(select(Grant).where(Grant.user_id == user_id, Grant.ended_at.is_(None)).order_by(Grant.id))):
        grant.ended_at, grant.ended_by_id = clock.now(), actor.user_id
        audit.record(actor.user_id, "grant.end", ("grant", grant.id), region_path=grant.region_path, user=user_id)
    db.session.flush()
    _without_desk(actor, user_id)


def _without_desk(actor: Actor, user_id: int) -> None:
    """Who has no desk any more has nobody stand in for them, and stands in for nobody."""
    if any(grant.role in AT_DESKS for grant in queries.running_grants(user_id)):
        return
    rows = select(Deputy).where((Deputy.user_id == user_id) | (Deputy.deputy_id == user_id), Deputy.ended_at.is_(None))
    for row in db.session.scalars(locked(rows.order_by(Deputy.id))):
        row.ended_at, row.ended_by_id = clock.now(), actor.user_id or user_id
        audit.record(actor.user_id, "deputy.end", ("deputy", row.id), deputy=row.deputy_id)


def repath(old: str, new: str) -> None:
    """Follow a region that moved."""
    db.session.execute(
        update(Grant)
        .where(Grant.region_path >= old, Grant.region_path < old[:-1] + "/")
        .values(region_path=new + func.substr(Grant.region_path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
