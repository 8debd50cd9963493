"""Submitting a nomination: at once where the contact is known to be theirs, else after six digits prove it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.actions import codes
from civic.identity.rules import Contact, contact_from
from civic.nominations.actions import drafting, submitting
from civic.nominations.forms.nominating import LookOverForm, ProofForm
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases
from civic.nominations.rules import links
from civic.nominations.views import pages
from civic.nominations.views.answers import answers_from, first_open, joined
from civic.web import session
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
PURPOSE = "nominate"


def finish(form: LookOverForm, draft_id: int, answers: dict[str, Any]) -> Response | None:
    """The fourth step is right: submit, or first prove the contact. None where the page has to be shown again."""
    missing = first_open(answers)
    if missing < 4:
        return redirect(url_for("nominations.step", n=missing), 303)
    try:
        contact = contact_from(form.contact.data)
        if _is_own(contact):
            with transaction():
                voice = submitting.submit(session.actor(), answers_from(answers), contact, draft_id=draft_id, join_id=joined(answers))
            return _done(voice)
        with transaction():
            codes.send(contact, PURPOSE, asker=request.remote_addr or "")
    except DomainError as error:
        if error.code == "code_too_soon":
            return redirect(url_for("nominations.proof"), 303)
        form.refuse(error)
        return None
    return redirect(url_for("nominations.proof"), 303)


def _is_own(contact: Contact) -> bool:
    """Whether the signed-in account has proven this contact already."""
    user = session.viewer()
    return user is not None and contact.value in (user.phone, user.email)


@pages.route("/proof", methods=["GET", "POST"])
@anyone
def proof() -> Answer:
    """The six digits that prove the nominator's phone or mailbox; with them the case is made."""
    draft = cases.draft_by_token(cookie.get("draft"))
    if draft is None:
        return redirect(url_for("nominations.start"))
    if draft.submitted_as_id is not None and cookie.get("submitted"):
        return redirect(url_for("nominations.done"))
    answers = drafting.answers_of(draft)
    if not answers.get("contact") or first_open(answers) < 4:
        return redirect(url_for("nominations.step", n=4))
    contact = contact_from(answers["contact"])
    form = ProofForm()
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if request.form.get("do") == "again":
                with transaction():
                    codes.send(contact, PURPOSE, asker=request.remote_addr or "")
                flash(_("又发了一个，以新的为准。"))
                return redirect(url_for("nominations.proof"), 303)
            if form.validate():
                with transaction():
                    codes.count_try(contact, PURPOSE)
                with transaction():
                    codes.prove(contact, PURPOSE, form.code.data)
                    voice = submitting.submit(
                        session.actor(), answers_from(answers), contact, draft_id=draft.id, join_id=joined(answers)
                    )
                return _done(voice)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template("nominations/proof.html", form=form, contact=contact), status


def _done(voice: Voice) -> Response:
    cookie["submitted"] = voice.id
    return redirect(url_for("nominations.done"), 303)


@pages.get("/done")
@anyone
def done() -> Answer:
    voice = cases.voice_by_id(cookie.get("submitted") or 0)
    if voice is None:
        return redirect(url_for("nominations.start"))
    return render_template(
        "nominations/done.html", voice=voice, case=voice.nomination, token=links.tracking_token(voice.id)
    )
