"""People whom a case mentions besides the nominee, and whether they agree to stand in a public text."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import ConsentMethod, User


class Agreement(StrEnum):
    NOT_ASKED = "not_asked"  # 还没问
    AGREED = "agreed"  # 同意
    REFUSED = "refused"  # 不同意


class Mentioned(Model):
    """Somebody a story tells of (a mother-in-law, a neighbour). Where they can be recognised, they are asked first."""

    __tablename__ = "nomination_mentioned"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    name: Mapped[str] = mapped_column(Sealed("mentioned.name"))
    relation: Mapped[str] = mapped_column(String(40))
    is_recognisable: Mapped[bool] = mapped_column(default=True)
    agreement: Mapped[Agreement] = mapped_column(one_of(Agreement, "agreement"), default=Agreement.NOT_ASKED)
    method: Mapped[ConsentMethod | None] = mapped_column(one_of(ConsentMethod, "method"))
    wording: Mapped[str | None] = mapped_column(String(20))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no longer in the text; the row stays

    recorded_by: Mapped[User] = relationship()

    __table_args__ = (
        CheckConstraint("(agreement = 'not_asked') = (method IS NULL)", name="asked_somehow"),
        CheckConstraint("(method IS NULL) = (wording IS NULL)", name="asked_in_a_version"),
        Index("ix_nomination_mentioned_nomination", "nomination_id"),
    )

    @property
    def stands_in_the_way(self) -> bool:
        """Whether nothing may be published while this is so."""
        return self.removed_at is None and self.is_recognisable and self.agreement is not Agreement.AGREED
