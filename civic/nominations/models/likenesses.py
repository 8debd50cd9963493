"""What a human being said about two cases that looked like one person's. Asked once; the answer is kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import User


class LikenessGround(StrEnum):
    """Why two cases look like one person's."""

    IDENTITY = "identity"  # 身份证号相同
    UNIT = "unit"  # 名字、单位相同
    COMMUNITY = "community"  # 名字、社区相同


class LikenessAnswer(StrEnum):
    MERGED = "merged"  # 同一个人、同一件事：并到一起
    SAME = "same"  # 同一个人，两件事
    DIFFERENT = "different"  # 两个人


class Likeness(Model):
    """The answer about one pair of cases. Which of two is first is their age, so that a pair is one row."""

    __tablename__ = "likeness"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    ground: Mapped[LikenessGround] = mapped_column(one_of(LikenessGround, "ground"))
    answer: Mapped[LikenessAnswer] = mapped_column(one_of(LikenessAnswer, "answer"))
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    answered_by: Mapped[User] = relationship()

    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="one_row_a_pair"),
        Index("ix_likeness_second", "second_id"),
    )
