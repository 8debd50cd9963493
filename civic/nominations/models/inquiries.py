"""What is found out before a level decides: visits (走访核查) and the opinions of departments (征求意见)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import User
from civic.nominations.models.cases import Nomination
from civic.nominations.states import Department


class Visit(Model):
    """Two people went, spoke with at least two witnesses and signed what they found. Good for 90 days."""

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    level: Mapped[int]
    visited_on: Mapped[date] = mapped_column(Date)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    companion: Mapped[str] = mapped_column(String(60))
    witnesses: Mapped[int]
    report: Mapped[str] = mapped_column(Sealed("visit.report"))
    photo_keys: Mapped[str] = mapped_column(Text, default="")  # internal, one key a line
    is_true: Mapped[bool]
    valid_until: Mapped[date] = mapped_column(Date)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    nomination: Mapped[Nomination] = relationship()
    visitor: Mapped[User] = relationship()

    __table_args__ = (
        CheckConstraint("witnesses >= 2", name="two_witnesses"),
        CheckConstraint("valid_until > visited_on", name="valid_forward"),
        Index("ix_visit_nomination", "nomination_id"),
    )


class NomineeFacts(Model):
    """What decides which departments are asked."""

    __tablename__ = "nominee_facts"

    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"), primary_key=True)
    is_party_member: Mapped[bool] = mapped_column(default=False)
    is_public_employee: Mapped[bool] = mapped_column(default=False)
    is_business_person: Mapped[bool] = mapped_column(default=False)
    is_head_of_enterprise: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outcome(StrEnum):
    NO_OBJECTION = "no_objection"  # 无异议
    OBJECTION = "objection"  # 有异议
    NO_RECORD = "no_record"  # 查无记录


class OpinionRequest(Model):
    """One question to one department, with a link that can be used once. Only the outcome and the letter number stay."""

    __tablename__ = "opinion_request"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    level: Mapped[int]
    department: Mapped[Department] = mapped_column(one_of(Department, "department"))
    email: Mapped[str] = mapped_column(Sealed("opinion.email"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    escalate_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(one_of(Outcome, "outcome"))
    letter_number: Mapped[str | None] = mapped_column(String(60))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[date | None] = mapped_column(Date)

    nomination: Mapped[Nomination] = relationship()

    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered_has_outcome"),
        CheckConstraint("(outcome IS NULL) = (valid_until IS NULL)", name="answered_has_validity"),
        UniqueConstraint("nomination_id", "level", "department", "asked_at"),
        Index("ix_opinion_request_open", "remind_at", sqlite_where=text("outcome IS NULL"), postgresql_where=text("outcome IS NULL")),
    )


class ClueStatus(StrEnum):
    NEW = "new"
    MERGED = "merged"
    REFUSED = "refused"
    CONVERTED = "converted"


class Clue(Model):
    """A sentence about a good deed (线索): who, where, which class, what. Whoever left it is known to the desk alone."""

    __tablename__ = "clue"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    who: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(80))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    deed: Mapped[str] = mapped_column(String(70))
    is_from_media: Mapped[bool] = mapped_column(default=False)
    region_path: Mapped[str] = mapped_column(path_type())  # the county it is about, or the city where nobody said
    contact: Mapped[str] = mapped_column(Sealed("clue.contact"))
    status: Mapped[ClueStatus] = mapped_column(one_of(ClueStatus, "status"), default=ClueStatus.NEW)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))

    __table_args__ = (
        CheckConstraint("(status = 'new') = (closed_at IS NULL)", name="closed_has_time"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_somebody"),
        CheckConstraint("status <> 'refused' OR reason IS NOT NULL", name="refused_has_reason"),
        CheckConstraint("status NOT IN ('merged', 'converted') OR nomination_id IS NOT NULL", name="became_a_case"),
        Index("ix_clue_new", "received_at", "id", sqlite_where=text("status = 'new'"), postgresql_where=text("status = 'new'")),
    )
