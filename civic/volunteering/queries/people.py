"""Questions about volunteers, families and teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from civic.core import clock
from civic.core.db import db
from civic.identity.models import Person, User
from civic.identity.permissions import Actor, Permission
from civic.identity.rules import is_minor
from civic.regions.queries import within
from civic.volunteering.models.people import Team, TeamMember, Volunteer
from civic.volunteering.rules.sheets import SHEET_MOST


def volunteer_of(person_id: int | None) -> Volunteer | None:
    return db.session.get(Volunteer, person_id) if person_id is not None else None


def names_of(person_ids: Sequence[int]) -> dict[int, str]:
    """Names of persons, by id."""
    if not person_ids:
        return {}
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids))).all())


def by_number(number: int) -> Volunteer | None:
    """The volunteer with a number."""
    return db.session.scalars(select(Volunteer).where(Volunteer.number == number)).first()


def by_phone(digest: str) -> Volunteer | None:
    """The volunteer with a phone, by its digest."""
    return db.session.scalars(
        select(Volunteer).join(Person, Person.id == Volunteer.person_id).where(Person.phone_digest == digest).order_by(Volunteer.number).limit(1)
    ).first()


def at_phone(digest: str, normal_name: str) -> tuple[Person | None, bool]:
    """(who has this phone, or is of the household of who has it, and this name; whether anybody has the phone)."""
    owners = db.session.scalars(select(Person).where(Person.phone_digest == digest).order_by(Person.id)).all()
    own = next((person for person in owners if person.normal_name == normal_name), None)
    if own is not None or not owners:
        return own, bool(owners)
    query = (
        select(Person)
        .join(Volunteer, Volunteer.person_id == Person.id)
        .where(Volunteer.guardian_id.in_([person.id for person in owners]), Person.normal_name == normal_name)
        .order_by(Person.id)
    )
    return db.session.scalars(query.limit(1)).first(), True


def all_at_phone(digest: str) -> Sequence[Person]:
    """Everybody who is written down with this phone."""
    return db.session.scalars(select(Person).where(Person.phone_digest == digest).order_by(Person.id)).all()


def owner_of(digest: str) -> int:
    """Whose phone it is, of those who are written down with it: who proved it for an account, else who gave it at a table,
    else who is known longest."""
    proved = db.session.scalars(select(User.person_id).where(User.phone_digest == digest, User.closed_at.is_(None))).first()
    if proved is not None:
        return proved
    return db.session.scalars(select(Person.id).where(Person.phone_digest == digest).order_by(Person.is_guest.desc(), Person.id).limit(1)).one()


def wards_of(person_id: int) -> Sequence[Volunteer]:
    """Those of the household whom this person said to be theirs, and those whom a table wrote down under their number."""
    return db.session.scalars(select(Volunteer).where(Volunteer.guardian_id == person_id).order_by(Volunteer.number)).all()


@dataclass(frozen=True)
class Guardian:
    """Who signs somebody up, as that somebody sees them."""

    name: str
    may_end: bool


def guardian_seen_by(person_id: int) -> Guardian | None:
    """Who signs this person up and sees what they served, where they said so; and whether the person is grown."""
    row = db.session.execute(
        select(Person.name, Volunteer)
        .join(Volunteer, Volunteer.guardian_id == Person.id)
        .where(Volunteer.person_id == person_id, Volunteer.guardian_consented_at.is_not(None))
    ).first()
    return Guardian(row[0], is_grown(row[1].person)) if row is not None else None


def is_grown(person: Person) -> bool:
    """Eighteen and over by the birthday; where none is known, by what was said."""
    return not is_minor(person.birth_date, clock.today()) if person.birth_date is not None else not person.is_minor


def account_of(person_id: int) -> int | None:
    """A person's open account."""
    return db.session.scalars(select(User.id).where(User.person_id == person_id, User.closed_at.is_(None))).first()


