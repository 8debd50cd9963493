"""Every question about people, accounts and grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, column, exists, func, or_, select, table, union_all
from sqlalchemy.orm import joinedload

from civic.core import alone, clock, listing, paging, text
from civic.core.db import db
from civic.identity.models import (
    BirthCorrection,
    Consent,
    Deputy,
    Grant,
    Kinship,
    LetterChoice,
    LetterWay,
    NameCorrection,
    Person,
    SignIn,
    User,
)
from civic.identity.permissions import AT_DESKS, Actor, Held, Role
from civic.identity.rules import RELATIONS
from civic.regions.models import Region


@dataclass(frozen=True)
class Account:
    """Who has signed in, as every page needs to know it; the rest of the account is asked where it is needed."""

    id: int
    person_id: int
    name: str
    household_id: int | None


# The register of volunteers stands above this feature: its table is named, nothing of it is imported.
_REGISTER = table("volunteer", column("person_id"), column("number"), column("guardian_id"), column("guardian_consented_at"))

@dataclass(frozen=True)
class Running:
    """A session that was not ended: whose it is, since when, and whether staff's limits hold for it."""

    id: int
    account: Account
    began_at: datetime
    is_remembered: bool
    confirmed_at: datetime | None
    is_staff: bool


# Put together once: every page of a signed-in person asks it.
_RUNNING = (
    select(
        SignIn.id, SignIn.began_at, SignIn.is_remembered, SignIn.confirmed_at, exists().where(Grant.user_id == User.id, Grant.ended_at.is_(None)).label("is_staff"),
        User.id, User.person_id, Person.name, Person.household_id,
    )
    .join(User, User.id == SignIn.user_id)
    .join(Person, Person.id == User.person_id)
    .where(SignIn.token_digest == bindparam("digest"), SignIn.ended_at.is_(None), User.closed_at.is_(None))
)  # fmt: skip


def running_session(digest: str) -> Running | None:
    """The session with this digest of its token, unless it was ended or its account closed."""
    found = alone.asked(_RUNNING, {"digest": digest})
    if found is None:
        return None
    number, began_at, is_remembered, confirmed_at, is_staff, *account = found
    return Running(number, Account(*account), began_at, bool(is_remembered), confirmed_at, bool(is_staff))


def owner_of_session(digest: str) -> int | None:
    """Whose session this is or was."""
    return db.session.scalar(select(SignIn.user_id).where(SignIn.token_digest == digest))


def is_known_device(user_id: int, digest: str) -> bool:
    """Whether somebody signed in to this account on this browser before."""
    return db.session.scalars(select(SignIn.id).where(SignIn.user_id == user_id, SignIn.device_digest == digest).limit(1)).first() is not None


def account_of(user: User) -> Account:
    return Account(user.id, user.person_id, user.person.name, user.person.household_id)


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


def grants_of(user_id: int) -> list[Grant]:
    """Every grant somebody ever had, the running ones first: also of one who has left."""
    return list(db.session.scalars(select(Grant).where(Grant.user_id == user_id).order_by(Grant.ended_at.is_not(None), Grant.id.desc())))


def _kin_of(account: Account) -> frozenset[int]:
    """Ids of the person, declared relatives, the household, whom they speak for and who speaks for them."""
    own, said_so = account.person_id, _REGISTER.c.guardian_consented_at.is_not(None)
    ids = {own}
    ids.update(
        db.session.scalars(
            union_all(
                select(Kinship.kin_id).where(Kinship.person_id == own, Kinship.ended_at.is_(None), Kinship.kin_id.is_not(None)),
                select(Kinship.person_id).where(Kinship.kin_id == own, Kinship.ended_at.is_(None), Kinship.confirmed_at.is_not(None)),
                select(_REGISTER.c.person_id).where(_REGISTER.c.guardian_id == own, said_so),
                select(_REGISTER.c.guardian_id).where(_REGISTER.c.person_id == own, said_so),
            )
        )
    )
    if account.household_id is not None:
        ids.update(db.session.scalars(select(Person.id).where(Person.household_id == account.household_id)))
    return frozenset(ids)


