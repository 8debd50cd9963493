"""Many cases in one go: looked over, counted, decided one by one; a refusal holds up no other."""

from __future__ import annotations

import pytest

from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.nominations.actions import deciding
from civic.nominations.models.cases import Nomination
from civic.nominations.states import Status
from tests.support import builders


@pytest.fixture
def desk(app, client):
    """(town, client, picks): three cases at a community, one of which a colleague has taken meanwhile."""
    town = builders.city()
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    ids = [builders.climbed(town, 2, nominee_name=name).id for name in ("陈桂兰", "韩大川", "葛元庆")]
    client.sign_in("desk@civic.example", builders.PASSWORD)
    return town, client, [f"{case}-{builders.version(case)}" for case in ids], ids


def status_of(case):
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(Nomination, case)
    return found.status, found.level


def test_the_count_has_to_be_typed(desk):
    _town, client, picks, ids = desk
    page = client.get("/nominations/desk/batch", query_string={"pick": picks}).text
    assert all(name in page for name in ("陈桂兰", "韩大川", "葛元庆"))
    for count in ("", "2", "abc"):
        answer = client.post("/nominations/desk/batch", data={"pick": picks, "deed": "endorsement", "count": count})
        assert answer.status_code == 422
    assert status_of(ids[0]) == (Status.SUBMITTED, 2)


def test_all_are_decided_and_a_refused_one_holds_up_no_other(desk):
    town, client, picks, ids = desk
    with transaction():
        deciding.take(town.actor(2), ids[1], expected=builders.version(ids[1]))
    answer = client.post("/nominations/desk/batch", data={"pick": picks, "deed": "endorsement", "reason": "事迹属实", "count": "3"})
    assert answer.status_code == 200
    assert "办好了 2 件" in answer.text
    assert "有 1 件没有办成" in answer.text
    assert [status_of(case) for case in ids] == [(Status.SUBMITTED, 3), (Status.IN_REVIEW, 2), (Status.SUBMITTED, 3)]
    # The same page sent again decides nothing twice.
    again = client.post("/nominations/desk/batch", data={"pick": picks, "deed": "endorsement", "count": "3"})
    assert "办好了 0 件" in again.text


def test_refusing_many_needs_the_reason(desk):
    _town, client, picks, ids = desk
    answer = client.post("/nominations/desk/batch", data={"pick": picks, "deed": "refusal", "count": "3"})
    assert "办好了 0 件" in answer.text
    assert "请写明原因" in answer.text
    client.post("/nominations/desk/batch", data={"pick": picks, "deed": "refusal", "reason": "和往年重复", "count": "3"})
    assert {status_of(case)[0] for case in ids} == {Status.DECLINED}


def test_what_lies_elsewhere_is_not_even_named(desk, client):
    town, _client, _picks, _ids = desk
    elsewhere = builders.voice(town.other[2], nominee_name="别处的人").nomination_id
    page = client.get("/nominations/desk/batch", query_string={"pick": [f"{elsewhere}-1", "x", "1-", "9" * 40]}).text
    assert "别处的人" not in page
    assert client.post("/nominations/desk/batch", data={"pick": [f"{elsewhere}-1"], "deed": "election", "count": "1"}).status_code == 422
