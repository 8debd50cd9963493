"""请再看一遍, from outside: by the nominator's own link, and by the link of one who objected."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.errors import DomainError
from civic.nominations.actions import second_looks
from civic.nominations.forms.second_looks import AgainForm
from civic.nominations.queries import cases, notices
from civic.nominations.queries import second_looks as queries
from civic.nominations.rules import links
from civic.nominations.views import pages
from civic.nominations.views.following import voice_of
from civic.web import session
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]


def _spent(form: AgainForm) -> bool:
    """Whether this address has asked too often; said on the form, with everything typed still there."""
    try:
        session.spend("second_look", allowed=10, per=timedelta(hours=1))
        return False
    except DomainError as error:
        form.refuse(error)
        form.status = error.status
        return True


@pages.route("/again/<token>", methods=["GET", "POST"])
@anyone
def again(token: str) -> Answer:
    voice = voice_of(token)
    word = queries.refusal_of(voice.nomination)
    if word is None or not queries.may_ask(voice.nomination):
        return redirect(url_for("pages.tracked", token=token))
    form = AgainForm()
    if request.method == "POST" and not _spent(form) and form.carried_out(lambda: second_looks.ask(cases.voice_by_id(voice.id), words=form.words.data)):
        flash(_("收到了。上一级会再看一遍，30 天内答复您。"))
        return redirect(url_for("pages.tracked", token=token), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("nominations/again.html", form=form, case=voice.nomination, word=word, token=token), status


@pages.post("/objection/<token>/again")
@anyone
def objection_again(token: str) -> Answer:
    number = links.objection_id_from(token)
    found = notices.objection_by_id(number) if number is not None else None
    if found is None:
        abort(404)
    form = AgainForm()
    if not _spent(form) and form.carried_out(lambda: second_looks.ask_about(found.id, words=form.words.data)):
        flash(_("收到了。上一级会再看一遍，30 天内答复您。"))
        return redirect(url_for("nominations.objected", token=token), 303)
    look = queries.of_objection(found.id)
    return render_template("nominations/objected.html", objection=found, token=token, form=form, look=look, may_ask=look is None), form.status
