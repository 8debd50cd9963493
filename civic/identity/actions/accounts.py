"""Accounts: registering, signing in, passwords, contacts, closing."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from civic.audit import actions as audit
from civic.core import clock, crypto, unsent
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotAllowed
from civic.core.text import normalised_name
from civic.identity.actions import kin, sessions
from civic.identity.models import ContactProof, LetterChoice, LetterWay, Person, User
from civic.identity.permissions import Actor, Permission, demand
from civic.identity.rules import Contact, check_birth_date, check_password, contact_digest, demand_own_account, is_minor
from civic.outbox import actions as outbox
from civic.regions.models import Region

# OWASP's setting for argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_cheaply() -> None:
    """For tests, which hash thousands of times and need only the form."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _nobody.cache_clear()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password opens: looking up an unknown account costs what a known one costs."""
    return _hasher.hash(crypto.token())


def user_of(contact: Contact) -> User | None:
    """The open account with this contact."""
    column = User.phone_digest if contact.kind == "phone" else User.email_digest
    return db.session.scalars(select(User).where(column == contact_digest(contact), User.closed_at.is_(None))).first()


def attest(actor: Actor, contact: Contact, *, name: str, region: Region) -> Person:
    """An officer saw the card of somebody with an account: the name is right, and they live here. No number is kept."""
    demand(actor, Permission.RESIDENT_ATTEST, region.path)
    user = user_of(contact)
    if user is None:
        raise Invalid("no_such_account", _l("这个手机号或邮箱还没有注册，请他（她）先注册。"), field="contact")
    person = db.session.scalars(locked(select(Person).where(Person.id == user.person_id))).one()
    if person.id == actor.person_id:
        raise NotAllowed("not_oneself", _l("自己的证件请别的同志来看。"))
    if normalised_name(name) != person.normal_name:
        raise Invalid("name_differs", _l("证件上的名字和账号里的不一样，请再对一遍。账号里写错了的，请他（她）打热线改。"), field="name")
    person.region_id = region.id
    person.attested_at, person.attested_by_id = clock.now(), actor.user_id
    db.session.flush()
    audit.record(actor.user_id, "person.attest", ("person", person.id), region_path=region.path)
    return person


def register(name: str, contact: Contact, password: str | None, *, region_id: int | None = None, birth_date: date | None = None) -> User:
    """Open an account for a contact that was proven just before, in this transaction. Whoever is under fourteen has none of
    their own; officers open accounts for colleagues without asking the birthday."""
    if birth_date is not None:
        check_birth_date(birth_date, clock.today())
        demand_own_account(birth_date, clock.today())
    if not name.strip():
        raise Invalid("name_missing", _l("请写您的姓名。"), field="name")
    if password is not None:
        check_password(password)
    if user_of(contact) is not None:
        raise Conflict("account_known", _l("这个手机号或邮箱已经注册过了，请直接登录。"), field="contact")
    now = clock.now()
    phone = contact.value if contact.kind == "phone" else None
    person = _written_down(contact, name) if phone else None
    if person is None:
        person = Person(
            name=name.strip(), normal_name=normalised_name(name), phone=phone, phone_digest=contact_digest(contact) if phone else None, created_at=now
        )
        db.session.add(person)
    person.is_guest, person.region_id = False, region_id or person.region_id
    if person.birth_date is None and birth_date is not None:
        person.birth_date, person.is_minor = birth_date, is_minor(birth_date, clock.today())
    db.session.flush()
    user = User(person_id=person.id, created_at=now)
    _set_contact(user, contact)
    user.password_hash = _hasher.hash(password) if password is not None else None
    db.session.add(user)
    db.session.flush()
    kin.attach(person.id, contact)
    audit.record(user.id, "account.register", ("user", user.id))
    return user


def _written_down(contact: Contact, name: str) -> Person | None:
    """Who gave this phone and this name at a table or a kiosk: what they served there is theirs. Nobody whom others only
    named with that number."""
    query = select(Person).where(Person.phone_digest == contact_digest(contact), Person.is_guest, Person.normal_name == normalised_name(name))
    return db.session.scalars(locked(query)).first()


def _set_contact(user: User, contact: Contact) -> None:
    mark = contact_digest(contact)
    if contact.kind == "phone":
        user.phone, user.phone_digest = contact.value, mark
    else:
        user.email, user.email_digest = contact.value, mark


def sign_in(contact: Contact | None, password: str) -> User:
    """The account that this password opens. Unknown account and wrong password cost and say the same."""
    user = user_of(contact) if contact is not None else None
    kept = user.password_hash if user is not None and user.password_hash else _nobody()
    try:
        _hasher.verify(kept, password)
        is_right = user is not None and user.password_hash is not None
    except (VerificationError, InvalidHashError):
        is_right = False
    if not is_right or user is None:
        raise Invalid("sign_in_wrong", _l("账号或密码不对。记不清密码，可以用验证码登录。"), field="password")
    if _hasher.check_needs_rehash(kept):
        user.password_hash = _hasher.hash(password)
    audit.record(user.id, "account.sign_in", ("user", user.id))
    return user


