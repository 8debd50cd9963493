"""Lists of the desk to take away, and a case's whole dossier. What for is asked; it stands on the sheet and on the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Response as File
from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import pdf
from civic.errands.desk import asked_for
from civic.identity.permissions import Permission, may
from civic.nominations.desk import pages
from civic.nominations.desk.queues import kept_filters, narrowing
from civic.nominations.files import dossier, lists
from civic.nominations.queries import cases, desk, rounds
from civic.web import session
from civic.web.guards import needs
from civic.web.takeaway import PurposeForm, mark, paper, sheet

Answer = File | Response | tuple[str, int]
# What is written within a second or two; a longer list is an errand.
NOW_MOST = 2000


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


def _later(kind: str, name: str, path: str | None, **details: Any) -> Answer:
    """A long list is written by the worker, and its page says how far it is."""
    form = PurposeForm()
    key = hashlib.sha256(json.dumps(details, sort_keys=True).encode()).hexdigest()[:16]
    asked = asked_for(form, kind, key, name=name, path=path, back=url_for(f"nominations.desk.{kind}"), **details)
    return asked or asked_again(form)


@pages.post("/sheets/queue")
@needs(Permission.NOMINATION_READ)
def queue_sheet() -> Answer:
    actor, filters = session.actor(), kept_filters()
    paths = actor.paths_for(Permission.NOMINATION_REVIEW)
    page = desk.waiting_at(paths, actor_id=actor.user_id, limit=NOW_MOST, **narrowing(filters))
    if page.next_key is not None:
        return _later("queue", _("待办"), paths[0], filters=filters)
    form, made = taken("queue", ("desk", None), paths[0] if paths else None, lines=len(page.items), make=lambda words: lists.queue_sheet(page.items, words))
    return sheet(made[0], "待办") if made else asked_again(form)


@pages.post("/sheets/published")
@needs(Permission.PUBLICATION_EDIT)
def published_sheet() -> Answer:
    waiting = desk.to_publish(session.actor(), limit=NOW_MOST + 1)
    path = session.actor().paths_for(Permission.PUBLICATION_EDIT)[0]
    if len(waiting) > NOW_MOST:
        return _later("published", _("等着公开的"), path)
    form, made = taken("published", ("desk", None), path, lines=len(waiting), make=lambda words: lists.published_sheet(waiting, words))
    return sheet(made[0], "等着公开的") if made else asked_again(form)


@pages.post("/prints/round/<int:round_id>")
@needs(Permission.NOMINATION_READ)
def print_round(round_id: int) -> Answer:
    """Everything of a round that goes on paper, in one archive."""
    round_ = rounds.in_reach_of(session.actor(), round_id)
    form = PurposeForm()
    asked = asked_for(
        form, "prints", str(round_id), name=_("%(round)s：全部打印件", round=round_.name), round=round_id, path=round_.region_path, subject="round",
        subject_id=round_id, file=f"{round_.region.name}-{round_.name}", back=url_for("nominations.desk.round", round_id=round_id),
    )  # fmt: skip
    return asked or asked_again(form)


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
