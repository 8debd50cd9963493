"""The demonstration's sign-ins on a page; absent where there is no demonstration."""

from __future__ import annotations

from flask import Blueprint, render_template

from civic.demo import queries
from civic.web.guards import demo_only

pages = Blueprint("views", __name__)


@pages.get("/accounts")
@demo_only
def accounts() -> str:
    return render_template("demo/accounts.html", accounts=queries.sign_ins())
