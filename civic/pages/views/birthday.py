"""One's birthday, or that of one of the family: what is written down, and putting it right once."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import db
from civic.identity.forms import BirthdayForm
from civic.identity.models import Person
from civic.pages.actions import birthdays
from civic.pages.views import pages
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.route("/identity/birthday", methods=["GET", "POST"])
@signed_in
def birthday() -> Answer:
    whose = session.whose()
    person = db.session.get_one(Person, whose.id)
    form = BirthdayForm(birth_date=person.birth_date)
    if form.is_submitted() and _mended(form, whose.id):
        flash(_("生日改好了，报上的班按新的年龄重新看过。"))
        return redirect(url_for("volunteering.family") if whose.of else url_for("identity.settings"), 303)
    return render_template("identity/birthday.html", form=form, whose=whose, person=person), form.status if form.is_submitted() else 200


def _mended(form: Form, person_id: int) -> bool:
    return form.carried_out(
        lambda: birthdays.mend(session.actor(), person_id, birth_date=form["birth_date"].data, reason=form["reason"].data or "")
    )
