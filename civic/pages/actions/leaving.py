"""What ends with an account or a role, in one transaction. Each feature says what hangs on a person; here they are called.

Accounts and roles are closed through this module alone: `accounts.close` and `grants.end` by themselves would leave the
rest of the house believing in somebody who is gone. A law in tests/laws names every table that points to a person.

The order is that of the locks: nominations, persons and shifts, stock and ledger, then the account.
"""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.core.db import db, locked
from civic.errands import actions as errands
from civic.identity import queries as identity
from civic.identity.actions import accounts, grants, kin
from civic.identity.models import Grant, User
from civic.identity.permissions import MACHINE, Actor
from civic.kiosk.actions import leaving as kiosk
from civic.nominations.actions import leaving as nominations
from civic.points.actions import goods
from civic.volunteering.actions import leaving as volunteering

BATCH = 100
TERM_OVER = _l("任期满了")


def close_account(actor: Actor) -> None:
    """Close one's own account, with everything that runs on it."""
    assert actor.user_id is not None
    assert actor.person_id is not None
    user = _held(actor.user_id)
    grants.demand_closable(user.id)
    nominations.leave(actor, user)
    volunteering.leave(actor, actor.person_id)
    kiosk.leave(actor, actor.person_id)
    goods.leave(actor, actor.person_id)
    errands.leave(actor)
    grants.end_all(actor, user.id)
    kin.end_all(actor, user.person_id)
    accounts.close(user.id)


def end_role(actor: Actor, grant_id: int, *, reason: str | None) -> Grant:
    """End a role now: what was in hand by it lies on the desk again, and every session of the person ends."""
    known = identity.grant_by_id(grant_id)
    if known is not None:
        _held(known.user_id)
    grant = grants.end(actor, grant_id, reason=reason)
    _let_go(actor, grant)
    return grant


def _held(user_id: int) -> User:
    """The account, locked before all else: a role and its account ending at once wait for each other in one order."""
    return db.session.scalars(locked(select(User).where(User.id == user_id))).one()


def end_roles_over(limit: int = BATCH) -> int:
    """End the roles whose last day is over. How many."""
    over = identity.grants_over(limit)
    for grant in over:
        _held(grant.user_id)
        with force_locale("zh"):
            grants.end(MACHINE, grant.id, reason=str(TERM_OVER))
        _let_go(MACHINE, grant)
    return len(over)


def _let_go(actor: Actor, grant: Grant) -> None:
    user = db.session.get_one(User, grant.user_id)
    left = identity.actor_of(user)
    nominations.lay_down(actor, user.id, left)
    if not any(held.path == grant.region_path for held in left.grants):
        nominations.stand_up(actor, user.person_id, grant.region_path)
    kiosk.end_pairings(user.id)
