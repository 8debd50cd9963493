"""Member cards of a team: who has one, print, revoke."""

from __future__ import annotations

from flask import Response as File
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.permissions import out_of_reach
from civic.kiosk import files
from civic.kiosk.actions import cards as actions
from civic.kiosk.desk import pages
from civic.kiosk.desk.kiosks import demand_desk
from civic.kiosk.queries import cards as questions
from civic.kiosk.queries import devices
from civic.volunteering.models.people import Team
from civic.volunteering.queries import people
from civic.web import session
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def _teams() -> list[Team]:
    actor = session.actor()
    found = {team.id: team for team in people.teams_of(actor)}
    for team_id in devices.led_teams(actor):
        team = people.team_by_id(team_id)
        if team is not None:
            found[team.id] = team
    return list(found.values())


def _page(problem: str | None = None) -> str:
    teams = _teams()
    wanted = request.args.get("team", type=int) or (teams[0].id if teams else 0)
    team = next((t for t in teams if t.id == wanted), None)
    if team is None and request.args.get("team"):
        raise out_of_reach()
    members = people.members_of(team.id) if team is not None else []
    ids = [member.person_id for member in members]
    return render_template(
        "kiosk/desk/cards.html", teams=teams, team=team, members=members, cards=questions.cards_of(ids), numbers=questions.numbers_of(ids), problem=problem
    )


@pages.get("/cards")
@signed_in
def cards() -> str:
    demand_desk()
    return _page()


@pages.post("/cards/sheet")
@signed_in
def card_sheet() -> File | tuple[str, int]:
    """Cards of the members that are ticked, on paper; who has none gets one."""
    demand_desk()
    team_id = request.args.get("team", type=int) or 0
    try:
        with transaction():
            found = actions.issue(session.actor(), team_id, request.form.getlist("person", type=int))
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(str(error.sentence)), error.status
    team = people.team_by_id(team_id)
    assert team is not None
    paper = files.sheet(found, questions.numbers_of([card.person_id for card in found]), city=current_app.config["CITY_NAME"], team=team.name)
    return File(paper, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="cards.pdf"', "Cache-Control": "private, no-store"})


@pages.post("/cards/<int:card_id>/revocation")
@signed_in
def revoke_card(card_id: int) -> Answer:
    """Lost: it works no more."""
    demand_desk()
    team_id = request.args.get("team", type=int) or 0
    try:
        with transaction():
            actions.revoke(session.actor(), team_id, card_id, reason=request.form.get("reason", ""))
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(str(error.sentence)), error.status
    flash(_("挂失了。要新的就再印一张。"))
    return redirect(url_for("kiosk.desk.cards", team=team_id), 303)