def check_own_password(user_id: int, password: str) -> None:
    """Refuse unless this is the account's password: asked again before what cannot be taken back."""
    kept = db.session.scalar(select(User.password_hash).where(User.id == user_id))
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        raise Invalid("password_wrong", _l("密码不对。记不清了，可以用验证码。"), field="password") from None
    if kept is None:
        raise Invalid("password_wrong", _l("您没有设密码，请用验证码。"), field="password")


def _tell(user: User, kind: str) -> None:
    """Tell the owner of a change on every contact the account had before it: somebody else may have made it."""
    key = f"{user.id}:{clock.now():%Y%m%d%H%M%S%f}"
    for way, address in (("email", user.email), ("sms", user.phone)):
        if address:
            outbox.enqueue(
                kind, f"{key}:{way}", ("account", user.id), way=way, address=crypto.encrypt("outbox.told.address", address),
                name=crypto.encrypt("outbox.told.name", user.person.name),
            )  # fmt: skip


def set_password(user_id: int, password: str) -> User:
    """A new password; every session of the account ends, also the one that asked."""
    check_password(password)
    user = db.session.scalars(locked(select(User).where(User.id == user_id))).one()
    if user.password_hash is not None:
        _tell(user, "password_changed")
    user.password_hash = _hasher.hash(password)
    sessions.end_all(user.id)
    audit.record(user.id, "account.password", ("user", user.id))
    return user


def change_contact(user_id: int, contact: Contact) -> User:
    """Take a new phone or mailbox that was proven just before."""
    other = user_of(contact)
    if other is not None and other.id != user_id:
        raise Conflict("contact_taken", _l("这个手机号或邮箱已经是另一个账号的了。"), field="contact")
    user = db.session.scalars(locked(select(User).where(User.id == user_id))).one()
    _tell(user, "contact_changed")
    _set_contact(user, contact)
    if contact.kind == "phone":
        user.person.phone, user.person.phone_digest, user.person.is_guest = contact.value, contact_digest(contact), False
    db.session.flush()
    kin.attach(user.person_id, contact)
    audit.record(user.id, "account.contact", ("user", user.id), kind=contact.kind)
    return user


def choose_letters(user_id: int, *, way: LetterWay, quiet_from: int, quiet_until: int, wants_reminders: bool) -> LetterChoice:
    """Say how one wants to hear. A way one has no address for is refused, so that nothing is lost in silence."""
    user = db.session.scalars(locked(select(User).where(User.id == user_id))).one()
    if way is LetterWay.SMS and not user.phone:
        raise Invalid("no_phone", _l("您还没有留手机号，先去“换”里加一个。"), field="way")
    if way is LetterWay.EMAIL and not user.email:
        raise Invalid("no_email", _l("您还没有留邮箱，先去“换”里加一个。"), field="way")
    for field, hour in (("quiet_from", quiet_from), ("quiet_until", quiet_until)):
        if not 0 <= hour <= 23:
            raise Invalid("hour_wrong", _l("请写 0 到 23 点。"), field=field)
    choice = db.session.get(LetterChoice, user_id) or LetterChoice(user_id=user_id)
    choice.way, choice.quiet_from, choice.quiet_until, choice.wants_reminders = way, quiet_from, quiet_until, wants_reminders
    db.session.add(choice)
    audit.record(user_id, "account.letters", ("user", user_id), way=way.value)
    return choice


def choose_residence(user_id: int, region_id: int) -> None:
    user = db.session.get(User, user_id)
    assert user is not None
    user.person.region_id = region_id
    audit.record(user_id, "account.residence", ("user", user_id), region=region_id)


def end_sessions(user_id: int) -> None:
    """Sign out everywhere."""
    sessions.end_all(user_id)
    audit.record(user_id, "account.end_sessions", ("user", user_id))


def close(user_id: int) -> None:
    """Close the account itself; the person stays where honours hang on it, contacts and password go.

    What else hangs on the person is ended with it: see `pages.actions.leaving`, which alone calls this.
    """
    user = db.session.scalars(locked(select(User).where(User.id == user_id))).one()
    marks = [mark for mark in (user.phone_digest, user.email_digest) if mark is not None]
    db.session.execute(delete(ContactProof).where(ContactProof.contact_digest.in_(marks)))
    db.session.execute(delete(LetterChoice).where(LetterChoice.user_id == user_id))
    unsent.forget_all(user_id)
    _tell(user, "account_closed")
    user.closed_at = clock.now()
    user.phone = user.phone_digest = user.email = user.email_digest = user.password_hash = None
    sessions.end_all(user.id)
    user.person.phone = user.person.phone_digest = None
    db.session.flush()
    audit.record(user_id, "account.close", ("user", user_id))


def hash_password(password: str) -> str:
    """The hash of a password, for whoever opens many accounts at once."""
    return _hasher.hash(password)
