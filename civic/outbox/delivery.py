"""Sending what is owed: claim, render, hand to the sender, note the end. The one place that knows the mail library.

A message is claimed with a lease, sent outside any transaction, and marked in one of its own. A worker that dies between
sending and marking leaves the message to be sent again: it carries the same Message-ID, so mailboxes can tell.

Whether it is too late in the evening is decided here, for every feature, at the moment of sending: what people chose meanwhile
holds, and a letter that was put off by a failing server does not arrive at night either.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Protocol

from flask import Flask, current_app
from flask_babel import force_locale
from flask_mail import Mail
from flask_mail import Message as Letter
from jinja2 import TemplateNotFound
from sqlalchemy import or_, select

from civic.core import clock, text
from civic.core.db import db, transaction
from civic.outbox import rules
from civic.outbox.models import Message, MessageStatus, ShownCopy

LEASE = timedelta(minutes=5)
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)


@dataclass(frozen=True)
class Address:
    """Where a letter goes."""

    channel: Literal["email", "sms"]
    value: str
    name: str


def _recipient(message: Message) -> int | None:
    return message.recipient_id if message.recipient_kind == "user" else None


def _any_time(_message: Message) -> datetime | None:
    return None


@dataclass(frozen=True)
class Kind:
    """What a feature says of one kind of letter; asked when the letter is sent, not when it was owed."""

    still_due: Callable[[Message], bool]
    address: Callable[[Message], Address | None]
    context: Callable[[Message], dict[str, object]]
    # From when on it is of no use: where the quiet hours end later than that, it goes out in them. None: it can always wait.
    latest: Callable[[Message], datetime | None] = _any_time
    # The account whose quiet hours hold; none: everybody's.
    hearer: Callable[[Message], int | None] = _recipient


class Sender(Protocol):
    def __call__(self, message_id: str, address: Address, subject: str, body: str) -> None: ...


class Dropped(Exception):
    """There is nobody to send to, or no way; trying again would not help. Its text is a stable code."""


class NotNow(Exception):
    """These are somebody's quiet hours: the letter waits until `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until


_kinds: dict[str, Kind] = {}
_hours: Callable[[int], tuple[time, time]] = lambda _account: (rules.QUIET_FROM, rules.QUIET_UNTIL)  # noqa: E731


def learn(kinds: Mapping[str, Kind]) -> None:
    """Take a feature's kinds of letters."""
    _kinds.update(kinds)


def learn_hours(hours_of: Callable[[int], tuple[time, time]]) -> None:
    """Take the question for an account's quiet hours."""
    global _hours
    _hours = hours_of


def known_kinds() -> frozenset[str]:
    return frozenset(_kinds)


def init(app: Flask, mail: Mail) -> None:
    app.extensions["civic.senders"] = {"email": _email_sender(app, mail), "sms": _sms_sender(app)}


def can_text() -> bool:
    """Whether this deployment can send text messages at all."""
    return current_app.config["CODE_SENDER"] == "page"


def show(channel: str, recipient: str, subject: str, body: str) -> None:
    """Keep a copy for the development sender's page, in the caller's transaction."""
    db.session.add(ShownCopy(at=clock.now(), channel=channel, recipient=recipient, subject=subject, body=body))


def _show_on_page(_message_id: str, address: Address, subject: str, body: str) -> None:
    masked = text.masked_email(address.value) if address.channel == "email" else text.masked_phone(address.value)
    with transaction():
        show(address.channel, masked, subject, body)


def _email_sender(app: Flask, mail: Mail) -> Sender:
    if app.config["MAIL_SENDER"] == "page":
        return _show_on_page

    def send(message_id: str, address: Address, subject: str, body: str) -> None:
        letter = Letter(subject=subject, recipients=[(address.name or address.value, address.value)], body=body)
        letter.msgId = message_id
        # The mail library sets no time-out of its own, and a silent server would hold the worker for ever.
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(app.config["MAIL_TIMEOUT"])
        try:
            mail.send(letter)
        finally:
            socket.setdefaulttimeout(before)

    return send


def _sms_sender(app: Flask) -> Sender:
    if app.config["CODE_SENDER"] == "page":
        return _show_on_page

    def refuse(*_: object) -> None:
        raise Dropped("no_sms_sender")

    return refuse


