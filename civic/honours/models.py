"""Categories of good people, and the honours: a title given to a person at a level."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import Person
from civic.regions.models import Region


class Category(Model):
    """A class of good deeds. The five standard ones everywhere; a city may add its own for a time."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    character: Mapped[str] = mapped_column(String(1))
    name: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(String(80))
    icon: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=100)
    since: Mapped[date]
    until: Mapped[date | None]


class Visibility(StrEnum):
    """What the public roll shows of an honour."""

    HIDDEN = "hidden"
    SURNAME = "surname"
    NAMED = "named"


class HonourStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"  # given by a slip and undone within minutes: it was never public


class Honour(Model):
    """A title given. Decided is not published: `visibility` says what the public sees, and the CHECKs hold it."""

    __tablename__ = "honour"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nomination_id: Mapped[int] = mapped_column(Key)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    level: Mapped[int]
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    county_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    number: Mapped[int]
    awarded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[HonourStatus] = mapped_column(one_of(HonourStatus, "status"), default=HonourStatus.ACTIVE)
    visibility: Mapped[Visibility] = mapped_column(one_of(Visibility, "visibility"), default=Visibility.HIDDEN)
    shown_name: Mapped[str | None] = mapped_column(String(60))
    headline: Mapped[str | None] = mapped_column(String(70))
    story: Mapped[str | None] = mapped_column(Text)
    photo_key: Mapped[str | None] = mapped_column(String(120))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_from: Mapped[datetime] = mapped_column(UtcDateTime)  # before this moment it may still be undone, and nobody sees it
    document: Mapped[str | None] = mapped_column(String(80))  # a document number makes 发布 a 表彰
    until: Mapped[date | None] = mapped_column(Date)  # the last day on the board; none: for good
    # Somebody looks again whether it still holds (动态管理): every so many months, the next time on a day.
    review_months: Mapped[int | None]
    review_due: Mapped[date | None] = mapped_column(Date)

    person: Mapped[Person] = relationship()
    category: Mapped[Category] = relationship()
    region: Mapped[Region] = relationship(foreign_keys=[region_id])
    county: Mapped[Region | None] = relationship(foreign_keys=[county_id])
    community: Mapped[Region | None] = relationship(foreign_keys=[community_id])

    __table_args__ = (
        UniqueConstraint("region_id", "level", "number"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        CheckConstraint("visibility = 'hidden' OR shown_name IS NOT NULL", name="shown_has_name"),
        CheckConstraint("visibility = 'hidden' OR published_at IS NOT NULL", name="shown_has_time"),
        CheckConstraint("visibility = 'named' OR (story IS NULL AND photo_key IS NULL)", name="story_only_named"),
        CheckConstraint("visibility = 'hidden' OR status = 'active'", name="shown_only_active"),
        CheckConstraint("review_months IS NULL OR review_months BETWEEN 1 AND 120", name="review_months_sane"),
        CheckConstraint("review_due IS NULL OR review_months IS NOT NULL", name="review_every_so_often"),
        *(
            Index(
                f"ix_honour_shown_{name}",
                *columns,
                "awarded_at",
                "id",
                sqlite_where=text("visibility <> 'hidden'"),
                postgresql_where=text("visibility <> 'hidden'"),
            )
            for name, columns in {
                "level": ("level",),
                "category": ("level", "category_id"),
                "county": ("level", "county_id"),
                "county_category": ("level", "county_id", "category_id"),
                "community": ("level", "community_id"),
                "name": ("level", "shown_name"),
            }.items()
        ),
        Index(
            "uq_honour_level",
            "nomination_id",
            "level",
            unique=True,
            sqlite_where=text("status <> 'taken_back'"),
            postgresql_where=text("status <> 'taken_back'"),
        ),
        Index("ix_honour_person", "person_id"),
        Index(
            "ix_honour_review", "review_due", sqlite_where=text("status = 'active' AND review_due IS NOT NULL"),
            postgresql_where=text("status = 'active' AND review_due IS NOT NULL"),
        ),
        Index("ix_honour_region", "region_path", "id"),
        Index("ix_honour_until", "until", sqlite_where=text("status = 'active'"), postgresql_where=text("status = 'active'")),
    )


class HonourChange(Model):
    """A step in the life of an honour after it was given, append-only: who, why, by which document."""

    __tablename__ = "honour_change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    before: Mapped[HonourStatus] = mapped_column(one_of(HonourStatus, "before"))
    after: Mapped[HonourStatus] = mapped_column(one_of(HonourStatus, "after"))
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(String(80))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("before <> after", name="something_changed"),
        CheckConstraint("after <> 'revoked' OR document IS NOT NULL", name="revoked_by_document"),
        CheckConstraint("after = 'expired' OR actor_id IS NOT NULL", name="changed_by_somebody"),
        Index("ix_honour_change_honour", "honour_id"),
    )


class HonourReview(Model):
    """Somebody looked again whether an honour still holds: append-only."""

    __tablename__ = "honour_review"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    holds: Mapped[bool]
    finding: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    __table_args__ = (Index("ix_honour_review_honour", "honour_id"),)


class Benefit(Model):
    """A courtesy (礼遇) that somebody gives because of an honour: who gives what, from when to when."""

    __tablename__ = "benefit"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    name: Mapped[str] = mapped_column(String(60))
    provider: Mapped[str] = mapped_column(String(80))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str | None] = mapped_column(String(200))

    honour: Mapped[Honour] = relationship()
    uses: Mapped[list[BenefitUse]] = relationship(order_by="BenefitUse.id")

    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_has_reason"),
        Index("ix_benefit_honour", "honour_id"),
        Index("ix_benefit_region", "region_path", "id"),
    )


class BenefitUse(Model):
    """A benefit was used once: append-only."""

    __tablename__ = "benefit_use"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"))
    used_on: Mapped[date] = mapped_column(Date)
    words: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    __table_args__ = (Index("ix_benefit_use_benefit", "benefit_id"),)


class HonourSeries(Model):
    """The last number given at a region's level, so that numbers run without gaps under concurrency."""

    __tablename__ = "honour_series"

    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class HonourTally(Model):
    """How many stand on the public roll, per level: kept by the worker, so that no page counts the city."""

    __tablename__ = "honour_tally"

    level: Mapped[int] = mapped_column(primary_key=True)
    shown: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
