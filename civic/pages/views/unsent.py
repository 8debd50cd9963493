"""A form that was sent after the session was over, offered again to whoever typed it."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import unsent as kept
from civic.core.db import transaction
from civic.pages.views import pages
from civic.web import session
from civic.web import unsent as forms
from civic.web.guards import signed_in


@pages.get("/unsent/<key>")
@signed_in
def unsent(key: str) -> Response | tuple[str, int]:
    account = session.account()
    assert account is not None
    form = kept.found(key, account.id)
    if form is None:
        # Somebody else's, or too old: the two are not told apart, and nothing of it is said.
        return redirect(url_for("pages.me"), 303)
    return forms.page(form, status=200, words=_("刚才登录过期了，没有交上去。"), key=key)


@pages.post("/unsent/<key>/removal")
@signed_in
def drop_unsent(key: str) -> Response:
    account = session.account()
    assert account is not None
    with transaction():
        kept.forget(key, account.id)
    flash(_("删掉了。"))
    return redirect(url_for("pages.me"), 303)