def _standing_in(day: date) -> ColumnElement[bool]:
    return and_(Deputy.ended_at.is_(None), Deputy.since <= day, Deputy.until >= day)


def _grants_in_use(user_id: int) -> list[Grant]:
    """One's own running grants, and those at desks of the colleagues one stands in for. One statement."""
    today = clock.today()
    away = select(Deputy.user_id).where(Deputy.deputy_id == user_id, _standing_in(today))
    return list(
        db.session.scalars(
            select(Grant)
            .where(
                or_(Grant.user_id == user_id, and_(Grant.user_id.in_(away), Grant.role.in_(AT_DESKS))),
                Grant.ended_at.is_(None),
                Grant.since <= today,
                or_(Grant.until.is_(None), Grant.until >= today),
            )
            .order_by(Grant.level.desc(), Grant.region_path, Grant.id)
        )
    )


def _held(grant: Grant, user_id: int) -> Held:
    if grant.user_id == user_id:
        return Held(grant.role, grant.region_id, grant.region_path, grant.level)
    return Held(grant.role, grant.region_id, grant.region_path, grant.level, grant.user_id, grant.user.person.name)


def deputies_of(user_id: int) -> list[Deputy]:
    """Who stands in for somebody now or later."""
    return list(
        db.session.scalars(
            select(Deputy)
            .where(Deputy.user_id == user_id, Deputy.ended_at.is_(None), Deputy.until >= clock.today())
            .options(joinedload(Deputy.deputy))
            .order_by(Deputy.since, Deputy.id)
        )
    )


def deputies_for(user_id: int) -> list[Deputy]:
    """For whom somebody stands in now or later."""
    return list(
        db.session.scalars(
            select(Deputy)
            .where(Deputy.deputy_id == user_id, Deputy.ended_at.is_(None), Deputy.until >= clock.today())
            .options(joinedload(Deputy.user))
            .order_by(Deputy.since, Deputy.id)
        )
    )


def deputies_within(paths: tuple[str, ...]) -> list[Deputy]:
    """Who stands in now or later for somebody with a role at a desk of these regions."""
    if not paths:
        return []
    here = or_(*((Grant.region_path >= p) & (Grant.region_path < p[:-1] + "/") for p in paths))
    of_staff = select(Grant.user_id).where(here, Grant.role.in_(AT_DESKS), Grant.ended_at.is_(None))
    return list(
        db.session.scalars(
            select(Deputy)
            .where(Deputy.user_id.in_(of_staff), Deputy.ended_at.is_(None), Deputy.until >= clock.today())
            .options(joinedload(Deputy.user), joinedload(Deputy.deputy))
            .order_by(Deputy.since, Deputy.id)
        )
    )


def colleagues_of(user_id: int) -> list[tuple[User, str]]:
    """(account, place) of those who hold a role at a desk in the same county: who may stand in for somebody. Nearest first."""
    mine = [g for g in running_grants(user_id) if g.role in AT_DESKS]
    today = clock.today()
    # The county is the second number of a path: what lies above it has colleagues in the whole city.
    tops = {".".join(g.region_path.split(".")[:2]) + "." if g.level < 5 else g.region_path for g in mine}
    if not tops:
        return []
    here = or_(*((Grant.region_path >= p) & (Grant.region_path < p[:-1] + "/") for p in tops))
    rows = db.session.execute(
        select(User, Grant)
        .join(Grant, Grant.user_id == User.id)
        .options(joinedload(Grant.region))
        .where(
            here, Grant.role.in_(AT_DESKS), Grant.ended_at.is_(None), Grant.since <= today,
            or_(Grant.until.is_(None), Grant.until >= today), User.closed_at.is_(None), User.id != user_id,
        )
    )  # fmt: skip
    near = {g.region_path for g in mine}
    places: dict[int, tuple[User, list[Grant]]] = {}
    for user, grant in rows:
        places.setdefault(user.id, (user, []))[1].append(grant)
    ordered = sorted(places.values(), key=lambda p: (not any(g.region_path in near for g in p[1]), -p[1][0].level, p[1][0].region_path, p[0].id))
    return [(user, "、".join(g.region.name for g in grants)) for user, grants in ordered]


