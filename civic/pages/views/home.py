"""The front page: one sentence, one button, the staircase as it stands now."""

from __future__ import annotations

from flask import render_template

from civic.honours import queries as honours
from civic.nominations.queries import cases as nominations
from civic.pages.views import pages
from civic.web.guards import anyone


@pages.get("/")
@anyone
def home() -> str:
    return render_template(
        "pages/home.html", in_hand=nominations.tallies(), latest=honours.latest(5, 5), listed=honours.tally().get(5)
    )
