"""Questions about letters: what waits, what failed, what the development sender shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

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


def being_retried() -> int:
    """How many letters that are due were tried in vain so far."""
    tried = select(func.count()).select_from(Message).where(Message.status == MessageStatus.WAITING, Message.problem.is_not(None))
    return db.session.scalar(tried) or 0


def failed_since(moment: datetime) -> int:
    """How many letters owed since then nobody could be given, for good."""
    return db.session.scalar(
        select(func.count()).select_from(Message).where(Message.status == MessageStatus.FAILED, Message.created_at >= moment)
    ) or 0  # fmt: skip


def returned_to(recipients: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of them whose last letter came back or could not be handed over: their address has to be asked anew."""
    last: dict[tuple[str, int], MessageStatus] = {}
    for kind in {kind for kind, _id in recipients}:
        ids = [number for of, number in recipients if of == kind]
        ended = (MessageStatus.SENT, MessageStatus.FAILED)
        query = select(Message.recipient_id, Message.status).where(
            Message.recipient_kind == kind, Message.recipient_id.in_(ids), Message.status.in_(ended)
        )
        for number, status in db.session.execute(query.order_by(Message.id)):
            last[kind, number] = status
    return {recipient for recipient, status in last.items() if status is MessageStatus.FAILED}


def told(user_id: int) -> list[Message]:
    """Every letter that was owed to an account."""
    return list(db.session.scalars(select(Message).where(Message.recipient_kind == "user", Message.recipient_id == user_id).order_by(Message.id)))
