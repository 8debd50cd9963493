"""The city's staff put an account's name right: the right account, a reason, a letter, a record, a card to be seen again."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from civic.audit.models import AuditRecord
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries
from civic.identity.actions import accounts, naming
from civic.identity.models import Person, User
from civic.identity.permissions import Role
from civic.identity.rules import Contact
from civic.outbox.delivery import deliver_due
from tests.support import builders
from tests.support.builders import PASSWORD

WEI = Contact("email", "wei@civic.example")


@pytest.fixture
def city(app):
    """(town, the city's administrator, 韦小春 whose card the community saw)."""
    town = builders.city()
    with transaction():
        admin = builders.account(Role.CITY_ADMIN, db.session.merge(town.line[5]), email="admin@civic.example", name="市管理员")
        user = builders.account(email=WEI.value, name="韦小春")
        accounts.attest(town.actor(2), WEI, name="韦小春", region=db.session.merge(town.line[1]))
    return town, queries.actor_of(admin), user.person_id


def put_right(city, actor=None, **changes):
    values = {"before": "韦小春", "after": "韦晓春", "reason": "注册时打错一个字，看过证件", "city_path": city[0].line[5].path}
    with transaction():
        return naming.correct(actor or city[1], changes.pop("contact", WEI), **{**values, **changes})


def refused(code, *arguments, **words):
    with pytest.raises(DomainError) as caught:
        put_right(*arguments, **words)
    assert caught.value.code == code


def test_the_name_is_put_right_told_recorded_and_the_card_is_seen_again(city, smtp):
    town, admin, person = city
    row = put_right(city)
    db.session.expire_all()
    found = db.session.get(Person, person)
    assert (found.name, found.normal_name, found.attested_at) == ("韦晓春", "韦晓春", None)
    assert [(r.before, r.after) for r in queries.name_corrections()] == [("韦小春", "韦晓春")]
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "person.correct_name")).one()
    assert (record.actor_id, json.loads(record.facts)) == (admin.user_id, {"correction": row.id})
    # Names stand sealed in the register, and nowhere in the record.
    raw = str(db.session.execute(text("SELECT * FROM name_correction")).all()) + record.facts
    assert "韦小春" not in raw
    assert "韦晓春" not in raw
    while deliver_due():
        pass
    assert "韦晓春" in smtp.to(WEI.value)[-1].get_content()
    with transaction():
        accounts.attest(town.actor(2), WEI, name="韦晓春", region=db.session.merge(town.line[1]))


def test_not_the_wrong_account_not_without_a_reason_not_oneself_not_below_the_city(city):
    town, _admin, person = city
    refused("no_such_account", city, contact=Contact("phone", "13800009999"))
    refused("name_differs", city, before="韦小秋")
    refused("name_missing", city, after="  ")
    refused("name_same", city, after="韦小春")
    refused("reason_missing", city, reason="改")
    refused("not_oneself", city, contact=Contact("email", "admin@civic.example"), before="市管理员")
    refused("not_permitted", city, actor=town.actor(5))
    assert db.session.get(Person, person).name == "韦小春"


def test_the_page_is_the_citys_and_shows_what_was_put_right(city, client):
    with transaction():
        builders.account(Role.REGION_ADMIN, db.session.merge(city[0].line[4]), email="region@civic.example")
    client.sign_in("region@civic.example", PASSWORD)
    assert client.get("/identity/desk/names").status_code == 403
    client.sign_in("admin@civic.example", PASSWORD)
    assert "/identity/desk/names" in client.get("/identity/desk/grants").get_data(as_text=True)
    client.get("/identity/desk/names")
    data = {"contact": WEI.value, "before": "韦小秋", "after": "韦晓春", "reason": "注册时打错一个字"}
    wrong = client.post("/identity/desk/names", data=data)
    assert wrong.status_code == 422
    assert "怕改错了人" in wrong.get_data(as_text=True)
    assert client.post("/identity/desk/names", data={**data, "before": "韦小春"}).status_code == 303
    assert "注册时打错一个字" in client.get("/identity/desk/names").get_data(as_text=True)
    assert db.session.scalars(select(User).where(User.person.has(name="韦晓春"))).one()