def phone_owner_for(person_id: int) -> int | None:
    """Who has the phone on which a person without an account hears: themselves, else who they live with."""
    own = db.session.get(Person, person_id)
    if own is None or own.phone:
        return person_id if own is not None else None
    volunteer = db.session.get(Volunteer, person_id)
    return volunteer.guardian_id if volunteer is not None else None


def hearer_for(person_id: int) -> int | None:
    """The account that hears for a person: their own, else their guardian's; one statement."""
    guardian = select(Volunteer.guardian_id).where(Volunteer.person_id == person_id).scalar_subquery()
    rows = db.session.execute(
        select(User.person_id, User.id).where(or_(User.person_id == person_id, User.person_id == guardian), User.closed_at.is_(None))
    ).all()
    return next((user_id for _person, user_id in sorted(rows, key=lambda row: row[0] != person_id)), None)


def teams_of(actor: Actor) -> Sequence[Team]:
    """The teams of the places where the actor runs events."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    if not paths:
        return []
    return db.session.scalars(
        select(Team)
        .where(or_(*(within(Team.region_path, path) for path in paths)), Team.until.is_(None))
        .options(joinedload(Team.region), joinedload(Team.parent))
        .order_by(Team.name)
    ).all()


def has_teams(actor: Actor) -> bool:
    """Whether there is any team in the places where the actor runs events."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    return bool(paths) and db.session.scalar(select(exists().where(or_(*(within(Team.region_path, path) for path in paths)), Team.until.is_(None))))


def team_by_id(team_id: int) -> Team | None:
    return db.session.get(Team, team_id)


def members_of(team_id: int) -> Sequence[TeamMember]:
    return db.session.scalars(
        select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.until.is_(None)).options(joinedload(TeamMember.person)).order_by(TeamMember.is_leader.desc(), TeamMember.id)
    ).all()


def numbered_members_of(team_id: int) -> list[tuple[TeamMember, int | None]]:
    """(member, volunteer number) of a team, leaders first."""
    rows = db.session.execute(
        select(TeamMember, Volunteer.number)
        .outerjoin(Volunteer, Volunteer.person_id == TeamMember.person_id)
        .where(TeamMember.team_id == team_id, TeamMember.until.is_(None))
        .options(joinedload(TeamMember.person))
        .order_by(TeamMember.is_leader.desc(), TeamMember.id)
        .limit(SHEET_MOST)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def is_leader(person_id: int) -> bool:
    """Whether somebody leads any team."""
    return db.session.scalars(select(TeamMember.id).where(TeamMember.person_id == person_id, TeamMember.is_leader, TeamMember.until.is_(None)).limit(1)).first() is not None


def stands_within(team_id: int | None, other_id: int) -> bool:
    """Whether a team is another, or stands within it at any depth."""
    seen: set[int] = set()
    while team_id is not None and team_id not in seen:
        if team_id == other_id:
            return True
        seen.add(team_id)
        team_id = db.session.scalar(select(Team.parent_id).where(Team.id == team_id))
    return False


def leads(person_id: int | None, team_id: int) -> bool:
    """Whether somebody leads a team, or one that it stands within."""
    seen: set[int] = set()
    at: int | None = team_id
    while at is not None and at not in seen:
        seen.add(at)
        found = db.session.scalars(
            select(TeamMember.id).where(
                TeamMember.team_id == at, TeamMember.person_id == person_id, TeamMember.is_leader, TeamMember.until.is_(None)
            )
        ).first()
        if found is not None:
            return True
        at = db.session.scalar(select(Team.parent_id).where(Team.id == at))
    return False


def of_calendar(digest: str) -> Volunteer | Team | None:
    """Whose calendar stands at this private address."""
    volunteer = db.session.scalars(select(Volunteer).where(Volunteer.calendar_key == digest)).first()
    return volunteer or db.session.scalars(select(Team).where(Team.calendar_key == digest)).first()
