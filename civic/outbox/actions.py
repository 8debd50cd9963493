"""Putting a letter into the outbox, in the same transaction as the deed it tells of."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from civic.core import clock
from civic.core.db import db, rows_changed
from civic.outbox.models import Message, MessageStatus, ShownCopy


def enqueue(
    kind: str, key: str, recipient: tuple[str, int], *, due_at: datetime | None = None, **facts: object
) -> Message:
    """Owe somebody a letter.

    `kind` names its template and its rules; `key` is unique for the occasion, so that a deed done twice tells once;
    `recipient` is (kind, id), turned into an address only when the letter is sent; `facts` are ids and dates only.
    """
    message = Message(
        key=f"{kind}:{key}",
        kind=kind,
        recipient_kind=recipient[0],
        recipient_id=recipient[1],
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        created_at=clock.now(),
        due_at=due_at or clock.now(),
    )
    db.session.add(message)
    return message


def is_owed(kind: str, key: str) -> bool:
    """Whether the letter of this occasion was written before: for deeds that the clock may repeat."""
    return db.session.scalars(select(Message.id).where(Message.key == f"{kind}:{key}")).first() is not None


def retry(message_id: int) -> bool:
    """Let a failed letter be tried again at once."""
    message = db.session.get(Message, message_id)
    if message is None or message.status is not MessageStatus.FAILED:
        return False
    message.status = MessageStatus.WAITING
    message.attempts = 0
    message.due_at = clock.now()
    return True


def purge_shown() -> int:
    """Forget what the development sender showed a week ago."""
    return rows_changed(delete(ShownCopy).where(ShownCopy.at < clock.now() - timedelta(days=7)))