def actor_of(account: Account | User) -> Actor:
    """An account as the rules see it: two or three statements, asked once per request."""
    whose = account_of(account) if isinstance(account, User) else account
    grants = tuple(_held(g, whose.id) for g in _grants_in_use(whose.id))
    # Only those who decide need to be kept apart from their kin.
    kin = _kin_of(whose) if grants else frozenset({whose.person_id})
    return Actor(user_id=whose.id, person_id=whose.person_id, name=whose.name, grants=grants, kin=kin)


def staff_at(path: str) -> list[User]:
    """Those who decide at exactly this region today, by a role of their own."""
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


def kin_of(person_ids: Iterable[int]) -> dict[int, set[int]]:
    """Person → whose cases they keep away from: whom they declared, and who declared them and was confirmed. Two statements."""
    ids, found = [*person_ids], dict[int, set[int]]()
    own = select(Kinship.person_id, Kinship.kin_id).where(Kinship.person_id.in_(ids), Kinship.ended_at.is_(None), Kinship.kin_id.is_not(None))
    others = select(Kinship.kin_id, Kinship.person_id).where(Kinship.kin_id.in_(ids), Kinship.ended_at.is_(None), Kinship.confirmed_at.is_not(None))
    for query in (own, others):
        for person_id, kin_id in db.session.execute(query):
            found.setdefault(person_id, set()).add(kin_id)
    return found


@dataclass(frozen=True)
class Kin:
    """A relation as one of its sides may see it. Whom somebody only named stays the number they typed."""

    id: int
    relation: str  # what the other is to the reader
    name: str | None  # masked; none while it is not confirmed
    contact: str | None  # masked, of who was named
    is_confirmed: bool
    asks_me: bool  # the other said so, and I have not answered


def kin_seen_by(person_id: int) -> list[Kin]:
    """The running relations of a person, those that wait for their answer first. Nobody's whole name leaves this question."""
    rows = db.session.execute(
        select(Kinship, Person.name)
        .outerjoin(Person, Person.id == case((Kinship.person_id == person_id, Kinship.kin_id), else_=Kinship.person_id))
        .where(or_(Kinship.person_id == person_id, Kinship.kin_id == person_id), Kinship.ended_at.is_(None))
        .order_by(Kinship.id)
    )
    found: dict[object, Kin] = {}
    for row, name in rows:
        is_mine, is_confirmed = row.person_id == person_id, row.confirmed_at is not None
        kin = Kin(
            row.id, row.relation if is_mine else RELATIONS.get(row.relation, row.relation),
            text.masked_name(name) if is_confirmed or not is_mine else None, _masked(row.contact) if is_mine and not is_confirmed else None,
            is_confirmed, not is_mine and not is_confirmed,
        )  # fmt: skip
        # One number may be several people; who typed it sees one line.
        found.setdefault(row.contact_digest if is_mine and not is_confirmed and row.contact_digest else row.id, kin)
    return sorted(found.values(), key=lambda kin: (not kin.asks_me, kin.id))


def _masked(contact: str | None) -> str | None:
    return None if contact is None else text.masked_email(contact) if "@" in contact else text.masked_phone(contact)


def family_of(person_id: int) -> Sequence[Person]:
    """Those of the household whom this person said to be family: whom they sign up, whose hours and points they see and use.
    Whom a table wrote down under their number is not, before they said so."""
    return db.session.scalars(
        select(Person)
        .join(_REGISTER, _REGISTER.c.person_id == Person.id)
        .where(_REGISTER.c.guardian_id == person_id, _REGISTER.c.guardian_consented_at.is_not(None))
        .order_by(_REGISTER.c.number)
    ).all()


def guardian_of(person_id: int) -> int | None:
    """Who speaks for a person, where they said so themselves."""
    return db.session.scalar(
        select(_REGISTER.c.guardian_id).where(_REGISTER.c.person_id == person_id, _REGISTER.c.guardian_consented_at.is_not(None))
    )


def birth_corrections(limit: int = 50) -> listing.Some[BirthCorrection]:
    """The birthdays put right, the newest first."""
    return listing.some(
        select(BirthCorrection).options(joinedload(BirthCorrection.by), joinedload(BirthCorrection.person)).order_by(BirthCorrection.id.desc()),
        limit,
    )


def spoken_for_by(person_id: int | None) -> set[int]:
    """Ids of a person and of those they speak for; nobody's, of nobody."""
    return {person_id, *(person.id for person in family_of(person_id))} if person_id is not None else set()


def speaks_for(person_id: int | None, other_id: int) -> bool:
    """Whether somebody speaks for a person: for themselves, or for one of their family."""
    return person_id is not None and (person_id == other_id or other_id in spoken_for_by(person_id))


Rows = list[dict[str, object]]


def rows_of(query: Select[Any]) -> Rows:
    """The rows of a question by the names of its columns: what people take along of what is kept of them."""
    return [dict(row) for row in db.session.execute(query).mappings()]


def own_data(user: User) -> dict[str, Rows]:
    """What the account itself holds about its owner, by kind, to be taken along. Other people in it stay masked."""
    person = user.person
    return {
        "account": [
            {
                "name": person.name, "phone": user.phone, "email": user.email, "sex": person.sex, "birth_date": person.birth_date,
                "residence": person.region.name if person.region else None, "work_unit": person.work_unit, "registered_at": user.created_at,
                "attested_at": person.attested_at, "has_password": user.password_hash is not None,
            }
        ],
        "relatives": [{"name": kin.name, "contact": kin.contact, "relation": kin.relation, "confirmed": kin.is_confirmed} for kin in kin_seen_by(person.id)],
        "roles": [
            {"role": g.role, "place": g.region.name, "since": g.since, "until": g.until, "ended_at": g.ended_at} for g in grants_of(user.id)
        ],
        "deputies": rows_of(
            select(case((Deputy.user_id == user.id, "stands_in_for_me"), else_="i_stand_in").label("kind"), Deputy.since, Deputy.until, Deputy.ended_at)
            .where(or_(Deputy.user_id == user.id, Deputy.deputy_id == user.id)).order_by(Deputy.id)
        ),
        "consents": rows_of(
            select(Consent.purpose, Consent.wording, Consent.method, Consent.given_at, Consent.withdrawn_at)
            .where(Consent.person_id == person.id).order_by(Consent.id)
        ),
        "name_corrections": rows_of(
            select(NameCorrection.before, NameCorrection.after, NameCorrection.reason, NameCorrection.at)
            .where(NameCorrection.person_id == person.id).order_by(NameCorrection.id)
        ),
        "birthday_corrections": rows_of(
            select(BirthCorrection.before, BirthCorrection.after, BirthCorrection.reason, BirthCorrection.at)
            .where(BirthCorrection.person_id == person.id).order_by(BirthCorrection.id)
        ),
        "letter_choice": rows_of(
            select(LetterChoice.way, LetterChoice.quiet_from, LetterChoice.quiet_until, LetterChoice.wants_reminders).where(LetterChoice.user_id == user.id)
        ),
        "sign_ins": rows_of(select(SignIn.began_at, SignIn.is_remembered, SignIn.ended_at).where(SignIn.user_id == user.id).order_by(SignIn.id)),
    }  # fmt: skip


