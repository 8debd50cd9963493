"""The signed paper 签到表 typed back in: one sheet, one line for each who came, checked by a second person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.volunteering.models.events import Shift, SignUp


class PaperStatus(StrEnum):
    TYPED = "typed"  # 等另一位核对
    CONFIRMED = "confirmed"  # 核对过，记成签到签退了
    RETURNED = "returned"  # 有错，退回重录
    REPLACED = "replaced"  # 录的人自己重录了


class PaperSheet(Model):
    """A typed sheet. Nothing of it counts before somebody else has seen it beside the photograph, line by line."""

    __tablename__ = "paper_sheet"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    photo_key: Mapped[str] = mapped_column(String(60))
    status: Mapped[PaperStatus] = mapped_column(one_of(PaperStatus, "status"), default=PaperStatus.TYPED)
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    typed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_for: Mapped[str | None] = mapped_column(String(300))

    shift: Mapped[Shift] = relationship()
    lines: Mapped[list[PaperLine]] = relationship(order_by="PaperLine.id")

    __table_args__ = (
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> typed_by_id", name="two_people"),
        CheckConstraint("(status IN ('confirmed', 'returned')) = (checked_by_id IS NOT NULL)", name="checked_by_somebody"),
        CheckConstraint("(checked_by_id IS NULL) = (checked_at IS NULL)", name="checked_has_time"),
        CheckConstraint("(status = 'returned') = (returned_for IS NOT NULL)", name="returned_has_reason"),
        Index("uq_paper_sheet_typed", "shift_id", unique=True, sqlite_where=text("status = 'typed'"), postgresql_where=text("status = 'typed'")),
        Index("ix_paper_sheet_shift", "shift_id", "id"),
    )


class PaperLine(Model):
    """When somebody came and went, as the paper says; no going where none was signed."""

    __tablename__ = "paper_line"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("paper_sheet.id"))
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)
    went_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    sign_up: Mapped[SignUp] = relationship()

    __table_args__ = (
        UniqueConstraint("sheet_id", "sign_up_id"),
        CheckConstraint("went_at IS NULL OR went_at >= came_at", name="times_in_order"),
    )
