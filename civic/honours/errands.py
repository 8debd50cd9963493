"""What the worker carries out for the register: long lists to take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from civic.core import sheets
from civic.errands.running import Kind, Work
from civic.honours import files, queries
from civic.honours.models import HonourStatus
from civic.identity.permissions import Permission
from civic.web.takeaway import mark

AT_ONCE = 500


def _sheet(work: Work, title: str, columns: Any, rows: Iterable[Any]) -> None:
    with TemporaryDirectory() as folder:
        made = Path(folder) / "list.xlsx"
        sheets.write_to(str(made), title, columns, work.counted(rows, None), mark=mark(work.details["purpose"], work.actor))
        work.end_with(made, "xlsx")


def _register(work: Work) -> None:
    chosen = dict(work.details["chosen"])
    chosen["status"] = HonourStatus(chosen["status"]) if chosen["status"] else None

    def rows() -> Iterator[tuple[str, ...]]:
        after = None
        while True:
            page = queries.register(work.actor.paths_for(Permission.HONOUR_CHANGE), **chosen, after=after, limit=AT_ONCE)
            yield from files.register_rows(page.items)
            after = page.next_key
            if after is None:
                return

    _sheet(work, "好人名册", files.REGISTER, rows())


def _benefits(work: Work) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        before = None
        while found := queries.benefits_within(work.actor.paths_for(Permission.HONOUR_CHANGE), limit=AT_ONCE, before=before):
            before = found[-1].id
            yield from files.benefit_rows(found)

    _sheet(work, "礼遇台账", files.BENEFITS, rows())


KINDS = {"honours": Kind(_register), "benefits": Kind(_benefits)}
