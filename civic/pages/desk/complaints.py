"""Reading and answering complaints."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.permissions import Permission, may
from civic.pages import queries
from civic.pages.actions import complaints as actions
from civic.pages.desk import pages
from civic.pages.forms import AnswerForm
from civic.pages.models import Complaint
from civic.regions import queries as regions
from civic.web import session
from civic.web.guards import needs


def _city_path() -> str:
    root = regions.root()
    return root.path if root is not None else ""


@pages.get("/complaints")
@needs(Permission.COMPLAINT_READ)
def complaints() -> str:
    return render_template(
        "pages/desk/complaints.html",
        waiting=queries.open_complaints(),
        answered=queries.answered_complaints(),
        may_answer=may(session.actor(), Permission.COMPLAINT_ANSWER, _city_path()),
    )


@pages.route("/complaints/<int:complaint_id>", methods=["GET", "POST"])
@needs(Permission.COMPLAINT_READ)
def answer(complaint_id: int) -> str | Response | tuple[str, int]:
    complaint = db.session.get(Complaint, complaint_id)
    if complaint is None:
        abort(404)
    form = AnswerForm()
    city, status = _city_path(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    actions.answer_complaint(session.actor(), complaint_id, form.answer.data, city_path=city)
                flash(_("答复好了。留了联系方式的，已经发给他。"))
                return redirect(url_for("pages.desk.complaints"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    may_answer = may(session.actor(), Permission.COMPLAINT_ANSWER, city)
    return render_template("pages/desk/answer.html", complaint=complaint, form=form, may_answer=may_answer), status
