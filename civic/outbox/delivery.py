"""Sending what is owed: claim, render, hand to the sender, note the end.

A message is claimed with a lease, sent outside any transaction, and marked in one of its own. A worker that dies between
sending and marking leaves the message to be sent again: it carries the same Message-ID, so mailboxes can tell.

Whether it is too late in the evening is decided here, for every feature, at the moment of sending: what people chose meanwhile
holds, and a letter that was put off by a failing server does not arrive at night either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from time import monotonic
from typing import Literal, Protocol

from flask import Flask, current_app
from flask_babel import force_locale
from jinja2 import TemplateNotFound

from civic.core import clock, mail, text
from civic.core.db import db, transaction
from civic.outbox import actions, rules
from civic.outbox.models import Message, MessageStatus, ShownCopy

# So many letters in a row that were cut off half way are the server's fault.
CUT_OFF_MOST = 3


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


def init(app: Flask) -> None:
    app.extensions["civic.senders"] = {"email": _email_sender(app), "sms": _sms_sender(app)}


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


def _email_sender(app: Flask) -> Sender:
    if app.config["MAIL_SENDER"] == "page":
        return _show_on_page
    patience = mail.Patience(app.config["MAIL_CONNECT_TIMEOUT"], app.config["MAIL_TIMEOUT"], app.config["MAIL_LETTER_TIMEOUT"])

    def send(message_id: str, address: Address, subject: str, body: str) -> None:
        server = app.extensions["mail"]
        sender = mail.sender_of(server.default_sender, f"{app.config['CITY_NAME']}好人城")
        mail.send(server, patience, message_id, sender, (address.name or address.value, address.value), subject, body)

    return send


def _sms_sender(app: Flask) -> Sender:
    if app.config["CODE_SENDER"] == "page":
        return _show_on_page

    def refuse(*_: object) -> None:
        raise Dropped("no_sms_sender")

    return refuse


def deliver_due(limit: int = 50, seconds: float = 120) -> int:
    """Send what is due now, oldest first, for this long at most; how many messages came to an end.

    Raises mail.Away where the server takes nothing: the rest waits as it is, rather than each letter learning it by itself.
    """
    done, cut_off, end = 0, 0, monotonic() + seconds
    for _turn in range(limit):
        if monotonic() > end:
            break
        with transaction():
            ids = actions.claim()
        if ids is None:
            break
        if not ids:
            continue
        ended, problem = _deliver(ids)
        done += ended
        cut_off = cut_off + 1 if problem == "cut_off" else 0
        if cut_off == CUT_OFF_MOST:
            raise mail.Away("server_cuts_off")
    return done


def _deliver(ids: list[int]) -> tuple[int, str | None]:
    """Send the claimed rows as one letter: how many came to an end, and what went wrong."""
    rows = [row for row in map(partial(db.session.get, Message), ids) if row is not None and row.status is MessageStatus.WAITING]
    ended, due = _without_dropped(rows)
    if not due:
        return ended, None
    ids = [row.id for row in due]
    try:
        address, subject, body = _rendered(due)
        _demand_politeness(due)
        key = f"<civic-{ids[0]}@{current_app.config['BASE_URL'].split('//')[-1].split('/')[0].split(':')[0]}>"
        db.session.rollback()  # no transaction stays open while a server is slow
        current_app.extensions["civic.senders"][address.channel](key, address, subject, body)
    except Dropped as reason:
        return ended + _in_one(actions.end, ids, MessageStatus.DROPPED, str(reason)), None
    except NotNow as quiet:
        return ended + _in_one(actions.put_off, ids, quiet.until), None
    except TemplateNotFound:
        return ended + _in_one(actions.end, ids, MessageStatus.FAILED, "no_template"), None
    except mail.Away as why:
        _in_one(actions.give_back, ids, str(why))
        raise
    except mail.Bounced as why:
        return ended + _in_one(actions.end, ids, MessageStatus.FAILED, str(why)), None
    except Exception as error:
        problem = str(error) if isinstance(error, mail.Later) else type(error).__name__
        return ended + _in_one(actions.put_back, ids, problem), problem
    return ended + _in_one(actions.end, ids, MessageStatus.SENT, None), None


def _in_one(change: Callable[..., int], *about: object) -> int:
    """The change in a transaction of its own; whatever was read before is let go."""
    with transaction():
        return change(*about)


def _without_dropped(rows: list[Message]) -> tuple[int, list[Message]]:
    """Let go of what is not due any more: how many, and the others."""
    due: list[Message] = []
    over: dict[str, list[int]] = {}
    for row in rows:
        kind = _kinds.get(row.kind)
        if kind is not None and kind.still_due(row):
            due.append(row)
        else:
            over.setdefault("kind_unknown" if kind is None else "no_longer_due", []).append(row.id)
    for problem, ids in over.items():
        _in_one(actions.end, ids, MessageStatus.DROPPED, problem)
    return len(rows) - len(due), due


def _demand_politeness(rows: list[Message]) -> None:
    """Not in the hearer's quiet hours, unless in the morning it would be too late. A demonstration wakes nobody."""
    if current_app.config["DEMO"]:
        return
    now = clock.now()
    account = _kinds[rows[0].kind].hearer(rows[0])
    begin, end = _hours(account) if account is not None else (rules.QUIET_FROM, rules.QUIET_UNTIL)
    until = rules.next_polite(clock.local(now), begin, end)
    if until <= now:
        return
    latest = [moment for row in rows if (moment := _kinds[row.kind].latest(row)) is not None]
    if not latest or until < min(latest):
        raise NotNow(until)


def _rendered(rows: list[Message]) -> tuple[Address, str, str]:
    """(address, subject, text) of the letter that tells these rows."""
    kinds = [_kinds[row.kind] for row in rows]
    address = kinds[0].address(rows[0])
    if address is None or not address.value:
        raise Dropped("no_address")
    contexts = [kind.context(row) for kind, row in zip(kinds, rows, strict=True)]
    name = rows[0].kind if len(rows) == 1 else f"together/{(rows[0].group_key or '').partition(':')[0]}"
    base = current_app.config["BASE_URL"].rstrip("/")
    told = [{**context, "kind": row.kind} for context, row in zip(contexts, rows, strict=True)]
    with force_locale("zh"):
        # Not through the pages' renderer: a letter has no viewer, no menu and no request.
        template = current_app.jinja_env.get_template(f"letters/{name}.txt")
        whole = template.render(**contexts[-1], rows=told, base_url=base, address=address)
    head, _, body = whole.strip().partition("\n")
    if address.channel == "sms" and (link := contexts[-1].get("link")):
        # A text message shows on a locked screen and passes through others' hands: the occasion and the way in, no names.
        body = f"{base}{link}"
    return address, head.removeprefix("主题：").strip(), body.strip() + "\n"


def read(*messages: Message) -> tuple[Address, str, str] | None:
    """(address, subject, text) of a letter as it would go out now; None for one that would not."""
    if not all(message.kind in _kinds and _kinds[message.kind].still_due(message) for message in messages):
        return None
    try:
        return _rendered(list(messages))
    except Dropped:
        return None
