"""Points (积分): the tariff, the append-only ledger, lots that expire, balances, and the goods they are exchanged for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import Person


class Tariff(Model):
    """What an hour is worth, from a date on. Each entry keeps the row it was computed with."""

    __tablename__ = "point_tariff"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    since: Mapped[date] = mapped_column(unique=True)
    per_hour: Mapped[int] = mapped_column(default=10)
    most_a_day: Mapped[int] = mapped_column(default=80)
    most_a_month: Mapped[int] = mapped_column(default=600)
    lasts_days: Mapped[int] = mapped_column(default=1096)
    # What being named 好人 brings, at each level; a city that wants this says so, nobody gets it by default.
    nominee_points: Mapped[int] = mapped_column(default=0)
    nominator_points: Mapped[int] = mapped_column(default=0)

    factors: Mapped[list[Factor]] = relationship(lazy="selectin", order_by="Factor.kind, Factor.code")

    __table_args__ = (
        CheckConstraint("per_hour BETWEEN 0 AND 1000", name="per_hour_sane"),
        CheckConstraint("most_a_day >= 0 AND most_a_month >= most_a_day", name="caps_in_order"),
        CheckConstraint("lasts_days BETWEEN 1 AND 36600", name="lasts_sane"),
        CheckConstraint("nominee_points BETWEEN 0 AND 10000 AND nominator_points BETWEEN 0 AND 10000", name="honours_sane"),
    )

    def percent(self, kind: FactorKind, code: str | None) -> int:
        """What hours of this role or kind of service count for; 100 where the tariff says nothing."""
        return next((f.percent for f in self.factors if f.kind is kind and f.code == code), 100)


class FactorKind(StrEnum):
    """What a factor is of: what one does at a post, or the kind of service."""

    ROLE = "role"
    CATEGORY = "category"


class Factor(Model):
    """A role or a kind of service whose hours count for more or less, in percent: 记录员 125."""

    __tablename__ = "point_factor"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tariff_id: Mapped[int] = mapped_column(ForeignKey("point_tariff.id"))
    kind: Mapped[FactorKind] = mapped_column(one_of(FactorKind, "kind"), default=FactorKind.ROLE)
    code: Mapped[str] = mapped_column(String(20))
    percent: Mapped[int]

    __table_args__ = (UniqueConstraint("tariff_id", "kind", "code"), CheckConstraint("percent BETWEEN 0 AND 500", name="percent_sane"))


class EntryKind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    RESTORE = "restore"  # an exchange was cancelled or not fetched
    EXPIRE = "expire"
    REVERSE = "reverse"  # an earning was wrong


class Balance(Model):
    """What a person has. Kept in the same transaction as the ledger; its row is the lock of the ledger."""

    __tablename__ = "point_balance"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    points: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("points >= 0", name="never_negative"),)


class Entry(Model):
    """One line of the ledger, never changed. `source` and `reason` together happen once."""

    __tablename__ = "point_entry"
    __sealed__ = ("person_id", "kind", "points", "source", "reason", "day", "at", "tariff_id", "actor_id", "reverses_id")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[EntryKind] = mapped_column(one_of(EntryKind, "kind"))
    points: Mapped[int]
    balance_after: Mapped[int]
    source: Mapped[str] = mapped_column(String(60))  # what it came from: service:17, redemption:4
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(80))  # as the person reads it
    day: Mapped[date]  # in the city, of what it is for: caps count by it
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("point_tariff.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("point_entry.id"), unique=True)

    __table_args__ = (
        UniqueConstraint("source", "reason"),
        CheckConstraint("balance_after >= 0", name="never_negative"),
        CheckConstraint("(kind IN ('earn', 'restore') AND points >= 0) OR (kind NOT IN ('earn', 'restore') AND points <= 0)", name="sign_by_kind"),
        CheckConstraint("(kind = 'reverse') = (reverses_id IS NOT NULL)", name="reverse_names_entry"),
        Index("ix_point_entry_person", "person_id", "id"),
        Index("ix_point_entry_day", "person_id", "day"),
    )


class Lot(Model):
    """The points of one earning that are still there; the oldest are used first, and all expire one day."""

    __tablename__ = "point_lot"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("point_entry.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    points: Mapped[int]
    left: Mapped[int]
    expires_on: Mapped[date]

    __table_args__ = (
        CheckConstraint('points > 0 AND "left" BETWEEN 0 AND points', name="left_sane"),
        Index("ix_point_lot_person", "person_id", "expires_on", "id", sqlite_where=text('"left" > 0'), postgresql_where=text('"left" > 0')),
        Index("ix_point_lot_expiry", "expires_on", "id", sqlite_where=text('"left" > 0'), postgresql_where=text('"left" > 0')),
    )


class LotUse(Model):
    """How many points an entry took from a lot (or, negative, gave back)."""

    __tablename__ = "point_lot_use"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("point_lot.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("point_entry.id"))
    points: Mapped[int]

    __table_args__ = (
        UniqueConstraint("lot_id", "entry_id"),
        CheckConstraint("points <> 0", name="uses_something"),
        Index("ix_point_lot_use_entry", "entry_id"),
    )


class Shortfall(Model):
    """Points that had to be taken back but were spent already: somebody decides, nobody goes below zero."""

    __tablename__ = "point_shortfall"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("point_entry.id"), unique=True)  # the reversal
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    points: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(300))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    entry: Mapped[Entry] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("points > 0", name="short_of_something"),
        CheckConstraint("(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_whole"),
    )


class Good(Model):
    """Something that a merchant gave and that points are exchanged for. It has no price in money."""

    __tablename__ = "good"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    name: Mapped[str] = mapped_column(String(40))
    donor: Mapped[str] = mapped_column(String(60))
    counter: Mapped[str] = mapped_column(String(80))  # where it is fetched
    points: Mapped[int]
    received: Mapped[int]
    stock: Mapped[int]
    since: Mapped[date]
    until: Mapped[date | None]
    taken_down_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_down_for: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("points BETWEEN 1 AND 100000", name="points_sane"),
        CheckConstraint("(taken_down_at IS NULL) = (taken_down_for IS NULL)", name="taken_down_has_reason"),
        CheckConstraint("stock BETWEEN 0 AND received", name="stock_sane"),
        Index("ix_good_region", "region_path"),
    )


class RedemptionStatus(StrEnum):
    HELD = "held"  # 待领取
    HANDED = "handed"  # 已领取
    CANCELLED = "cancelled"  # 本人取消
    LAPSED = "lapsed"  # 没来领


class Redemption(Model):
    """One exchange: the good is held under a pick-up code until it is fetched."""

    __tablename__ = "redemption"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    good_id: Mapped[int] = mapped_column(ForeignKey("good.id"))
    request: Mapped[str] = mapped_column(String(40))  # of the page it was asked on: a double click is one exchange
    points: Mapped[int]
    status: Mapped[RedemptionStatus] = mapped_column(one_of(RedemptionStatus, "status"), default=RedemptionStatus.HELD)
    code: Mapped[str] = mapped_column(Sealed("redemption.code"))
    code_digest: Mapped[str] = mapped_column(String(64))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    good: Mapped[Good] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (
        UniqueConstraint("person_id", "request"),
        CheckConstraint("(status = 'held') = (ended_at IS NULL)", name="ended_has_time"),
        CheckConstraint("(status = 'handed') = (handed_by_id IS NOT NULL)", name="handed_by_somebody"),
        Index("ix_redemption_code", "code_digest", unique=True, sqlite_where=text("status = 'held'"), postgresql_where=text("status = 'held'")),
        Index("ix_redemption_person", "person_id", "id"),
        Index("ix_redemption_due", "until", sqlite_where=text("status = 'held'"), postgresql_where=text("status = 'held'")),
        Index("ix_redemption_good", "good_id"),
    )
