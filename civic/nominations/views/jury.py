"""The juror's own pages, made for a phone: come or not, read, one score a case."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.errors import DomainError
from civic.nominations.actions import juries as actions
from civic.nominations.forms.councils import GROUND_WORDS, BallotForm
from civic.nominations.models.juries import Juror
from civic.nominations.queries import juries
from civic.nominations.views import pages
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def _juror(jury_id: int) -> Juror:
    found = next((j for j in juries.my_juries(session.actor().user_id or 0) if j.jury_id == jury_id), None)
    if found is None:
        abort(404)
    return found


@pages.get("/jury/<int:jury_id>")
@signed_in
def jury(jury_id: int) -> str:
    return _jury_page(jury_id, BallotForm(formdata=None))


def _jury_page(jury_id: int, form: BallotForm, wrong: int | None = None) -> str:
    juror = _juror(jury_id)
    return render_template(
        "nominations/jury.html",
        juror=juror,
        round=juror.jury.round,
        agenda=juries.agenda(jury_id),
        # Only whether one has spoken: the scores themselves have no owner.
        marks={case: mark for (who, case), mark in juries.marks_of(jury_id).items() if who == juror.id},
        grounds=GROUND_WORDS,
        form=form,
        wrong=wrong,
    )


@pages.post("/jury/<int:jury_id>/acceptance")
@signed_in
def jury_acceptance(jury_id: int) -> Answer:
    form = BallotForm()
    _juror(jury_id)
    if form.carried_out(lambda: actions.accept(session.actor(), jury_id)):
        flash(_("谢谢您。下面每件打一个分，不记名。"))
        return redirect(url_for("nominations.jury", jury_id=jury_id), 303)
    return _jury_page(jury_id, form), form.status


@pages.post("/jury/<int:jury_id>/refusal")
@signed_in
def jury_refusal(jury_id: int) -> Answer:
    _juror(jury_id)
    return ask(
        lambda: Question(
            _("这次来不了？"), [_("您的位置马上请抽签顺序里的下一位来坐，这一次就不能再回来了。"), _("来不了很正常，不用写原因。")], _("来不了，请下一位")
        ),
        lambda _reason: actions.decline(session.actor(), jury_id),
        done=_("知道了，谢谢您答复。已经请下一位了。"), to=url_for("pages.me"), back=url_for("nominations.jury", jury_id=jury_id), try_first=True,
        refused=lambda error: _refused(jury_id, error),
    )  # fmt: skip


def _refused(jury_id: int, error: DomainError, wrong: int | None = None) -> Answer:
    form = BallotForm(formdata=None)
    form.refuse(error)
    return _jury_page(jury_id, form, wrong), error.status


@pages.post("/jury/<int:jury_id>/<int:nomination_id>/score")
@signed_in
def jury_score(jury_id: int, nomination_id: int) -> Answer:
    form = BallotForm()
    _juror(jury_id)
    if form.carried_out(lambda: actions.score(session.actor(), jury_id, nomination_id, form.score.data)):
        flash(_("打好了，谢谢您。"))
        return redirect(url_for("nominations.jury", jury_id=jury_id, _anchor=f"case-{nomination_id}"), 303)
    return _jury_page(jury_id, form, nomination_id), form.status


@pages.post("/jury/<int:jury_id>/<int:nomination_id>/recusal")
@signed_in
def jury_recusal(jury_id: int, nomination_id: int) -> Answer:
    _juror(jury_id)
    return ask(
        lambda: Question(_("这件您要回避？"), [_("回避了，这件就不能再打分。别的照常打。")], _("这件我回避")),
        lambda _reason: actions.stay_out(session.actor(), jury_id, nomination_id),
        done=_("记下了，这件您回避。"), to=url_for("nominations.jury", jury_id=jury_id), try_first=True,
        refused=lambda error: _refused(jury_id, error, nomination_id),
    )  # fmt: skip
