"""Two people at one form: the second is told what the first changed, field by field, and neither loses a word."""

from __future__ import annotations

import pytest

from civic.core.db import db, transaction
from civic.identity.models import User
from civic.identity.permissions import Role
from civic.volunteering.actions import people
from civic.volunteering.models.events import Event, Post
from civic.volunteering.models.people import Team
from tests.support import builders
from tests.support.client import fields, strict_client


def fresh(kind, key):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(kind, key)


@pytest.fixture
def two(app):
    """(crossing, the browser of its organiser, that of a second one)."""
    zebra = builders.crossing()
    with transaction():
        second = builders.account(Role.ORGANISER, db.session.merge(zebra.town.line[3]), name="魏建国")
        numbers = [db.session.get_one(User, zebra.organiser.user_id).phone, second.phone]
    clients = [strict_client(app), strict_client(app)]
    for client, number in zip(clients, numbers, strict=True):
        client.sign_in(number)
    return zebra, *clients


def test_the_second_is_told_what_the_first_changed_and_only_their_own_field_changes_then(two):
    zebra, one, other = two
    address = f"/volunteering/desk/events/{zebra.event_id}/words"
    mine, theirs = (fields(c.get(address).text, 'name="description"') for c in (one, other))
    mine["place"], theirs["requirements"] = "文化宫东门", "请带身份证"
    assert other.post(address, data=theirs).status_code == 303
    answer = one.post(address, data=mine)
    assert answer.status_code == 409
    words = one.words(answer)
    assert "魏建国改过这里" in words
    assert "“有什么要求”改成了“请带身份证”，这里已经换上。" in words
    event = fresh(Event, zebra.event_id)
    assert (event.place, event.requirements) == ("文昌路沿线", "请带身份证")
    again = fields(answer.text, 'name="description"')
    assert (again["place"], again["requirements"]) == ("文化宫东门", "请带身份证")
    assert one.post(address, data=again).status_code == 303
    event = fresh(Event, zebra.event_id)
    assert (event.place, event.requirements) == ("文化宫东门", "请带身份证")


def test_what_both_changed_is_shown_beside_what_was_typed(two):
    zebra, one, other = two
    address = f"/volunteering/desk/events/{zebra.event_id}/words"
    mine, theirs = (fields(c.get(address).text, 'name="description"') for c in (one, other))
    mine["place"], theirs["place"] = "文化宫东门", "体育馆西门"
    mine["closes_hours"], theirs["closes_hours"] = "2", "2"
    assert other.post(address, data=theirs).status_code == 303
    answer = one.post(address, data=mine)
    assert answer.status_code == 409
    assert "别人改成了“体育馆西门”，您写的还留着" in one.words(answer)
    assert "截止报名”改成" not in one.words(answer), "both wrote the same: that is no news"
    assert fields(answer.text, 'name="description"')["place"] == "文化宫东门"


def test_a_page_nobody_else_changed_is_saved_at_once(two):
    zebra, one, _other = two
    address = f"/volunteering/desk/events/{zebra.event_id}/words"
    for place in ("文化宫东门", "文化宫西门"):
        assert one.post(address, data={**fields(one.get(address).text, 'name="description"'), "place": place}).status_code == 303
    assert fresh(Event, zebra.event_id).place == "文化宫西门"


def test_a_post_and_a_team_know_what_they_showed(two):
    zebra, one, other = two
    with transaction():
        post = fresh(Event, zebra.event_id).posts[0].id
        team = people.found_team(zebra.organiser, db.session.merge(zebra.town.line[3]), name="小队").id
    for address, sends_to, marker, field, kind, key, name in (
        (f"/volunteering/desk/posts/{post}", None, 'name="corner"', "corner", Post, post, "corner"),
        (f"/volunteering/desk/teams/{team}", f"/volunteering/desk/teams/{team}/words", 'name="words-parent"', "words-name", Team, team, "name"),
    ):
        mine, theirs = (fields(c.get(address).text, marker) for c in (one, other))
        mine[field], theirs[field] = "东边", "西边"
        assert other.post(sends_to or address, data=theirs).status_code == 303
        answer = one.post(sends_to or address, data=mine)
        assert answer.status_code == 409, address
        assert "别人改成了“西边”" in one.words(answer)
        assert getattr(fresh(kind, key), name) == "西边"


@pytest.mark.parametrize("seen", ["", "{", "[]", '{"place": 3, "nothing": "x"}', "9" * 40, "[" * 5000])
def test_what_a_page_says_it_showed_is_not_believed_to_be_readable(two, seen):
    zebra, one, _other = two
    address = f"/volunteering/desk/events/{zebra.event_id}/words"
    answer = one.post(address, data={**fields(one.get(address).text, 'name="description"'), "seen": seen})
    assert answer.status_code in (303, 409)
