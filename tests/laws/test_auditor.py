"""An auditor opens every desk of their region and changes nothing of it; walked over the whole map."""

from __future__ import annotations

import pytest

from civic.core.db import transaction
from civic.identity.permissions import READS, TABLE, Permission, Role
from civic.web.nav import MENUS
from tests.laws.test_access import address, routes
from tests.support import builders

# Pages on which there is nothing to read but a form: what it makes is seen elsewhere.
ONLY_FORMS = {
    Permission.NOMINATION_ENTER, Permission.NOMINATION_REVIEW, Permission.RESIDENT_ATTEST, Permission.GRANT_GIVE, Permission.REGION_EDIT,
    Permission.PERSON_CORRECT, Permission.PERSON_REVEAL, Permission.ROUND_RUN, Permission.COMPLAINT_ANSWER,
}  # fmt: skip


@pytest.fixture
def auditor(app, client):
    town = builders.city()
    builders.crossing(town)
    with transaction():
        builders.account(Role.AUDITOR, town.line[4], email="auditor@civic.example")
    client.sign_in("auditor@civic.example")
    return town


def test_every_permission_is_an_auditors_to_read_or_only_a_form():
    readable = TABLE[Role.AUDITOR] | READS[Role.AUDITOR]
    assert readable.isdisjoint(ONLY_FORMS)
    assert readable | ONLY_FORMS == set(Permission), "say in permissions.READS whether an auditor reads by the new permission"
    assert set(READS) == {Role.AUDITOR}


def test_an_auditor_opens_every_desk_in_the_menu_but_those_that_are_forms(auditor, client):
    for entry in MENUS["console"]:
        answer = client.get(_href(client, entry.endpoint), follow_redirects=True)
        wanted = 403 if entry.needs in ONLY_FORMS else 200
        assert answer.status_code == wanted, entry.endpoint
        if wanted == 200:
            assert "reads-only" in answer.text, f"{entry.endpoint} shows its deeds to an auditor"


def _href(client, endpoint):
    with client.application.test_request_context():
        from flask import url_for

        return url_for(endpoint)


def test_every_page_of_a_desk_without_an_id_opens_for_an_auditor(app, auditor, client):
    seen = 0
    for rule, access in routes(app):
        if not isinstance(access, Permission) or "GET" not in rule.methods or rule.arguments:
            continue
        where = address(app, rule)
        status = client.get(where).status_code
        assert status == 403 if access in ONLY_FORMS else status in (200, 302, 303, 404), f"{where}: {status}"
        seen += status in (200, 302, 303)
    assert seen > 25


def test_no_post_that_needs_more_than_reading_is_open_to_an_auditor(app, auditor, client):
    seen = 0
    for rule, access in routes(app):
        if not isinstance(access, Permission) or "POST" not in rule.methods or access in TABLE[Role.AUDITOR]:
            continue
        where = address(app, rule)
        assert client.post(where).status_code == 403, where
        seen += 1
    assert seen > 60


def test_reading_ends_at_the_regions_border(app, auditor, client):
    """What an auditor of one county asks of another is not there, at desks they only read."""
    with transaction():
        town = auditor
        other = builders.account(Role.ORGANISER, builders.db.session.merge(town.other[4]))
        organiser = builders.identity.actor_of(other)
        team = builders.people.found_team(organiser, builders.db.session.merge(town.other[4]), name="别县的队")
        event = builders.events.begin(organiser, team, builders.db.session.merge(town.other[4]), builders.events.CROSSING).id
    assert client.get(f"/volunteering/desk/events/{event}").status_code == 404
    assert "别县的队" not in client.get("/volunteering/desk/teams").text
