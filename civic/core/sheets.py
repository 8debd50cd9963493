"""Tables as files: .xlsx out and in, published .csv in. The one place that knows the sheet libraries."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, BinaryIO
from xml.etree import ElementTree

from flask_babel import lazy_gettext as _l

from civic.core import typed
from civic.core.errors import Invalid

LIMIT_BYTES = 20 * 1024 * 1024
LIMIT_UNPACKED = 200 * 1024 * 1024
# A title and a line of explanation may stand above the headings.
HEADINGS_WITHIN = 10
MERGED_MOST = 20_000
ROWS_MOST = 1_048_576  # of any .xlsx
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]], *, mark: str = "") -> bytes:
    """A workbook of one sheet. `columns` are (heading, width in characters); every cell is text, never a formula.

    `mark` is a first line above the headings: who took the sheet, when and what for.
    """
    out = io.BytesIO()
    write_to(out, title, columns, rows, mark=mark, in_memory=True)
    return out.getvalue()


def write_to(
    out: BinaryIO | str, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]], *, mark: str = "", in_memory: bool = False
) -> None:
    """The same workbook into a file, row by row: a long list never lies in memory."""
    import xlsxwriter  # loaded where a sheet is made: most workers never make one

    options = {
        "constant_memory": True,
        "in_memory": in_memory,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title[:31])
        head, text = book.add_format({"bold": True, "bottom": 1, "num_format": "@"}), book.add_format({"num_format": "@"})
        top = 1 if mark else 0
        if mark:
            sheet.write_string(0, 0, mark, text)
            # Also at the foot of each page, should somebody cut the first line off.
            sheet.set_footer("&C&8" + mark.replace("&", "&&")[:200])
        for at, (heading, width) in enumerate(columns):
            sheet.set_column(at, at, width, text)
            sheet.write_string(top, at, heading, head)
        sheet.freeze_panes(top + 1, 0)
        for number, row in enumerate(rows, start=top + 1):
            for at, value in enumerate(row):
                sheet.write_string(number, at, "" if value is None else str(value), text)


class Kind(StrEnum):
    """What stands in a cell, as far as it matters to who reads it as words."""

    WORDS = "words"
    DATE = "date"
    ERROR = "error"
    FORMULA = "formula"  # without the value it had when the file was saved
    TRUTH = "truth"


@dataclass(frozen=True)
class Cell:
    """The words of a cell, what it is, and where it stands (B2)."""

    words: str = ""
    kind: Kind = Kind.WORDS
    at: str = ""


@dataclass(frozen=True)
class Line:
    """A row below the headings: its cells in the order that was asked for."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False


def read(stream: BinaryIO, headings: Sequence[str], *, needed: int, limit_rows: int = 100_000) -> Iterator[Line]:
    """The rows below headings that begin with these words, in whichever sheet and column they stand; empty rows are left out.

    The first `needed` of the headings have to be there. What is merged counts for each of its rows. Invalid where no sheet
    has such headings: a table that was not understood is never an empty one.
    """
    raw = stream.read(LIMIT_BYTES + 1)
    if len(raw) > LIMIT_BYTES:
        raise Invalid("sheet_too_large", _l("这个表太大了。请分成几个，每个不超过 20 MB。"), field="file")
    try:
        yield from _lines(raw, headings, needed, limit_rows)
    except Invalid:
        raise
    except Exception as error:  # the library fails in a dozen ways on files that lie
        raise Invalid("sheet_unreadable", _l("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx 再传。"), field="file") from error