def deliver_due(limit: int = 50) -> int:
    """Send what is due now, oldest first; how many messages came to an end."""
    done = 0
    for message_id in _claimed(limit):
        done += _deliver(message_id)
    return done


def _claimed(limit: int) -> list[int]:
    now = clock.now()
    with transaction():
        due = db.session.scalars(
            select(Message)
            .where(
                Message.status == MessageStatus.WAITING,
                Message.due_at <= now,
                or_(Message.claimed_until.is_(None), Message.claimed_until < now),
            )
            .order_by(Message.due_at, Message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for message in due:
            message.claimed_until = now + LEASE
        return [message.id for message in due]


def _deliver(message_id: int) -> bool:
    """Send one claimed message; whether it came to an end."""
    message = db.session.get(Message, message_id)
    if message is None or message.status is not MessageStatus.WAITING:
        return False
    try:
        address, subject, body = _rendered(message)
        _demand_politeness(message)
        key = f"<civic-{message.id}@{current_app.config['BASE_URL'].split('//')[-1].split('/')[0].split(':')[0]}>"
        db.session.rollback()  # no transaction stays open while a server is slow
        current_app.extensions["civic.senders"][address.channel](key, address, subject, body)
    except Dropped as reason:
        return _note(message_id, MessageStatus.DROPPED, str(reason))
    except NotNow as quiet:
        return _put_off(message_id, quiet.until)
    except TemplateNotFound:
        return _note(message_id, MessageStatus.FAILED, "no_template")
    except Exception as error:
        db.session.rollback()
        return _note_failure(message_id, type(error).__name__)
    return _note(message_id, MessageStatus.SENT, None)


def _demand_politeness(message: Message) -> None:
    """Not in the hearer's quiet hours, unless in the morning it would be too late. A demonstration wakes nobody."""
    if current_app.config["DEMO"]:
        return
    kind, now = _kinds[message.kind], clock.now()
    account = kind.hearer(message)
    begin, end = _hours(account) if account is not None else (rules.QUIET_FROM, rules.QUIET_UNTIL)
    until = rules.next_polite(clock.local(now), begin, end)
    if until <= now:
        return
    latest = kind.latest(message)
    if latest is None or until < latest:
        raise NotNow(until)


def _put_off(message_id: int, until: datetime) -> bool:
    with transaction():
        message = db.session.get(Message, message_id)
        assert message is not None
        message.claimed_until = None
        message.due_at = until
    return False


def _rendered(message: Message) -> tuple[Address, str, str]:
    kind = _kinds.get(message.kind)
    if kind is None:
        raise Dropped("kind_unknown")
    if not kind.still_due(message):
        raise Dropped("no_longer_due")
    address = kind.address(message)
    if address is None or not address.value:
        raise Dropped("no_address")
    context, base = kind.context(message), current_app.config["BASE_URL"].rstrip("/")
    with force_locale("zh"):
        # Not through the pages' renderer: a letter has no viewer, no menu and no request.
        whole = current_app.jinja_env.get_template(f"letters/{message.kind}.txt").render(**context, base_url=base, address=address)
    head, _, body = whole.strip().partition("\n")
    if address.channel == "sms" and context.get("link"):
        # A text message shows on a locked screen and passes through others' hands: the occasion and the way in, no names.
        body = f"{base}{context['link']}"
    return address, head.removeprefix("主题：").strip(), body.strip() + "\n"


def read(message: Message) -> tuple[Address, str, str] | None:
    """(address, subject, text) of a letter as it would go out now; None for one that would not."""
    try:
        return _rendered(message)
    except Dropped:
        return None


def _note(message_id: int, status: MessageStatus, problem: str | None) -> bool:
    with transaction():
        message = db.session.get(Message, message_id)
        assert message is not None
        message.status = status
        message.problem = problem
        message.claimed_until = None
        message.attempts += status is MessageStatus.SENT
        message.sent_at = clock.now() if status is MessageStatus.SENT else None
    return True


def _note_failure(message_id: int, problem: str) -> bool:
    with transaction():
        message = db.session.get(Message, message_id)
        assert message is not None
        message.claimed_until = None
        message.problem = problem[:80]
        if message.attempts >= len(BACK_OFF):
            message.status = MessageStatus.FAILED
            return True
        message.due_at = clock.now() + BACK_OFF[message.attempts]
        message.attempts += 1
    return False
