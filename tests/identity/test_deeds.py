"""Deeds on accounts that a page does and nothing else enters: looking at a whole number, signing out everywhere."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core.db import db, transaction
from civic.identity.models import Grant
from civic.identity.permissions import Role
from tests.support import builders
from tests.support.client import strict_client

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def town(app):
    town = builders.city()
    with transaction():
        builders.account(Role.REGION_ADMIN, town.line[4], email="admin@civic.example")
        builders.account(Role.REVIEWER, town.line[2], name="周敏", phone="13700000001")
        builders.account(Role.REVIEWER, town.other[4], name="远处的人", phone="13700000002")
    return town


def grant_of(phone):
    from civic.identity.rules import phone_digest

    return db.session.scalars(select(Grant.id).join(Grant.user).where(Grant.user.property.mapper.class_.phone_digest == phone_digest(phone))).one()


def test_a_whole_number_is_shown_for_a_reason_within_ones_regions_and_stands_on_the_record(town, client):
    near, far = grant_of("13700000001"), grant_of("13700000002")
    client.sign_in("admin@civic.example")
    assert "13700000001" not in client.get("/identity/desk/grants").text
    assert client.post(f"/identity/desk/grants/{near}/reveal", data={"reason": " "}).status_code == 422
    assert client.post(f"/identity/desk/grants/{far}/reveal", data={"reason": "打电话通知开会"}).status_code in (403, 404)
    shown = client.post(f"/identity/desk/grants/{near}/reveal", data={"reason": "打电话通知开会"})
    assert "13700000001" in shown.text
    db.session.rollback()
    records = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "person.reveal")).all()
    assert [record.region_path for record in records] == [town.line[2].path]
    assert "13700000001" not in json.dumps([record.facts for record in records])


def test_whoever_may_not_appoint_sees_no_whole_number(town, client):
    near = grant_of("13700000001")
    client.sign_in("13700000001")
    assert client.post(f"/identity/desk/grants/{near}/reveal", data={"reason": "打电话"}).status_code == 403


def test_signing_out_everywhere_ends_the_other_devices_and_this_one(town, client, app):
    phone = strict_client(app)
    phone.sign_in("13700000001")
    client.sign_in("13700000001")
    assert phone.get("/me").status_code == 200
    assert client.post("/identity/end_sessions").status_code == 303
    assert phone.get("/me").status_code == 302
    assert client.get("/me").status_code == 302
    phone.sign_in("13700000001")
    assert phone.get("/me").status_code == 200
