"""Letters for those who watch over them: kinds and states, never texts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.outbox import actions, queries
from civic.outbox.models import MessageStatus
from civic.web import session
from civic.web.guards import Permission, needs

pages = Blueprint("desk", __name__)


@pages.get("/letters")
@needs(Permission.LETTER_READ)
def letters() -> str:
    status = request.args.get("status")
    chosen = MessageStatus(status) if status in set(MessageStatus) else None
    page = queries.messages(status=chosen, after=request.args.get("after"))
    may_retry = session.actor().holds(Permission.RULES_EDIT)
    return render_template("outbox/desk/letters.html", page=page, status=chosen, may_retry=may_retry)


@pages.post("/letters/<int:message_id>/retry")
@needs(Permission.RULES_EDIT)
def retry(message_id: int) -> Response:
    with transaction():
        found = actions.retry(message_id)
    flash(_("马上再发一次。") if found else _("这封信不用再发。"))
    return redirect(url_for("outbox.desk.letters"), 303)
