"""The levels' rules in force, and changing them from a day on."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.permissions import Permission
from civic.nominations.actions import timing
from civic.nominations.desk import pages
from civic.nominations.forms import LevelRuleForm
from civic.nominations.queries import cases
from civic.regions import queries as regions
from civic.web import session
from civic.web.fields import choices
from civic.web.filters import level_name
from civic.web.guards import needs


@pages.route("/rules", methods=["GET", "POST"])
@needs(Permission.RULES_EDIT)
def rules() -> str | Response | tuple[str, int]:
    form = LevelRuleForm(since=clock.today())
    form.level.choices = choices((n, level_name(n)) for n in range(1, 6))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    timing.change_level_rule(
                        session.actor(),
                        level=form.level.data,
                        since=form.since.data,
                        review_days=form.review_days.data,
                        supplement_days=form.supplement_days.data,
                        surname=form.surname.data,
                        city_path=regions.root().path,
                    )
                flash(_("新规则记下了。正在办的件还按原来的天数。"))
                return redirect(url_for("nominations.desk.rules"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("nominations/desk/rules.html", form=form, rules=cases.rules_in_force(clock.today())), status
