"""Sheets to take away: opened again and equal, text only, marked, and on the record; paper beside them."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from civic.audit.models import AuditRecord
from civic.core import clock, sheets
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.points import queries as ledger
from civic.volunteering.actions import attendance, certificates, counting, people, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours as questions
from tests.support import builders
from tests.support.papers import RARE


@pytest.fixture
def served(app):
    """Somebody with a name that would be a formula has served; another waits for a shift."""
    zebra = builders.crossing(most=1)
    with transaction():
        organiser = builders.account(Role.ORGANISER, zebra.town.line[3], email="luo@civic.example", name="罗秀琴")
        builders.account(Role.ORGANISER, zebra.town.line[5], email="city@civic.example", name="市里的")
    actor = builders.volunteer("=1+1", phone="13900020007")
    shift = zebra.shifts()[0]
    leader = builders.identity.actor_of(zebra.leader)
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row.id, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    clock.advance(timedelta(days=8))
    with transaction():
        counting.settle_due()
        certificate = certificates.issue(actor, first=shift.day, last=shift.day).number
    return zebra, shift, actor, organiser, certificate


def cells(answer):
    """The sheet as another program reads it: every cell a text, none a formula."""
    assert answer.status_code == 200
    assert answer.mimetype == sheets.XLSX
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows())
    assert {c.data_type for row in rows for c in row if c.value is not None} == {"s"}
    return [[c.value for c in row] for row in rows]


def last_record():
    db.session.rollback()
    row = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "sheet.download").order_by(AuditRecord.id.desc()).limit(1)).one()
    return json.loads(row.facts)


def taken(client, address, shift, **more):
    client.get("/volunteering/desk/events")
    return client.post(address, data={"first": shift.day.isoformat(), "last": clock.today().isoformat(), "purpose": "contact", **more})


def test_the_roster_is_opened_again_and_equal(served, client):
    zebra, shift, actor, _organiser, _number = served
    client.sign_in("luo@civic.example")
    rows = cells(taken(client, f"/volunteering/desk/events/{zebra.event_id}/sheets/roster", shift))
    assert "罗秀琴" in rows[0][0]
    assert "联系、安排人" in rows[0][0]
    number = str(db.session.get(Volunteer, actor.person_id).number)
    assert rows[2][:10] == [shift.day.isoformat(), "07:30–09:00", "礼让斑马线", "文明交通", "育才小学路口", "引导行人", "=1+1", number, "0007", "到了"]
    assert len(rows) == 3
    assert last_record() == {"kind": "roster", "lines": 1, "purpose": "contact"}


def test_the_hours_ledger_is_equal_to_its_rows(served, client):
    zebra, shift, _actor, _organiser, _number = served
    client.sign_in("luo@civic.example")
    rows = cells(taken(client, f"/volunteering/desk/events/{zebra.event_id}/sheets/hours", shift, purpose="check"))
    found = questions.ledger_of(zebra.event_id, shift.day, clock.today())
    assert [int(r[7]) for r in rows[2:]] == [h.minutes for h, _ in found] == [90]
    assert rows[2][10] == questions.policies()[0].since.isoformat()
    assert rows[2][5] == "=1+1"


def test_without_a_purpose_nothing_leaves_the_house(served, client):
    zebra, shift, *_ = served
    client.sign_in("luo@civic.example")
    answer = taken(client, f"/volunteering/desk/events/{zebra.event_id}/sheets/roster", shift, purpose="")
    assert answer.status_code == 422
    assert db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "sheet.download")).first() is None


def test_who_runs_no_events_there_gets_no_sheet(served, client):
    zebra, shift, *_ = served
    with transaction():
        builders.account(Role.ORGANISER, zebra.town.other[3], email="far@civic.example")
    client.sign_in("far@civic.example")
    assert taken(client, f"/volunteering/desk/events/{zebra.event_id}/sheets/roster", shift).status_code == 404
    assert client.get("/volunteering/desk/certificates").status_code == 404


def test_ones_own_points_line_by_line(served, client):
    _zebra, shift, actor, *_ = served
    client.sign_in("13900020007")
    client.get("/points/")
    rows = cells(client.post("/points/sheet"))
    entry = ledger.ledger_of(actor.person_id)[0]
    assert rows[2][1:5] == [shift.day.isoformat(), entry.words, "+15", "15"]
    assert "按" in client.get("/points/").get_data(as_text=True)


def test_the_register_and_a_revocation_with_its_reason(served, client):
    _zebra, shift, _actor, _organiser, number = served
    client.sign_in("city@civic.example")
    client.get("/volunteering/desk/certificates")
    assert client.post("/volunteering/desk/certificates/revocation", data={"number": number, "reason": ""}).status_code == 422
    assert client.confirm("/volunteering/desk/certificates/revocation", data={"number": number.lower(), "reason": "记错了人"}).status_code == 303
    assert "已撤销" in client.get(f"/volunteering/verify/{number}").get_data(as_text=True)
    rows = cells(taken(client, "/volunteering/desk/certificates/sheet", shift))
    assert rows[2][0] == number
    assert rows[2][7:9] == ["已撤销", "记错了人"]


def test_a_teams_people_and_the_team_above(served, client):
    zebra, shift, *_ = served
    team = shift.event.team
    client.sign_in("luo@civic.example")
    client.get(f"/volunteering/desk/teams/{team.id}")
    rows = cells(taken(client, f"/volunteering/desk/teams/{team.id}/sheets/members", shift, purpose="insurance"))
    assert rows[2][0] == "青松志愿服务队"
    assert rows[2][1] == "佟立新"
    assert rows[2][4] == "是"
    assert last_record() == {"kind": "members", "lines": 1, "purpose": "insurance"}
    rows = cells(taken(client, f"/volunteering/desk/teams/{team.id}/sheets/roster", shift, purpose="report"))
    assert [row[5:7] for row in rows[2:]] == [["引导行人", "=1+1"]]
    assert client.post(f"/volunteering/desk/teams/{team.id}/sheets/everything").status_code == 404
    with transaction():
        small = people.found_team(zebra.organiser, zebra.town.line[3], name="青松二组", parent_id=team.id)
    assert client.post(f"/volunteering/desk/teams/{team.id}/words", data={"words-name": "青松志愿服务队", "words-parent": small.id}).status_code == 422
    assert client.post(f"/volunteering/desk/teams/{small.id}/words", data={"words-name": "小队", "words-parent": 0}).status_code == 303


def test_the_roster_on_paper_names_the_day(served, client):
    zebra, shift, *_ = served
    client.sign_in("luo@civic.example")
    client.get(f"/volunteering/desk/events/{zebra.event_id}")
    answer = client.post(f"/volunteering/desk/events/{zebra.event_id}/roster", data={"day": shift.day.isoformat()})
    words = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert "花名册" in words
    assert "0007" in words
    assert "13900020007" not in words


def test_paper_that_was_not_printed_for_a_rare_sign_leaves_no_record(app, client):
    zebra = builders.crossing()
    actor, shift = builders.volunteer("季春生"), zebra.shifts()[0]
    with transaction():
        builders.account(Role.ORGANISER, zebra.town.line[3], email="luo@civic.example")
        signing.sign_up(actor, shift.id, has_read_briefing=True)
        db.session.get(Person, actor.person_id).name = f"季{RARE}生"
    client.sign_in("luo@civic.example")
    sheet, roster = f"/volunteering/desk/shifts/{shift.id}/sheet", f"/volunteering/desk/events/{zebra.event_id}/roster"
    for address, verb, sent in ((sheet, "print.attendance", {}), (roster, "print.roster", {"day": shift.day.isoformat()})):
        record = select(func.count()).where(AuditRecord.verb == verb)
        asked = client.post(address, data=sent)
        assert (asked.status_code, db.session.scalar(record)) == (409, 0), verb
        assert f"“{RARE}”打印不出来" in client.words(asked)
        assert client.post(address, data={**sent, "anyway": "1"}).data.startswith(b"%PDF")
        db.session.rollback()
        assert db.session.scalar(record) == 1
