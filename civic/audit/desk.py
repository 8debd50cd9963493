"""The records, for auditors."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from civic.audit import queries
from civic.web import session
from civic.web.guards import Permission, needs

pages = Blueprint("desk", __name__)


@pages.get("/records")
@needs(Permission.AUDIT_READ)
def records() -> str:
    verb = (request.args.get("verb") or "").strip()[:60] or None
    page = queries.records(
        session.actor().paths_for(Permission.AUDIT_READ), verb=verb, after=request.args.get("after")
    )
    names = session.names_of({r.actor_id for r in page.items if r.actor_id is not None})
    return render_template("audit/desk/records.html", page=page, names=names, verb=verb)
