"""What the demonstration holds."""

from __future__ import annotations

from sqlalchemy import func, inspect, select

from civic.core.db import db
from civic.demo import rules
from civic.demo.actions import sign_ins as planned
from civic.identity.actions import accounts
from civic.identity.models import User
from civic.identity.rules import Contact, contact_digest
from civic.nominations.models.cases import Nomination
from civic.regions.models import Region


def is_empty() -> bool:
    return db.session.scalar(select(Region.id).limit(1)) is None


def is_demonstration() -> bool:
    """Whether nothing is there yet, or what `flask demo load` laid under these keys. Asked before migrations, so of few columns."""
    if not inspect(db.engine).has_table("region") or is_empty():
        return True
    known = [contact_digest(Contact("email", login)) for login in rules.LOGINS]
    return db.session.scalar(select(User.id).where(User.email_digest.in_(known)).limit(1)) is not None


def case_count() -> int:
    return db.session.scalar(select(func.count()).select_from(Nomination)) or 0


def sign_ins() -> list[dict[str, str]]:
    """Role, region, login and password of each account of the demonstration that is really there."""
    place = db.session.scalars(select(Region).where(Region.level == 5).limit(1)).first()
    line = []
    while place is not None:
        line.append(place)
        place = db.session.scalars(
            select(Region).where(Region.parent_id == place.id).order_by(Region.id).limit(1)
        ).first()
    if len(line) != 5:
        return []
    return [
        {
            "role": role.value if role is not None else "resident",
            "region": "/".join(p.name for p in line if p.level >= region.level),
            "login": login,
            "password": rules.PASSWORD,
        }
        for login, _name, role, region in planned(line)
        if accounts.user_of(Contact("email", login)) is not None
    ]
