"""Points of a child or an elder: seen and exchanged by who signs them up, out of their own, and by nobody else."""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.identity.permissions import Role
from civic.outbox.models import Message
from civic.points import letters, queries
from civic.points.actions import entries, goods
from civic.points.models import Entry, Redemption, RedemptionStatus
from civic.volunteering.actions import people
from tests.support import builders
from tests.support.counting import statements
from tests.support.refusals import refused
from tests.volunteering.test_races import at_once


@pytest.fixture
def zebra(app):
    return builders.crossing()


@pytest.fixture
def mother(zebra):
    return builders.volunteer("季春生")


def ward_of(guardian, name="季小满", born=date(2010, 3, 1)):
    with transaction():
        return people.add_ward(guardian, name=name, birth_date=born).person_id


@pytest.fixture
def son(mother):
    return ward_of(mother)


def award(zebra, person, minutes=60, day=None):
    with transaction():
        return entries.award(zebra.organiser, person, minutes=minutes, role="guide", source=f"test:{person}:{minutes}", words="礼让斑马线", day=day or clock.today()).points


@pytest.fixture
def umbrella(zebra):
    """A good for 10 points."""
    with transaction():
        return goods.offer_good(zebra.organiser, zebra.town.line[3], name="雨伞一把", donor="桥东百货", counter="便民服务台", points=10, count=9).id


def signed_in(client, actor):
    client.sign_in(db.session.get(User, actor.user_id).phone)


def page_word(client, address):
    """What the page calls itself; the good's number is part of it."""
    return re.search(r'name="request" value="([^"]+)"', client.get(address).text)[1]


def test_a_mother_sees_and_exchanges_what_her_son_earned(zebra, mother, son, umbrella, client):
    award(zebra, mother.person_id, 120)
    award(zebra, son, 90)
    signed_in(client, mother)
    assert "季小满" in client.words(client.get("/points/"))
    words = client.words(client.get(f"/points/?of={son}"))
    assert "季小满的积分 15" in words
    assert "礼让斑马线" in words
    words = client.words(client.get(f"/points/goods?of={son}"))
    assert "为谁兑换" in words
    assert "季小满有 15 分" in words
    request = page_word(client, f"/points/goods?of={son}")
    answer = client.post(f"/points/goods/{umbrella}/redemption?of={son}", data={"request": request})
    again = client.post(f"/points/goods/{umbrella}/redemption?of={son}", data={"request": request})
    assert answer.status_code == again.status_code == 303
    assert answer.location == again.location
    words = client.words(client.get(answer.location))
    assert "记在季小满名下" in words
    db.session.rollback()
    # Hers are where they were; his, with whose hand, stand in his ledger and on the record.
    assert (queries.balance_of(mother.person_id), queries.balance_of(son)) == (20, 5)
    entry = db.session.scalars(select(Entry).where(Entry.kind == "redeem")).one()
    assert (entry.person_id, entry.actor_id) == (son, mother.user_id)
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "redemption.hold")).one()
    assert record.actor_id == mother.user_id
    assert json.loads(record.facts)["person"] == son
    assert queries.discrepancies() == []


def test_the_counter_sees_whose_it_is_and_what_is_cancelled_goes_back_to_them(zebra, mother, son, umbrella, client):
    award(zebra, son)
    with transaction():
        held = goods.redeem(mother, umbrella, request="a", person_id=son)
        number, code = held.id, held.code
    signed_in(client, zebra.organiser)
    client.get("/points/desk/counter")
    assert "季＊满" in client.words(client.post("/points/desk/counter", data={"code": code}))
    client.post("/identity/sign_out")
    signed_in(client, mother)
    assert "等您来领" in client.words(client.get(f"/points/?of={son}"))
    answer = client.confirm(f"/points/redemptions/{number}/cancellation")
    assert answer.location.endswith(f"/points/?of={son}")
    db.session.rollback()
    assert (queries.balance_of(son), queries.balance_of(mother.person_id)) == (10, 0)
    assert queries.discrepancies() == []


