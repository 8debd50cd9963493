"""The steps of a case, append-only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import User
from civic.nominations.states import Status, Verb
from civic.regions.models import Region

if TYPE_CHECKING:
    from civic.nominations.models.cases import Nomination


class Decision(Model):
    """One step of a case, append-only: who, at which level, what, why, and how many working days it took."""

    __tablename__ = "nomination_decision"
    __sealed__ = ("nomination_id", "number", "verb", "before", "after", "level", "region_id", "actor_id", "elected", "recommended", "reason", "at", "stands_for_id")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    number: Mapped[int]  # 1, 2, 3 … within the case
    verb: Mapped[Verb] = mapped_column(one_of(Verb, "verb"))
    before: Mapped[Status | None] = mapped_column(one_of(Status, "before"))
    after: Mapped[Status] = mapped_column(one_of(Status, "after"))
    level: Mapped[int]
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # none: a nominator without account, the clock
    elected: Mapped[bool] = mapped_column(default=False)
    recommended: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    days_used: Mapped[int | None]  # working days at this level, on deciding steps
    # The way back, for some minutes: what the case was before (ids and times only), and which steps were taken in one go.
    was: Mapped[str | None] = mapped_column(Text)
    batch: Mapped[str | None] = mapped_column(String(32))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the level above looked again and reopened the case
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    stands_for_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # 代: whose role the actor used

    nomination: Mapped[Nomination] = relationship(back_populates="decisions")
    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
    stands_for: Mapped[User | None] = relationship(foreign_keys=[stands_for_id])
    region: Mapped[Region] = relationship()

    __table_args__ = (
        UniqueConstraint("nomination_id", "number"),
        CheckConstraint("verb NOT IN ('return', 'decline', 'hand_over', 'recall', 'uphold', 'merge', 'reopen') OR reason IS NOT NULL", name="reason_given"),
        CheckConstraint("NOT recommended OR (elected AND level < 5)", name="recommended_is_elected"),
        CheckConstraint("elected = (verb IN ('endorse', 'elect'))", name="elected_by_verb"),
        CheckConstraint("verb NOT IN ('endorse', 'elect', 'decline', 'uphold') OR actor_id IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("was IS NULL OR verb IN ('return', 'pass', 'endorse', 'elect', 'decline', 'hand_over')", name="back_from_click"),
        CheckConstraint("undone_at IS NULL OR was IS NOT NULL", name="undone_had_way_back"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        CheckConstraint("set_aside_at IS NULL OR verb = 'decline'", name="only_a_no_is_set_aside"),
        # A level says its word on a case once; a word taken back or set aside was none.
        Index(
            "uq_nomination_decision_level",
            "nomination_id",
            "level",
            unique=True,
            sqlite_where=text("verb IN ('endorse', 'elect', 'decline', 'uphold') AND undone_at IS NULL AND set_aside_at IS NULL"),
            postgresql_where=text("verb IN ('endorse', 'elect', 'decline', 'uphold') AND undone_at IS NULL AND set_aside_at IS NULL"),
        ),
        Index("ix_nomination_decision_actor", "actor_id", "at"),
        Index("ix_nomination_decision_batch", "batch", sqlite_where=text("batch IS NOT NULL"), postgresql_where=text("batch IS NOT NULL")),
    )
