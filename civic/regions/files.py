"""Region files: the published .csv layouts in, the community's .xlsx of stairwells and groups out and in."""

from __future__ import annotations

import re
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
        code, title = typed.code(cells.get("code") or ""), typed.plain(cells.get("name") or "").strip()
        wrong = _wrong(code, title, cells)
        if wrong is None:
            rows.append(Row(name, line, code, title))
        else:
            problems.append(Problem(name, line, *wrong))
    return rows, problems


# What stands where a character was lost: the sign for it, a question mark, an empty box, what three of those become.
_LOST = re.compile("[\ufffd?？□■\ue000-\uf8ff]|锟斤拷|烫烫")


def _garbled(name: str) -> str:
    """The characters that stand where others were lost, or the whole name where it was read in a wrong encoding."""
    lost = _LOST.search(name)
    if lost is not None:
        return lost[0]
    try:
        read = name.encode("gb18030").decode()
    except UnicodeDecodeError:
        return ""
    return name if not name.isascii() and read != name else ""


def _wrong(code: str, title: str, cells: dict[str, str]) -> tuple[str, object] | None:
    if not code:
        return "code_missing", _l("没有代码")
    if rules.level_of(code) is None:
        return "code_width", _l("代码 %(code)s 不是 4、6、9 或 12 位数字", code=code[:20])
    if not title:
        return "name_missing", _l("代码 %(code)s 没有名称", code=code)
    if len(title) > 60:
        return "name_too_long", _l("代码 %(code)s 的名称超过 60 个字", code=code)
    if odd := _garbled(title):
        return "name_garbled", _l("代码 %(code)s 的名称“%(name)s”里有乱码“%(odd)s”，请对着原来的名单改", code=code, name=title, odd=odd)
    for column in ("cityCode", "areaCode", "streetCode"):
        above = typed.code(cells.get(column) or "")
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
    sheet: str = ""
    is_hidden: bool = False


def template(rows: list[tuple[str, str, str]]) -> bytes:
    """The sheet to fill in, with the rows that are already known."""
    return sheets.write("楼道和村组", HEADINGS, rows)


def leaves_of(stream: BinaryIO) -> tuple[list[Leaf], list[Problem]]:
    """The filled-in rows of a sheet, and its bad lines."""
    leaves, problems = [], []
    for line in sheets.read(stream, ("上级", "名称", "户数"), needed=2):
        above, name, count = line.cells
        wrong = _unreadable(line)
        number = typed.whole_number(count.words.removesuffix("户"), most=HOUSEHOLDS_MOST)
        if wrong is None and not (above.words and name.words):
            wrong = "cell_missing", _l("上级和名称都要填")
        if wrong is None and len(name.words) > 60:
            wrong = "name_too_long", _l("名称超过 60 个字")
        if wrong is None and count.words and number is None:
            wrong = "households_no_number", _l("户数 %(value)s 不是数字", value=count.words[:20])
        if wrong is None:
            leaves.append(Leaf(line.number, above.words, name.words, number, line.sheet, line.is_hidden))
        else:
            problems.append(Problem(line.sheet, line.number, *wrong))
    return leaves, problems


COLUMNS = (_l("上级"), _l("名称"), _l("户数"))


def _unreadable(line: sheets.Line) -> tuple[str, object] | None:
    """What stands in a cell where words or a number should, with the cell named."""
    for column, cell in zip(COLUMNS, line.cells, strict=True):
        if cell.kind is sheets.Kind.DATE:
            return "cell_date", _l("%(column)s是日期（%(at)s：%(value)s）。多半是表格软件把“3-1”当成了 3 月 1 日：请把这一列设成“文本”，再写一遍", column=column, at=cell.at, value=cell.words)
        if cell.kind is sheets.Kind.ERROR:
            return "cell_error", _l("%(column)s是错误值（%(at)s：%(value)s），请改成要写的字", column=column, at=cell.at, value=cell.words)
        if cell.kind is sheets.Kind.FORMULA:
            return "cell_formula", _l("%(column)s是公式（%(at)s），表里没有存它算出来的数。请用 Excel 或 WPS 打开、保存一次，或者直接写上", column=column, at=cell.at)
        if cell.kind is sheets.Kind.TRUTH:
            return "cell_truth", _l("%(column)s是“%(value)s”（%(at)s），请改成要写的字", column=column, at=cell.at, value=cell.words)
    return None
