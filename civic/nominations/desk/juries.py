"""The public jury from the desk's side: draw it, see who answered, replace who does not, close it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import Permission, may, out_of_reach
from civic.nominations.actions import juries as actions
from civic.nominations.desk import pages
from civic.nominations.forms.juries import JUROR_WORDS, JuryForm
from civic.nominations.models.juries import JurorStatus, JuryStatus
from civic.nominations.queries import juries
from civic.nominations.queries import rounds as queries
from civic.nominations.rules.panels import quorum_of
from civic.nominations.states import Status
from civic.web import session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/rounds/<int:round_id>/jury")
@needs(Permission.NOMINATION_READ)
def jury(round_id: int) -> str:
    return _jury_page(round_id, JuryForm(formdata=None))


def _jury_page(round_id: int, form: JuryForm) -> str:
    actor = session.actor()
    round_ = queries.in_reach_of(actor, round_id)
    drawn = juries.juries_of(round_id)
    now = drawn[-1] if drawn else None
    jurors = juries.jurors_of(now.id) if now is not None else []
    marks = juries.marks_of(now.id) if now is not None else {}
    accepted = [j for j in jurors if j.status is JurorStatus.ACCEPTED]
    return render_template(
        "nominations/desk/jury.html",
        round=round_,
        jury=now,
        jurors=jurors,
        accepted=len(accepted),
        needed=quorum_of(now.size, round_.rule.quorum_numerator, round_.rule.quorum_denominator) if now is not None else 0,
        agenda=juries.agenda(now.id) if now is not None else [],
        # How many have scored a case, never who gave what.
        spoken={case: sum(1 for (_j, c), m in marks.items() if c == case and m.ground is None) for (_x, case) in marks},
        is_open=now is not None and now.status is JuryStatus.OPEN,
        repeatable=juries.is_repeatable(now) if now is not None else False,
        listed=len(now.listed.split(",")) if now is not None else len(juries.residents(round_)),
        verdicts=queries.latest_verdicts([c.nomination_id for c in juries.agenda(now.id)], round_.level) if now is not None else {},
        combined=juries.combined,
        ready=[case for case in queries.cases_of(round_)[Status.READY] if case.is_for_a_jury],
        words=JUROR_WORDS,
        may_run=may(actor, Permission.ROUND_RUN, round_.region_path),
        now=clock.now(),
        form=form,
    )


DEEDS: dict[str, Callable[[JuryForm, int, int], Any]] = {
    "draw": lambda f, round_id, jury_id: actions.draw(session.actor(), round_id, seed=f.seed.data),
    "replacement": lambda f, round_id, jury_id: actions.replace(session.actor(), jury_id, f.juror.data or 0),
    "closing": lambda f, round_id, jury_id: actions.close(session.actor(), jury_id),
}


@pages.post("/rounds/<int:round_id>/jury/<deed>")
@needs(Permission.ROUND_RUN)
def run_jury(round_id: int, deed: str) -> Answer:
    queries.in_reach_of(session.actor(), round_id)
    if deed not in DEEDS:
        raise out_of_reach()
    form = JuryForm()
    sitting = juries.open_at(round_id)
    if form.carried_out(lambda: DEEDS[deed](form, round_id, sitting.id if sitting is not None else 0)):
        flash({"draw": _("抽好了，都通知了。"), "replacement": _("换成下一位了，已经通知。"), "closing": _("评审结束，分数定了。")}[deed])
        return redirect(url_for("nominations.desk.jury", round_id=round_id), 303)
    return _jury_page(round_id, form), form.status
