"""Places that were right when they were taken, and are in question since something became known late."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.volunteering.models.events import SignUp


class RecheckEnd(StrEnum):
    """How a question about a place was closed."""

    CLEARED = "cleared"  # nothing is against it any more, or the place is given up
    READ = "read"  # the new briefing was read
    TAKEN_OFF = "taken_off"  # the organiser took them off the shift


class Recheck(Model):
    """A rule that stands against a place somebody holds. Nobody is put out by a machine: the organiser is asked."""

    __tablename__ = "recheck"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    code: Mapped[str] = mapped_column(String(30))  # of the refusal
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[RecheckEnd | None] = mapped_column(one_of(RecheckEnd, "ended"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    sign_up: Mapped[SignUp] = relationship()

    __table_args__ = (
        CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("ended IS NULL OR ended <> 'taken_off' OR ended_by_id IS NOT NULL", name="taken_off_by_somebody"),
        Index("uq_recheck_open", "sign_up_id", "code", unique=True, sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL")),
    )
