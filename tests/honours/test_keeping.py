"""What comes after an honour: courtesies that end with it, looking again, the register, classes with a term, the card."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from civic.core import clock, pdf
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import actions, files, queries
from civic.honours.actions import benefits, reviews
from civic.honours.models import Benefit, Honour, HonourStatus
from civic.honours.rules import months_later
from civic.identity import queries as identity
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, undoing
from civic.nominations.models.levels import LevelRule
from civic.outbox.models import Message
from tests.support import builders
from tests.support.builders import PASSWORD


@pytest.fixture
def street(app):
    """(town, honour) of somebody whom the street elected, and whose page is out."""
    town = builders.city()
    case = builders.climbed(town, 4).id
    builders.publishable(town, case, 3)
    clock.advance(timedelta(minutes=20))
    db.session.rollback()
    return town, queries.of_nomination(case)[-1].id


def refused(refusal, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == refusal


def given(town, honour, **changes):
    with transaction():
        row = benefits.give(
            town.actor(3), honour, **{"name": "公交免费", "provider": "云汀公交", "since": clock.today(), "until": clock.today() + timedelta(days=365), **changes}
        )
    return row.id


def fresh(table, number):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(table, number)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [(date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2026, 11, 24), 14, date(2028, 1, 24)), (date(2026, 12, 31), 12, date(2027, 12, 31))],
)
def test_months_end_where_the_month_ends(day, months, expected):
    assert months_later(day, months) == expected


def test_a_courtesy_is_used_within_its_time_and_counted(street):
    town, honour = street
    row = given(town, honour)
    today = clock.today()
    for day, words, code in (
        (today + timedelta(days=1), "坐车", "use_in_future"), (today - timedelta(days=1), "坐车", "use_out_of_term"), (today, " ", "use_unclear"),
    ):  # fmt: skip
        refused(code, benefits.use, town.actor(3), row, used_on=day, words=words)
    with transaction():
        benefits.use(town.actor(3), row, used_on=today, words="陪母亲体检一次")
    refused("not_here", benefits.use, town.actor(2), row, used_on=today, words="坐车")
    refused("benefit_unclear", benefits.give, town.actor(3), honour, name=" ", provider="x", since=today, until=None)
    refused("term_backwards", benefits.give, town.actor(3), honour, name="x", provider="x", since=today, until=today - timedelta(days=1))
    assert files.benefit_rows(queries.benefits_within([town.line[3].path]))[0][7:9] == ("1", f"{today} 陪母亲体检一次")


@pytest.mark.parametrize("after", [HonourStatus.SUSPENDED, HonourStatus.REVOKED])
def test_courtesies_end_with_the_honour_in_one_act(street, after):
    town, honour = street
    row, over = given(town, honour), given(town, honour, name="体检")
    with transaction():
        benefits.end(town.actor(3), over, why="单位停办")
    with transaction():
        actions.change(town.actor(3), honour, after, reason="材料造假", document="文明办〔2026〕3号")
    assert (fresh(Benefit, row).ended_why, fresh(Benefit, over).ended_why) == ("材料造假", "单位停办")
    refused("honour_not_standing", benefits.give, town.actor(3), honour, name="x", provider="x", since=clock.today(), until=None)
    if after is HonourStatus.SUSPENDED:
        with transaction():
            actions.change(town.actor(3), honour, HonourStatus.ACTIVE, reason="查清了")
        # Nothing comes back by itself.
        assert fresh(Benefit, row).ended_at is not None


def test_leaving_the_board_after_its_time_ends_no_courtesy_but_an_undone_honour_does(app):
    town = builders.city()
    case = builders.climbed(town, 2).id
    honour = queries.of_nomination(case)[0].id
    # A stairwell's honour is kept by the community's reviewer; its board rotates after three months.
    with transaction():
        row = benefits.give(town.actor(2), honour, name="体检", provider="社区医院", since=clock.today(), until=None)
    clock.advance(timedelta(days=91))
    with transaction():
        assert actions.expire_due() >= 1
    assert fresh(Honour, honour).status is HonourStatus.EXPIRED
    assert fresh(Benefit, row.id).ended_at is None
    with transaction():
        step = deciding.elect(town.actor(2), case, expected=builders.version(case))
    given_now = queries.of_nomination(case)[-1].id
    with transaction():
        slip = benefits.give(town.actor(2), given_now, name="体检", provider="社区医院", since=clock.today(), until=None)
    with transaction():
        undoing.undo(town.actor(2), step.id)
    assert fresh(Benefit, slip.id).ended_at is not None


def test_an_honour_is_looked_at_again_and_the_desk_is_reminded_once(street):
    town, honour = street
    assert db.session.scalar(select(LevelRule.review_months).where(LevelRule.level == 3)) == 12
    assert fresh(Honour, honour).review_due == months_later(clock.today(), 12)
    clock.advance(timedelta(days=366))
    with transaction():
        assert reviews.remind_due() == 1
    with transaction():
        assert reviews.remind_due() == 0
    letter = db.session.scalars(select(Message).where(Message.kind == "review_due")).one()
    assert letter.recipient_id == town.desk[3].id
    assert [h.id for h in queries.due_for_review([town.line[3].path])] == [honour]
    refused("finding_missing", reviews.review, town.actor(3), honour, holds=True, finding=" ")
    with transaction():
        reviews.review(town.actor(3), honour, holds=False, finding="邻居说她搬走了，再问问")
    assert queries.due_for_review([town.line[3].path])
    with transaction():
        reviews.review(town.actor(3), honour, holds=True, finding="还在校门口，天天来")
    assert not queries.due_for_review([town.line[3].path])
    assert fresh(Honour, honour).review_due == months_later(clock.today(), 12)
    assert [r.holds for r in queries.reviews_of(honour)] == [True, False]


def test_a_class_is_added_for_a_time_and_retired_and_the_last_stays(app):
    town = builders.city()
    with transaction():
        admin = builders.account(Role.CITY_ADMIN, town.line[5])
    actor, path = identity.actor_of(admin), town.line[5].path
    words = {"character": "新", "name": "文明家庭", "description": "一家人都热心", "city_path": path}
    refused("category_code", actions.add_category, actor, code="w1", since=clock.today(), **words)
    refused("term_backwards", actions.add_category, actor, code="WMJT", since=clock.today(), until=clock.today() - timedelta(days=1), **words)
    with transaction():
        added = actions.add_category(actor, code="WMJT", since=clock.today(), until=clock.today() + timedelta(days=30), **words).id
    assert added in {c.id for c in queries.categories(clock.today())}
    assert added not in {c.id for c in queries.categories(clock.today() + timedelta(days=31))}
    others = [c.id for c in queries.every_category() if c.id != added]
    for number in others[:-1]:
        with transaction():
            actions.retire_category(actor, number, until=clock.today(), city_path=path)
    with transaction():
        actions.retire_category(actor, added, until=clock.today(), city_path=path)
    refused("last_category", actions.retire_category, actor, others[-1], until=clock.today(), city_path=path)
    refused("not_permitted", actions.retire_category, town.actor(5), others[-1], until=clock.today(), city_path=path)


def test_the_register_reads_back_and_stops_at_the_desks_own_regions(street, client):
    town, honour = street
    given(town, honour, name="=SUM(1)")
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
        builders.account(Role.REVIEWER, town.other[3], email="other@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    assert "陈桂兰" in client.get("/honours/desk/").text
    assert "=SUM(1)" in client.get("/honours/desk/benefits").text
    assert client.post("/honours/desk/sheet", data={"level": "3"}).status_code == 422
    for path, rows in (
        ("sheet", files.register_rows(queries.register([town.line[3].path], level=3).items)),
        ("benefits/sheet", files.benefit_rows(queries.benefits_within([town.line[3].path]))),
    ):  # fmt: skip
        answer = client.post(f"/honours/desk/{path}", data={"level": "3", "purpose": "award"})
        sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
        found = [tuple("" if v is None else v for v in row) for row in sheet.iter_rows(values_only=True)]
        assert found[2:] == rows
        assert "用途：发证书、落实礼遇" in found[0][0]
    client.sign_in("other@civic.example", PASSWORD)
    assert "陈桂兰" not in client.get("/honours/desk/").text
    assert client.get(f"/honours/desk/{honour}").status_code == 404
    assert client.post("/honours/desk/benefits/1/use", data={"used_on": "2026-07-16", "words": "x"}).status_code == 404


def test_the_desks_page_keeps_what_was_typed_wrong(street, client):
    town, honour = street
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    where = f"/honours/desk/{honour}"
    answer = client.post(f"{where}/benefits", data={"name": "公交免费", "provider": "", "since": "2026-07-16", "until": ""})
    assert answer.status_code == 422
    assert 'value="公交免费"' in answer.text
    assert client.post(f"{where}/benefits", data={"name": "公交免费", "provider": "云汀公交", "since": "2026-07-16", "until": ""}).status_code == 303
    answer = client.post("/honours/desk/benefits/1/use", data={"used_on": "2027-07-16", "words": "坐车"})
    assert "还没到这一天" in answer.text
    assert client.post("/honours/desk/benefits/1/use", data={"used_on": "2026-07-16", "words": "坐车"}).status_code == 303
    assert client.confirm("/honours/desk/benefits/1/end", data={"why": "换了公司"}).status_code == 303
    assert "换了公司" in client.get(where).text
    assert client.post(f"{where}/review", data={"holds": "yes", "finding": "好着呢"}).status_code == 303


def test_a_story_has_a_code_and_a_card_only_while_it_is_shown(street, client):
    town, honour = street
    page = client.get(f"/story/{honour}").text
    assert f"http://127.0.0.1:8000/story/{honour}" in page
    assert client.get(f"/story/{honour}/code.svg").data.startswith(b"<svg")
    card = client.get(f"/story/{honour}/card")
    text = "".join(PdfReader(BytesIO(card.data)).pages[0].extract_text().split())
    assert "陈桂兰" in text
    assert "街道好人" in text
    assert len(PdfReader(BytesIO(card.data)).pages) == 1
    assert pdf.PRINTS.joinpath("card.typ").exists()
    with transaction():
        actions.change(town.actor(3), honour, HonourStatus.SUSPENDED, reason="查一查")
    for path in ("", "/code.svg", "/card"):
        assert client.get(f"/story/{honour}{path}").status_code == 404


def test_courtesies_follow_a_place_that_moved_and_the_story_says_how_it_was_named(street, client):
    town, honour = street
    row = given(town, honour)
    old, new = town.line[3].path, f"{town.line[5].path}{town.line[3].id}."
    assert "发布" in client.get(f"/story/{honour}").text
    with transaction():
        actions.repath(old, new)
        db.session.get(Honour, honour).document = "汀文明〔2026〕7号"
    assert (fresh(Benefit, row).region_path, fresh(Honour, honour).region_path) == (new, new)
    assert "表彰（汀文明〔2026〕7号）" in client.get(f"/story/{honour}").text
