"""The complaint box (意见箱): received from anybody on any page, answered within a deadline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime
from civic.identity.models import User


class Complaint(Model):
    """One complaint or suggestion about the platform. A contact is optional; with one, the answer is sent."""

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    about: Mapped[str] = mapped_column(String(200))  # the page it was written on
    words: Mapped[str] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Sealed("complaint.contact"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    answered_by: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by_id IS NULL)",
            name="answered_whole",
        ),
        Index(
            "ix_complaint_open",
            "due_at",
            "id",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )
