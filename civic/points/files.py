"""Documents of points: one's own ledger as a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from civic.core import clock, sheets
from civic.points.models import Entry

LEDGER = (("记下", 17), ("哪一天的", 12), ("事由", 30), ("积分", 8), ("余", 8), ("哪一种", 12), ("规则从", 12), ("凭据", 20))
KINDS = {"earn": "得", "redeem": "换", "restore": "退回", "expire": "到期", "reverse": "更正"}


def ledger_sheet(rows: Sequence[Entry], since: Mapping[int, date], mark: str) -> bytes:
    """Every line of a person's ledger; `since`: tariff id → the day it began."""
    return sheets.write(
        "积分明细", LEDGER,
        (
            (
                f"{clock.local(e.at):%Y-%m-%d %H:%M}", e.day.isoformat(), e.words, f"{e.points:+d}", e.balance_after, KINDS[e.kind.value],
                since[e.tariff_id].isoformat() if e.tariff_id else "", e.source,
            )
            for e in rows
        ),
        mark=mark,
    )  # fmt: skip
