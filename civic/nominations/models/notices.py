"""The public notice (公示) of a round, its items, and the objections (异议) to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.rounds import Round
from civic.regions.models import Region


class Notice(Model):
    """One publication of a round's provisional list."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    level: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    days: Mapped[int]
    in_working_days: Mapped[bool]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    round: Mapped[Round] = relationship()
    region: Mapped[Region] = relationship()
    published_by: Mapped[User] = relationship()
    items: Mapped[list[NoticeItem]] = relationship(back_populates="notice", order_by="NoticeItem.id")

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="runs_forward"),
        CheckConstraint("days BETWEEN 1 AND 60", name="days_sane"),
        Index("ix_notice_round", "round_id"),
    )


class Withheld(StrEnum):
    """Why the public no longer reads what was put up, though it still hangs."""

    NAME = "name"  # 本人不再同意公开姓名：名字和文字都不给看
    STORY = "story"  # 本人不再同意公开事迹：只留名字
    MENTIONED = "mentioned"  # 文字里提到的人不同意：只留名字


class NoticeItem(Model):
    """One person of a notice, in the words that were put up. Its clock stands still while an objection is open.

    The words never change; whoever may no longer read them is told by `withheld`.
    """

    __tablename__ = "notice_item"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    shown_name: Mapped[str] = mapped_column(String(60))
    shown_sex: Mapped[str | None] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(120))
    headline: Mapped[str] = mapped_column(String(70))
    words: Mapped[str] = mapped_column(Text)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    days_left: Mapped[int | None]  # while its clock stands still
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # confirmed, or taken down
    taken_down_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withheld: Mapped[Withheld | None] = mapped_column(one_of(Withheld, "withheld"))
    withheld_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    notice: Mapped[Notice] = relationship(back_populates="items")
    nomination: Mapped[Nomination] = relationship()
    objections: Mapped[list[Objection]] = relationship(back_populates="item", order_by="Objection.id")

    __table_args__ = (
        UniqueConstraint("notice_id", "nomination_id"),
        CheckConstraint("(ends_at IS NULL) = (days_left IS NOT NULL)", name="runs_or_stands"),
        CheckConstraint("(withheld IS NULL) = (withheld_at IS NULL)", name="withheld_has_time"),
        CheckConstraint("taken_down_at IS NULL OR settled_at IS NOT NULL", name="taken_down_is_settled"),
        Index("ix_notice_item_running", "ends_at", "id", sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL")),
        Index("ix_notice_item_nomination", "nomination_id"),
    )

    @property
    def is_named(self) -> bool:
        """Whether the public may still read whose deed it is."""
        return self.withheld is not Withheld.NAME


class ObjectionKind(StrEnum):
    UNTRUE = "untrue"  # 事情不实
    SOMEBODY_ELSE = "somebody_else"  # 不是他（她）做的
    MORE = "more"  # 还有别的情况
    WORDING = "wording"  # 写得不准确


class ObjectionStatus(StrEnum):
    RECEIVED = "received"
    INVESTIGATING = "investigating"
    NOT_ACCEPTED = "not_accepted"
    REJECTED = "rejected"  # 查了，不成立
    UPHELD = "upheld"  # 成立


OPEN_OBJECTIONS = frozenset({ObjectionStatus.RECEIVED, ObjectionStatus.INVESTIGATING})


class Objection(Model):
    """What somebody said against an item. Name and contact are for the investigator alone; both may be missing."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("notice_item.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    kind: Mapped[ObjectionKind] = mapped_column(one_of(ObjectionKind, "kind"))
    words: Mapped[str] = mapped_column(Sealed("objection.words"))
    name: Mapped[str | None] = mapped_column(Sealed("objection.name"))
    contact: Mapped[str | None] = mapped_column(Sealed("objection.contact"))
    status: Mapped[ObjectionStatus] = mapped_column(one_of(ObjectionStatus, "status"), default=ObjectionStatus.RECEIVED)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    investigator_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    finding: Mapped[str | None] = mapped_column(Text)  # internal
    answer: Mapped[str | None] = mapped_column(Text)  # what the objector reads
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    item: Mapped[NoticeItem] = relationship(back_populates="objections")
    investigator: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(status IN ('not_accepted', 'rejected', 'upheld')) = (closed_at IS NOT NULL AND answer IS NOT NULL)",
            name="closed_has_answer",
        ),
        CheckConstraint("status = 'received' OR investigator_id IS NOT NULL", name="worked_by_somebody"),
        CheckConstraint("status NOT IN ('rejected', 'upheld') OR finding IS NOT NULL", name="finding_given"),
        Index("ix_objection_item", "item_id"),
        Index("ix_objection_open", "region_path", "due_at", sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL")),
    )
