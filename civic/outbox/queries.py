"""Questions about letters: what waits, what failed, what the development sender shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from civic.core import paging
from civic.core.db import db
from civic.outbox.models import Message, MessageStatus, ShownCopy


def messages(*, status: MessageStatus | None = None, after: str | None = None, limit: int = 50) -> paging.Page[Message]:
    """Letters, newest first."""
    query = select(Message).order_by(Message.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(Message.status == status)
    start = paging.values_of(after, (int,))
    if start is not None:
        query = query.where(Message.id < start[0])
    return paging.cut(db.session.scalars(query).all(), limit, lambda m: (m.id,), is_first=start is None)


def shown_copies(limit: int = 50) -> Sequence[ShownCopy]:
    return db.session.scalars(select(ShownCopy).order_by(ShownCopy.id.desc()).limit(limit)).all()


def oldest_due() -> datetime | None:
    """When the letter that has waited longest fell due."""
    return db.session.scalar(
        select(Message.due_at).where(Message.status == MessageStatus.WAITING).order_by(Message.due_at, Message.id).limit(1)
    )
