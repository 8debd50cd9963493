"""What stands in a workbook, as words."""

from __future__ import annotations

from io import BytesIO

import openpyxl


def rows_of(raw: bytes) -> list[list[str]]:
    """The rows of the first sheet that hold anything."""
    rows = openpyxl.load_workbook(BytesIO(raw), read_only=True).worksheets[0].iter_rows(values_only=True)
    found = [["" if value is None else str(value).strip() for value in row] for row in rows]
    return [cells for cells in found if any(cells)]
