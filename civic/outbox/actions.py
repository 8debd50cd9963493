"""Owing a letter in the transaction of the deed it tells of, claiming it to be sent, and noting how that ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, or_, select, update

from civic.core import clock
from civic.core.db import db, deed, rows_changed
from civic.outbox import rules
from civic.outbox.models import Message, MessageStatus, ShownCopy

# Longer than one letter may take (MAIL_LETTER_TIMEOUT): it is claimed alone, so a killed worker holds up no other.
LEASE = timedelta(minutes=5)
# Longer than any lease and than any time a letter is put off (rules.BACK_OFF, a night).
LONGEST_LEASE = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=25)


def enqueue(
    kind: str, key: str, recipient: tuple[str, int], *, due_at: datetime | None = None, group: str | None = None, **facts: object
) -> Message:
    """Owe somebody a letter.

    `kind` names its template and its rules; `key` is unique for the occasion, so that a deed done twice tells once;
    `recipient` is (kind, id), turned into an address only when the letter is sent; `facts` are ids and dates only.

    `group` makes one letter of many rows: those of one recipient with the same `group` that are due together, or half an hour
    after each other at most, go out as one. It is `family:occasion`, and `letters/together/<family>.txt` tells several;
    where only one is still due, its own template tells it. `of_this_deed` gives the group of one deed.
    """
    message = Message(
        key=f"{kind}:{key}",
        kind=kind,
        recipient_kind=recipient[0],
        recipient_id=recipient[1],
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        created_at=clock.now(),
        due_at=due_at or clock.now(),
        group_key=group,
    )
    db.session.add(message)
    return message


def of_this_deed(family: str) -> str:
    """The group of what is told in the transaction that is under way: ten shifts changed at once are one letter a person."""
    return f"{family}:{deed()}"


def is_owed(kind: str, key: str) -> bool:
    """Whether the letter of this occasion was written before: for deeds that the clock may repeat."""
    return db.session.scalars(select(Message.id).where(Message.key == f"{kind}:{key}")).first() is not None


def claim() -> list[int] | None:
    """The rows of the next letter, under a lease; none of them where it waits for others of its group; None: nothing is due."""
    now = clock.now()
    is_free = or_(Message.claimed_until.is_(None), Message.claimed_until < now)
    first = db.session.scalars(
        select(Message)
        .where(
            Message.status == MessageStatus.WAITING,
            Message.due_at <= now,
            or_(Message.again_at.is_(None), Message.again_at <= now),
            is_free,
        )
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if first is None:
        return None
    rows = [first] if first.group_key is None else _companions(first, is_free)
    coming = [row.due_at for row in rows if now < row.due_at <= first.due_at + rules.GATHER]
    if coming:
        first.again_at = max(coming)
        return []
    rows = [row for row in rows if row.due_at <= now]
    for row in rows:
        row.claimed_until = now + LEASE
    return [row.id for row in rows]


def _companions(first: Message, is_free: ColumnElement[bool]) -> list[Message]:
    """The rows that go into one letter with this one, itself among them, in the order they were written."""
    return list(
        db.session.scalars(
            select(Message)
            .where(
                Message.status == MessageStatus.WAITING,
                Message.group_key == first.group_key,
                Message.recipient_kind == first.recipient_kind,
                Message.recipient_id == first.recipient_id,
                or_(is_free, Message.id == first.id),
            )
            .order_by(Message.id)
            .with_for_update(skip_locked=True)
        )
    )


def _claims(ids: list[int]) -> Sequence[Message]:
    return db.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id)).all()


def end(ids: list[int], status: MessageStatus, problem: str | None) -> int:
    """Write down how these rows ended; how many did."""
    for message in _claims(ids):
        message.status = status
        message.problem = problem
        message.claimed_until = message.again_at = None
        message.attempts += status is not MessageStatus.DROPPED
        message.sent_at = clock.now() if status is MessageStatus.SENT else None
        message.sent_with_id = ids[0] if status is MessageStatus.SENT and message.id != ids[0] else None
    return len(ids)


def put_off(ids: list[int], until: datetime) -> int:
    """Leave these rows until somebody's quiet hours are over; none of them came to an end."""
    for message in _claims(ids):
        message.claimed_until = None
        message.due_at = message.again_at = until
    return 0


def give_back(ids: list[int], problem: str) -> int:
    """No fault of theirs: they wait as they did."""
    for message in _claims(ids):
        message.claimed_until = None
        message.problem = problem[:80]
    return 0


def put_back(ids: list[int], problem: str) -> int:
    """Try these rows again later, or leave them to a person; how many came to an end."""
    rows = _claims(ids)
    attempts = max(message.attempts for message in rows)
    is_over = attempts >= len(rules.BACK_OFF)
    for message in rows:
        message.claimed_until = None
        message.problem = problem[:80]
        message.attempts = attempts + 1
        message.again_at = None if is_over else clock.now() + rules.BACK_OFF[attempts]
        message.status = MessageStatus.FAILED if is_over else MessageStatus.WAITING
    return len(ids) if is_over else 0


def retry(message_id: int) -> bool:
    """Let a failed letter be tried again at once."""
    message = db.session.get(Message, message_id)
    if message is None or message.status is not MessageStatus.FAILED:
        return False
    message.status = MessageStatus.WAITING
    message.attempts = 0
    message.due_at = clock.now()
    message.again_at = message.problem = None
    return True


def mend_times() -> int:
    """Free what a clock that stood wrong has put off: nothing waits for a lease or another try more than a day; how many."""
    now = clock.now()
    waits = Message.status == MessageStatus.WAITING
    freed = rows_changed(
        update(Message).where(waits, Message.claimed_until > now + LONGEST_LEASE).values(claimed_until=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    far = Message.again_at > now + LONGEST_WAIT
    # Put off out of quiet hours, also what is due was moved.
    freed += rows_changed(
        update(Message).where(waits, far).values(again_at=None, due_at=case((Message.due_at == Message.again_at, now), else_=Message.due_at))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return freed


def purge_shown() -> int:
    """Forget what the development sender showed a week ago."""
    return rows_changed(delete(ShownCopy).where(ShownCopy.at < clock.now() - timedelta(days=7)))
