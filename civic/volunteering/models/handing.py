"""Handing a place over (转班): whoever was asked to take it, until when, and what they said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import Person
from civic.volunteering.models.events import Shift, SignUp


class AskStatus(StrEnum):
    ASKED = "asked"  # 等他答应
    TAKEN = "taken"  # 接了
    DECLINED = "declined"  # 这次不来
    LAPSED = "lapsed"  # 没有答应，过时
    CALLED_BACK = "called_back"  # 不转了
    OVER = "over"  # 用不着问了：名额没了，或者他自己报上了


class HandOver(Model):
    """One person asked to take over a place. The place stays the giver's, and held, until somebody says yes."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))  # the giver's
    times: Mapped[int]  # the giver's, when it began: who comes back starts anew
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(String(300))  # of the leader who named somebody out of turn
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[AskStatus] = mapped_column(one_of(AskStatus, "status"), default=AskStatus.ASKED)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    sign_up: Mapped[SignUp] = relationship()
    shift: Mapped[Shift] = relationship()
    to_person: Mapped[Person] = relationship()

    __table_args__ = (
        UniqueConstraint("sign_up_id", "times", "to_person_id"),
        CheckConstraint("(status = 'asked') = (ended_at IS NULL)", name="ended_has_time"),
        # One question for a place, and one for a person on a shift.
        Index("uq_hand_over_open", "sign_up_id", unique=True, sqlite_where=text("status = 'asked'"), postgresql_where=text("status = 'asked'")),
        Index("uq_hand_over_to", "shift_id", "to_person_id", unique=True, sqlite_where=text("status = 'asked'"), postgresql_where=text("status = 'asked'")),
        Index("ix_hand_over_to", "to_person_id", sqlite_where=text("status = 'asked'"), postgresql_where=text("status = 'asked'")),
        Index("ix_hand_over_due", "until", sqlite_where=text("status = 'asked'"), postgresql_where=text("status = 'asked'")),
    )
