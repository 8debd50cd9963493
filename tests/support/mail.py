"""A real SMTP server on this machine that receives the letters."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from tests.support.engines import free_port


class Mailbox:
    """What arrived; `refuse` lets the next so many letters fail."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]


@pytest.fixture
def smtp(app: Flask) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), ready_timeout=10)
    controller.start()
    port = controller.port
    mail = app.extensions["mail"]
    before = (mail.server, mail.port, mail.suppress)
    mail.server, mail.port, mail.suppress = "127.0.0.1", port, False
    mailbox.port = port
    yield mailbox
    mail.server, mail.port, mail.suppress = before
    controller.stop()
