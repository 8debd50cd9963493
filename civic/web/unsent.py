"""What was typed is never lost: it waits behind signing in, comes back on the page of a stale form, and stands on every refusal.

Three ways in, one out. A form sent after the session was over is kept sealed for its owner (core/unsent.py) and offered after
signing in; a form whose token is stale is shown again at once, with a fresh one; and on any page that answers a form with a
refusal, what was typed and is not there is put there, with the reason.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from flask import Flask, Response, g, render_template, request, url_for

from civic.core import unsent
from civic.core.db import transaction
from civic.core.unsent import Typed
from civic.web import session

NEVER_KEPT = re.compile(r"csrf_token|unsent|.*password.*|pin")
# Worth showing: not what a page put into its own hidden fields.
WORDS = re.compile(r"[^\x00-\x7f]|\s")
LONG = 24
BACK = "unsent"


def typed() -> Typed:
    """The form of this request, without its tokens and passwords."""
    fields = tuple((name, value) for name, values in request.form.lists() if not NEVER_KEPT.fullmatch(name) for value in values)
    return Typed(request.full_path.rstrip("?"), _page_of_form(), fields, any(file.filename for file in request.files.values()))


def _page_of_form() -> str:
    """The page on which the form stands: the one it came from, else its own address where that is a page."""
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path.startswith("/"):
        return came.path + (f"?{came.query}" if came.query else "")
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.full_path.rstrip("?")
    return url_for("pages.me")


def _holds_secrets() -> bool:
    return any(NEVER_KEPT.fullmatch(name) and name not in ("csrf_token", BACK) for name in request.form)


def kept_for_later() -> str:
    """Keep the form of this request for whoever typed it; the address that brings it back after signing in.

    Only a browser that was signed in before says whose it is; and no other site may leave a form here.
    """
    form, owner = typed(), session.former()
    if owner is None or not form.fields or _holds_secrets() or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return form.page
    with transaction():
        key = unsent.keep(owner, form)
    return url_for("pages.unsent", key=key) if key is not None else form.page


def is_words(value: str) -> bool:
    return len(value) > LONG or WORDS.search(value) is not None


def page(form: Typed, *, status: int, words: str, key: str = "") -> tuple[str, int]:
    """The form again, to be looked at and sent with a fresh token."""
    return render_template("web/unsent.html", form=form, words=words, key=key, is_words=is_words, is_whole=bool(form.fields) and not _holds_secrets()), status


def _missing(body: str) -> list[str]:
    shown = " ".join(unescape(body).split())
    return [value for name, value in typed().fields if is_words(value) and " ".join(value.split()) not in shown]


def _say_what_is_missing(answer: Response) -> Response:
    """On a page that answers a form with a refusal stands why, and whatever was typed."""
    if request.method != "POST" or answer.status_code < 400 or answer.mimetype != "text/html" or answer.direct_passthrough:
        return answer
    body = answer.get_data(as_text=True)
    lost, reason = _missing(body), g.get("refused", "")
    if reason and reason in unescape(body):
        reason = ""
    if lost or reason:
        again = typed() if answer.status_code in (429, 500, 502, 503) and not _holds_secrets() else None
        note = render_template("web/_unsent.html", lost=lost, reason=reason, again=again, is_words=is_words)
        at = body.find("<main")
        answer.set_data(body[:at] + note + body[at:] if at >= 0 else body)
    return answer


def _forget_what_was_sent(answer: Response) -> Response:
    """A form that came back and was taken now is not kept any longer."""
    key = request.form.get(BACK) if request.method == "POST" and answer.status_code < 400 else None
    if key and session.is_signed_in():
        account = session.account()
        assert account is not None
        with transaction():
            unsent.forget(key, account.id)
    return answer


def init(app: Flask) -> None:
    app.after_request(_say_what_is_missing)
    app.after_request(_forget_what_was_sent)

