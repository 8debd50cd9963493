"""Questions: nothing happens before the yes, the yes is bound to what was shown, and a refusal is said instead of asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Grant
from civic.identity.permissions import Role
from civic.outbox.models import Message
from tests.support import builders
from tests.support.client import question_of


@pytest.fixture
def city(app, client):
    """(town, the administrator's account, a colleague's grant) with the administrator signed in."""
    town = builders.city()
    with transaction():
        admin = builders.account(Role.CITY_ADMIN, town.line[5], name="市管理", email="admin@civic.example")
        other = builders.account(Role.REVIEWER, town.line[3], name="韩冬", email="han@civic.example")
    client.sign_in("admin@civic.example")
    grants = {g.user_id: g.id for g in db.session.query(Grant)}
    return town, admin, grants[admin.id], grants[other.id]


def ended(grant_id):
    db.session.rollback()
    return db.session.get(Grant, grant_id, populate_existing=True).ended_at is not None


def test_a_role_does_not_end_before_the_question_is_answered_with_a_reason(city, client):
    _town, _admin, _own, grant = city
    where = f"/desk/grants/{grant}/end"
    asked = client.post(where)
    assert asked.status_code == 200
    assert "结束韩冬的角色？" in client.words(asked)
    assert not ended(grant)
    silent = client.post(where, data=question_of(asked))
    assert silent.status_code == 422
    assert "请写明原因" in client.words(silent)
    assert not ended(grant)
    done = client.post(where, data={**question_of(silent), "reason": "调到别的街道"})
    assert done.status_code == 303
    assert ended(grant)
    assert db.session.get(Grant, grant).end_reason == "调到别的街道"
    assert db.session.query(Message).filter_by(kind="role_ended").count() == 1


def test_whoever_answers_a_question_of_yesterday_is_asked_the_one_of_today(city, client):
    town, _admin, _own, grant = city
    where = f"/desk/grants/{grant}/end"
    fields = question_of(client.post(where))
    case = builders.climbed(town, 3)
    with transaction():
        db.session.get(type(case), case.id).taken_by_id = db.session.get(Grant, grant).user_id
        db.session.get(type(case), case.id).taken_at = clock.now()
        db.session.get(type(case), case.id).status = "in_review"
    again = client.post(where, data={**fields, "reason": "调走了"})
    assert again.status_code == 409
    assert "您看过以后，这里有了变化" in client.words(again)
    assert "手上还有 1 件" in client.words(again)
    assert "调走了" in again.text
    assert not ended(grant)
    assert client.post(where, data={**question_of(again), "reason": "调走了"}).status_code == 303


def test_a_yes_of_one_thing_is_none_of_another_and_of_one_person_none_of_another(city, client, app):
    town, _admin, _own, grant = city
    with transaction():
        second = builders.account(Role.CITY_ADMIN, town.line[5], name="市管理二", email="second@civic.example")
        twin = builders.account(Role.REVIEWER, town.line[3], name="韩冬", email="twin@civic.example")
    fields = question_of(client.post(f"/desk/grants/{grant}/end"))
    other = db.session.query(Grant).filter_by(user_id=twin.id).one().id
    assert client.post(f"/desk/grants/{other}/end", data={**fields, "reason": "x"}).status_code == 409
    client.post("/identity/sign_out")
    client.sign_in("second@civic.example")
    assert client.post(f"/desk/grants/{grant}/end", data={**fields, "reason": "x"}).status_code == 409
    assert not ended(grant)
    assert not ended(other)
    assert second is not None


def test_the_last_city_administrator_neither_leaves_nor_is_sent_away(city, client):
    town, _admin, own, _grant = city
    assert client.post(f"/desk/grants/{own}/end").status_code == 409
    assert "最后一位管理员" in client.words(client.post(f"/desk/grants/{own}/end"))
    with transaction():
        second = builders.account(Role.CITY_ADMIN, town.line[5], email="second@civic.example")
        late = builders.account(Role.CITY_ADMIN, town.line[5], email="late@civic.example")
        db.session.query(Grant).filter_by(user_id=late.id).one().since = clock.today() + timedelta(days=9)
    theirs = db.session.query(Grant).filter_by(user_id=second.id).one().id
    asked = client.post(f"/desk/grants/{own}/end")
    assert "这是您自己的角色" in client.words(asked)
    assert client.confirm(f"/desk/grants/{theirs}/end", reason="任期满了").status_code == 303
    # Whoever only begins in nine days appoints nobody today.
    assert client.post(f"/desk/grants/{own}/end", data={**question_of(asked), "reason": "x"}).status_code == 409
    assert not ended(own)
