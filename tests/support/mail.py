"""A real SMTP server on this machine that receives the letters, and servers that behave badly."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from tests.support.engines import free_port


class Mailbox:
    """What arrived; `refuse` lets the next so many letters fail, `answers` says what an address is answered."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = 0
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, _server: object, _session: object, envelope: object, address: str, _options: object) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]


class Sullen(threading.Thread):
    """A server that accepts a line and then does not do what one expects.

    `silent` says nothing; `drips` sends a byte now and then, for ever; `hangs_up` takes its leave at once; `stops_at` speaks
    SMTP until it hears that word, and is silent from then on.
    """

    def __init__(self, manner: str, stops_at: str = "") -> None:
        super().__init__(daemon=True)
        self.manner, self.stops_at, self.over = manner, stops_at.encode(), threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.lines, self.visits = self.listening.getsockname()[1], [], 0

    def run(self) -> None:
        while not self.over.is_set():
            with suppress(OSError):
                line, _address = self.listening.accept()
                self.visits += 1
                self.lines.append(line)
                threading.Thread(target=self._treat, args=(line,), daemon=True).start()

    def _treat(self, line: socket.socket) -> None:
        with suppress(OSError):
            if self.manner == "hangs_up":
                line.close()
            elif self.manner == "drips":
                while not self.over.wait(0.05):
                    line.sendall(b"2")
            elif self.manner == "stops_at":
                self._speak(line)

    def _speak(self, line: socket.socket) -> None:
        line.sendall(b"220 sullen\r\n")
        is_body = False
        for said in line.makefile("rb"):
            if said.upper().startswith(self.stops_at):
                return
            is_body = (is_body or said.upper().startswith(b"DATA")) and said != b".\r\n"
            if said.upper().startswith(b"DATA") or not is_body:
                line.sendall(b"354 go on\r\n" if is_body else b"250 OK\r\n")

    def end(self) -> None:
        self.over.set()
        for line in [self.listening, *self.lines]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.join(5)


@contextmanager
def sullen(manner: str, stops_at: str = "") -> Iterator[Sullen]:
    """Such a server while the block lasts."""
    server = Sullen(manner, stops_at)
    server.start()
    try:
        yield server
    finally:
        server.end()


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