def test_a_mother_takes_her_sons_ledger_away_and_the_record_says_for_whom(zebra, mother, son, client):
    award(zebra, son)
    signed_in(client, mother)
    client.get("/points/")
    rows = list(load_workbook(io.BytesIO(client.post(f"/points/sheet?of={son}").data)).active.values)
    assert any("礼让斑马线" in row for row in rows)
    assert any("季春生替他（她）下载" in str(cell) for row in rows for cell in row)
    db.session.rollback()
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "sheet.download")).one()
    assert (record.subject_id, json.loads(record.facts)["purpose"]) == (son, "family")


def test_nobody_spends_what_another_of_the_family_has(zebra, mother, son, umbrella, client):
    award(zebra, mother.person_id, 600)
    award(zebra, son, 30)
    assert refused(lambda: goods.redeem(mother, umbrella, request="a", person_id=son)) == "points_short"
    signed_in(client, mother)
    client.get(f"/points/goods?of={son}")
    answer = client.post(f"/points/goods/{umbrella}/redemption?of={son}", data={"request": "b"})
    assert answer.status_code == 409
    words = client.words(answer)
    assert "还差 5 分" in words
    assert "季小满有 5 分" in words
    assert db.session.scalar(select(func.count()).select_from(Redemption)) == 0


def addresses(person, good):
    """(how, where) of everything that shows or spends somebody's points."""
    yield "get", f"/points/?of={person}"
    yield "post", f"/points/sheet?of={person}"
    yield "get", f"/points/goods?of={person}"
    yield "post", f"/points/goods/{good}/redemption?of={person}"


def turned_away(client, actor, person, good):
    signed_in(client, actor)
    client.get("/points/")
    return {getattr(client, how)(where, **({"data": {"request": "x"}} if how == "post" else {})).status_code for how, where in addresses(person, good)} == {404}


def test_a_stranger_gets_nothing_of_it(zebra, mother, son, umbrella, client):
    award(zebra, son, 120)
    with transaction():
        held = goods.redeem(mother, umbrella, request="a", person_id=son).id
    stranger = builders.volunteer()
    assert turned_away(client, stranger, son, umbrella)
    assert client.get(f"/points/redemptions/{held}").status_code == 404
    assert client.post(f"/points/redemptions/{held}/cancellation").status_code == 404
    assert refused(lambda: goods.redeem(stranger, umbrella, request="b", person_id=son)) == "not_found"
    assert refused(lambda: goods.cancel(stranger, held)) == "not_found"
    # Nor does a child see what their mother has.
    with transaction():
        account = builders.account()
        account.person_id = son
        pupil = builders.identity.actor_of(account)
    assert refused(lambda: goods.redeem(pupil, umbrella, request="c", person_id=mother.person_id)) == "not_found"
    assert queries.balance_of(son) == 10


def test_whom_a_table_wrote_down_is_family_only_when_one_said_so(zebra, mother, umbrella, client):
    phone = db.session.get(User, mother.user_id).phone
    with transaction():
        elder = people.guest(zebra.organiser, name="季大海", phone=phone, is_of_household=True).id
    award(zebra, elder)
    assert turned_away(client, mother, elder, umbrella)
    assert "为谁兑换" not in client.words(client.get("/points/goods"))
    assert refused(lambda: goods.redeem(mother, umbrella, request="a", person_id=elder)) == "not_found"
    with transaction():
        people.know_ward(mother, elder)
    assert "季大海有 10 分" in client.words(client.get(f"/points/goods?of={elder}"))
    with transaction():
        goods.redeem(mother, umbrella, request="a", person_id=elder)
    assert queries.balance_of(elder) == 0


