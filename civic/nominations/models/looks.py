"""What a desk remembers for itself: what a text was before it changed, when somebody last looked, filters kept by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.db import Key, Model, UtcDateTime


class Revision(Model):
    """What one field of a case said until it was changed. Append-only; what it says now stands in the case."""

    __tablename__ = "nomination_revision"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    field: Mapped[str] = mapped_column(String(30))
    before: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_nomination_revision_nomination", "nomination_id", "field", "id"),)


class Look(Model):
    """When somebody of a desk last said they have read a case as it stands."""

    __tablename__ = "nomination_look"

    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedFilter(Model):
    """A way of filtering the queue that somebody kept under a name, for their own account."""

    __tablename__ = "saved_filter"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(20))
    query: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("user_id", "name"),)
