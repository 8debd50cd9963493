"""Putting a birthday right: by oneself or one's guardian once, with a reason; after that, or any time, by the city's staff.

What the rules make of the new age is asked anew by whoever calls this: the pages above, in the same transaction.
"""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed
from civic.core.text import normalised_name
from civic.identity import queries, rules
from civic.identity.actions.accounts import user_of
from civic.identity.models import BirthCorrection, Person, User
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.identity.rules import Contact
from civic.outbox import actions as outbox

REASON_LEAST, REASON_MOST = 4, 200


def note(person: Person, birth_date: date) -> None:
    """Write a birthday down for the first time; the caller holds the person."""
    rules.check_birth_date(birth_date, clock.today())
    if person.birth_date is None:
        person.birth_date = birth_date
        person.is_minor = rules.is_minor(birth_date, clock.today())


def mend(actor: Actor, person_id: int, *, birth_date: date, reason: str) -> BirthCorrection | None:
    """Put right one's own birthday, or that of one of one's family, once. A child's is their guardian's to put right."""
    if not queries.speaks_for(actor.person_id, person_id):
        raise out_of_reach()
    person = _held(person_id)
    if person.birth_date is None:
        note(person, birth_date)
        _demand_account_fits(person)
        audit.record(actor.user_id, "person.birthday", ("person", person.id))
        return None
    if actor.person_id == person.id and person.is_minor and queries.guardian_of(person.id) is not None:
        raise NotAllowed("guardian_mends", _l("您的生日由替您报名的家里人来改，请他（她）在自己手机上改。"))
    if _own_corrections(person.id):
        raise Conflict("mended_before", _l("自己改过一次了。还不对的，请带证件到社区，或者打热线，由工作人员来改。"))
    return _mended(actor, person, birth_date, reason, by_staff=False)


def mend_for(actor: Actor, contact: Contact, *, name: str, birth_date: date, reason: str, city_path: str) -> BirthCorrection:
    """Staff put an account's birthday right, as often as it takes. The name proves that it is the right one."""
    demand(actor, Permission.PERSON_CORRECT, city_path)
    user = user_of(contact)
    if user is None:
        raise Invalid("no_such_account", _l("没有找到这个手机号或邮箱的账号，请再对一遍。"), field="contact")
    if user.person_id == actor.person_id:
        raise NotAllowed("not_oneself", _l("自己的生日请别的同志来改。"))
    person = _held(user.person_id)
    if normalised_name(name) != person.normal_name:
        raise Invalid("name_differs", _l("账号里不是这个名字，怕改错了人。请问清他（她）账号里写的是什么。"), field="name")
    return _mended(actor, person, birth_date, reason, by_staff=True)


def _held(person_id: int) -> Person:
    return db.session.scalars(locked(select(Person).where(Person.id == person_id), may_be_named=True)).one()


def _own_corrections(person_id: int) -> bool:
    mine = select(BirthCorrection.id).where(BirthCorrection.person_id == person_id, BirthCorrection.is_by_staff.is_(False))
    return db.session.scalars(mine.limit(1)).first() is not None


def _mended(actor: Actor, person: Person, birth_date: date, reason: str, *, by_staff: bool) -> BirthCorrection:
    rules.check_birth_date(birth_date, clock.today())
    if birth_date == person.birth_date:
        raise Invalid("birth_date_same", _l("和原来的一样，不用改。"), field="birth_date")
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid("reason_missing", _l("请写为什么改，比如“注册时月份点错了”。"), field="reason")
    assert actor.user_id is not None
    before = person.birth_date.isoformat() if person.birth_date is not None else None
    person.birth_date, person.is_minor = birth_date, rules.is_minor(birth_date, clock.today())
    _demand_account_fits(person)
    # A card that somebody saw was seen beside the old birthday: the community looks at it again.
    person.attested_at = person.attested_by_id = None
    row = BirthCorrection(
        person_id=person.id, before=before, after=birth_date.isoformat(), reason=reason.strip()[:REASON_MOST], at=clock.now(), by_id=actor.user_id,
        is_by_staff=by_staff,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _tell(actor, row)
    audit.record(actor.user_id, "person.correct_birthday", ("person", person.id), correction=row.id, staff=by_staff)
    return row


def _demand_account_fits(person: Person) -> None:
    """Nobody under fourteen holds an account of their own, also where that comes to light late."""
    assert person.birth_date is not None
    if _account(person.id) is not None:
        rules.demand_own_account(person.birth_date, clock.today())


def _account(person_id: int | None) -> int | None:
    return db.session.scalars(select(User.id).where(User.person_id == person_id, User.closed_at.is_(None))).first()


def _tell(actor: Actor, row: BirthCorrection) -> None:
    """The person and their guardian hear of it, but for who did it."""
    for person_id in (row.person_id, queries.guardian_of(row.person_id)):
        account = _account(person_id) if person_id is not None else None
        if account is not None and account != actor.user_id:
            outbox.enqueue("birthday_corrected", f"{row.id}:{account}", ("user", account), correction=row.id)
