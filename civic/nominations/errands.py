"""What the worker carries out for a desk: many decisions, a round put up, rehearsed or closed, long lists, all its prints."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from civic.core import pdf, sheets
from civic.core.db import db, transaction
from civic.errands.running import Kind, Work
from civic.identity.permissions import Permission
from civic.nominations import files
from civic.nominations.actions import noticing, rehearsing, undoing
from civic.nominations.desk.queues import DEEDS, narrowing
from civic.nominations.files import lists, minutes
from civic.nominations.queries import cases, desk
from civic.nominations.queries import rounds as queries
from civic.web.takeaway import mark

AT_ONCE = 500


def _name_of(piece: list[Any]) -> tuple[str, str]:
    return piece[2], piece[3]


def _batch(work: Work) -> None:
    """Pieces are [case, version, name, reference]."""
    _verb, act = DEEDS[work.details["deed"]]

    def decide(piece: list[Any]) -> None:
        act(work.actor, piece[0], expected=piece[1], reason=work.details["reason"]).batch = work.details["batch"]

    work.each(work.details["pieces"], _name_of, decide)


def _undo(work: Work) -> None:
    """Pieces are [step, –, name, reference]."""
    work.each(work.details["pieces"], _name_of, lambda piece: undoing.undo(work.actor, piece[0]))


def _whole(deed: Callable[..., Any]) -> Callable[[Work], None]:
    """A deed of a round that is done as a whole or not at all."""

    def run(work: Work) -> None:
        seen = [0]

        def tell(done: int, total: int) -> None:
            seen[0] = total
            work.tell_from_inside(done, total)

        with transaction():
            deed(work.actor, work.details["round"], tell)
            db.session.flush()
            work.end(done=seen[0], total=seen[0])

    return run


def _closing(work: Work) -> None:
    """As it was rehearsed, or not at all."""
    _whole(lambda actor, round_id, tell: rehearsing.close_as_seen(actor, round_id, work.details["seen"], tell))(work)


def _rehearse(work: Work) -> None:
    """The list and the letters as a file that the page reads."""
    with transaction():
        found = rehearsing.rehearse(work.actor, work.details["round"], work.tell_from_inside)
    work.done = len(found)
    with TemporaryDirectory() as folder:
        made = Path(folder) / "closing.json"
        made.write_text(json.dumps([asdict(row) for row in found], ensure_ascii=False), encoding="utf-8")
        work.end_with(made, "json")


def _sheet(work: Work, title: str, columns: Any, rows: Iterable[Any], total: int | None) -> None:
    with TemporaryDirectory() as folder:
        made = Path(folder) / "list.xlsx"
        sheets.write_to(str(made), title, columns, work.counted(rows, total), mark=mark(work.details["purpose"], work.actor))
        work.end_with(made, "xlsx")


def _queue(work: Work) -> None:
    paths, asked = work.actor.paths_for(Permission.NOMINATION_REVIEW), narrowing(work.details["filters"])

    def rows() -> Iterator[tuple[str, ...]]:
        after = None
        while True:
            page = desk.waiting_at(paths, actor_id=work.actor.user_id, after=after, limit=AT_ONCE, **asked)
            yield from lists.queue_rows(page.items)
            after = page.next_key
            if after is None:
                return

    _sheet(work, "待办", lists.QUEUE, rows(), desk.count_waiting_at(paths, actor_id=work.actor.user_id, **asked))


def _published(work: Work) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        before = None
        while found := desk.to_publish(work.actor, limit=AT_ONCE, before=before):
            before = found[-1].id
            yield from lists.published_rows(found)

    _sheet(work, "等着公开的", lists.PUBLISHED, rows(), None)


def _prints(work: Work) -> None:
    """Everything about a round that goes on paper, as one archive: a folder of 推荐表, beside them list, notice and minutes."""
    round_ = queries.in_reach_of(work.actor, work.details["round"])
    ids = [(case.id, case.reference) for case in files.cases_in(round_) if cases.is_seen_by(work.actor, case)]
    meetings = [(m.id, m.held_on) for m in queries.meetings_of(round_.id)]
    hangs = any(item.taken_down_at is None for item in queries.items_of(round_.id))
    with TemporaryDirectory() as folder:
        made = Path(folder) / "prints.zip"
        rare: list[str] = []
        with zipfile.ZipFile(made, "w") as archive:

            def put(name: str, kind: str, data: dict[str, Any]) -> None:
                if signs := pdf.lacking(json.dumps(data, ensure_ascii=False)):
                    rare.append(f"{name}：{'、'.join(signs)}")
                archive.writestr(name, pdf.printed(kind, data))

            put("汇总表.pdf", "summary", files.summary_of(round_))
            if hangs:
                put("公示.pdf", "notice", files.notice_of(round_))
            for meeting_id, day in meetings:
                meeting = queries.meeting_by_id(meeting_id)
                assert meeting is not None
                put(f"会议记录-{day}-{meeting_id}.pdf", "minutes", minutes.minutes_of(meeting))
            for case_id, reference in work.counted(ids, len(ids)):
                put(f"推荐表/{reference}.pdf", "recommendation", files.recommendation_of(cases.in_reach_of(work.actor, case_id)))
            if rare:
                # Nobody waits who could be asked: it is said beside the paper.
                archive.writestr("有字打印不出来.txt", "\ufeff没有字体有这些字，纸上那里是空框，请用笔写上：\r\n" + "\r\n".join(rare) + "\r\n")
        work.end_with(made, "zip")



KINDS = {
    "batch": Kind(_batch),
    "undoing": Kind(_undo),
    "notice": Kind(_whole(noticing.publish), can_stop=False),
    "closing": Kind(_closing, can_stop=False),
    "rehearsal": Kind(_rehearse, can_stop=False),
    "queue": Kind(_queue),
    "published": Kind(_published),
    "prints": Kind(_prints),
}
