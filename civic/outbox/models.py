"""Messages: what we owe people to tell, kept until told; and the copies that the development sender shows."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of


class MessageStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"  # no longer due when its time came, or nobody to send it to
    FAILED = "failed"  # tried often enough; a person has to look


class Message(Model):
    """One thing to tell one person. Address and wording are worked out when it is sent, from `facts` (ids only)."""

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    recipient_kind: Mapped[str] = mapped_column(String(20))
    recipient_id: Mapped[int] = mapped_column(Key)
    facts: Mapped[str] = mapped_column(Text, default="{}")
    status: Mapped[MessageStatus] = mapped_column(one_of(MessageStatus, "status"), default=MessageStatus.WAITING)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(String(80))
    # Rows of one person that share it go out as one letter: `family:occasion`, see outbox.actions.enqueue.
    group_key: Mapped[str | None] = mapped_column(String(120))
    # When it may be tried again, after a failure or out of somebody's quiet hours; never more than a day ahead.
    again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The row in whose letter this one went out.
    sent_with_id: Mapped[int | None] = mapped_column(Key)

    __table_args__ = (
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        Index(
            "ix_outbox_message_waiting",
            "due_at",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_outbox_message_group",
            "group_key",
            "recipient_id",
            sqlite_where=text("status = 'waiting' AND group_key IS NOT NULL"),
            postgresql_where=text("status = 'waiting' AND group_key IS NOT NULL"),
        ),
        Index(
            "ix_outbox_message_failed",
            "id",
            sqlite_where=text("status = 'failed'"),
            postgresql_where=text("status = 'failed'"),
        ),
        Index("ix_outbox_message_recipient", "recipient_kind", "recipient_id", "id"),
    )

    def fact(self, name: str) -> object:
        """One of the ids and dates noted when the letter was owed."""
        return json.loads(self.facts).get(name)


class ShownCopy(Model):
    """A letter or a code as the development sender shows it on its page, in place of a mailbox or a phone."""

    __tablename__ = "outbox_shown_copy"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(Sealed("outbox.recipient"))
    subject: Mapped[str] = mapped_column(Sealed("outbox.subject"))
    body: Mapped[str] = mapped_column(Sealed("outbox.body"))
