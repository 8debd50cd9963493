"""Whose records an auditor reads: of their own region; what belongs to no region is the city's."""

from __future__ import annotations

import pytest

from civic.audit import actions as audit
from civic.audit import queries
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from tests.support import builders


@pytest.fixture
def town(app):
    town = builders.city()
    with transaction():
        builders.account(Role.AUDITOR, town.line[4], email="county@civic.example")
        builders.account(Role.AUDITOR, town.line[5], email="city@civic.example")
        for verb, place in (("test.here", town.line[2]), ("test.there", town.other[4]), ("test.nowhere", None)):
            audit.record(None, verb, ("thing", 1), region_path=place.path if place is not None else None)
        audit.record(None, "sheet.download", ("desk", None), region_path=town.other[4].path, kind="queue", purpose="check", lines=1)
    return town


def verbs(paths):
    db.session.rollback()
    return {row.verb for row in queries.records(paths).items if row.verb.startswith("test.")}


def test_a_county_reads_its_own_and_the_city_all(town):
    assert verbs((town.line[4].path,)) == {"test.here"}
    assert verbs((town.line[5].path,)) == {"test.here", "test.there", "test.nowhere"}
    assert verbs((town.other[4].path,)) == {"test.there"}
    assert verbs(()) == set()


def test_the_pages_of_records_and_downloads_end_at_the_border(town, client):
    client.sign_in("county@civic.example")
    page = client.words(client.get("/audit/desk/records"))
    assert "test.here" in page
    assert "test.there" not in page
    assert "account.register" not in page
    assert "待办的表" not in client.words(client.get("/audit/desk/downloads"))
    client.sign_in("city@civic.example")
    page = client.words(client.get("/audit/desk/records"))
    assert "test.there" in page
    assert "待办的表" in client.words(client.get("/audit/desk/downloads"))
