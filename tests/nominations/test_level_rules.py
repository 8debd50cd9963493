"""Two people at the rules of a level: nothing that one wrote is undone by what the other had on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.nominations.queries import cases
from tests.support import builders
from tests.support.client import fields, strict_client

MARK = 'name="review_days"'
STREET = "/nominations/desk/rules?level=3"


@pytest.fixture
def two(app):
    """The browsers of two who keep the city's rules."""
    town = builders.city(staffed=False)
    with transaction():
        for name, email in (("沈长河", "one@civic.example"), ("魏建国", "other@civic.example")):
            builders.account(Role.CITY_ADMIN, db.session.merge(town.line[5]), name=name, email=email)
    clients = [strict_client(app), strict_client(app)]
    for client, name in zip(clients, ("one", "other"), strict=True):
        client.sign_in(f"{name}@civic.example")
    return clients


def rule(level=3, on=None):
    db.session.rollback()
    db.session.expire_all()
    return cases.rule_in_force(level, on or clock.today())


def test_the_second_is_told_what_the_first_changed_and_both_changes_stay(two):
    one, other = two
    mine, theirs = (fields(c.get(STREET).text, MARK) for c in two)
    mine["review_days"], theirs["supplement_days"] = "9", "21"
    theirs["needs_visit"] = "y"
    assert other.post(STREET, data=theirs).status_code == 303
    before = rule().review_days
    answer = one.post(STREET, data=mine)
    assert answer.status_code == 409
    words = one.words(answer)
    assert "魏建国改过这里" in words
    assert "“补材料几天”改成了“21”，这里已经换上。" in words
    assert "“要先走访核查”改成了“是”，这里已经换上。" in words
    assert (rule().review_days, rule().supplement_days, rule().needs_visit) == (before, 21, True)
    assert one.post(STREET, data=fields(answer.text, MARK)).status_code == 303
    assert (rule().review_days, rule().supplement_days, rule().needs_visit) == (9, 21, True)


def test_what_both_changed_stays_as_it_was_typed_until_it_is_saved_again(two):
    one, other = two
    mine, theirs = (fields(c.get(STREET).text, MARK) for c in two)
    mine["council"], theirs["council"] = "none", "panel"
    assert other.post(STREET, data=theirs).status_code == 303
    answer = one.post(STREET, data=mine)
    assert answer.status_code == 409
    assert "别人改成了“评审团打分”，您写的还留着" in one.words(answer)
    assert rule().council.value == "panel"
    assert one.post(STREET, data=fields(answer.text, MARK)).status_code == 303
    assert rule().council.value == "none"


def test_a_version_set_down_for_later_is_told_before_it_is_written_over(two):
    one, other = two
    later = clock.today() + timedelta(days=30)
    theirs = {**fields(other.get(STREET).text, MARK), "since": later.isoformat(), "notice_days": "8"}
    assert other.post(STREET, data=theirs).status_code == 303
    mine = {**fields(one.get(STREET).text, MARK), "since": later.isoformat(), "review_days": "9"}
    answer = one.post(STREET, data=mine)
    assert answer.status_code == 409
    assert "起已经定过一版规则" in one.words(answer)
    assert one.post(STREET, data=fields(answer.text, MARK)).status_code == 303
    assert (rule(on=later).notice_days, rule(on=later).review_days) == (8, 9)


def test_another_level_chosen_on_the_page_does_not_get_the_rules_of_the_one_that_was_shown(two):
    one, other = two
    panel = {**fields(other.get("/nominations/desk/rules?level=4").text, MARK), "notice_days": "8"}
    assert other.post("/nominations/desk/rules?level=4", data=panel).status_code == 303
    answer = one.post(STREET, data={**fields(one.get(STREET).text, MARK), "level": "4", "review_days": "9"})
    assert answer.status_code == 409
    assert "您换了一级。县区现在的规则" in one.words(answer)
    assert one.post(STREET, data=fields(answer.text, MARK)).status_code == 303
    assert (rule(4).notice_days, rule(4).review_days) == (8, 9)


def test_a_page_nobody_else_changed_is_saved_at_once_and_a_day_gone_by_is_refused_at_the_field(two):
    one, _other = two
    for days in ("9", "10"):
        assert one.post(STREET, data={**fields(one.get(STREET).text, MARK), "review_days": days}).status_code == 303
    assert rule().review_days == 10
    gone = (clock.today() - timedelta(days=900)).isoformat()
    answer = one.post(STREET, data={**fields(one.get(STREET).text, MARK), "since": gone})
    assert answer.status_code == 422
    assert "不能改过去的" in one.words(answer)
