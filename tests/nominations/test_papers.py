"""The whole dossier on paper and the lists as workbooks: read back, they say what the rows say; whoever takes them is on the log."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock, pdf, sheets
from civic.core.db import db, transaction
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, inquiring, noticing, publishing, undoing
from civic.nominations.files import dossier, lists
from civic.nominations.models.mentioned import Agreement
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.queries import cases, desk, notices, rounds
from civic.nominations.states import Department
from tests.nominations.test_prints import same_on_paper, street  # noqa: F401
from tests.support import builders
from tests.support.builders import PASSWORD

# What spreadsheets take for a formula, a number, a link or an escape, and what a case number may look like.
TRICKY = ["=1+1", "+86138", "-1", "@SUM(A1)", "'quoted", "007", "1e5", "https://civic.example", "_x0041_", "\tTab", "换\n行", " 前后有空格 ", "440101198506070054", "<b>&amp;", "😀"]
CELLS = st.one_of(st.sampled_from(TRICKY), st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40))


def read_back(raw):
    """(the mark, headings, rows) as a spreadsheet reads them; every filled cell is text."""
    sheet = openpyxl.load_workbook(BytesIO(raw)).active
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)
    mark, heads, *rows = (tuple("" if v is None else v for v in row) for row in sheet.iter_rows(values_only=True))
    return mark[0], heads, rows


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_no_cell_loses_a_character_or_becomes_a_formula(rows):
    raw = sheets.write("表", [("一", 10), ("二", 10)], rows, mark="张三 & 李四，用途：存档")
    assert read_back(raw) == ("张三 & 李四，用途：存档", ("一", "二"), rows)


@pytest.fixture
def full(street):  # noqa: F811
    """A case with everything a dossier can hold: (town, case)."""
    town, _round, _meeting, case = street
    with transaction():
        publishing.record_mentioned(
            town.actor(3), case, name="秘密奶奶", relation="邻居", is_recognisable=True, agreement=Agreement.AGREED, method=ConsentMethod.IN_PERSON
        )
        publishing.record_consent(town.actor(3), case, [Purpose.CREDIT_WAIVED], ConsentMethod.ON_PAPER)
    with transaction():
        found = noticing.object_to(notices.hanging()[0].id, kind=ObjectionKind.UNTRUE, words="我是隔壁老秦，那天她不在", name="秦大海", contact="13900000009").id
    other = builders.climbed(town, 2, nominee_name="韩大川").id
    with transaction():
        inquiring.sign_visit(
            town.actor(2), other, visited_on=clock.today(), companion="老周", witnesses=3, report="问了门卫和班主任，都说他缝了十二年，从不收钱。", is_true=True
        )
        inquiring.record_facts(town.actor(2), other, is_party_member=True)
        inquiring.ask_departments(town.actor(2), other, {Department.POLICE: "police@city.example"})
    with transaction():
        step = deciding.decline(town.actor(2), other, expected=builders.version(other), reason="手滑了")
    with transaction():
        undoing.undo(town.actor(2), step.id)
    return town, case, other, found


def told(town, level, case, **words):
    return dossier.dossier_of(cases.in_reach_of(town.actor(level), case), mark="许雯，2026-07-16 09:00 下载，用途：存档。", with_reports=True, **words)


def test_a_dossier_says_everything_the_rows_say_and_never_who_objected(full):
    town, case, other, _objection = full
    for number in (case, other):
        data = told(town, 3 if number == case else 2, number)
        reader, text = same_on_paper("dossier", data)
        assert all("许雯" in page.extract_text() for page in reader.pages)
        for secret in ("秦大海", "隔壁老秦", "13900000009", "秘密奶奶"):
            assert secret not in text, secret
    data = told(town, 3, case)
    assert (len(data["councils"]), len(data["notices"]), data["objections"][0]["kind"]) == (1, 1, "事情不实")
    data = told(town, 2, other)
    assert [s["what"] for s in data["steps"]][-2:] == ["不通过（已撤回）", "撤回上一步"]
    assert data["opinions"][0] | {"asked": ""} == {"department": "公安", "asked": "", "outcome": "还没回", "number": "", "until": ""}


def test_another_desk_reads_no_report(full):
    town, _case, other, _objection = full
    case = cases.in_reach_of(town.actor(2), other)
    data = dossier.dossier_of(case, mark="", with_reports=False)
    assert "门卫" not in json.dumps(data, ensure_ascii=False)
    assert data["visits"][0]["found"] == "属实"


def test_an_empty_dossier_is_a_dossier_too(app):
    town = builders.city()
    case = builders.voice(town.line[1]).nomination_id
    reader, text = same_on_paper("dossier", dossier.dossier_of(cases.in_reach_of(town.actor(1), case), mark="某某", with_reports=True))
    assert "还没有评上" in text
    assert len(reader.pages) >= 1


def test_the_lists_read_back_equal_the_rows_and_the_log_says_what_for(street, client):  # noqa: F811
    town, round_id, _meeting, _case = street
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], name="许雯", email="desk@civic.example")
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
    for name in ("=HYPERLINK(1)", "陈桂兰", "007"):
        builders.climbed(town, 3, nominee_name=name)
    clock.advance(timedelta(minutes=20))
    client.sign_in("desk@civic.example", PASSWORD)
    expected = {
        "queue": lists.queue_rows(desk.waiting_at([town.line[3].path]).items),
        "published": lists.published_rows(desk.to_publish(town.actor(3))),
        f"summary/{round_id}": lists.summary_rows(rounds.in_reach_of(town.actor(3), round_id)),
    }
    assert [r[1] for r in expected["queue"]] == ["=HYPERLINK(1)", "陈桂兰", "007"]
    db.session.rollback()
    for path, rows in expected.items():
        refused = client.post(f"/nominations/desk/sheets/{path}", data={"lane": "waiting"})
        assert refused.status_code == 422
        assert "请选做什么用" in refused.text
        answer = client.post(f"/nominations/desk/sheets/{path}", data={"lane": "waiting", "purpose": "report"})
        assert answer.mimetype == sheets.XLSX
        mark, _heads, found = read_back(answer.data)
        assert found == [tuple(r) for r in rows], path
        assert mark.startswith("许雯，2026-07-16 09:20 下载，用途：汇总上报。")
    db.session.rollback()
    taken = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "sheet.download").order_by(AuditRecord.id)).all()
    assert [(json.loads(r.facts)["kind"], json.loads(r.facts)["purpose"], json.loads(r.facts)["lines"]) for r in taken] == [
        ("queue", "report", 3), ("published", "report", len(expected["published"])), ("summary", "report", 1),
    ]  # fmt: skip
    client.sign_in("admin@civic.example", PASSWORD)
    page = client.words(client.get("/audit/desk/downloads"))
    assert "许雯 待办的表" in page
    assert "汇总上报 3" in page


def test_a_dossier_is_taken_with_a_purpose_and_only_within_reach(street, client):  # noqa: F811
    town, _round, _meeting, case = street
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
        builders.account(Role.REVIEWER, town.other[3], email="other@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    assert client.post(f"/nominations/desk/prints/dossier/{case}").status_code == 422
    answer = client.post(f"/nominations/desk/prints/dossier/{case}", data={"purpose": "archive"})
    assert "用途：存档" in "".join(p.extract_text() for p in PdfReader(BytesIO(answer.data)).pages).replace("\n", "")
    client.sign_in("other@civic.example", PASSWORD)
    assert client.post(f"/nominations/desk/prints/dossier/{case}", data={"purpose": "archive"}).status_code == 404
    assert pdf.PRINTS.joinpath("dossier.typ").exists()
