"""People and what binds them: persons, accounts, grants, households, kinship, consents, proofs of a contact."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.permissions import Role
from civic.regions.models import Region


class PersonKind(StrEnum):
    INDIVIDUAL = "individual"
    GROUP = "group"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class Household(Model):
    """People who live together: none of them decides about another."""

    __tablename__ = "household"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))


class Person(Model):
    """Somebody (or a group) whom the city knows of; an account is not needed. Names plain, numbers sealed."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[PersonKind] = mapped_column(one_of(PersonKind, "kind"), default=PersonKind.INDIVIDUAL)
    name: Mapped[str] = mapped_column(String(60))
    normal_name: Mapped[str] = mapped_column(String(60))
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, "sex"))
    birth_date: Mapped[date | None] = mapped_column(Date)
    is_minor: Mapped[bool] = mapped_column(default=False)
    is_deceased: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(Sealed("person.phone"))
    phone_digest: Mapped[str | None] = mapped_column(String(64))
    identity_digest: Mapped[str | None] = mapped_column(String(64))  # of the number on the card; the number itself is nowhere
    work_unit: Mapped[str | None] = mapped_column(String(80))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    attested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # an officer saw the card; its number is not kept
    attested_by_id: Mapped[int | None] = mapped_column(Key)  # an account; no key, for accounts hang on persons
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the first row known of this human being
    is_guest: Mapped[bool] = mapped_column(default=False, server_default=false())  # made at a table or a kiosk from a name and a phone
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    region: Mapped[Region | None] = relationship()

    __table_args__ = (
        CheckConstraint("(phone IS NULL) = (phone_digest IS NULL)", name="phone_with_digest"),
        Index("ix_person_identity_digest", "identity_digest"),
        Index("ix_person_phone_digest", "phone_digest"),
        # A household may share a phone, so a phone is not unique; but from one phone a table makes one person, also two at once.
        Index("uq_person_guest", "phone_digest", unique=True, sqlite_where=text("is_guest"), postgresql_where=text("is_guest")),
        Index("ix_person_name_region", "normal_name", "region_id"),
        Index("ix_person_household", "household_id"),
        CheckConstraint("(attested_at IS NULL) = (attested_by_id IS NULL)", name="attested_by_somebody"),
        CheckConstraint("same_as_id IS NULL OR same_as_id < id", name="same_as_the_first"),
        Index("ix_person_same_as", "same_as_id", sqlite_where=text("same_as_id IS NOT NULL"), postgresql_where=text("same_as_id IS NOT NULL")),
    )


class User(Model):
    """An account: how a person signs in. What is open of it stands in SignIn."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    phone: Mapped[str | None] = mapped_column(Sealed("user.phone"))
    phone_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(Sealed("user.email"))
    email_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("(phone IS NULL) = (phone_digest IS NULL)", name="phone_with_digest"),
        CheckConstraint("(email IS NULL) = (email_digest IS NULL)", name="email_with_digest"),
        CheckConstraint(
            "closed_at IS NOT NULL OR phone_digest IS NOT NULL OR email_digest IS NOT NULL", name="reachable"
        ),
    )


class SignIn(Model):
    """One signing in on one device: the server's half of a session. Ended, no cookie brings it back; its token is kept as a digest."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_remembered: Mapped[bool] = mapped_column(default=False)
    device_digest: Mapped[str | None] = mapped_column(String(64))  # the browser, by a random mark of its own
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its owner showed once more who they are
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_sign_in_user", "user_id", "ended_at"), Index("ix_sign_in_began", "began_at"))


