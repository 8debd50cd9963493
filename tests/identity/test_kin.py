"""Relatives from both sides: a word binds who gave it; the other is bound by their own yes, and either ends it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.identity import queries
from civic.identity.actions import accounts, kin
from civic.identity.models import Kinship, User
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.outbox.models import Message
from tests.support import builders
from tests.support.refusals import refused

pytestmark = pytest.mark.usefixtures("app")
SISTER = Contact("phone", "13700000001")


def actor(user_id):
    db.session.rollback()
    db.session.expire_all()
    return queries.actor_of(db.session.get(User, user_id))


@pytest.fixture
def two(app):
    """A resident, and a reviewer whose phone they know."""
    town = builders.city()
    with transaction():
        resident = builders.account(name="黄素芬", email="resident@civic.example").id
        reviewer = builders.account(Role.REVIEWER, town.line[2], name="周敏慧", phone=SISTER.value).id
    return resident, reviewer


def declare(user_id, contact=SISTER, relation="sibling"):
    with transaction():
        kin.declare(queries.actor_of(db.session.get(User, user_id)), contact, relation)


def letters(kind):
    db.session.rollback()
    return db.session.scalars(select(Message).where(Message.kind == kind)).all()


def test_a_resident_who_knows_a_reviewers_phone_recuses_nobody_but_themselves(two):
    resident, reviewer = two
    declare(resident)
    person = {user: db.session.get(User, user).person_id for user in two}
    assert person[resident] not in actor(reviewer).kin
    assert queries.kin_of(person.values()) == {person[resident]: {person[reviewer]}}


def test_the_yes_of_the_other_side_binds_both_and_either_ends_it(two, client):
    resident, reviewer = two
    declare(resident)
    assert [m.recipient_id for m in letters("kin_named")] == [reviewer]
    client.sign_in(SISTER.value)
    page = client.get("/identity/kin")
    assert "黄＊芬 说：他（她）是您的兄弟姐妹" in client.words(page)
    row = db.session.scalars(select(Kinship.id)).one()
    assert client.post(f"/identity/kin/{row}/acceptance").status_code == 303
    person = {user: db.session.get(User, user).person_id for user in two}
    assert person[resident] in actor(reviewer).kin
    assert [m.recipient_id for m in letters("kin_confirmed")] == [resident]
    assert client.post(f"/identity/kin/{row}/refusal").status_code == 303
    assert person[resident] not in actor(reviewer).kin
    assert queries.kin_of(person.values()) == {}
    assert [m.recipient_id for m in letters("kin_ended")] == [resident]


def test_a_no_ends_it_and_asked_again_it_sends_no_second_letter(two):
    resident, reviewer = two
    declare(resident)
    row = db.session.scalars(select(Kinship.id)).one()
    with transaction():
        kin.end(queries.actor_of(db.session.get(User, reviewer)), row)
    assert queries.kin_seen_by(db.session.get(User, resident).person_id) == []
    declare(resident)
    assert len(letters("kin_named")) == 1
    assert [k.asks_me for k in queries.kin_seen_by(db.session.get(User, reviewer).person_id)] == [True]


def test_a_phone_number_gives_nobodys_name_away_on_the_page_nor_in_the_export(two, client):
    resident, _reviewer = two
    client.sign_in("resident@civic.example")
    known = client.post("/identity/kin", data={"contact": SISTER.value, "relation": "sibling"})
    unknown = client.post("/identity/kin", data={"contact": "13700009999", "relation": "sibling"})
    assert known.status_code == unknown.status_code == 303
    shown = client.words(client.get("/identity/kin")) + client.get("/identity/export").text
    for part in ("周敏慧", "周＊慧", "周＊"):
        assert part not in shown
    for number in ("137****0001", "137****9999"):
        assert number in shown
    # Both lines are alike but for the number.
    one, two_ = (k for k in queries.kin_seen_by(db.session.get(User, resident).person_id))
    assert (one.name, one.relation, one.is_confirmed, one.asks_me) == (two_.name, two_.relation, two_.is_confirmed, two_.asks_me)


def test_a_third_person_neither_answers_nor_ends_what_two_others_said(two):
    resident, _reviewer = two
    declare(resident)
    row = db.session.scalars(select(Kinship.id)).one()
    with transaction():
        stranger = builders.account().id
    for deed in (kin.confirm, kin.end):
        assert refused(lambda deed=deed: deed(queries.actor_of(db.session.get(User, stranger)), row)) == "not_found"
    # Who declared it cannot say the other's yes.
    assert refused(lambda: kin.confirm(queries.actor_of(db.session.get(User, resident)), row)) == "not_found"


def test_declaring_back_is_saying_yes(two):
    resident, reviewer = two
    declare(resident)
    with transaction():
        accounts.change_contact(resident, Contact("phone", "13700000002"))
    declare(reviewer, Contact("phone", "13700000002"))
    rows = db.session.scalars(select(Kinship)).all()
    assert [row.confirmed_at is not None for row in rows] == [True]


def test_who_registers_with_a_number_that_was_named_before_is_asked_then(two):
    resident, _reviewer = two
    declare(resident, Contact("phone", "13700009999"), "parent")
    assert letters("kin_named") == []
    with transaction():
        user = accounts.register("黄老先生", Contact("phone", "13700009999"), builders.PASSWORD).id
    assert [m.recipient_id for m in letters("kin_named")] == [user]
    assert [(k.relation, k.name) for k in queries.kin_seen_by(db.session.get(User, user).person_id)] == [("child", "黄＊芬")]


def test_declared_twice_it_is_refused_and_oneself_too(two):
    resident, reviewer = two
    declare(resident)
    assert refused(lambda: kin.declare(queries.actor_of(db.session.get(User, resident)), SISTER, "spouse")) == "kin_known"
    assert refused(lambda: kin.declare(queries.actor_of(db.session.get(User, reviewer)), SISTER, "spouse")) == "kin_oneself"
    assert refused(lambda: kin.declare(queries.actor_of(db.session.get(User, reviewer)), SISTER, "aunt")) == "relation_unknown"