def grants_within(
    paths: tuple[str, ...], *, running: bool = True, search: str = "", after: str | None = None, limit: int = 100
) -> tuple[paging.Page[Grant], int]:
    """Grants of the regions at `paths`, from the top down, a page of them, and how many there are in all.

    `search`: of whom, or of which place, as names are compared.
    """
    if not paths:
        return paging.Page(()), 0
    today = clock.today()
    here = or_(*((Grant.region_path >= p) & (Grant.region_path < p[:-1] + "/") for p in paths))
    is_running = Grant.ended_at.is_(None) & or_(Grant.until.is_(None), Grant.until >= today)
    query = select(Grant).where(here, is_running if running else ~is_running)
    if sought := text.normalised_name(search):
        of_whom = select(User.id).join(Person, Person.id == User.person_id).where(Person.normal_name.contains(sought, autoescape=True))
        where = select(Region.id).where(Region.normal_name.contains(sought, autoescape=True))
        query = query.where(or_(Grant.user_id.in_(of_whom), Grant.region_id.in_(where)))
    count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    start = paging.values_of(after, (int, str, int))
    key = (-Grant.level, Grant.region_path, Grant.id)
    if start is not None:
        query = query.where(paging.after(key, start))
    rows = db.session.scalars(query.options(joinedload(Grant.user), joinedload(Grant.region)).order_by(*key).limit(limit + 1)).all()
    return paging.cut(rows, limit, lambda g: (-g.level, g.region_path, g.id), is_first=start is None), count


def grants_over(limit: int) -> Sequence[Grant]:
    """Roles whose last day is over and that nobody has ended yet."""
    return db.session.scalars(
        select(Grant).where(Grant.ended_at.is_(None), Grant.until < clock.today()).order_by(Grant.id).limit(limit)
    ).all()


def grant_by_id(grant_id: int) -> Grant | None:
    return db.session.get(Grant, grant_id)


def stewards_in(community_path: str) -> dict[int, str]:
    """The name of the steward of each stairwell in a community."""
    today = clock.today()
    rows = db.session.execute(
        select(Grant.region_id, Person.name)
        .join(User, User.id == Grant.user_id)
        .join(Person, Person.id == User.person_id)
        .where(
            Grant.region_path >= community_path,
            Grant.region_path < community_path[:-1] + "/",
            Grant.role == Role.STEWARD,
            Grant.ended_at.is_(None),
            Grant.since <= today,
            or_(Grant.until.is_(None), Grant.until >= today),
        )
    )
    return dict(rows.all())


def same_people(person_id: int) -> frozenset[int]:
    """Every row known of this human being, all locked until the transaction ends: by digest, or by somebody's word."""
    this = select(Person.id, Person.same_as_id, Person.identity_digest).where(Person.id == person_id).subquery()
    rows = db.session.scalars(
        select(Person.id)
        .join(
            this,
            or_(
                Person.id == this.c.id,
                Person.id == this.c.same_as_id,
                Person.same_as_id == this.c.id,
                Person.same_as_id == this.c.same_as_id,
                Person.identity_digest == this.c.identity_digest,
            ),
        )
        .order_by(Person.id)
        .with_for_update(of=Person, key_share=True)
    )
    return frozenset(rows) | {person_id}


def name_corrections(limit: int = 50) -> listing.Some[NameCorrection]:
    """The names put right, the newest first."""
    return listing.some(
        select(NameCorrection).options(joinedload(NameCorrection.by)).order_by(NameCorrection.id.desc()),
        limit,
    )


def letter_choice_of(user_id: int) -> LetterChoice:
    """How an account wants to hear; what holds for everybody where it never said."""
    return db.session.get(LetterChoice, user_id) or LetterChoice(
        user_id=user_id, way=LetterWay.AUTO, quiet_from=20, quiet_until=8, wants_reminders=True
    )
