"""The records, for auditors."""

from __future__ import annotations

import json

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from civic.audit import queries
from civic.web import session
from civic.web.guards import Permission, needs
from civic.web.takeaway import EVERY_PURPOSE

pages = Blueprint("desk", __name__)


# What can be taken away, and what for; the codes stand in the records.
KINDS = {
    "queue": _l("待办的表"), "published": _l("等着公开的表"), "summary": _l("汇总表"), "dossier": _l("卷宗"), "honours": _l("好人名册"),
    "benefits": _l("礼遇台账"), "roster": _l("花名册"), "hours": _l("时长账"), "members": _l("队员名册"), "certificates": _l("服务证明登记"),
    "recommendation": _l("推荐表"), "prints": _l("一期的全部打印件"), "notice": _l("公示"), "minutes": _l("会议记录"), "consultation": _l("征求意见表"),
}  # fmt: skip


@pages.get("/downloads")
@needs(Permission.AUDIT_READ)
def downloads() -> str:
    """Every list and paper with personal data that somebody took: who, when, what, what for, how many lines."""
    page = queries.downloads(session.actor().paths_for(Permission.AUDIT_READ), after=request.args.get("after"))
    names = session.names_of({r.actor_id for r in page.items if r.actor_id is not None})
    rows = [(r, json.loads(r.facts)) for r in page.items]
    return render_template("audit/desk/downloads.html", page=page, rows=rows, names=names, kinds=KINDS, purposes=EVERY_PURPOSE)


@pages.get("/records")
@needs(Permission.AUDIT_READ)
def records() -> str:
    verb = (request.args.get("verb") or "").strip()[:60] or None
    page = queries.records(
        session.actor().paths_for(Permission.AUDIT_READ), verb=verb, after=request.args.get("after")
    )
    names = session.names_of({r.actor_id for r in page.items if r.actor_id is not None})
    return render_template("audit/desk/records.html", page=page, names=names, verb=verb)
