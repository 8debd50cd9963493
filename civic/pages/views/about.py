"""Pages that say how things are done here: the rules in force, privacy, accessibility."""

from __future__ import annotations

from flask import render_template

from civic.core import calendar, clock
from civic.honours import queries as honours
from civic.nominations.queries import cases as nominations
from civic.pages.views import pages
from civic.web.guards import anyone


@pages.get("/rules")
@anyone
def rules() -> str:
    today = clock.today()
    return render_template(
        "pages/rules.html",
        rules=nominations.rules_in_force(today),
        categories=honours.categories(today),
        provisional=[year for year in (today.year, today.year + 1) if calendar.is_provisional(year)],
        today=today,
    )


@pages.get("/privacy")
@anyone
def privacy() -> str:
    return render_template("pages/privacy.html")


@pages.get("/accessibility")
@anyone
def accessibility() -> str:
    return render_template("pages/accessibility.html")
