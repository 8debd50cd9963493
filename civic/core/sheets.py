"""Tables as files: .xlsx out and in, published .csv in. The one place that knows the sheet libraries."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l

from civic.core.errors import Invalid

LIMIT_BYTES = 20 * 1024 * 1024
LIMIT_UNPACKED = 200 * 1024 * 1024
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


def read(stream: BinaryIO, *, limit_rows: int = 100_000) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, cells as trimmed text) of the first sheet, headings included; empty rows are left out."""
    import openpyxl  # loaded where a sheet is read, which is seldom

    raw = stream.read(LIMIT_BYTES + 1)
    if len(raw) > LIMIT_BYTES:
        raise Invalid("sheet_too_large", _l("这个表太大了。请分成几个，每个不超过 20 MB。"), field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LIMIT_UNPACKED:
                raise Invalid("sheet_too_large", _l("这个表展开以后太大了。请分成几个小表。"), field="file")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > limit_rows:
                raise Invalid("sheet_too_large", _l("这个表的行数太多了。请分成几个小表。"), field="file")
            cells = [_text(value) for value in row]
            if any(cells):
                yield number, cells
    except Invalid:
        raise
    except Exception as error:  # the library fails in a dozen ways on files that lie
        raise Invalid("sheet_unreadable", _l("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx 再传。"), field="file") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


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
