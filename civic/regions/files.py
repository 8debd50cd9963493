"""Region files: the published .csv layouts in, the community's .xlsx of stairwells and groups out and in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from flask_babel import lazy_gettext as _l

from civic.core import sheets, typed
from civic.core.errors import Invalid
from civic.regions import rules

HEADINGS = (("上级（代码或名称，如 汀南区/桥东街道/梧桐里社区）", 46), ("名称", 20), ("户数", 8))


HOUSEHOLDS_MOST = 100_000


@dataclass(frozen=True)
class Row:
    """One place as a file names it."""

    file: str
    line: int
    code: str
    name: str


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line. `code` is stable."""

    file: str
    line: int
    code: str
    sentence: object

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


def rows_of(name: str, raw: bytes) -> tuple[list[Row], list[Problem]]:
    """The places of one published file, and its bad lines. Columns `code,name` are needed; the others are implied."""
    try:
        headings, lines = sheets.read_csv(raw)
    except Invalid as error:
        return [], [Problem(name, 1, error.code, error.sentence)]
    missing = [h for h in ("code", "name") if h not in headings]
    if missing:
        return [], [Problem(name, 1, "column_missing", _l("缺少这一列：%(columns)s", columns="、".join(missing)))]
    rows, problems = [], []
    for line, cells in lines:
        code, title = cells.get("code", ""), cells.get("name", "")
        wrong = _wrong(code, title, cells)
        if wrong is None:
            rows.append(Row(name, line, code, title))
        else:
            problems.append(Problem(name, line, *wrong))
    return rows, problems


def _wrong(code: str, title: str, cells: dict[str, str]) -> tuple[str, object] | None:
    if not code:
        return "code_missing", _l("没有代码")
    if rules.level_of(code) is None:
        return "code_width", _l("代码 %(code)s 不是 4、6、9 或 12 位数字", code=code[:20])
    if not title:
        return "name_missing", _l("代码 %(code)s 没有名称", code=code)
    if len(title) > 60:
        return "name_too_long", _l("代码 %(code)s 的名称超过 60 个字", code=code)
    for column in ("cityCode", "areaCode", "streetCode"):
        above = cells.get(column, "")
        if above and not code.startswith(above):
            return "parent_mismatch", _l("代码 %(code)s 和上级代码 %(above)s 对不上", code=code, above=above[:20])
    return None


@dataclass(frozen=True)
class Leaf:
    """A stairwell or village group as a community's sheet names it."""

    line: int
    above: str
    name: str
    households: int | None


def template(rows: list[tuple[str, str, str]]) -> bytes:
    """The sheet to fill in, with the rows that are already known."""
    return sheets.write("楼道和村组", HEADINGS, rows)


def leaves_of(stream: BinaryIO) -> tuple[list[Leaf], list[Problem]]:
    """The filled-in rows of a sheet, and its bad lines."""
    leaves, problems = [], []
    for line, cells in sheets.read(stream):
        if line == 1:
            continue
        above, name, count = [*cells, "", "", ""][:3]
        if not above or not name:
            problems.append(Problem("", line, "cell_missing", _l("上级和名称都要填")))
        elif len(name) > 60:
            problems.append(Problem("", line, "name_too_long", _l("名称超过 60 个字")))
        elif count and typed.whole_number(count, most=HOUSEHOLDS_MOST) is None:
            problems.append(Problem("", line, "households_no_number", _l("户数 %(value)s 不是数字", value=count[:20])))
        else:
            leaves.append(Leaf(line, above, name, typed.whole_number(count)))
    return leaves, problems
