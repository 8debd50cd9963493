"""The kinds of service at the desk: the city's list, and what was served of each kind in a period."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import Permission, out_of_reach
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.volunteering.actions import categories as actions
from civic.volunteering.desk import pages
from civic.volunteering.forms.rules import EndForm, ServiceCategoryForm
from civic.volunteering.queries import categories as questions
from civic.web import arguments, session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _city() -> Region:
    root = regions.root()
    if root is None:
        raise out_of_reach()
    return root


@pages.route("/categories", methods=["GET", "POST"])
@needs(Permission.RULES_EDIT)
def categories() -> Answer:
    """The list; a city adds its own."""
    form = ServiceCategoryForm(since=clock.today())
    if request.method == "POST" and form.carried_out(
        lambda: actions.add(session.actor(), _city(), code=form.code.data, name=form.name.data, since=form.since.data)
    ):
        flash(_("添上了，从那天起活动可以选这一类。"))
        return redirect(url_for("volunteering.desk.categories"), 303)
    return _page(form), form.status if request.method == "POST" else 200


def _page(form: ServiceCategoryForm) -> str:
    return render_template("volunteering/desk/categories.html", form=form, rows=questions.every(), today=clock.today())


@pages.post("/categories/<int:category_id>/end")
@needs(Permission.RULES_EDIT)
def end_category(category_id: int) -> Response:
    """Nothing new of this kind after a day."""
    form = EndForm()
    if form.carried_out(lambda: actions.end(session.actor(), _city(), category_id, until=form.until.data)):
        flash(_("定了，过了那天新活动不能再选这一类；办过的都留着。"))
    for _field, words in form.problems:
        flash(words)
    return redirect(url_for("volunteering.desk.categories"), 303)


def _period() -> tuple[date, date]:
    """The days asked for; this month where none are, the first year of what is longer."""
    today = clock.today()
    first, last = arguments.day("first"), arguments.day("last")
    if first is None or last is None:
        return today.replace(day=1), today
    return min(first, last), min(max(first, last), min(first, last) + timedelta(days=366))


@pages.get("/summary")
@needs(Permission.EVENT_RUN)
def summary() -> str:
    """汇总: events, shifts, people and hours of each kind of service, in the desk's places."""
    first, last = _period()
    rows = questions.served(session.actor().paths_for(Permission.EVENT_RUN), first, last)
    return render_template("volunteering/desk/summary.html", rows=rows, first=first, last=last)
