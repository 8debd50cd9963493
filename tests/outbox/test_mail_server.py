"""Mail servers that misbehave: none holds the letters longer than it may, and what comes back for good is not sent again."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import select

from civic import worker
from civic.core import clock, jobs, mail
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.nominations.models.cases import Nomination
from civic.outbox import actions, delivery, queries
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message, MessageStatus
from tests.support import builders
from tests.support.engines import free_port
from tests.support.mail import sullen

pytestmark = pytest.mark.usefixtures("app")
FROM, TO = ("好人城", "haoren@civic.example"), ("黄素芬", "huang@civic.example")
HASTY = mail.Patience(connect=0.3, read=0.3, whole=0.8)


class Server:
    """What Flask-Mail reads of a server's settings."""

    suppress = use_tls = use_ssl = False
    username = password = None

    def __init__(self, port):
        self.server, self.port = "127.0.0.1", port


def hand_over(port, patience=HASTY):
    mail.send(Server(port), patience, "<1@civic>", FROM, TO, "主题", "正文")


def refusal(port, patience=HASTY):
    began = monotonic()
    with pytest.raises((mail.Away, mail.Later, mail.Bounced)) as caught:
        hand_over(port, patience)
    assert monotonic() - began < 3
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize(("manner", "stops_at", "outcome"), [
    ("silent", "", (mail.Away, "server_silent")),
    ("hangs_up", "", (mail.Away, "server_hung_up")),
    ("drips", "", (mail.Away, "server_says_222")),
    ("stops_at", "EHLO", (mail.Away, "server_silent")),
    ("stops_at", "MAIL", (mail.Later, "cut_off")),
    ("stops_at", "RCPT", (mail.Later, "cut_off")),
    ("stops_at", ".", (mail.Later, "cut_off")),
])  # fmt: skip
def test_a_server_that_behaves_badly_is_left_within_its_time(manner, stops_at, outcome):
    with sullen(manner, stops_at) as server:
        assert refusal(server.port) == outcome


def test_a_server_that_is_not_there_is_away():
    assert refusal(free_port()) == (mail.Away, "server_not_reached")


@pytest.mark.parametrize(("answer", "outcome"), [
    ("550 no such user", (mail.Bounced, "bounced_550")),
    ("552 mailbox full", (mail.Bounced, "bounced_552")),
    ("451 greylisted", (mail.Later, "refused_451")),
    ("421 closing", (mail.Away, "server_says_421")),
])  # fmt: skip
def test_what_the_server_answers_decides_whether_it_is_tried_again(smtp, answer, outcome):
    smtp.answers[TO[1]] = answer
    assert refusal(smtp.port, mail.Patience(5, 5, 10)) == outcome


def test_a_letter_says_that_a_machine_wrote_it_and_who(smtp):
    hand_over(smtp.port, mail.Patience(5, 5, 10))
    letter = smtp.letters[0]
    assert letter["Auto-Submitted"] == "auto-generated"
    sender = letter["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == FROM


@pytest.mark.parametrize(("configured", "sender"), [
    ("haoren@civic.example", ("云汀市好人城", "haoren@civic.example")),
    ("文明办 <haoren@civic.example>", ("文明办", "haoren@civic.example")),
    (("文明办", "haoren@civic.example"), ("文明办", "haoren@civic.example")),
])  # fmt: skip
def test_a_letter_has_a_name_for_its_sender_whatever_is_configured(configured, sender):
    assert mail.sender_of(configured, "云汀市好人城") == sender


def owed(count=1):
    town = builders.city()
    for number in range(count):
        builders.voice(town.line[1], contact=Contact("email", f"huang{number}@civic.example"), headline=f"第{number}件")
    return town


def rows():
    db.session.expire_all()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


@pytest.fixture
def hasty(app, monkeypatch):
    """The application with little patience, and the server to be set."""
    monkeypatch.setitem(app.extensions["civic.senders"], "email", None)
    for name, value in (("MAIL_CONNECT_TIMEOUT", 0.3), ("MAIL_TIMEOUT", 0.3), ("MAIL_LETTER_TIMEOUT", 0.8)):
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.extensions["civic.senders"], "email", delivery._email_sender(app))
    state = app.extensions["mail"]
    monkeypatch.setattr(state, "suppress", False)
    monkeypatch.setattr(state, "server", "127.0.0.1")
    return lambda port: monkeypatch.setattr(state, "port", port)


