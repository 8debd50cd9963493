"""A guardian's word for a child's case: who said yes, how, when, to which wording; taken back, it stays as a row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Model, UtcDateTime, one_of
from civic.identity.models import ConsentMethod
from civic.nominations.models.cases import Nomination


class Guardian(Model):
    """The guardian of a case's child. Without a word that stands, nothing of the case is judged or shown."""

    __tablename__ = "nomination_guardian"

    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Sealed("guardian.name"))
    contact: Mapped[str] = mapped_column(Sealed("guardian.contact"))
    method: Mapped[ConsentMethod] = mapped_column(one_of(ConsentMethod, "method"))
    wording: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # none: the nominator wrote it down
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    nomination: Mapped[Nomination] = relationship()
