"""Letters over real SMTP: what is owed arrives, once, in Chinese; a refusing server is tried again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.rules import Contact
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message, MessageStatus
from tests.support import builders

pytestmark = pytest.mark.usefixtures("app")


def owed() -> Message:
    db.session.expire_all()
    return db.session.scalars(select(Message)).one()


def one_letter():
    town = builders.city()
    return builders.voice(town.line[1], contact=Contact("email", "huang@civic.example"))


def test_a_letter_arrives_with_chinese_subject_and_name(smtp):
    one_letter()
    assert deliver_due() == 1, owed().problem
    letter = smtp.to("huang@civic.example")[0]
    assert "T2607-0001" in str(letter["Subject"])
    assert "黄素芬" in str(letter["To"])
    assert "陈桂兰" in letter.get_content()
    assert "/track/t/" in letter.get_content()
    assert owed().status is MessageStatus.SENT
    assert deliver_due() == 0
    assert len(smtp.letters) == 1


def test_a_refusing_server_is_tried_again_later(smtp, time):
    one_letter()
    smtp.refuse = 2
    assert deliver_due() == 0
    assert (owed().status, owed().attempts) == (MessageStatus.WAITING, 1)
    assert deliver_due() == 0
    time.advance(timedelta(minutes=2))
    assert deliver_due() == 0
    time.advance(timedelta(minutes=6))
    assert deliver_due() == 1
    assert len(smtp.letters) == 1


def test_a_letter_that_fails_too_often_waits_for_a_person(smtp, time):
    one_letter()
    smtp.refuse = 99
    for _ in range(6):
        deliver_due()
        time.advance(timedelta(days=1))
    assert (owed().status, owed().problem) == (MessageStatus.FAILED, "refused_451")


def test_a_killed_worker_leaves_its_letters_to_the_next(smtp, time):
    one_letter()
    with transaction():
        owed().claimed_until = time.now() + timedelta(minutes=5)
    assert deliver_due() == 0
    time.advance(timedelta(minutes=6))
    assert deliver_due() == 1


def test_what_is_no_longer_due_is_not_sent(smtp):
    from civic.nominations.actions import deciding, submitting

    voice = one_letter()
    town_actor = _actor_of_desk()
    with transaction():
        deciding.return_for_supplement(town_actor, voice.nomination_id, expected=builders.version(voice.nomination_id), reason="请补")
        submitting.resubmit(db.session.get(type(voice), voice.id), story=None, words="好")
    clock.advance(timedelta(minutes=11))
    while deliver_due():
        pass
    states = {m.kind: (m.status, m.problem) for m in db.session.scalars(select(Message))}
    assert states["returned"] == (MessageStatus.DROPPED, "no_longer_due")
    assert all("请您补" not in str(letter["Subject"]) for letter in smtp.letters)


def _actor_of_desk():
    from civic.identity import queries as identity
    from civic.identity.models import Grant

    grant = db.session.scalars(select(Grant).where(Grant.level == 1)).one()
    return identity.actor_of(grant.user)


def test_at_night_letters_wait_until_eight_whoever_wrote_them_but_a_code_does_not(smtp, time):
    from civic.identity.actions import codes

    one_letter()
    time.advance(timedelta(hours=12))  # 21:00
    with transaction():
        codes.send(Contact("email", "wei@civic.example"), "register", asker="")
    while deliver_due():
        pass
    assert len(smtp.to("wei@civic.example")) == 1
    assert not smtp.to("huang@civic.example")
    waiting = db.session.scalars(select(Message).where(Message.kind == "received")).one()
    assert (waiting.status, waiting.attempts, waiting.claimed_until) == (MessageStatus.WAITING, 0, None)
    assert clock.local(waiting.due_at).hour == 8
    time.advance(timedelta(hours=11))
    assert deliver_due() == 1
    assert len(smtp.to("huang@civic.example")) == 1


def test_a_nominator_with_an_account_is_written_to_in_their_own_hours(smtp, time):
    from civic.identity import queries as identity
    from civic.identity.actions import accounts
    from civic.identity.models import LetterWay

    town = builders.city()
    with transaction():
        user = builders.account(email="huang@civic.example")
        accounts.choose_letters(user.id, way=LetterWay.AUTO, quiet_from=23, quiet_until=6, wants_reminders=True)
    builders.voice(town.line[1], contact=Contact("email", "huang@civic.example"), actor=identity.actor_of(user))
    time.advance(timedelta(hours=12))
    assert deliver_due() == 1
    assert smtp.to("huang@civic.example")


def test_facts_hold_numbers_only(smtp):
    one_letter()
    assert set(json.loads(owed().facts)) == {"nomination"}
