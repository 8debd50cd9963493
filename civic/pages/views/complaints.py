"""The complaint box in every footer: write, get a reference, read the answer."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.rules import contact_from
from civic.pages import queries
from civic.pages.actions import complaints as actions
from civic.pages.forms import ComplaintForm
from civic.pages.views import pages
from civic.web import session
from civic.web.guards import anyone


@pages.route("/complaint", methods=["GET", "POST"])
@anyone
def complain() -> str | Response | tuple[str, int]:
    form = ComplaintForm(about=request.args.get("about", ""))
    days = current_app.config["COMPLAINT_DAYS"]
    if request.method == "GET":
        return render_template("pages/complain.html", form=form, days=days)
    status = 422
    if form.validate():
        try:
            session.spend("complaint", allowed=10, per=timedelta(hours=1))
            if form.contact.data:
                contact_from(form.contact.data)
            with transaction():
                complaint = actions.receive_complaint(
                    session.actor(), form.words.data, about=form.about.data or "", contact=form.contact.data, days=days
                )
            return redirect(url_for("pages.complaint", reference=complaint.reference), 303)
        except DomainError as error:
            error.field = error.field or ("contact" if error.code.startswith("contact") else None)
            form.refuse(error)
            status = error.status
    return render_template("pages/complain.html", form=form, days=days), status


@pages.get("/complaint/<reference>")
@anyone
def complaint(reference: str) -> str:
    found = queries.complaint_by_reference(reference)
    if found is None:
        abort(404)
    return render_template("pages/complaint.html", complaint=found)
