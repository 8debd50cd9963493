"""Accounts through the strict client: registering, codes, forgotten passwords, changed phones, roles."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.identity import queries
from civic.identity.actions import accounts, grants
from civic.identity.models import Grant, User
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.outbox.models import ShownCopy
from tests.support import builders

pytestmark = pytest.mark.usefixtures("app")
PHONE = Contact("phone", "13800004821")


def code() -> str:
    db.session.rollback()
    return re.search(r"\d{6}", db.session.scalars(select(ShownCopy).order_by(ShownCopy.id.desc())).first().body)[0]


def proven(client, purpose, contact="13800004821"):
    client.get(f"/identity/contact/{purpose}")
    assert client.post(f"/identity/contact/{purpose}", data={"contact": contact}).status_code == 303
    return client.post("/identity/code", data={"code": code()})


def test_registering_with_a_phone_and_choosing_where_one_lives(client):
    town = builders.city()
    assert proven(client, "register").headers["Location"] == "/identity/register"
    answer = client.post("/identity/register", data={"name": "黄素芬", "birth_date": "1966-05-04", "password": "一句自己好记的话"})
    assert answer.headers["Location"] == "/identity/residence"
    assert "汀南区" in client.get("/identity/residence").text
    assert "桥东街道" in client.get("/identity/residence?search=桥东").text
    client.post("/identity/residence", data={"region": town.line[2].id})
    assert "梧桐里社区" in client.get("/me").text


def test_a_phone_is_sealed_in_the_database_and_masked_on_the_page(client):
    from sqlalchemy import text

    proven(client, "register")
    client.post("/identity/register", data={"name": "黄素芬", "birth_date": "1966-05-04", "password": "一句自己好记的话"})
    page = client.get("/identity/settings").text
    assert "138****4821" in page
    assert "13800004821" not in page
    db.session.rollback()
    raw = db.session.execute(text('SELECT phone, phone_digest FROM "user"')).one()
    assert all("13800004821" not in value for value in raw)


def test_a_forgotten_password_is_replaced_and_every_session_ends(client, app):
    from tests.support.client import strict_client

    with transaction():
        accounts.register("黄素芬", PHONE, builders.PASSWORD)
    other = strict_client(app)
    other.sign_in("13800004821")
    assert other.get("/me").status_code == 200
    assert proven(client, "reset").headers["Location"] == "/identity/new_password"
    assert client.post("/identity/new_password", data={"password": "另外一句好记的话"}).status_code == 303
    assert other.get("/me").status_code == 302
    client.get("/identity/settings")
    assert client.post("/identity/sign_out").status_code == 303
    client.get("/identity/sign_in")
    assert client.post("/identity/sign_in", data={"contact": "13800004821", "password": builders.PASSWORD}).status_code == 422
    client.sign_in("138 0000 4821", "另外一句好记的话")


def test_a_code_signs_in_where_there_is_no_password(client):
    with transaction():
        accounts.register("黄素芬", PHONE, None)
    assert proven(client, "sign_in").headers["Location"] == "/me"


def test_a_changed_phone_opens_the_account_and_the_old_one_does_not(client):
    with transaction():
        accounts.register("黄素芬", PHONE, builders.PASSWORD)
    client.sign_in("13800004821")
    client.prove_oneself()
    assert proven(client, "contact", "13800009999").headers["Location"] == "/identity/settings"
    db.session.rollback()
    assert accounts.user_of(Contact("phone", "13800009999")) is not None
    assert accounts.user_of(PHONE) is None


def test_a_taken_phone_is_refused(client):
    with transaction():
        accounts.register("黄素芬", PHONE, builders.PASSWORD)
        accounts.register("韩大川", Contact("phone", "13800009999"), builders.PASSWORD)
    client.sign_in("13800004821")
    client.prove_oneself()
    answer = proven(client, "contact", "13800009999")
    assert answer.status_code == 409
    assert "已经是另一个账号的了" in answer.text


def test_phone_codes_are_refused_where_nothing_sends_them(client, app):
    app.config["CODE_SENDER"] = None
    try:
        client.get("/identity/contact/register")
        answer = client.post("/identity/contact/register", data={"contact": "13800004821"})
    finally:
        app.config["CODE_SENDER"] = "page"
    assert answer.status_code == 409
    assert "请改用邮箱" in answer.text


def test_codes_are_not_sent_faster_than_once_a_minute(client):
    for status in (303, 409):
        client.get("/identity/contact/register")
        assert client.post("/identity/contact/register", data={"contact": "13800004821"}).status_code == status


def test_guessing_a_password_is_slowed_down(client):
    with transaction():
        accounts.register("黄素芬", PHONE, builders.PASSWORD)
    answers = [client.post("/identity/sign_in", data={"contact": "13800004821", "password": f"wrong{n}"}).status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_closing_the_account_removes_the_contact(client):
    with transaction():
        accounts.register("黄素芬", PHONE, builders.PASSWORD)
    client.sign_in("13800004821")
    client.prove_oneself()
    client.confirm("/identity/close")
    db.session.rollback()
    assert accounts.user_of(PHONE) is None
    user = db.session.scalars(select(User)).one()
    assert (user.phone, user.password_hash, user.person.phone) == (None, None, None)


def test_those_above_appoint_and_nobody_appoints_himself(client):
    town = builders.city()
    with transaction():
        admin = builders.account(Role.REGION_ADMIN, town.line[4], email="admin@civic.example")
        admin_id = admin.id
    client.sign_in("admin@civic.example")
    where = f"/identity/desk/appoint?at={town.line[3].id}"
    appointment = {"contact": "13800007777", "name": "许雯", "role": "reviewer", "since": "2026-07-16", "until": "2026-07-20"}
    assert client.get(where).status_code == 200
    assert client.post(where, data=appointment).status_code == 303
    db.session.rollback()
    user = accounts.user_of(Contact("phone", "13800007777"))
    assert [g.role for g in queries.running_grants(user.id)] == [Role.REVIEWER]
    assert client.post(where, data=appointment).status_code == 409
    assert client.post(where, data={**appointment, "contact": "admin@civic.example"}).status_code == 403
    assert client.post(where, data={**appointment, "role": "steward", "contact": "13800007778"}).status_code == 422
    assert client.post(f"/identity/desk/appoint?at={town.line[4].id}", data={**appointment, "role": "region_admin", "contact": "13800007779"}).status_code == 403
    assert client.get(f"/identity/desk/appoint?at={town.line[5].id}").status_code == 404
    assert admin_id


def test_a_role_ends_with_its_term_or_by_hand(client, time):
    town = builders.city()
    actor = queries.actor_of(db.session.get(User, town.desk[3].id))
    with transaction():
        db.session.scalars(select(Grant).where(Grant.user_id == actor.user_id)).one().until = time.today()
    assert queries.running_grants(actor.user_id)
    time.advance(timedelta(days=1))
    assert not queries.running_grants(actor.user_id)
    from civic.identity.permissions import MACHINE

    four = db.session.scalars(select(Grant).where(Grant.level == 4)).one().id
    with transaction():
        grants.end(MACHINE, four, reason="任期满了")
    assert not queries.running_grants(town.desk[4].id)
