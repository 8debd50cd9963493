"""Closing one's account: it ends what every feature knows of it, so it stands up here, at the address where people look for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.pages.actions import leaving
from civic.pages.views import pages
from civic.volunteering.queries import sign_ups
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import signed_in, to_confirm

Answer = str | Response | tuple[str, int]


@pages.route("/identity/close", methods=["GET", "POST"])
@signed_in
def close() -> Answer:
    """What closing ends, by name; then it is ended."""
    if not session.is_confirmed():
        return to_confirm()
    form = Form()
    if request.method == "POST" and form.carried_out(lambda: leaving.close_account(session.actor())):
        session.leave()
        flash(_("账号注销了，手机号和邮箱已经删掉。谢谢您来过。"))
        return redirect(url_for("pages.home"), 303)
    whose = [session.account().person_id, *(person.id for person in session.whose().family)]
    return render_template("identity/close.html", form=form, rows=sign_ups.mine(whose)), form.status if request.method == "POST" else 200
