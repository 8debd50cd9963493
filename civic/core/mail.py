"""Handing one letter to the city's mail server, within time: the one place that knows the mail library.

A server can fail in four ways that ask for four answers. It is *away* (not reached, silent, does not know us): no letter will
get through, so stop and tell. It *cut off* one letter half way: try that one later. It says *later* (4xx), greylisting or a full
queue: the same. It says *never* (5xx): the address is wrong, trying again would only make us a nuisance; a person has to look.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from flask_mail import Message as Letter

# Nobody's holiday notice should answer a machine, nor an answer come back to a desk as a new letter.
NOT_BY_HAND = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class Away(Exception):
    """The server takes no letter at all just now; its text is a stable code."""


class Later(Exception):
    """This letter was not taken this time; its text is a stable code."""


class Bounced(Exception):
    """This letter will never be taken; its text is a stable code."""


@dataclass(frozen=True)
class Patience:
    """For how many seconds one waits: to be let in, for each answer, for one letter as a whole."""

    connect: float
    read: float
    whole: float


class _Watched:
    """A line that can be cut from outside: time-outs of a socket count from byte to byte, and a server may drip for hours."""

    reached: socket.socket | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self.reached = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return self.reached

    def cut(self) -> None:
        for line in (getattr(self, "sock", None), self.reached):
            if line is not None:
                with suppress(OSError, ValueError):
                    socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Plain(_Watched, smtplib.SMTP):
    pass


class _Secured(_Watched, smtplib.SMTP_SSL):
    pass


def sender_of(configured: str | tuple[str, str], name: str) -> tuple[str, str]:
    """From whom letters come: the configured address, with its own name, else with the one given."""
    own, address = configured if isinstance(configured, tuple) else parseaddr(configured)
    return own or name, address


def send(server: Any, patience: Patience, message_id: str, sender: tuple[str, str], to: tuple[str, str], subject: str, body: str) -> None:
    """Hand over one letter, or raise Away, Later or Bounced. `server`: what Flask-Mail read from the settings."""
    letter = Letter(subject=subject, sender=sender, recipients=[to], body=body, extra_headers=dict(NOT_BY_HAND))
    letter.msgId = message_id
    if letter.has_bad_headers():
        raise Bounced("bad_address")
    if server.suppress:
        return
    host = _line(server)
    watch = threading.Timer(patience.whole, host.cut)
    watch.daemon = True
    watch.start()
    try:
        _let_in(server, host, patience)
        _handed(host, sender[1], to[1], letter.as_bytes())
        # It is taken; whatever happens while taking leave must not send it a second time.
        with suppress(OSError, smtplib.SMTPException):
            host.quit()
    finally:
        watch.cancel()
        host.close()


def _line(server: Any) -> Any:
    return _Secured(context=ssl.create_default_context()) if server.use_ssl else _Plain()


def _let_in(server: Any, host: Any, patience: Patience) -> None:
    """Connect, greet, secure, sign in: whatever fails here is the server's matter and no letter's."""
    try:
        host.timeout, host._host = patience.connect, server.server
        code, _words = host.connect(server.server, server.port)
        if code != 220:
            raise Away(f"server_says_{code}")
        host.sock.settimeout(patience.read)
        if server.use_tls:
            host.starttls(context=ssl.create_default_context())
        if server.username and server.password:
            host.login(server.username, server.password)
        host.ehlo_or_helo_if_needed()
    except TimeoutError as error:
        raise Away("server_silent") from error
    except smtplib.SMTPServerDisconnected as error:
        raise Away("server_silent" if "timed out" in str(error) else "server_hung_up") from error
    except smtplib.SMTPAuthenticationError as error:
        raise Away(f"server_knows_us_not_{error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise Away(f"server_says_{error.smtp_code}") from error
    except ssl.SSLCertVerificationError as error:
        raise Away("server_not_trusted") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Away("server_not_reached") from error


def _handed(host: Any, sender: str, to: str, whole: bytes) -> None:
    try:
        host.sendmail(sender, [to], whole)
    except smtplib.SMTPRecipientsRefused as error:
        raise _answer(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPSenderRefused as error:
        # Not this letter's fault: with this sender none will be taken.
        raise Away(f"sender_refused_{error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise _answer(error.smtp_code) from error
    except UnicodeEncodeError as error:
        raise Bounced("bad_address") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Later("cut_off") from error


def _answer(code: int) -> Exception:
    if code == 421:
        return Away("server_says_421")
    return Bounced(f"bounced_{code}") if 500 <= code < 600 else Later(f"refused_{code}")
