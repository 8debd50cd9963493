"""Sheets and division files that were got wrong once: each is read rightly, or refused with the cell or the line named."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.regions import files
from civic.regions.actions import stairwells
from civic.regions.models import Region
from tests.support import builders

CASES = Path(__file__).parent / "cases"
SHEETS = {
    # file: what the page says, and what it would add (None: nothing, it is refused)
    "S1-circled-digit": ("第 2 行：户数 ① 不是数字", None),
    "S2-fullwidth-and-unit": ("新增 2", ["甲1栋1单元", "甲1栋2单元"]),
    "S4-unit-3-1-became-date": ("第 2 行：名称是日期（B2：2026-03-01）", None),
    "S5-merged-parent": ("新增 3", ["丙1栋1单元", "丙1栋2单元", "丙2栋1单元"]),
    "S6-formula-no-cache": ("第 2 行：户数是公式（C2）", None),
    "S6b-formula-name": ("第 2 行：名称是公式（B2）", None),
    "S7-title-row": ("新增 1", ["戊1栋1单元"]),
    "S8-hidden-row": ("第 3 行在表里是隐藏的", ["己1栋1单元", "己2栋（已拆）"]),
    "S9-notes-sheet-first": ("新增 1", ["庚1栋1单元"]),
    "S10-fullwidth-slash": ("第 4 行：户数 12.5 不是数字", None),
    "S11-lookalike-names": ("第 3 行：“壬1栋1单元”写了两遍，和第 2 行是同一个", None),
    "S12-error-cell": ("第 2 行：名称是错误值（B2：#REF!）", None),
    "S13-formatted-to-row-200000": ("新增 1", ["癸1栋1单元"]),
    "S14-odd-numbers": ("第 2 行：户数 -5 不是数字", None),
    "S15-huge-households": ("第 2 行：户数 99999999999999999999 不是数字", None),
    "S16-strict-ooxml": ("这个文件打不开", None),
}


@pytest.fixture
def town(app, client):
    found = builders.city(staffed=False)
    with transaction():
        builders.account(Role.REGION_ADMIN, found.line[4], email="admin@civic.example")
    client.sign_in("admin@civic.example")
    return found


def upload(client, town, raw: bytes):
    client.get(f"/regions/desk/sheet/{town.line[2].id}")
    return client.post(f"/regions/desk/sheet/{town.line[2].id}", data={"file": (io.BytesIO(raw), "表.xlsx")}, content_type="multipart/form-data")


def stairwells_of(town) -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Region.name).where(Region.parent_id == town.line[2].id)))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_read_rightly_or_refused_with_the_cell_named(town, client, name):
    sentence, added = SHEETS[name]
    before = stairwells_of(town)
    answer = upload(client, town, (CASES / f"{name}.xlsx").read_bytes())
    assert sentence in client.words(answer).replace("： ", "："), client.words(answer)[:600]
    key = re.search(r'name="kept" value="([^"]+)"', answer.text)
    if added is None:
        assert answer.status_code == 422
        assert key is None
        return
    assert answer.status_code == 200
    assert key is not None
    assert client.post(f"/regions/desk/sheet/{town.line[2].id}", data={"kept": key[1]}).status_code == 303
    assert stairwells_of(town) - before == set(added)
    again = upload(client, town, (CASES / f"{name}.xlsx").read_bytes())
    assert "和已经有的一样，没有要装的" in client.words(again)
    assert 'name="kept"' not in again.text


def book(rows, **more) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for sheet, lines in more.items():
        page = made.create_sheet(sheet)
        for row in lines:
            page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


HEAD = ["上级", "名称", "户数"]


@pytest.mark.parametrize("rows", [[], [HEAD], [["说明", "别的"], ["a", "b"]], [HEAD, ["", "", ""]]])
def test_a_sheet_of_which_nothing_is_understood_is_refused(town, client, rows):
    answer = upload(client, town, book(rows))
    assert answer.status_code == 422
    assert 'name="kept"' not in answer.text
    words = client.words(answer)
    assert "表头下面一行也没有填" in words or "这样的表头" in words


def test_a_sheet_that_lies_about_its_size_is_read_to_its_end(town, client):
    raw, out = book([HEAD, *([town.line[2].name, f"{n}栋", 1] for n in range(1, 6))]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as there, zipfile.ZipFile(out, "w") as lied:
        for part in there.namelist():
            lied.writestr(part, re.sub(rb'<dimension ref="[^"]+"', b'<dimension ref="A1"', there.read(part)))
    assert "新增 5" in client.words(upload(client, town, out.getvalue()))


def test_a_row_beyond_every_sheet_is_refused_at_once(town, client):
    raw, out = book([HEAD, [town.line[2].name, "1栋", 1]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as there, zipfile.ZipFile(out, "w") as lied:
        for part in there.namelist():
            lied.writestr(part, there.read(part).replace(b'<row r="2"', b'<row r="99999999"').replace(b'r="A2"', b'').replace(b'r="B2"', b'').replace(b'r="C2"', b''))
    assert upload(client, town, out.getvalue()).status_code == 422


def test_columns_may_stand_in_another_order_and_on_two_sheets(town, client):
    raw = book([["户数", "名称", "上级"], [3, "1栋", "梧桐里"]], 后来的=[HEAD, ["桥东街道梧桐里社区", "2栋", "12户"]])
    leaves, problems = files.leaves_of(io.BytesIO(raw))
    assert not problems
    plan = stairwells.plan(leaves, problems)
    assert [name for _home, name in plan.added] == ["1栋", "2栋"]
    assert [row["households"] for row in plan.fresh] == [3, 12]


def test_a_place_that_two_streets_have_is_not_guessed(town):
    with transaction():
        builders.region(town.other[3], 2, "梧桐里社区")
    leaves = [files.Leaf(2, "梧桐里", "1栋", 1), files.Leaf(3, "桥东街道/梧桐里社区", "1栋", 1), files.Leaf(4, "另一个桥东街道梧桐里社区", "1栋", 1)]
    plan = stairwells.plan(leaves, [])
    assert [p.line for p in plan.problems] == [2]
    assert len(plan.added) == 2


def load(app, *names: str, skip_bad: bool = False):
    answer = app.test_cli_runner().invoke(args=["regions", "load", *(["--skip-bad"] if skip_bad else []), *(str(CASES / f"{name}.csv") for name in names)])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer


def names() -> dict[str, str]:
    db.session.rollback()
    return dict(db.session.execute(select(Region.code, Region.name)).all())


def test_what_hangs_on_a_row_left_out_is_left_out_and_named(app):
    answer = load(app, "R1-twin-streets", skip_bad=True)
    assert answer.exit_code == 0
    assert "“湖滨社区居委会”的上级 349902003 没有装，它也不能装" in answer.output
    assert "“铁路社区居委会”的上级 349902002 没有装，它也不能装" in answer.output
    assert db.session.scalars(select(Region.id).where(Region.level < 5, Region.parent_id.is_(None))).all() == []
    assert len(names()) == 6


def test_a_new_code_for_the_same_place_is_taken_over(app):
    load(app, "R0-base")
    old = db.session.scalars(select(Region.id).where(Region.name == "建设社区居委会")).one()
    answer = load(app, "R2-recoded")
    assert answer.exit_code == 0
    assert "换代码 1" in answer.output
    assert db.session.scalars(select(Region.id).where(Region.code == "349902001102")).one() == old
    assert "349902001002" not in names()


def test_two_places_that_exchange_their_names_are_both_renamed(app):
    load(app, "R0-base")
    assert load(app, "R3-swapped").exit_code == 0
    assert (names()["349902001001"], names()["349902001002"]) == ("建设社区居委会", "和平社区居委会")
    assert db.session.scalars(select(Region.normal_name).where(Region.code == "349902001001")).one() == "建设社区居委会"


def test_a_name_that_a_place_of_another_file_keeps_is_said_not_a_traceback(app, tmp_path):
    load(app, "R0-base")
    other = tmp_path / "other.csv"
    other.write_text("code,name\n349902001009,和平社区居委会\n349902001,北城街道\n", encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["regions", "load", str(other)])
    # 和平社区 has a new code; 新城街道 is to be called as its sister is.
    assert isinstance(answer.exception, SystemExit)
    assert "同一个上级下面已经有“北城街道”了" in answer.output


def test_names_that_lost_characters_are_named(app):
    answer = load(app, "R7-mojibake")
    assert answer.exit_code == 1
    assert "“大青?村”里有乱码“?”" in answer.output
    assert "R7-mojibake.csv:11" in answer.output
    assert names() == {}


@pytest.mark.parametrize("name", ["R0-base", "R4-no-district", "R5-gbk", "R5c-bom", "R6-rare-utf8", "R6b-rare-gb18030", "R11-spaces"])
def test_a_file_in_any_honest_writing_is_loaded_whole(app, name):
    answer = load(app, name)
    assert answer.exit_code == 0, answer.output
    assert db.session.scalars(select(Region.id).where(Region.level < 5, Region.parent_id.is_(None))).all() == []
    assert all(re.fullmatch("[0-9]+", code) for code in names())
    assert "\u200b" not in "".join(names().values())
    assert sum(map(len, names().values())) > 10


@pytest.mark.parametrize("name", ["R5b-utf16", "R8-excel-lost", "R9-semicolon", "R9b-tab", "R10-chinese-headings", "R12-mixed-encoding"])
def test_any_other_file_is_loaded_or_refused_with_a_sentence(app, name):
    answer = load(app, name)
    assert answer.exit_code == 0 or f"{name}.csv:" in answer.output, answer.output
    assert not [n for n in names().values() if files._garbled(n)]
