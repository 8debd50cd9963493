"""Lists of the desk to take away, and a case's whole dossier. What for is asked; it stands on the sheet and on the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Response, render_template, request

from civic.audit import actions as audit
from civic.core import pdf
from civic.identity.permissions import Permission, may
from civic.nominations.desk import pages
from civic.nominations.files import dossier, lists
from civic.nominations.models.cases import Channel
from civic.nominations.queries import cases, desk, rounds
from civic.nominations.queries.desk import QueueRow
from civic.regions import queries as regions
from civic.web import session
from civic.web.guards import needs
from civic.web.takeaway import PurposeForm, mark, paper, sheet

Answer = Response | tuple[str, int]
MOST = 5000
ONE_PAGE = 500


def taken(kind: str, subject: tuple[str, int | None], path: str | None, *, lines: int, make: Callable[[str], bytes]) -> tuple[PurposeForm, list[bytes]]:
    """The file, made and recorded in one transaction; empty where the purpose is missing."""
    form = PurposeForm()
    made: list[bytes] = []

    def carry_out() -> None:
        made.append(make(mark(form.purpose.data)))
        audit.record(
            session.actor().user_id, "sheet.download", subject, region_path=path, kind=kind, purpose=form.purpose.data, lines=lines
        )

    form.carried_out(carry_out)
    return form, made


def asked_again(form: PurposeForm) -> tuple[str, int]:
    """The same request once more, with what was missing."""
    kept = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "purpose")]
    return render_template("nominations/desk/takeaway.html", form=form, kept=kept), form.status


def _queue() -> Iterator[QueueRow]:
    """The queue as filtered, page after page, so that a long one never lies in memory at once."""
    actor = session.actor()
    lane, channel = request.form.get("lane", "waiting"), request.form.get("channel")
    place = regions.by_id(request.form.get("region", 0, type=int))
    after, count = None, 0
    while count < MOST:
        page = desk.waiting_at(
            actor.paths_for(Permission.NOMINATION_REVIEW), lane="waiting" if lane == "overdue" else lane, actor_id=actor.user_id,
            category_id=request.form.get("category", type=int), channel=Channel(channel) if channel in set(Channel) else None,
            overdue=lane == "overdue", region_path=place.path if place is not None else None, search=request.form.get("search") or None,
            after=after, limit=ONE_PAGE,
        )  # fmt: skip
        yield from page.items
        count += len(page.items)
        after = page.next_key
        if after is None:
            return


@pages.post("/sheets/queue")
@needs(Permission.NOMINATION_READ)
def queue_sheet() -> Answer:
    rows = list(_queue())
    paths = session.actor().paths_for(Permission.NOMINATION_REVIEW)
    form, made = taken("queue", ("desk", None), paths[0] if paths else None, lines=len(rows), make=lambda words: lists.queue_sheet(rows, words))
    return sheet(made[0], "待办") if made else asked_again(form)


@pages.post("/sheets/published")
@needs(Permission.PUBLICATION_EDIT)
def published_sheet() -> Answer:
    waiting = desk.to_publish(session.actor(), limit=MOST)
    path = session.actor().paths_for(Permission.PUBLICATION_EDIT)[0]
    form, made = taken("published", ("desk", None), path, lines=len(waiting), make=lambda words: lists.published_sheet(waiting, words))
    return sheet(made[0], "等着公开的") if made else asked_again(form)


@pages.post("/sheets/summary/<int:round_id>")
@needs(Permission.NOMINATION_READ)
def summary_sheet(round_id: int) -> Answer:
    round_ = rounds.in_reach_of(session.actor(), round_id)
    lines = len(lists.summary_rows(round_))
    form, made = taken("summary", ("round", round_id), round_.region_path, lines=lines, make=lambda words: lists.summary_sheet(round_, words))
    return sheet(made[0], f"汇总表-{round_.region.name}-{round_.name}") if made else asked_again(form)


@pages.post("/prints/dossier/<int:nomination_id>")
@needs(Permission.NOMINATION_READ)
def print_dossier(nomination_id: int) -> Answer:
    """Everything about one case on paper."""
    case = cases.in_reach_of(session.actor(), nomination_id)
    with_reports = may(session.actor(), Permission.NOMINATION_REVIEW, case.desk_path)
    form, made = taken(
        "dossier", ("nomination", case.id), case.home_path, lines=1,
        make=lambda words: pdf.printed("dossier", dossier.dossier_of(case, mark=words, with_reports=with_reports)),
    )  # fmt: skip
    return paper(made[0], f"卷宗-{case.reference}") if made else asked_again(form)
