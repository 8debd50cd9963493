"""Member cards (志愿者卡): printed, with a code and a PIN, revocable."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime
from civic.identity.models import Person


class MemberCard(Model):
    """A card of one person; a new one ends the one before."""

    __tablename__ = "member_card"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token: Mapped[str] = mapped_column(Sealed("member_card.token"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    pin: Mapped[str] = mapped_column(Sealed("member_card.pin"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_for: Mapped[str | None] = mapped_column(String(200))

    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)", name="revoked_has_reason"
        ),
        Index(
            "uq_member_card_valid", "person_id", unique=True, sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL")
        ),
    )
