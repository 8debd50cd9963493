"""What the level above was asked to look at again: declined cases, and answers to objections."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.identity.permissions import Permission
from civic.nominations.actions import second_looks as actions
from civic.nominations.desk import pages
from civic.nominations.forms.second_looks import LookForm
from civic.nominations.queries import second_looks as queries
from civic.web import session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/second_looks")
@needs(Permission.OBJECTION_HANDLE)
def second_looks() -> str:
    closed = request.args.get("closed") == "1"
    return render_template("nominations/desk/second_looks.html", rows=queries.waiting_for(session.actor(), is_open=not closed), closed=closed)


@pages.route("/second_looks/<int:look_id>", methods=["GET", "POST"])
@needs(Permission.OBJECTION_HANDLE)
def second_look(look_id: int) -> Answer:
    look = queries.in_reach_of(session.actor(), look_id)
    form = LookForm()
    if request.method == "POST" and form.carried_out(
        lambda: actions.answer(session.actor(), look_id, changes=form.outcome.data == "changed", words=form.answer.data)
    ):
        flash(_("答复好了，对方会收到。"))
        return redirect(url_for("nominations.desk.second_look", look_id=look_id), 303)
    status = form.status if request.method == "POST" else 200
    word = next((d for d in reversed(look.nomination.decisions) if d.level == look.level and d.verb.value == "decline"), None)
    return render_template("nominations/desk/second_look.html", look=look, case=look.nomination, word=word, form=form), status
