"""A heart on a notice or a story: a kindness that counts for nothing."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, redirect, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import crypto
from civic.core.db import transaction
from civic.honours import queries as honours
from civic.nominations.actions import reacting
from civic.nominations.queries import notices, reactions
from civic.nominations.views import pages
from civic.web import session
from civic.web.guards import anyone


def visitor(nomination_id: int) -> str:
    """Who looks at the page, as hearts know it."""
    account = session.account()
    return reactions.who(nomination_id, account.id if account is not None else None, cookie.get("visitor", ""))


def _given(nomination_id: int) -> None:
    if session.account() is None and "visitor" not in cookie:
        cookie["visitor"] = crypto.token()
        cookie.permanent = True
    session.spend("reaction", allowed=150, per=timedelta(hours=1))
    digest = visitor(nomination_id)
    with transaction():
        reacting.react(nomination_id, digest)
    flash(_("您的心意收到了。只表示心意，不影响评选结果。"))


@pages.post("/notices/<int:item_id>/reaction")
@anyone
def react_to_notice(item_id: int) -> Response:
    found = notices.item(item_id)
    if found is None or found.withheld is not None:
        abort(404)
    _given(found.nomination_id)
    return redirect(url_for("nominations.notice", item_id=item_id), 303)


@pages.post("/stories/<int:honour_id>/reaction")
@anyone
def react_to_story(honour_id: int) -> Response:
    found = honours.shown_by_id(honour_id)
    if found is None:
        abort(404)
    _given(found.nomination_id)
    return redirect(url_for("pages.story", honour_id=honour_id), 303)
