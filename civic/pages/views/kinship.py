"""Relatives, from both sides: whom I declared, who declared me, and who signs me up. Either side ends it."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.actions import kin
from civic.identity.forms import KIN_WORDS, KinForm
from civic.identity.permissions import out_of_reach
from civic.identity.rules import contact_from
from civic.pages.views import pages
from civic.volunteering.actions import people
from civic.volunteering.queries import people as volunteers
from civic.web import session
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.route("/identity/kin", methods=["GET", "POST"])
@signed_in
def kinship() -> Answer:
    form = KinForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend("kin.asker", str(session.account().id), allowed=30, per=timedelta(days=1))
                with transaction():
                    kin.declare(session.actor(), contact_from(form.contact.data), form.relation.data)
                # The same words whether somebody was found: nobody learns here who has an account.
                flash(_("记下了。以后碰到他（她）的事，系统会请您回避；对方说是，才请对方也回避。"))
                return redirect(url_for("pages.kinship"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    person_id = session.account().person_id
    return (
        render_template(
            "identity/kin.html", form=form, kin=identity.kin_seen_by(person_id), words=dict(KIN_WORDS), guardian=volunteers.guardian_seen_by(person_id)
        ),
        status,
    )


@pages.post("/identity/kin/<int:kinship_id>/<deed>")
@signed_in
def answer_kin(kinship_id: int, deed: str) -> Response:
    """`acceptance`: it is so; `refusal`: it is not, or no more."""
    if deed not in ("acceptance", "refusal"):
        raise out_of_reach()
    with transaction():
        (kin.confirm if deed == "acceptance" else kin.end)(session.actor(), kinship_id)
    flash(_("记下了。以后碰到对方的事，请二位互相回避。") if deed == "acceptance" else _("去掉了，不算数了。"))
    return redirect(url_for("pages.kinship"), 303)


@pages.post("/identity/guardian/end")
@signed_in
def end_guardian() -> Response:
    """Whoever is grown speaks for themselves."""
    with transaction():
        people.leave_guardian(session.actor())
    flash(_("好了。您的班、时长和积分，以后只有您自己看得到、办得了。"))
    return redirect(url_for("pages.kinship"), 303)
