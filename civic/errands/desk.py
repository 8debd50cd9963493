"""The page of an errand: how far it is, what came of it, which were refused and why, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from civic.core import storage
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.core.sheets import XLSX
from civic.errands import actions, queries
from civic.errands.models import Errand, ErrandStatus
from civic.errands.running import KINDS
from civic.identity.permissions import out_of_reach
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import signed_in
from civic.web.takeaway import file, taken

pages = Blueprint("desk", __name__)
TYPES = {"xlsx": XLSX, "zip": "application/zip", "pdf": "application/pdf"}
# What a kind shows of its result besides a file: features say so, by kind.
RESULTS: dict[str, Callable[[Errand], str]] = {}


def asked_for(form: Form, kind: str, key: str, *, name: str, **details: Any) -> Response | None:
    """The page of the errand, where the form is right; else nothing, and the form says what is missing."""
    asked: list[int] = []
    purpose = {"purpose": form.purpose.data} if "purpose" in form else {}
    if form.carried_out(lambda: asked.append(actions.ask(session.actor(), kind, key, name=name, **purpose, **details))):
        return redirect(url_for("errands.desk.errand", errand_id=asked[0]), 303)
    return None


@pages.get("/")
@signed_in
def errands() -> str:
    return render_template("errands/desk/errands.html", errands=queries.all_of(session.actor()))


@pages.get("/<int:errand_id>")
@signed_in
def errand(errand_id: int) -> str:
    found = queries.own(session.actor(), errand_id)
    facts = found.facts
    is_over = not _is_still_theirs(facts)
    return render_template(
        "errands/desk/errand.html", errand=found, back=facts.get("back"), can_stop=KINDS[found.kind].can_stop,
        result=Markup(RESULTS[found.kind](found)) if found.kind in RESULTS and found.status is ErrandStatus.DONE and not is_over else None,
        has_file=found.file_key is not None and "purpose" in facts and not is_over, is_over=is_over,
    )  # fmt: skip


def _is_still_theirs(facts: dict[str, Any]) -> bool:
    try:
        actions.demand_still(session.actor(), facts)
    except DomainError:
        return False
    return True


@pages.post("/<int:errand_id>/stop")
@signed_in
def stop(errand_id: int) -> Response:
    try:
        with transaction():
            actions.stop(session.actor(), errand_id)
        flash(_("不再往下办了。"))
    except DomainError as error:
        if error.status == 404:
            raise
        flash(str(error.sentence))
    return redirect(url_for("errands.desk.errand", errand_id=errand_id), 303)


@pages.post("/<int:errand_id>/file")
@signed_in
def download(errand_id: int) -> Response:
    """What was made, to whoever asked for it; each time it leaves the house is on the record."""
    found = queries.own(session.actor(), errand_id)
    facts = found.facts
    if found.file_key is None or "purpose" not in facts or not storage.is_kept(found.file_key):
        raise out_of_reach()
    actions.demand_still(session.actor(), facts)
    key, suffix = found.file_key, found.file_key.rsplit(".", 1)[1]
    with transaction():
        taken((facts.get("subject", "desk"), facts.get("subject_id")), facts.get("path"), kind=facts.get("record", found.kind), purpose=facts["purpose"], lines=found.done)
    return file(storage.open_(key), TYPES[suffix], f"{facts.get('file', found.name)}.{suffix}", request.environ)
