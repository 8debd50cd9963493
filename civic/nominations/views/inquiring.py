"""A clue that anybody leaves; the department's own link; the slip for stairwells."""

from __future__ import annotations

from datetime import timedelta

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import clock, pdf
from civic.core.db import transaction
from civic.core.errors import DomainError, NotFound
from civic.honours import queries as honours
from civic.nominations import files
from civic.nominations.actions import inquiring
from civic.nominations.forms.clues import ClueForm
from civic.nominations.forms.inquiries import DEPARTMENT_WORDS, OpinionForm
from civic.nominations.queries import inquiries as queries
from civic.nominations.views import pages
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]


@pages.route("/clue", methods=["GET", "POST"])
@anyone
def clue() -> Answer:
    form = ClueForm()
    form.category.choices = choices((c.id, c.name) for c in honours.categories(clock.today()))
    form.county.choices = choices([(0, _("不清楚")), *((p.id, p.name) for p in regions.children(regions.root()))])

    def leave() -> None:
        inquiring.leave_clue(
            who=form.who.data, place=form.place.data, category_id=form.category.data, deed=form.deed.data,
            contact=form.contact.data, is_from_media=form.is_from_media.data,
            county=regions.by_id(form.county.data or 0),
        )  # fmt: skip

    status = 200
    if request.method == "POST":
        try:
            session.spend("clue", allowed=20, per=timedelta(hours=1))
            if form.carried_out(leave):
                flash(_("收到了，谢谢您。会有人去核实，需要的话给您打电话。"))
                return redirect(url_for("pages.home"), 303)
            status = form.status
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template("nominations/clue.html", form=form), status


@pages.route("/opinion/<token>", methods=["GET", "POST"])
@anyone
def opinion(token: str) -> Answer:
    """A department answers by its own link, once. A forged or used one is refused and leaves a record."""
    form = OpinionForm()
    if request.method == "GET":
        return _page(token, form)
    session.spend("opinion", allowed=30, per=timedelta(hours=1))
    if queries.opinion_of(token) is None:
        with transaction():
            audit.record(None, "opinion.refused", ("opinion_request", None), code="not_found")
        raise _unknown()

    def answer() -> None:
        outcome = inquiring.chosen_outcome(form.outcome.data or "")
        inquiring.answer_opinion(token, outcome=outcome, letter_number=form.letter_number.data or "")

    if form.carried_out(answer):
        return _page(token, form)
    if form.refusal is not None:
        with transaction():
            audit.record(None, "opinion.refused", ("opinion_request", None), code=form.refusal.code)
    return _page(token, form), form.status


def _page(token: str, form: OpinionForm) -> str:
    found = queries.opinion_of(token)
    if found is None:
        raise _unknown()
    return render_template("nominations/opinion.html", form=form, opinion=found, words=DEPARTMENT_WORDS)


def _unknown() -> NotFound:
    """A link nobody sent is answered like any unknown address."""
    return NotFound("not_found", _("这个链接不对，或者已经过期。请联系发函的单位。"))


@pages.get("/slip")
@anyone
def slip() -> Plain:
    """One page in large print to leave in a stairwell. There is nothing personal on it."""
    place = regions.by_id(arguments.number("at", 0))
    answer = Plain(pdf.printed("slip", files.slip_of(place)), mimetype="application/pdf")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