def test_a_silent_server_costs_one_wait_and_no_letter_a_try(hasty, smtp, time):
    owed(5)
    with sullen("silent") as server:
        hasty(server.port)
        began = monotonic()
        hand = worker.Rounds([job for job in worker.all_jobs() if job.hand == "letters"])
        hand.run()
        assert monotonic() - began < 3
        assert server.visits == 1
    assert {(row.status, row.attempts, row.claimed_until) for row in rows()} == {(MessageStatus.WAITING, 0, None)}
    assert jobs.run_of("outbox.deliver").failure == "server_silent"
    assert queries.being_retried() == 1
    hasty(smtp.port)
    time.advance(timedelta(seconds=21))
    hand.asked.clear()
    hand.run()
    assert len(smtp.letters) == 5
    assert not jobs.run_of("outbox.deliver").is_failing


def test_a_server_that_cuts_off_every_letter_is_left_after_three(hasty):
    owed(6)
    with sullen("stops_at", ".") as server:
        hasty(server.port)
        with pytest.raises(mail.Away, match="server_cuts_off"):
            deliver_due()
        assert server.visits == 3
    assert [row.attempts for row in rows()] == [1, 1, 1, 0, 0, 0]


def test_what_comes_back_for_good_is_not_sent_again_and_holds_up_no_other(smtp, time):
    owed(3)
    smtp.answers["huang1@civic.example"] = "550 no such user"
    assert deliver_due() == 3
    assert [(row.status, row.attempts, row.problem) for row in rows()] == [
        (MessageStatus.SENT, 1, None), (MessageStatus.FAILED, 1, "bounced_550"), (MessageStatus.SENT, 1, None),
    ]  # fmt: skip
    time.advance(timedelta(days=1))
    assert deliver_due() == 0
    assert queries.failed_since(clock.now() - timedelta(days=2)) == 1


def test_those_whose_letter_came_back_are_known_until_one_arrives(smtp):
    owed(2)
    smtp.answers["huang1@civic.example"] = "550 no such user"
    deliver_due()
    voices = [("voice", row.recipient_id) for row in rows()]
    assert queries.returned_to(voices) == {voices[1]}
    smtp.answers.clear()
    with transaction():
        assert actions.retry(rows()[1].id)
    deliver_due()
    assert queries.returned_to(voices) == set()


@pytest.mark.parametrize("hour", [0, 12])
def test_letters_put_off_while_the_clock_stood_ahead_go_out_when_it_is_right_again(smtp, time, hour):
    owed()
    time.advance(timedelta(days=30, hours=hour))  # at noon the server refuses, in the evening it is too late
    smtp.refuse = 1
    assert deliver_due() == 0
    assert rows()[0].again_at is not None
    time.advance(-timedelta(days=30, hours=hour) + timedelta(minutes=1))
    with transaction():
        actions.mend_times()
    smtp.refuse = 0
    assert deliver_due() == 1


def test_a_claim_made_while_the_clock_stood_ahead_is_let_go(smtp, time):
    owed()
    time.advance(timedelta(days=3))
    with transaction():
        claimed = actions.claim()
    assert claimed == [rows()[0].id]
    time.advance(-timedelta(days=3))
    assert deliver_due() == 0
    with transaction():
        assert actions.mend_times() == 1
    assert deliver_due() == 1


def test_the_desk_sees_that_a_letter_came_back_until_one_arrives_and_the_list_says_why(smtp, client):
    town = owed(1)
    smtp.answers["huang0@civic.example"] = "550 no such user"
    assert deliver_due() == 1
    case = db.session.scalars(select(Nomination)).one().id
    with transaction():
        phone, auditor = builders.account(Role.STEWARD, town.line[1], phone="13911112222").phone, builders.account(Role.CITY_ADMIN, town.line[5], phone="13911113333").phone
    client.sign_in(phone, builders.PASSWORD)
    assert "信没有送到" in client.get(f"/nominations/desk/queue?case={case}").text
    with transaction():
        actions.retry(db.session.scalars(select(Message.id)).one())
    smtp.answers.clear()
    assert deliver_due() == 1
    assert "信没有送到" not in client.get(f"/nominations/desk/queue?case={case}").text
    smtp.answers["huang0@civic.example"] = "550 no such user"
    client.sign_in(auditor, builders.PASSWORD)
    assert "退回来了" not in client.get("/outbox/desk/letters").text
    with transaction():
        outbox = db.session.scalars(select(Message)).one()
        outbox.status, outbox.sent_at, outbox.problem = MessageStatus.FAILED, None, "bounced_550"
    assert "退回来了" in client.get("/outbox/desk/letters?status=failed").text
