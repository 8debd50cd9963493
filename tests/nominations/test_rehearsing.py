"""Before a round is published its letters can be read, each of them; the rehearsal leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours.models import Honour, HonourSeries
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, noticing, rehearsing, rounds
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.states import Status
from civic.outbox import delivery
from civic.outbox.models import Message
from tests.support import builders
from tests.support.builders import PASSWORD


@pytest.fixture
def street(app):
    """(town, round, up, waits): one on a list whose notice is over, one that was not taken and goes to the next round."""
    town = builders.city()
    builders.by_round(3, council=Council.NONE)
    up = builders.climbed(town, 3, nominee_name="陈桂兰", contact=Contact("email", "huang@civic.example")).id
    waits = builders.climbed(town, 3, nominee_name="韩大川", contact=Contact("phone", "13900001234")).id
    round_id = builders.round_(town, 3)
    for case in (up, waits):
        with transaction():
            deciding.pass_on(town.actor(3), case, expected=builders.version(case))
    builders.publishable(town, up, 3)
    with transaction():
        rounds.propose(town.actor(3), round_id, up, upward=True)
    with transaction():
        noticing.publish(town.actor(3), round_id)
    return town, round_id, up, waits


def everything():
    """What a deed could leave behind."""
    db.session.rollback()
    db.session.expire_all()
    counts = [db.session.scalar(select(func.count()).select_from(t)) for t in (Message, Decision, Honour, AuditRecord)]
    cases = db.session.execute(select(Nomination.id, Nomination.status, Nomination.version, Nomination.carried)).all()
    return counts, cases, db.session.execute(select(HonourSeries.region_id, HonourSeries.last)).all(), db.session.scalars(select(Round.status)).all()


def rehearsed(town, round_id):
    with transaction():
        return rehearsing.rehearse(town.actor(3), round_id)


def test_every_letter_of_the_closing_is_read_before_it_is_sent(street):
    town, round_id, up, waits = street
    clock.advance(timedelta(days=10))
    before = everything()
    found = rehearsed(town, round_id)
    assert everything() == before
    assert [(row.name, row.what, len(row.letters)) for row in found] == [("陈桂兰", "endorse", 1), ("韩大川", "carry", 1)]
    assert found[0].letters[0][0] == "黄＊芬 h***@civic.example"
    assert found[1].letters[0][0] == "黄＊芬 139****1234"
    with transaction():
        rounds.close(town.actor(3), round_id)
    sent = [delivery.read(m) for m in db.session.scalars(select(Message).where(Message.id > db.session.scalar(select(func.max(Message.id))) - 2).order_by(Message.id))]
    assert [(s[1], s[2]) for s in sent] == [letter[1:] for row in found for letter in row.letters]
    assert [db.session.get(Nomination, case).status for case in (up, waits)] == [Status.SUBMITTED, Status.READY]


def test_what_could_not_be_closed_is_refused_with_the_same_sentence(street):
    town, round_id, *_cases = street
    before = everything()
    with pytest.raises(DomainError) as caught:
        rehearsed(town, round_id)
    assert caught.value.code == "notice_running"
    assert everything() == before
    with pytest.raises(DomainError) as caught, transaction():
        rehearsing.rehearse(town.actor(4), round_id)
    assert caught.value.code in ("not_here", "notice_running")


def test_the_page_shows_the_list_and_opens_each_letter(street, client):
    town, round_id, *_cases = street
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    answer = client.post(f"/nominations/desk/rounds/{round_id}/rehearsal")
    assert answer.status_code == 409
    assert "公示还没有到期" in answer.text
    clock.advance(timedelta(days=10))
    answer = client.post(f"/nominations/desk/rounds/{round_id}/rehearsal")
    assert answer.status_code == 200
    words = client.words(answer)
    assert "这 2 件、这 2 封信" in words
    assert "h***@civic.example · 桥东街道通过了" in words
    assert "评陈桂兰为街道好人" in words
    db.session.rollback()
    assert db.session.scalar(select(Round.status)) is RoundStatus.NOTICED
    assert client.confirm(f"/nominations/desk/rounds/{round_id}/closing").status_code == 303
