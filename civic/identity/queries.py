"""Every question about people, accounts and grants."""

from __future__ import annotations

from sqlalchemy import or_, select

from civic.core import clock
from civic.core.db import db
from civic.identity.models import Grant, Kinship, Person, User
from civic.identity.permissions import Actor, Held, Role


def user_by_session(token: str) -> User | None:
    """The account whose session this is, unless it was closed."""
    return db.session.scalars(select(User).where(User.session_token == token, User.closed_at.is_(None))).first()


def running_grants(user_id: int) -> list[Grant]:
    """Grants in force today."""
    today = clock.today()
    return list(
        db.session.scalars(
            select(Grant)
            .where(
                Grant.user_id == user_id,
                Grant.ended_at.is_(None),
                Grant.since <= today,
                or_(Grant.until.is_(None), Grant.until >= today),
            )
            .order_by(Grant.level.desc(), Grant.region_path)
        )
    )


def kin_of(person: Person) -> frozenset[int]:
    """Ids of the person, declared relatives and the household."""
    ids = {person.id}
    ids.update(db.session.scalars(select(Kinship.kin_id).where(Kinship.person_id == person.id)))
    if person.household_id is not None:
        ids.update(db.session.scalars(select(Person.id).where(Person.household_id == person.household_id)))
    return frozenset(ids)


def actor_of(user: User) -> Actor:
    """An account as the rules see it: two or three statements, asked once per request."""
    grants = tuple(Held(g.role, g.region_id, g.region_path, g.level) for g in running_grants(user.id))
    # Only those who decide need to be kept apart from their kin.
    kin = kin_of(user.person) if grants else frozenset({user.person_id})
    return Actor(user_id=user.id, person_id=user.person_id, name=user.person.name, grants=grants, kin=kin)


def staff_at(path: str) -> list[User]:
    """Those who decide at exactly this region today."""
    today = clock.today()
    return list(
        db.session.scalars(
            select(User)
            .join(Grant, Grant.user_id == User.id)
            .where(
                Grant.region_path == path,
                Grant.role.in_((Role.STEWARD, Role.REVIEWER)),
                Grant.ended_at.is_(None),
                Grant.since <= today,
                or_(Grant.until.is_(None), Grant.until >= today),
                User.closed_at.is_(None),
            )
            .order_by(User.id)
        )
    )


def names_of(user_ids: set[int]) -> dict[int, str]:
    """Names of several accounts at once."""
    if not user_ids:
        return {}
    return dict(db.session.execute(select(User.id, Person.name).join(Person).where(User.id.in_(user_ids))).all())
