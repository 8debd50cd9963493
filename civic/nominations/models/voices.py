"""Those who nominate a case: what they are to the nominee, and how their word came."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import User

if TYPE_CHECKING:
    from civic.nominations.models.cases import Nomination


class Relation(StrEnum):
    """What the nominator is to the nominee."""

    NEIGHBOUR = "neighbour"
    STEWARD = "steward"
    COLLEAGUE = "colleague"
    HELPED = "helped"
    RELATIVE = "relative"
    ONESELF = "oneself"
    PROXY = "proxy"


class ToldHow(StrEnum):
    """How a nomination came that somebody else wrote down."""

    PHONE = "phone"
    PAPER = "paper"
    IN_PERSON = "in_person"


class Voice(Model):
    """One nominator of a case. The first began it; later ones joined with their own words."""

    __tablename__ = "nomination_voice"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(Sealed("voice.name"))
    phone: Mapped[str | None] = mapped_column(Sealed("voice.phone"))
    email: Mapped[str | None] = mapped_column(Sealed("voice.email"))
    contact_digest: Mapped[str] = mapped_column(String(64))
    tail_digest: Mapped[str | None] = mapped_column(String(64))  # of reference and the phone's last four digits
    relation: Mapped[Relation] = mapped_column(one_of(Relation, "relation"))
    words: Mapped[str | None] = mapped_column(Text)  # of one who joined
    told_how: Mapped[ToldHow | None] = mapped_column(one_of(ToldHow, "told_how"))  # somebody else wrote it down
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sheet_key: Mapped[str | None] = mapped_column(String(120))  # the photographed paper, internal
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the account closed: no contact stays, and its link is dead

    nomination: Mapped[Nomination] = relationship(back_populates="voices")
    entered_by: Mapped[User | None] = relationship(foreign_keys=[entered_by_id])

    __table_args__ = (
        UniqueConstraint("nomination_id", "contact_digest"),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL OR entered_by_id IS NOT NULL OR forgotten_at IS NOT NULL", name="reachable"),
        CheckConstraint("forgotten_at IS NULL OR (phone IS NULL AND email IS NULL)", name="forgotten_whole"),
        CheckConstraint("(told_how IS NULL) = (entered_by_id IS NULL)", name="told_and_entered"),
        CheckConstraint("told_how <> 'paper' OR sheet_key IS NOT NULL", name="paper_has_sheet"),
        CheckConstraint("(phone IS NULL) = (tail_digest IS NULL)", name="phone_has_tail"),
        Index("ix_nomination_voice_contact", "contact_digest"),
        Index("ix_nomination_voice_user", "user_id"),
    )

    @property
    def is_reachable(self) -> bool:
        """Whether letters can go to them; else the slip in their hand and the hotline have to do."""
        return self.phone is not None or self.email is not None