def test_nobody_hands_their_own_familys_over_to_themselves(zebra, umbrella):
    with transaction():
        user = builders.account(Role.ORGANISER, db.session.merge(zebra.town.line[3]), name="季春生")
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
    daughter = ward_of(builders.identity.actor_of(user), "季小雨")
    clerk = builders.identity.actor_of(user)
    award(zebra, daughter)
    with transaction():
        held = goods.redeem(clerk, umbrella, request="a", person_id=daughter).id
    assert refused(lambda: goods.hand_over(clerk, held)) == "recused"
    with transaction():
        assert goods.hand_over(zebra.organiser, held).status is RedemptionStatus.HANDED


def test_a_ward_and_a_guardian_who_spend_the_same_points_at_once_spend_them_once(app, zebra, mother, son, umbrella, engine_name):
    count = 12 if engine_name == "postgresql" else 4
    award(zebra, son)
    with transaction():
        account = builders.account()
        account.person_id = son
        pupil = builders.identity.actor_of(account)
        # Another shelf row, so that only the balance stands between them.
        cup = goods.offer_good(zebra.organiser, db.session.merge(zebra.town.line[3]), name="水杯", donor="百货", counter="服务台", points=10, count=9).id
    db.session.remove()
    deeds = [lambda n=n: goods.redeem(pupil, (umbrella, cup)[n % 2], request=f"own{n}") for n in range(count)]
    deeds += [lambda n=n: goods.redeem(mother, (cup, umbrella)[n % 2], request=f"for{n}", person_id=son) for n in range(count)]
    assert at_once(app, deeds) == {"done": 1, "points_short": 2 * count - 1}
    assert queries.balance_of(son) == 0
    held = db.session.scalars(select(Redemption.id)).one()
    db.session.remove()
    # And both take it back at once: it comes back once.
    assert at_once(app, [lambda who=who: goods.cancel(who, held) for who in (pupil, mother) * 4]) == {"done": 1, "cancelled": 7}
    assert queries.balance_of(son) == 10
    assert queries.discrepancies() == []


def test_who_speaks_for_somebody_hears_that_their_points_expire(zebra, mother, son):
    day = clock.today() + timedelta(days=60 - 1096)
    phone = db.session.get(User, mother.user_id).phone
    with transaction():
        elder = people.guest(zebra.organiser, name="季大海", phone=phone, is_of_household=True).id
    for person in (mother.person_id, son, elder):
        award(zebra, person, day=day)
    with transaction():
        assert entries.warn_due() == 2
        assert entries.warn_due() == 0
    found = db.session.scalars(select(Message).where(Message.kind == "points_expiring").order_by(Message.id)).all()
    assert [m.recipient_id for m in found] == [mother.user_id, mother.user_id]
    said = {m.fact("person"): letters.KINDS["points_expiring"].context(m) for m in found}
    assert (said[mother.person_id]["whom"], said[mother.person_id]["link"]) == (None, "/points/goods")
    assert (said[son]["whom"], said[son]["link"]) == ("季小满", f"/points/goods?of={son}")


@pytest.mark.parametrize("address", ["/points/?of={son}", "/points/goods?of={son}", "/volunteering/hours?of={son}"])
def test_a_page_asks_as_many_questions_however_large_the_family_is(zebra, mother, son, umbrella, client, address):
    signed_in(client, mother)
    with statements() as few:
        assert client.get(address.format(son=son)).status_code == 200
    for name in ("季小雨", "季小雪", "季大海", "季大山"):
        award(zebra, ward_of(mother, name))
    with statements() as many:
        assert client.get(address.format(son=son)).status_code == 200
    assert len(many) == len(few), many


def test_what_a_day_without_the_worker_left_out_is_told_on_the_next(zebra, mother):
    award(zebra, mother.person_id, day=clock.today() + timedelta(days=60 - 1096))
    clock.advance(timedelta(days=2))
    with transaction():
        assert entries.warn_due() == 1
    clock.advance(timedelta(days=1))
    with transaction():
        assert entries.warn_due() == 0
    clock.advance(timedelta(days=27))
    with transaction():
        assert entries.warn_due() == 1
