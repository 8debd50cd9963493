"""The table of what was done: append-only records, sealed into one hash chain by the worker."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, path_type


class AuditRecord(Model):
    """Who did what to which thing. Written in the deed's transaction; `seal_number` and `seal` follow later."""

    __tablename__ = "audit_record"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    verb: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None] = mapped_column(Key)
    region_path: Mapped[str | None] = mapped_column(path_type())
    facts: Mapped[str] = mapped_column(Text, default="{}")
    # Words that somebody gave as their reason, sealed; the facts hold a keyed digest of them, so a purge can take them away.
    reason: Mapped[str | None] = mapped_column(Sealed("audit_record.reason"))
    seal_number: Mapped[int | None] = mapped_column(Key, unique=True)
    seal: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        CheckConstraint("(seal_number IS NULL) = (seal IS NULL)", name="sealed_whole"),
        Index("ix_audit_record_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_record_at", "at", "id"),
        Index(
            "ix_audit_record_unsealed",
            "id",
            sqlite_where=text("seal_number IS NULL"),
            postgresql_where=text("seal_number IS NULL"),
        ),
    )


class AuditHead(Model):
    """The newest link of the chain, one row: it shows when the end of the chain was cut off."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seal_number: Mapped[int] = mapped_column(Key, default=0)
    seal: Mapped[str] = mapped_column(String(64), default="")

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class ContentSeal(Model):
    """The mark under what a row holds (a decision, a punch, a ballot, hours), set in the transaction that wrote it.

    Models say in `__sealed__` which of their columns it covers. A changed row gets a further mark, the newest holds. Purging a
    row takes its salt away with it: the chain still proves itself, and the mark tells nothing any more.
    """

    __tablename__ = "content_seal"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int] = mapped_column(Key)
    salt: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("audit_record.id"))  # the record by which it hangs on the chain

    __table_args__ = (
        Index("ix_content_seal_row", "kind", "row_id", "id"),
        Index("ix_content_seal_record", "record_id", "id"),
    )