class Grant(Model):
    """A role in a region for a term. `region_path` repeats the region's path so that reach is one comparison."""

    __tablename__ = "grant"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(one_of(Role, "role"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    level: Mapped[int]
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    end_reason: Mapped[str | None] = mapped_column(String(1000))  # told to whoever held it

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    region: Mapped[Region] = relationship()

    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),
        CheckConstraint(
            "(role = 'steward' AND level = 1) OR (role = 'reviewer' AND level BETWEEN 2 AND 5)"
            " OR (role = 'region_admin' AND level BETWEEN 2 AND 4) OR (role = 'city_admin' AND level = 5)"
            " OR (role IN ('organiser', 'auditor') AND level BETWEEN 2 AND 5)",
            name="role_fits_level",
        ),
        Index("ix_grant_user", "user_id"),
        Index("ix_grant_region", "region_path", "role"),
        Index(
            "uq_grant_running",
            "user_id",
            "role",
            "region_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Deputy(Model):
    """Somebody stands in for a colleague for a time (代): exactly the colleague's roles at desks, and nothing of their own."""

    __tablename__ = "deputy"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))  # who is away
    deputy_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    deputy: Mapped[User] = relationship(foreign_keys=[deputy_id])

    __table_args__ = (
        CheckConstraint("until >= since", name="term_in_order"),
        CheckConstraint("user_id <> deputy_id", name="not_oneself"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index("ix_deputy_deputy", "deputy_id", "until"),
        Index("ix_deputy_user", "user_id", "until"),
    )


class LetterWay(StrEnum):
    """By which way somebody wants to hear."""

    AUTO = "auto"  # mailbox first, else phone
    EMAIL = "email"
    SMS = "sms"


class LetterChoice(Model):
    """How an account wants to hear, where it said so: by which way, not between which hours, reminders or none."""

    __tablename__ = "letter_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    way: Mapped[LetterWay] = mapped_column(one_of(LetterWay, "way"), default=LetterWay.AUTO)
    quiet_from: Mapped[int] = mapped_column(default=20)  # full hours of the city's clock; both alike: never quiet
    quiet_until: Mapped[int] = mapped_column(default=8)
    wants_reminders: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (CheckConstraint("quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23", name="hours_sane"),)


class Kinship(Model):
    """A relation as one person declared it. It keeps that one away from the other's cases; the other, once they confirmed it."""

    __tablename__ = "kinship"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who said so
    kin_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none: nobody is known with that contact yet
    contact: Mapped[str | None] = mapped_column(Sealed("kinship.contact"))  # as it was typed
    contact_digest: Mapped[str | None] = mapped_column(String(64))
    relation: Mapped[str] = mapped_column(String(20))  # what the other is to whoever said so
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kin_id IS NULL OR person_id <> kin_id", name="not_oneself"),
        CheckConstraint("(contact IS NULL) = (contact_digest IS NULL)", name="contact_with_digest"),
        CheckConstraint("kin_id IS NOT NULL OR contact IS NOT NULL OR ended_at IS NOT NULL", name="names_somebody"),
        CheckConstraint("confirmed_at IS NULL OR kin_id IS NOT NULL", name="confirmed_by_somebody"),
        Index(
            "uq_kinship_running", "person_id", "kin_id", unique=True, sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_kinship_kin", "kin_id"),
        Index("ix_kinship_contact", "contact_digest", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )


class Purpose(StrEnum):
    """What a person may allow, each on its own: what is made public, and the look into the credit record (or none of it)."""

    NAME = "name"
    STORY = "story"
    PHOTO = "photo"
    CREDIT = "credit"  # 同意查信用记录
    CREDIT_WAIVED = "credit_waived"  # 本人不同意查，免查


class ConsentMethod(StrEnum):
    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    ON_PAPER = "on_paper"
    ONLINE = "online"
    NEXT_OF_KIN = "next_of_kin"


class Consent(Model):
    """A person's word for one purpose, in one version of the wording. Withdrawn, it stays as a row."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose, "purpose"))
    wording: Mapped[str] = mapped_column(String(20))
    method: Mapped[ConsentMethod] = mapped_column(one_of(ConsentMethod, "method"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    recorded_by: Mapped[User | None] = relationship(foreign_keys=[recorded_by_id])

    __table_args__ = (
        Index(
            "uq_consent_running",
            "person_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )


class NameCorrection(Model):
    """An account's name as it was, as it is, and why; the names sealed, for a register of old names is a find for nobody else."""

    __tablename__ = "name_correction"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    before: Mapped[str] = mapped_column(Sealed("name_correction.before"))
    after: Mapped[str] = mapped_column(Sealed("name_correction.after"))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    by: Mapped[User] = relationship()

    __table_args__ = (Index("ix_name_correction_person", "person_id"),)


class BirthCorrection(Model):
    """A birthday as it was, as it is, and why; both days sealed."""

    __tablename__ = "birth_correction"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    before: Mapped[str | None] = mapped_column(Sealed("birth_correction.before"))
    after: Mapped[str] = mapped_column(Sealed("birth_correction.after"))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    is_by_staff: Mapped[bool]

    person: Mapped[Person] = relationship()
    by: Mapped[User] = relationship()

    __table_args__ = (
        Index("ix_birth_correction_person", "person_id"),
        # By oneself or one's guardian once, also of two pages sent at once.
        Index(
            "uq_birth_correction_own", "person_id", unique=True, sqlite_where=text("NOT is_by_staff"), postgresql_where=text("NOT is_by_staff")
        ),
    )


class ContactProof(Model):
    """A code sent to a phone or mailbox to prove that it is in somebody's hands. Codes are kept as digests only.

    `used_at`: the right code was typed. `spent_at`: what it was typed for is done; nothing can be done with it again.
    """

    __tablename__ = "contact_proof"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    contact_digest: Mapped[str] = mapped_column(String(64))
    contact: Mapped[str | None] = mapped_column(Sealed("contact_proof.contact"))  # kind:value, so that no cookie has to carry it
    purpose: Mapped[str] = mapped_column(String(20))
    code_digest: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_contact_proof_contact", "contact_digest", "purpose", "id"),)