def _lines(raw: bytes, headings: Sequence[str], needed: int, limit_rows: int) -> Iterator[Line]:
    import openpyxl  # loaded where a sheet is read, which is seldom

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LIMIT_UNPACKED:
            raise Invalid("sheet_too_large", _l("这个表展开以后太大了。请分成几个小表。"), field="file")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        if not book.worksheets:
            raise ValueError("a workbook without sheets")
        is_found, count = False, 0
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            # What a file says of its own size is often wrong, and what lies beyond would be lost in silence.
            sheet.reset_dimensions()
            columns: list[int] | None = None
            marks = _marks(archive, sheet._worksheet_path)
            carried: dict[tuple[int, int], Cell] = {}
            for number, row in enumerate(sheet.iter_rows(), start=1):
                if number > ROWS_MOST:
                    raise ValueError("a row where no sheet has one")
                cells = [_cell(one, marks) for one in row]
                if columns is None:
                    columns = _columns(cells, headings, needed) if number <= HEADINGS_WITHIN else None
                    is_found = is_found or columns is not None
                    continue
                asked = tuple(_carried(marks, carried, number, at, cells[at] if 0 <= at < len(cells) else Cell()) for at in columns)
                if any(cell.words for cell in asked):
                    count += 1
                    if count > limit_rows:
                        raise Invalid("sheet_too_large", _l("这个表的行数太多了。请分成几个小表。"), field="file")
                    yield Line(sheet.title, number, asked, number in marks.hidden)
    if not is_found:
        names = "、".join(headings[:needed])
        raise Invalid("sheet_without_headings", _l("哪张表里都没有“%(names)s”这样的表头。请用下载的表来填，表头那一行不要改。", names=names), field="file")


def _columns(cells: Sequence[Cell], headings: Sequence[str], needed: int) -> list[int] | None:
    """Where each heading stands in this row, -1 for one that may be missing; None where it is not the row of the headings."""
    found = [next((at for at, cell in enumerate(cells) if typed.comparable(cell.words).startswith(heading)), -1) for heading in headings]
    return found if all(at >= 0 for at in found[:needed]) else None


@dataclass
class _Marks:
    """What the library leaves out where it reads row by row: hidden rows, merged ranges, formulas that were never reckoned."""

    hidden: set[int]
    merged: dict[tuple[int, int], tuple[int, int]]
    formulas: set[str]


def _marks(archive: zipfile.ZipFile, path: str) -> _Marks:
    from openpyxl.utils import range_boundaries

    marks = _Marks(set(), {}, set())
    with archive.open(path.lstrip("/")) as file:
        for _event, element in ElementTree.iterparse(file):
            tag = element.tag.rpartition("}")[2]
            if tag == "c":
                parts = {child.tag.rpartition("}")[2]: child.text for child in element}
                if "f" in parts and not parts.get("v"):
                    marks.formulas.add(element.get("r", ""))
            elif tag == "row":
                if element.get("hidden") in ("1", "true"):
                    marks.hidden.add(int(element.get("r") or 0))
                element.clear()
            elif tag == "mergeCell":
                left, top, right, bottom = range_boundaries(element.get("ref", ""))
                if (bottom - top + 1) * (right - left + 1) <= MERGED_MOST:
                    marks.merged |= {(r, c - 1): (top, left - 1) for r in range(top, bottom + 1) for c in range(left, right + 1)}
    return marks


def _carried(marks: _Marks, carried: dict[tuple[int, int], Cell], row: int, column: int, cell: Cell) -> Cell:
    """A cell, or what stands at the top of the merged cells it belongs to."""
    top = marks.merged.get((row, column))
    if top is None:
        return cell
    if top == (row, column):
        carried[top] = cell
    return carried.get(top, cell)


def _cell(cell: Any, marks: _Marks) -> Cell:
    value, at = cell.value, getattr(cell, "coordinate", "")
    if at in marks.formulas:
        return Cell("=", Kind.FORMULA, at)
    if value is None:
        return Cell("", Kind.WORDS, at)
    if isinstance(value, bool):
        return Cell(str(value).upper(), Kind.TRUTH, at)
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value), Kind.DATE, at)
    if cell.data_type == "e":
        return Cell(str(value), Kind.ERROR, at)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Cell(typed.plain(str(value)).strip(), Kind.WORDS, at)


def read_csv(raw: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """(headings, [(line number, cells by heading)]) of a comma-separated file in UTF-8 (with or without BOM) or GBK."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("file_unreadable", _l("这个文件不是文字，读不了。请另存为 CSV（UTF-8 或 GBK）。"), field="file")
    if "\0" in text:
        raise Invalid("file_unreadable", _l("这个文件不是文字，读不了。请另存为 CSV（UTF-8 或 GBK）。"), field="file")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        headings = [h.strip() for h in next(reader, [])]
        lines = []
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append((reader.line_num, dict(zip(headings, (c.strip() for c in row), strict=False))))
    except csv.Error as error:
        raise Invalid("file_unreadable", _l("第 %(line)s 行读不下去，引号可能没配对。", line=reader.line_num), field="file") from error
    return headings, lines
