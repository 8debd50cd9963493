"""Objections to what hangs on the wall: looked into by somebody who had no hand in the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import listing
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import noticing
from civic.nominations.desk import pages
from civic.nominations.forms.notices import OBJECTION_WORDS, AnswerForm
from civic.nominations.queries import notices as queries
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]

DEEDS: dict[str, Callable[[AnswerForm, int], Any]] = {
    "taking": lambda f, n: noticing.take_up(session.actor(), n),
    "refusal": lambda f, n: noticing.not_accepted(session.actor(), n, answer=f.answer.data or ""),
    "rejection": lambda f, n: noticing.reject(session.actor(), n, finding=f.finding.data or "", answer=f.answer.data or ""),
    "upholding": lambda f, n: noticing.uphold(session.actor(), n, finding=f.finding.data or "", answer=f.answer.data or ""),
}


@pages.get("/objections")
@needs(Permission.OBJECTION_HANDLE)
def objections() -> str:
    closed = request.args.get("closed") == "1"
    return render_template(
        "nominations/desk/objections.html", rows=queries.objections_for(session.actor(), is_open=not closed, limit=listing.ALL if request.args.get("all") == "1" else None), closed=closed, words=OBJECTION_WORDS
    )


@pages.get("/objections/<int:objection_id>")
@needs(Permission.OBJECTION_HANDLE)
def objection(objection_id: int) -> str:
    return _page(objection_id, AnswerForm(formdata=None))


def _page(objection_id: int, form: AnswerForm) -> str:
    actor = session.actor()
    found = queries.objection_in_reach_of(actor, objection_id)
    return render_template(
        "nominations/desk/objection.html",
        objection=found,
        case=found.item.nomination,
        form=form,
        words=OBJECTION_WORDS,
        is_mine=found.investigator_id is not None and found.investigator_id == actor.user_id,
        has_handled=queries.has_handled(actor.user_id, found.item.nomination),
    )


@pages.post("/objections/<int:objection_id>/<deed>")
@needs(Permission.OBJECTION_HANDLE)
def answer_objection(objection_id: int, deed: str) -> Answer:
    queries.objection_in_reach_of(session.actor(), objection_id)
    if deed not in DEEDS:
        raise out_of_reach()
    form = AnswerForm()
    where = url_for("nominations.desk.objection", objection_id=objection_id)
    if deed != "taking":
        return ask_of(
            form, lambda: _asked(deed, objection_id, form), lambda: DEEDS[deed](form, objection_id), done=_("答复好了，留了联系方式的会收到。"),
            to=where, page=lambda: _page(objection_id, form),
        )  # fmt: skip
    if form.carried_out(lambda: DEEDS[deed](form, objection_id)):
        flash(_("归您查了，提异议的人只有您看得到。"))
        return redirect(where, 303)
    return _page(objection_id, form), form.status


def _asked(deed: str, objection_id: int, form: AnswerForm) -> Question:
    found = queries.objection_in_reach_of(session.actor(), objection_id)
    name = found.item.shown_name
    heard = _("提异议的人会收到您的答复。") if found.contact else _("提异议的人没有留联系方式，在他的查询页看得到答复。")
    if deed == "upholding":
        return Question(
            _("异议成立，把%(name)s撤下来？", name=name),
            [
                _("%(name)s马上从公示里撤下，这一次没有评上，%(count)s 位推荐人收到信。", name=name, count=found.item.nomination.voice_count),
                heard, _("这一件在本级到此为止，不能再恢复。"),
            ],
            _("成立，撤下来"),
        )  # fmt: skip
    if deed == "rejection":
        return Question(_("异议不成立？"), [_("%(name)s的公示接着计时，期满就一起发布。", name=name), heard, _("答复了就不能再改。")], _("不成立，答复他"))
    return Question(_("这条不受理？"), [heard, _("%(name)s的公示照常。答复了就不能再改。", name=name)], _("不受理，答复他"))
