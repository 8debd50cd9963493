"""The board of a team and a period: for who wants to stand there, by nickname; and how one gets on and off it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import out_of_reach
from civic.volunteering.actions import boards as actions
from civic.volunteering.forms.teams import NicknameForm
from civic.volunteering.models.people import Team
from civic.volunteering.queries import boards as questions
from civic.volunteering.queries import people
from civic.volunteering.views import pages
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def _spans() -> dict[str, tuple[str, date, date]]:
    """name in the address → (words, first day, last day)."""
    today = clock.today()
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return {
        "month": (_("这个月"), month, today), "last": (_("上个月"), before, month - timedelta(days=1)), "quarter": (_("这一季"), quarter, today),
        "year": (_("今年"), today.replace(month=1, day=1), today),
    }  # fmt: skip


def _page(team: Team, form: Form) -> str:
    spans = _spans()
    span = request.args.get("span", "month")
    span = span if span in spans else "month"
    by = "points" if request.args.get("by") == "points" else "hours"
    mine = questions.standing_of(session.actor().person_id or 0, team.id)
    _words, first, last = spans[span]
    return render_template(
        "volunteering/board.html", team=team, rows=questions.board(team.id, first, last, by=by), spans=spans, span=span, by=by, first=first, last=last,
        now=clock.now(), mine=mine, form=form,
    )  # fmt: skip


def _team(team_id: int) -> Team:
    found = people.team_by_id(team_id)
    if found is None or found.until is not None:
        raise out_of_reach()
    return found


@pages.get("/board/<int:team_id>")
@signed_in
def board(team_id: int) -> str:
    team = _team(team_id)
    mine = questions.standing_of(session.actor().person_id or 0, team.id)
    return _page(team, NicknameForm(formdata=None, nickname=mine.nickname if mine else ""))


@pages.post("/board/<int:team_id>/<deed>")
@signed_in
def stand(team_id: int, deed: str) -> Answer:
    """`standing`: under this nickname from now on; `leaving`: off it at once."""
    team = _team(team_id)
    if deed not in ("standing", "leaving"):
        raise out_of_reach()
    form = NicknameForm() if deed == "standing" else Form()

    def carry() -> None:
        if isinstance(form, NicknameForm):
            actions.stand(session.actor(), team_id, nickname=form.nickname.data or "")
        else:
            actions.leave(session.actor(), team_id)

    if form.carried_out(carry):
        flash(_("上榜了，用的是您起的名字。") if deed == "standing" else _("下来了，榜上没有您了。"))
        return redirect(url_for("volunteering.board", team_id=team_id), 303)
    return _page(_team(team.id), form if deed == "standing" else NicknameForm(formdata=None)), form.status
