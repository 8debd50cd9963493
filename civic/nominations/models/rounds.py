"""A round (期): the time in which one region elects its good people, its upper quota, and what may be carried over."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.honours.models import Category
from civic.identity.models import User
from civic.nominations.models.levels import LevelRule
from civic.regions.models import Region


class Cadence(StrEnum):
    """How often a region holds a round."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    ALL_YEAR = "all_year"


class RoundStatus(StrEnum):
    OPEN = "open"  # 收件、评议
    NOTICED = "noticed"  # 公示中
    CLOSED = "closed"  # 已发布
    CANCELLED = "cancelled"


class Round(Model):
    """One round of one region. Its level rule is the one in force when it opened, and stays so."""

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    level: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    cadence: Mapped[Cadence] = mapped_column(one_of(Cadence, "cadence"))
    is_urgent: Mapped[bool] = mapped_column(default=False)
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)  # nothing is taken in after this day
    document: Mapped[str | None] = mapped_column(String(80))  # a document number makes 发布 a 表彰
    rule_id: Mapped[int] = mapped_column(ForeignKey("level_rule.id"))
    status: Mapped[RoundStatus] = mapped_column(one_of(RoundStatus, "status"), default=RoundStatus.OPEN)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    region: Mapped[Region] = relationship()
    rule: Mapped[LevelRule] = relationship()
    opened_by: Mapped[User] = relationship(foreign_keys=[opened_by_id])
    quotas: Mapped[list[RoundQuota]] = relationship(back_populates="round", order_by="RoundQuota.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        CheckConstraint("closes_on >= opens_on", name="closes_after_opening"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name="closed_has_closer"),
        # One ordinary round at a time; the urgent track for brave deeds runs beside it.
        Index(
            "uq_round_running",
            "region_id",
            "is_urgent",
            unique=True,
            sqlite_where=text("status IN ('open', 'noticed')"),
            postgresql_where=text("status IN ('open', 'noticed')"),
        ),
        Index("ix_round_region_path", "region_path", "opens_on"),
    )


class RoundQuota(Model):
    """The most a round may elect, of one class or (no category) of all together. Never a least."""

    __tablename__ = "round_quota"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    most: Mapped[int]

    round: Mapped[Round] = relationship(back_populates="quotas")
    category: Mapped[Category | None] = relationship()

    __table_args__ = (
        UniqueConstraint("round_id", "category_id"),
        CheckConstraint("most BETWEEN 0 AND 1000", name="most_sane"),
    )
