"""请再看一遍: once, the level above looks again at a case that was declined, or at an answer somebody got to an objection."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, path_type
from civic.identity.models import User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.notices import Objection


class SecondLook(Model):
    """One request. `objection_id` is none where it is the declined case itself; asked by its nominator's or objector's link."""

    __tablename__ = "second_look"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    objection_id: Mapped[int | None] = mapped_column(ForeignKey("objection.id"))
    voice_id: Mapped[int | None] = mapped_column(ForeignKey("nomination_voice.id"))
    region_path: Mapped[str] = mapped_column(path_type())  # of the level above, which looks
    level: Mapped[int]  # whose word is looked at again
    words: Mapped[str] = mapped_column(Sealed("second_look.words"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # past its day: the level above them was told
    changed: Mapped[bool | None]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    nomination: Mapped[Nomination] = relationship()
    objection: Mapped[Objection | None] = relationship()
    answered_by: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("(objection_id IS NULL) = (voice_id IS NOT NULL)", name="of_case_or_objection"),
        CheckConstraint(
            "(changed IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_at IS NULL)"
            " AND (answered_by_id IS NULL) = (answered_at IS NULL)",
            name="answered_whole",
        ),
        UniqueConstraint("objection_id"),
        # A case is looked at again once, whoever of its nominators asks.
        Index(
            "uq_second_look_case", "nomination_id", unique=True, sqlite_where=text("objection_id IS NULL"),
            postgresql_where=text("objection_id IS NULL"),
        ),
        Index("ix_second_look_open", "region_path", "due_at", sqlite_where=text("answered_at IS NULL"), postgresql_where=text("answered_at IS NULL")),
        Index("ix_second_look_nomination", "nomination_id"),
    )
