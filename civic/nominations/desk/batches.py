"""Several cases decided in one go: a list to look over, one reason, the count typed as confirmation. Each stands alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import typed
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.errands import actions as errands
from civic.errands.desk import RESULTS
from civic.errands.models import Errand
from civic.identity.permissions import Permission
from civic.nominations.desk import pages
from civic.nominations.desk.queues import DEEDS, kept_filters, narrowing
from civic.nominations.forms.cases import BatchForm
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases, desk
from civic.nominations.rules import climbing
from civic.web import session
from civic.web.guards import needs

MOST = 500
# What is decided within a second or two; more is an errand.
NOW_MOST = 50
# What may be done in one go. Taking and handing over are about one case and one pair of hands.
IN_ONE_GO = ("check", "endorsement", "election", "return", "refusal")


@dataclass(frozen=True)
class Line:
    """What became of one case."""

    name: str
    reference: str
    problem: str | None


def _picked() -> dict[int, int]:
    """Case → the version it was seen in, as the list's boxes say; nonsense is left out."""
    if request.values.get("all"):
        # All that the list shows, narrowed as it is; whoever confirms sends them one by one.
        actor = session.actor()
        page = desk.waiting_at(actor.paths_for(Permission.NOMINATION_REVIEW), actor_id=actor.user_id, limit=MOST, **narrowing(kept_filters()))
        return {row.id: row.version for row in page.items}
    found: dict[int, int] = {}
    for words in request.values.getlist("pick")[:MOST]:
        case, version = (typed.whole_number(part) for part in words.partition("-")[::2])
        if case is not None and version is not None:
            found[case] = version
    return found


def _in_reach(picked: dict[int, int]) -> list[Nomination]:
    return cases.several_in_reach_of(session.actor(), picked)


@pages.get("/batch")
@needs(Permission.NOMINATION_REVIEW)
def batch() -> str:
    picked = _picked()
    return render_template("nominations/desk/batch.html", chosen=_in_reach(picked), picked=picked, form=BatchForm(formdata=None), filters=kept_filters(), most=MOST)


@pages.post("/batch")
@needs(Permission.NOMINATION_REVIEW)
def run_batch() -> str | Response | tuple[str, int]:
    """Each case in a transaction of its own: one that is refused stays where it is and holds up no other."""
    form, picked = BatchForm(), _picked()
    chosen = _in_reach(picked)
    if form.validate():
        if form.count.data != len(chosen) or not chosen:
            form.refuse(Invalid("count_differs", _("请填要办的件数：%(count)s。", count=len(chosen)), field="count"))
        else:
            batch = secrets.token_hex(12)
            if len(chosen) > NOW_MOST:
                return _later(chosen, picked, form, batch)
            lines = [_one(case.id, case.nominee_name, case.reference, picked[case.id], form, batch) for case in chosen]
            return render_template("nominations/desk/batch_done.html", lines=lines, batch=batch, minutes=climbing.UNDO_FOR.seconds // 60, filters=kept_filters())
    return render_template("nominations/desk/batch.html", chosen=chosen, picked=picked, form=form, filters=kept_filters(), most=MOST), 422


def _later(chosen: list[Nomination], picked: dict[int, int], form: BatchForm, batch: str) -> Response:
    pieces = [[case.id, picked[case.id], case.nominee_name, case.reference] for case in chosen]
    key = hashlib.sha256(repr((form.deed.data, pieces)).encode()).hexdigest()[:16]
    with transaction():
        errand = errands.ask(
            session.actor(), "batch", key, name=_("成批办理 %(count)s 件", count=len(chosen)), pieces=pieces, deed=form.deed.data,
            reason=form.reason.data, batch=batch, back=url_for("nominations.desk.queue", **kept_filters()),
        )  # fmt: skip
    return redirect(url_for("errands.desk.errand", errand_id=errand), 303)


def undo_of(errand: Errand) -> str:
    """On the page of a batch that is done: the way back, while there is one."""
    return render_template("nominations/desk/_batch_result.html", errand=errand, batch=errand.facts["batch"], minutes=climbing.UNDO_FOR.seconds // 60)


RESULTS["batch"] = undo_of


def _one(case_id: int, name: str, reference: str, version: int, form: BatchForm, batch: str) -> Line:
    _verb, act = DEEDS[form.deed.data]
    try:
        with transaction():
            decision = act(session.actor(), case_id, expected=version, reason=form.reason.data)
            decision.batch = batch
    except DomainError as error:
        return Line(name, reference, str(error.sentence))
    return Line(name, reference, None)
