"""The demonstration: shaped like a city, the same each time, and every case tells a consistent story."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import func, select

from civic.core.db import db
from civic.demo import keeping, queries, scenes
from civic.honours.models import Honour, Visibility
from civic.identity.models import User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.states import Status
from civic.regions.models import Region
from civic.volunteering.forms.words import FLAG_WORDS


@pytest.fixture
def demo(app):
    app.config["DEMO"] = True
    answer = app.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 0, answer.output
    yield app
    app.config["DEMO"] = False


def test_it_is_shaped_like_a_city(demo):
    assert queries.is_demonstration()
    assert dict(db.session.execute(select(Region.level, func.count()).group_by(Region.level)).all()) == {5: 1, 4: 5, 3: 30, 2: 300, 1: 3000}
    found = Counter(db.session.execute(select(Nomination.status, Nomination.level)).all())
    assert sum(found.values()) == 400 + scenes.CASES + keeping.CASES
    assert {status for status, _ in found} == set(Status)
    assert {level for _, level in found} == {1, 2, 3, 4, 5}
    minors = select(Honour.id).where(Honour.visibility != Visibility.HIDDEN).join(Honour.person).where(Honour.person.property.mapper.class_.is_minor)
    assert db.session.scalars(minors).all() == []
    words = db.session.scalar(select(func.count()).select_from(Decision).where(Decision.elected))
    assert words == db.session.scalar(select(func.count()).select_from(Honour))


def test_a_protected_case_is_seen_by_its_community_only(demo, client):
    case = db.session.scalars(select(Nomination).where(Nomination.protected_at.is_not(None))).one()
    for login, sees in (("community@demo.example", 200), ("street@demo.example", 404), ("city@demo.example", 404), ("auditor@demo.example", 404)):
        client.sign_in(login, "haoren-demo")
        assert client.get(f"/nominations/desk/inquiries/{case.id}").status_code == sees


def test_its_sign_ins_lie_on_one_line_and_open(demo, client):
    accounts = json.loads(demo.test_cli_runner().invoke(args=["demo", "accounts", "--json"]).output)
    assert {frozenset(a) for a in accounts} == {frozenset({"role", "region", "login", "password"})}
    roles = Counter(a["role"] for a in accounts)
    assert roles == {"resident": 1, "steward": 1, "reviewer": 4, "region_admin": 1, "city_admin": 1, "organiser": 1, "auditor": 1}
    longest = max((a["region"] for a in accounts), key=len)
    assert all(longest.startswith(a["region"]) for a in accounts)
    for account in accounts:
        client.sign_in(account["login"], account["password"])
        assert client.get("/me").status_code == 200


def test_something_stands_out_that_the_organiser_should_look_at(demo, client):
    client.sign_in("organiser@demo.example", "haoren-demo")
    words = client.words(client.get("/volunteering/desk/flags"))
    assert str(FLAG_WORDS["stayed_again"][0]) in words
    assert "看是哪几次" in words


def test_its_invented_crowd_has_no_passwords(demo):
    assert db.session.scalar(select(func.count()).select_from(User).where(User.password_hash.is_not(None))) == 10


def test_it_is_not_built_outside_a_demonstration(app):
    answer = app.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 1
    assert db.session.scalar(select(func.count()).select_from(Region)) == 0
