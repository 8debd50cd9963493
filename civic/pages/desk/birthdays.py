"""Putting an account's birthday right for somebody who asks at the counter, and what was put right before."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.identity import queries
from civic.identity.forms import StaffBirthdayForm
from civic.identity.permissions import Permission
from civic.identity.rules import contact_from
from civic.pages.actions import birthdays as actions
from civic.pages.desk import pages
from civic.regions import queries as regions
from civic.web import session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.route("/birthdays", methods=["GET", "POST"])
@needs(Permission.PERSON_CORRECT)
def birthdays() -> Answer:
    form = StaffBirthdayForm()
    root = regions.root()
    assert root is not None
    if request.method == "POST" and form.carried_out(
        lambda: actions.mend_for(
            session.actor(), contact_from(form.contact.data), name=form.name.data, birth_date=form.birth_date.data, reason=form.reason.data,
            city_path=root.path,
        )
    ):  # fmt: skip
        flash(_("生日改好了，已经写信告诉他（她）。"))
        return redirect(url_for("pages.desk.birthdays"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("pages/desk/birthdays.html", form=form, rows=queries.birth_corrections()), status
