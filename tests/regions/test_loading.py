"""Loading published division files: real ones, damaged ones, in any encoding, as often as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from civic.core.db import db, transaction
from civic.regions import files
from civic.regions.actions import loading, places, stairwells
from civic.regions.models import Region, RegionKind
from tests.support.counting import statements

pytestmark = pytest.mark.usefixtures("app")

CITIES = "code,name,provinceCode\n3499,\"云汀市\",34\n"
AREAS = "code,name,cityCode,provinceCode\n349901,\"汀南区\",3499,34\n349902,\"青塘县\",3499,34\n"
STREETS = "code,name,areaCode,provinceCode,cityCode\n349901001,\"桥东街道\",349901,34,3499\n349902100,\"白塔镇\",349902,34,3499\n"
VILLAGES = "code,name,streetCode,provinceCode,cityCode,areaCode\n349901001001,\"梧桐里社区\",349901001,34,3499,349901\n349902100200,\"白塔村\",349902100,34,3499,349902\n"
REAL = Path(__file__).parents[3] / "shared" / "data"


def load(*texts: str | bytes, root: str | None = None, skip_bad: bool = False) -> loading.LoadReport:
    rows, problems = [], []
    for number, text in enumerate(texts):
        found, wrong = files.rows_of(f"file{number}.csv", text.encode() if isinstance(text, str) else text)
        rows += found
        problems += wrong
    with transaction():
        return loading.load(rows, problems, root=root, skip_bad=skip_bad)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Region))


def test_levels_parents_and_kinds_follow_from_the_codes():
    report = load(VILLAGES, STREETS, AREAS, CITIES)
    assert report.added == {5: 1, 4: 2, 3: 2, 2: 2}
    village = db.session.scalars(select(Region).where(Region.code == "349902100200")).one()
    assert (village.level, village.kind, village.parent.name) == (2, RegionKind.VILLAGE, "白塔镇")
    assert village.path == f"{village.parent.path}{village.id}."
    assert village.parent.kind is RegionKind.TOWN


def test_loading_again_changes_nothing_and_a_new_name_is_taken_over():
    load(CITIES, AREAS, STREETS)
    again = load(CITIES, AREAS, STREETS)
    assert (sum(again.added.values()), again.unchanged) == (0, 5)
    renamed = load(CITIES.replace("云汀市", "新汀市"))
    assert renamed.renamed == {5: 1}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030"])
def test_other_encodings_are_read(encoding):
    assert sum(load(CITIES.replace("\n", "\r\n").encode(encoding)).added.values()) == 1
    assert db.session.scalars(select(Region.name)).one() == "云汀市"


@pytest.mark.parametrize(
    ("damage", "code", "line"),
    [
        (lambda t: t.replace("349901001,", "34990100,"), "code_width", 2),
        (lambda t: t.replace("349901001,", "34990A001,"), "code_width", 2),
        (lambda t: t.replace("349901001,", ","), "code_missing", 2),
        (lambda t: t.replace('"桥东街道"', '""'), "name_missing", 2),
        (lambda t: t.replace("349902100,", "349901001,").replace("349902,34", "349901,34"), "code_twice", 3),
        (lambda t: t.replace("349902100", "349907100").replace("349902,34", "349907,34"), "parent_unknown", 3),
        (lambda t: t.replace("349902,34,3499", "349901,34,3499"), "parent_mismatch", 3),
        (lambda t: t.replace("code,name", "dm,name"), "column_missing", 1),
        (lambda t: t.replace("349902100,\"白塔镇\",349902", "349901002,\"桥东街道\",349901"), "name_twice", 2),
    ],
)
def test_a_bad_row_is_named_by_line_and_nothing_is_loaded(damage, code, line):
    report = load(CITIES, AREAS, damage(STREETS))
    assert report.is_refused
    assert [(p.file, p.line, p.code) for p in report.problems][:1] == [("file2.csv", line, code)]
    assert count() == 0


def test_bad_rows_can_be_left_out():
    report = load(CITIES, AREAS, STREETS.replace("349901001,", "34990100,"), skip_bad=True)
    assert not report.is_refused
    assert sum(report.added.values()) == 4


def test_what_is_no_text_is_refused():
    report = load(b"\xff\xd8\xff\xe0 not a table \x00\x00")
    assert [p.code for p in report.problems] == ["file_unreadable"]


def test_a_root_may_stand_without_what_is_above_it():
    assert load(AREAS, STREETS).is_refused
    only = AREAS.splitlines()[0] + "\n" + AREAS.splitlines()[1] + "\n"
    report = load(only, STREETS.splitlines()[0] + "\n" + STREETS.splitlines()[1] + "\n", root="349901")
    assert report.added == {4: 1, 3: 1}


@pytest.mark.skipif(not REAL.exists(), reason="the published files lie beside the checkout, not in it")
@pytest.mark.parametrize(
    ("names", "root", "expected"),
    [
        (("bengbu-cities", "bengbu-areas", "bengbu-streets"), None, {5: 1, 4: 9, 3: 87}),
        (("bairin-areas", "bairin-streets", "bairin-villages"), "150422", {4: 1, 3: 16, 2: 164}),
    ],
)
def test_the_real_files_load_and_their_damaged_copies_do_not(names, root, expected):
    texts = [(REAL / f"{name}.csv").read_bytes() for name in names]
    for broken in range(len(texts)):
        damaged = [t.replace(b',"', b'9,"', 1) if n == broken else t for n, t in enumerate(texts)]
        report = load(*damaged, root=root)
        assert report.is_refused
        assert report.problems
        assert count() == 0
    report = load(*texts, root=root)
    assert not report.is_refused, [str(p) for p in report.problems][:5]
    assert report.added == expected
    assert load(*texts, root=root).unchanged == sum(expected.values())


def test_fifty_thousand_stairwells_cost_few_statements():
    load(CITIES, AREAS, STREETS, VILLAGES)
    leaves = [files.Leaf(n, "349901001001", f"{n}号楼", 10) for n in range(50_000)]
    with statements() as sent, transaction():
        plan = stairwells.plan(leaves, [])
        stairwells.apply(None, plan)
    assert count() == 50_007
    assert len(sent) < 120
    again = stairwells.plan(leaves, [])
    assert (len(again.fresh), again.unchanged) == (0, 50_000)


def test_a_sheet_goes_out_and_comes_back():
    from io import BytesIO

    load(CITIES, AREAS, STREETS, VILLAGES)
    sheet = files.template([("349901001001", "=1栋", "12"), ("汀南区/桥东街道/梧桐里社区", "2栋", ""), ("没有的社区", "3栋", "x")])
    leaves, problems = files.leaves_of(BytesIO(sheet))
    assert [(leaf.name, leaf.households) for leaf in leaves] == [("=1栋", 12), ("2栋", None)]
    plan = stairwells.plan(leaves, problems)
    assert [home for home, _ in plan.added] == ["梧桐里社区", "梧桐里社区"]
    assert [(p.line, p.code) for p in plan.problems] == [(4, "households_no_number")]


def test_moving_a_place_takes_everything_below_along():
    load(CITIES, AREAS, STREETS, VILLAGES)
    street = db.session.scalars(select(Region).where(Region.code == "349901001")).one()
    county = db.session.scalars(select(Region).where(Region.code == "349902")).one()
    with transaction():
        old, new = places.move(None, lambda path: None, street.id, county.id, expected=street.version)
    assert old != new
    for region in db.session.scalars(select(Region)):
        above = region.parent.path if region.parent else ""
        assert region.path == f"{above}{region.id}."
