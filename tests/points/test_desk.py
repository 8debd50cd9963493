"""The shelf: what a merchant brings again is added to what stands there."""

from __future__ import annotations

import pytest

from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.points.actions import goods
from civic.points.models import Good
from tests.support import builders


@pytest.fixture
def umbrella(app):
    """(town, good) with one umbrella on a street's shelf, and organisers of this street and of another county."""
    town = builders.city()
    with transaction():
        own = builders.account(Role.ORGANISER, town.line[3], email="own@civic.example")
        builders.account(Role.ORGANISER, town.other[4], email="other@civic.example")
        good = goods.offer_good(builders.identity.actor_of(own), town.line[3], name="雨伞一把", donor="桥东百货", counter="便民服务台", points=10, count=1)
    return good.id


def stock(good):
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(Good, good)
    return found.stock, found.received


def test_what_a_merchant_brings_again_is_added_on_the_shelf(umbrella, client):
    client.sign_in("own@civic.example")
    address = f"/points/desk/goods/{umbrella}/delivery"
    assert "添货" in client.words(client.get("/points/desk/goods"))
    assert client.post(address, data={f"d{umbrella}-count": "0"}).status_code == 422
    assert client.post(address, data={f"d{umbrella}-count": "12"}).status_code == 303
    assert stock(umbrella) == (13, 13)


def test_nobody_adds_to_the_shelf_of_another_place(umbrella, client):
    client.sign_in("other@civic.example")
    assert "添货" not in client.words(client.get("/points/desk/goods"))
    assert client.post(f"/points/desk/goods/{umbrella}/delivery", data={f"d{umbrella}-count": "12"}).status_code == 404
    assert stock(umbrella) == (1, 1)
