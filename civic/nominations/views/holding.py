"""Whose draft an address is: the account's, or the browser's where nobody has signed in; where drafts begin and end."""

from __future__ import annotations

import re
from typing import Any

from flask import after_this_request, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.core import crypto, storage
from civic.core.db import transaction
from civic.core.errors import NotFound
from civic.nominations.actions import drafting
from civic.nominations.models.cases import Draft
from civic.nominations.queries import drafts
from civic.nominations.rules import telling
from civic.nominations.views import pages
from civic.nominations.views.answers import first_open
from civic.web import session
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]
KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def holder() -> str:
    """The token by which this browser is known again; one is given to it where it has none."""
    if "draft" not in cookie:
        cookie["draft"] = crypto.token()
        cookie.permanent = True
    return cookie["draft"]


def _kept_nowhere(answer: Any) -> Any:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _gone() -> NotFound:
    return NotFound("draft_gone", _l("这份草稿不在这台手机上，或者已经交上去了。请重新开始，不会很久。"))


def draft_at(key: str) -> Draft | None:
    """The draft at an address, None where nothing was written there yet; another's looks like one that never was."""
    if not KEY.fullmatch(key):
        raise _gone()
    # The arrow back shows nothing of it to whoever uses the device next.
    after_this_request(_kept_nowhere)
    draft = drafts.by_key(key)
    if draft is not None and (not drafts.is_of(draft, cookie.get("draft"), session.actor().user_id) or drafts.is_left_behind(draft)):
        raise _gone()
    return draft


def unfinished() -> list[Draft]:
    """The drafts of whoever asks that were not sent yet."""
    return drafts.unfinished(cookie.get("draft"), session.actor().user_id)


def anew() -> Response:
    """To the first step of a nomination of which nothing is known yet."""
    holder()
    return redirect(url_for("nominations.draft_step", key=crypto.token(), n=1))


@pages.get("/start")
@anyone
def start() -> Answer:
    """Begin; or, where something lies unfinished, choose."""
    mine = unfinished()
    if not mine or (request.args.get("anew") == "1" and len(mine) < telling.DRAFTS_MOST):
        return anew()
    rows = []
    for draft in mine:
        answers = drafting.answers_of(draft)
        rows.append((draft, answers.get("nominee_name"), first_open(answers)))
    return render_template("nominations/start.html", rows=rows, is_full=len(mine) >= telling.DRAFTS_MOST)


@pages.route("/step/<int(min=1,max=4):n>", methods=["GET", "POST"])
@anyone
def step(n: int) -> Answer:
    """The steps as they were called when a browser had one draft: on with the only one, else choose."""
    mine = unfinished() if request.args.get("anew") != "1" else []
    if len(mine) > 1 or (not mine and n > 1):
        return redirect(url_for("nominations.start"), 303)
    if not mine:
        return anew()
    # 307: what a page that was open before has in its boxes comes along.
    return redirect(url_for("nominations.draft_step", key=mine[0].key, n=n), 307)


@pages.route("/proof", methods=["GET", "POST"])
@anyone
def proof() -> Answer:
    """The proof's old address."""
    mine = unfinished()
    return redirect(url_for("nominations.draft_proof", key=mine[0].key), 307) if len(mine) == 1 else redirect(url_for("nominations.start"), 303)


@pages.route("/drafts/<key>/removal", methods=["GET", "POST"])
@anyone
def draft_removal(key: str) -> Answer:
    """Asks whether a draft shall be forgotten, and forgets it, with its photographs."""
    draft = draft_at(key)
    if draft is None or draft.submitted_as_id is not None:
        raise _gone()
    if request.method == "GET":
        return render_template("nominations/draft_removal.html", draft=draft, name=drafting.answers_of(draft).get("nominee_name"))
    with transaction():
        files = drafting.remove(session.actor(), cookie.get("draft"), key)
    for file in files:
        storage.remove(file)
    flash(_("去掉了，这台设备上不再留着。"))
    return redirect(url_for("nominations.start") if unfinished() else url_for("pages.home"), 303)
