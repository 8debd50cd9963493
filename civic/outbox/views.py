"""What the development sender holds, on a page: only in a demonstration."""

from __future__ import annotations

from flask import Blueprint, render_template

from civic.outbox import queries
from civic.web.guards import demo_only

pages = Blueprint("views", __name__)


@pages.get("/shown")
@demo_only
def shown() -> str:
    return render_template("outbox/shown.html", copies=queries.shown_copies())
