"""The lists of a desk as workbooks: every cell is text, so that no number loses its zeros and no word becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from civic.core import clock, sheets
from civic.nominations import files
from civic.nominations.files.dossier import STATUS_WORDS
from civic.nominations.forms.nominating import CHANNEL_WORDS
from civic.nominations.models.cases import Nomination
from civic.nominations.models.rounds import Round
from civic.nominations.queries.desk import QueueRow
from civic.web.filters import level_name


def _day(moment: object) -> str:
    return f"{clock.local(moment):%Y-%m-%d}" if moment is not None else ""  # type: ignore[arg-type]


def queue_rows(rows: Iterable[QueueRow]) -> list[tuple[str, ...]]:
    return [
        (
            r.reference, r.name, r.category, str(CHANNEL_WORDS[r.channel]), r.place, r.headline, str(level_name(r.level)),
            STATUS_WORDS[r.status.value], _day(r.arrived_at), _day(r.due_at), "" if r.days_left is None else str(r.days_left),
            str(r.voice_count), r.taken_by or "",
        )
        for r in rows
    ]  # fmt: skip


QUEUE = (
    ("编号", 14), ("姓名", 12), ("类别", 12), ("途径", 12), ("住在", 18), ("一句话", 44), ("哪一级", 8), ("状态", 10), ("收到", 12), ("期限", 12),
    ("还剩工作日", 10), ("推荐人数", 8), ("经办", 12),
)  # fmt: skip


def queue_sheet(rows: Iterable[QueueRow], mark: str) -> bytes:
    return sheets.write("待办", QUEUE, queue_rows(rows), mark=mark)


PUBLISHED = (("编号", 14), ("姓名", 12), ("类别", 12), ("住在", 18), ("一句话", 44), ("公开的标题", 44), ("公开的文字", 60))


def published_rows(waiting: Iterable[Nomination]) -> list[tuple[str, ...]]:
    return [
        (n.reference, n.nominee_name, n.category.name, n.home_region.name, n.headline, n.public_headline or "", n.public_story or "")
        for n in waiting
    ]


def published_sheet(waiting: Iterable[Nomination], mark: str) -> bytes:
    return sheets.write("等着公开的", PUBLISHED, published_rows(waiting), mark=mark)


SUMMARY = (("序", 6), ("编号", 14), ("姓名", 12), ("类别", 12), ("住在", 18), ("事迹", 44), ("评议", 14), ("结果", 10))


def summary_rows(round_: Round) -> Sequence[tuple[str, ...]]:
    """The same lines as the 汇总表 on paper."""
    return [
        (str(at), r["reference"], r["name"], r["class"], r["place"], r["headline"], r["vote"], r["result"])
        for at, r in enumerate(files.summary_of(round_)["rows"], start=1)
    ]


def summary_sheet(round_: Round, mark: str) -> bytes:
    return sheets.write(f"{round_.name}汇总", SUMMARY, summary_rows(round_), mark=mark)
