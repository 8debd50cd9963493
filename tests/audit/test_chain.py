"""The chain of records: keyed, its end noted elsewhere, reasons kept, refusals and failed sign-ins on it."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from civic.audit import actions as audit
from civic.audit import queries
from civic.audit.jobs import seal_all
from civic.audit.models import AuditHead, AuditRecord
from civic.audit.rules import plain
from civic.core.db import db, transaction
from civic.identity.models import Grant
from civic.identity.permissions import Role
from tests.support import builders


@pytest.fixture
def noted(app, tmp_path):
    """The end of the chain is noted in a file."""
    file = tmp_path / "beside" / "head"
    app.config["SEAL_HEAD_FILE"] = str(file)
    yield file
    app.config["SEAL_HEAD_FILE"] = ""


def written(count: int) -> None:
    with transaction():
        for number in range(count):
            audit.record(None, "test.deed", ("thing", number))
    seal_all()


def what(file) -> list[str]:
    db.session.rollback()
    return [broken.what for broken in queries.verify(queries.head_beside(str(file))).breaks]


def test_who_can_write_the_database_cannot_forge_the_chain(app):
    """A record is rewritten and the whole chain behind it computed anew, as anybody can with a hash that needs no key."""
    written(5)
    rows = db.session.scalars(select(AuditRecord).order_by(AuditRecord.seal_number)).all()
    previous = ""
    with transaction():
        rows = db.session.scalars(select(AuditRecord).order_by(AuditRecord.seal_number)).all()
        rows[2].verb = "test.other"
        for row in rows:
            values = [row.id, plain(row.at), row.actor_id, row.verb, row.subject_kind, row.subject_id, row.region_path, row.facts]
            previous = sha256(json.dumps([previous, row.seal_number, *values], ensure_ascii=False).encode()).hexdigest()
            row.seal = previous
        db.session.scalars(select(AuditHead)).one().seal = previous
    assert not queries.verify().is_whole


def test_an_end_cut_off_with_its_head_is_found_by_the_file_beside(noted):
    written(3)
    before = db.session.execute(select(AuditHead.seal_number, AuditHead.seal)).one()
    written(4)
    assert what(noted) == []
    assert oct(noted.stat().st_mode & 0o777) == "0o600"
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_record WHERE seal_number > :n"), {"n": before.seal_number})
        connection.execute(text("UPDATE audit_head SET seal_number = :n, seal = :s"), {"n": before.seal_number, "s": before.seal})
    assert queries.verify().is_whole
    assert what(noted) == ["not_as_noted"]


def test_the_reason_of_a_reveal_is_kept_sealed_and_proved(app, client):
    town = builders.city()
    with transaction():
        builders.account(Role.REGION_ADMIN, town.line[4], email="admin@civic.example")
    grant = db.session.scalars(select(Grant).where(Grant.level == 3)).first().id
    client.sign_in("admin@civic.example")
    assert client.post(f"/identity/desk/grants/{grant}/reveal", data={"reason": "通知开会，短信没回"}).status_code == 200
    db.session.rollback()
    row = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "person.reveal")).one()
    assert row.reason == "通知开会，短信没回"
    assert "通知" not in row.facts
    assert "通知" not in db.session.execute(text("SELECT reason FROM audit_record WHERE verb = 'person.reveal'")).scalar_one()
    assert queries.changed_reasons() == []
    with transaction():
        db.session.get(AuditRecord, row.id).reason = "别的"
    assert queries.changed_reasons() == [row.id]


def test_failed_sign_ins_stand_on_the_record_without_what_was_typed(app, client):
    with transaction():
        user = builders.account(email="resident@civic.example").id
    client.post("/identity/sign_in", data={"contact": "resident@civic.example", "password": "wrong words"})
    client.post("/identity/sign_in", data={"contact": "nobody@civic.example", "password": "wrong words"})
    db.session.rollback()
    rows = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "account.sign_in_failed").order_by(AuditRecord.id)).all()
    assert [row.subject_id for row in rows] == [user, None]
    assert all("example" not in row.facts and "wrong" not in row.facts for row in rows)


def test_a_deed_that_was_refused_stands_on_the_record_and_a_page_only_opened_does_not(app, client):
    town = builders.city()
    with transaction():
        builders.account(Role.STEWARD, town.line[1], email="steward@civic.example")
    client.sign_in("steward@civic.example")
    assert client.get("/identity/desk/names").status_code == 403
    assert client.post("/identity/desk/names", data={"reason": "想看看"}).status_code == 403
    db.session.rollback()
    row = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "access.refuse")).one()
    assert json.loads(row.facts) == {"endpoint": "identity.desk.names", "code": "not_permitted"}
