"""One honour at the desk: its history, suspending, restoring, revoking."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.honours import actions, queries
from civic.honours.forms import ChangeForm
from civic.honours.models import HonourStatus
from civic.honours.rules import NEXT
from civic.identity.permissions import Permission, may, out_of_reach
from civic.web import session
from civic.web.guards import needs

pages = Blueprint("desk", __name__)

DEEDS = {"suspension": HonourStatus.SUSPENDED, "restoration": HonourStatus.ACTIVE, "revocation": HonourStatus.REVOKED}


@pages.get("/<int:honour_id>")
@needs(Permission.HONOUR_CHANGE)
def honour(honour_id: int) -> str:
    return _page(honour_id, ChangeForm(formdata=None))


def _page(honour_id: int, form: ChangeForm) -> str:
    found = queries.by_id(honour_id)
    if found is None or not may(session.actor(), Permission.HONOUR_CHANGE, found.region_path):
        raise out_of_reach()
    return render_template(
        "honours/desk/honour.html", honour=found, changes=queries.changes_of(honour_id), form=form,
        deeds=[deed for deed, after in DEEDS.items() if after in NEXT[found.status]],
    )  # fmt: skip


@pages.post("/<int:honour_id>/<deed>")
@needs(Permission.HONOUR_CHANGE)
def change(honour_id: int, deed: str) -> str | Response | tuple[str, int]:
    if deed not in DEEDS:
        raise out_of_reach()
    form = ChangeForm()
    if form.carried_out(
        lambda: actions.change(session.actor(), honour_id, DEEDS[deed], reason=form.reason.data or "", document=form.document.data)
    ):
        flash(_("改好了，公开的地方已经看不到。") if deed != "restoration" else _("恢复了。要重新公开，请到“公开”里再批准一次。"))
        return redirect(url_for("honours.desk.honour", honour_id=honour_id), 303)
    return _page(honour_id, form), form.status
