"""Submitting a nomination: at once where the contact is known to be theirs, else after six digits prove it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.actions import codes
from civic.identity.rules import Contact, contact_from
from civic.nominations.actions import drafting, submitting
from civic.nominations.forms.nominating import LookOverForm, ProofForm
from civic.nominations.models.cases import Draft
from civic.nominations.queries import cases, drafts
from civic.nominations.rules import links, telling
from civic.nominations.views import offered, pages
from civic.nominations.views.answers import answers_from, first_open
from civic.nominations.views.holding import draft_at
from civic.web import session
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
A_DAY = 20  # nominations from one phone or mailbox; a desk that writes down for many has no such bound
PURPOSE = "nominate"


def finish(form: LookOverForm, draft: Draft, answers: dict[str, Any]) -> Response | None:
    """The fourth step is right: submit, or first prove the contact. None where the page has to be shown again."""
    missing = first_open(answers)
    if missing < 4:
        return redirect(url_for("nominations.draft_step", key=draft.key, n=missing), 303)
    try:
        contact = contact_from(form.contact.data)
        if _is_own(contact):
            return _submitted(draft, answers, contact)
        with transaction():
            codes.send(contact, PURPOSE, asker=request.remote_addr or "")
    except DomainError as error:
        if error.code == "code_too_soon":
            return redirect(url_for("nominations.draft_proof", key=draft.key), 303)
        form.refuse(error)
        return None
    return redirect(url_for("nominations.draft_proof", key=draft.key), 303)


def _submitted(draft: Draft, answers: dict[str, Any], contact: Contact, code: str | None = None) -> Response:
    """Make the case, in one transaction with the proof where there is one."""
    with transaction():
        limits.spend("nominate", contact.value, allowed=A_DAY, per=timedelta(days=1))
    with transaction():
        if code is not None:
            codes.prove(contact, PURPOSE, code, asker=request.remote_addr or "")
        submitting.submit(session.actor(), answers_from(answers), contact, draft_id=draft.id, join_id=offered.joined(answers))
    return redirect(url_for("nominations.draft_done", key=draft.key), 303)


def _is_own(contact: Contact) -> bool:
    """Whether the signed-in account has proven this contact already."""
    user = session.viewer()
    return user is not None and contact.value in (user.phone, user.email)


@pages.route("/drafts/<key>/proof", methods=["GET", "POST"])
@anyone
def draft_proof(key: str) -> Answer:
    """The six digits that prove the nominator's phone or mailbox; with them the case is made."""
    draft = draft_at(key)
    if draft is None:
        return redirect(url_for("nominations.start"), 303)
    if draft.submitted_as_id is not None:
        return redirect(url_for("nominations.draft_done", key=key), 303)
    answers = drafting.answers_of(draft)
    if not answers.get("contact") or first_open(answers) < 4:
        return redirect(url_for("nominations.draft_step", key=key, n=4), 303)
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
                return redirect(url_for("nominations.draft_proof", key=key), 303)
            if form.validate():
                with transaction():
                    codes.count_try(contact, PURPOSE)
                return _submitted(draft, answers, contact, form.code.data)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template("nominations/proof.html", form=form, contact=contact, key=key), status


@pages.get("/drafts/<key>/done")
@anyone
def draft_done(key: str) -> Answer:
    """The reference and the private link; for half an hour only, as the device may be another's by then."""
    draft = draft_at(key)
    if draft is None or draft.voice_id is None:
        return redirect(url_for("nominations.start"))
    if drafts.is_older(draft, telling.SHARED_KEPT):
        return redirect(url_for("pages.track"))
    voice = cases.voice_by_id(draft.voice_id)
    assert voice is not None
    return render_template("nominations/done.html", voice=voice, case=voice.nomination, token=links.tracking_token(voice.id))
