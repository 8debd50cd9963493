"""Hours that wait for a word: an objection to answer, somebody who forgot to sign out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.identity.permissions import Permission, may, out_of_reach
from civic.volunteering.actions import attendance
from civic.volunteering.desk import pages
from civic.volunteering.forms import HOW_WORDS, HoursForm, ReasonForm
from civic.volunteering.queries import hours as questions
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _page(form: Form, at: int | None = None) -> str:
    rows = questions.open_words(session.actor().paths_for(Permission.EVENT_RUN))
    return render_template("volunteering/desk/hours.html", rows=rows, form=form, at=at, how=HOW_WORDS)


@pages.get("/hours")
@needs(Permission.EVENT_RUN)
def hours() -> str:
    return _page(HoursForm(formdata=None))


@pages.post("/hours/<int:hours_id>/<deed>")
@needs(Permission.EVENT_RUN)
def word(hours_id: int, deed: str) -> Answer:
    """`stayed`: the person stayed to the end; `word`: other minutes, an answer; `reversal`: final hours taken back."""
    found = questions.hours_by_id(hours_id)
    if found is None or deed not in ("stayed", "word", "reversal") or not may(session.actor(), Permission.EVENT_RUN, found.shift.event.region_path):
        raise out_of_reach()
    form = ReasonForm() if deed == "reversal" else HoursForm()

    def say() -> None:
        if deed == "reversal":
            attendance.reverse(session.actor(), hours_id, reason=form.reason.data or "")
        else:
            attendance.settle_word(session.actor(), hours_id, minutes=form.minutes.data, answer=form.answer.data, stayed=deed == "stayed")

    if form.carried_out(say):
        flash(_("记下了。"))
        return redirect(url_for("volunteering.desk.hours"), 303)
    return _page(form, hours_id), form.status
