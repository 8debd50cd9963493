"""Member cards of a team, or of who serves at an event: who has one, print, revoke."""

from __future__ import annotations

from flask import Response as File
from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.permissions import out_of_reach
from civic.kiosk import files
from civic.kiosk.actions import cards as actions
from civic.kiosk.desk import pages
from civic.kiosk.desk.kiosks import demand_desk
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.queries import cards as questions
from civic.kiosk.queries import devices
from civic.volunteering.models.people import Team
from civic.volunteering.queries import people
from civic.web import arguments, session
from civic.web.asking import Question, ask
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


def _circle() -> tuple[dict[str, int], actions.Circle | None]:
    """(what the address names, whose cards): a team, an event, or the first team of the desk."""
    actor, event_id, team_id = session.actor(), arguments.number("event"), arguments.number("team")
    if event_id is not None:
        return {"event": event_id}, actions.of_event(actor, event_id)
    if team_id is None:
        team_id = next((team.id for team in _teams()), None)
    return ({}, None) if team_id is None else ({"team": team_id}, actions.of_team(actor, team_id))


def _page(problem: str | None = None) -> str:
    asked, circle = _circle()
    ids = list(circle.people) if circle is not None else []
    return render_template(
        "kiosk/desk/cards.html", teams=_teams(), asked=asked, circle=circle, cards=questions.cards_of(ids), numbers=questions.numbers_of(ids), problem=problem
    )


@pages.get("/cards")
@signed_in
def cards() -> str:
    """`?team=`: of a team; `?event=`: of who serves at an event."""
    demand_desk()
    return _page()


@pages.post("/cards/sheet")
@signed_in
def card_sheet() -> File | tuple[str, int]:
    """Cards of those who are ticked, on paper; who has none gets one."""
    demand_desk()
    _asked, circle = _circle()
    if circle is None:
        raise out_of_reach()
    try:
        with transaction():
            found = actions.issue(session.actor(), circle, arguments.sent_numbers("person"))
    except DomainError as error:
        if error.status == 404:
            raise
        return _page(str(error.sentence)), error.status
    return paper(found, circle.name)


def paper(found: list[MemberCard], name: str) -> File:
    """Cards as a document that nothing in between keeps."""
    body = files.sheet(found, questions.numbers_of([card.person_id for card in found]), city=current_app.config["CITY_NAME"], team=name)
    return File(body, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="cards.pdf"', "Cache-Control": "private, no-store"})


@pages.post("/cards/<int:card_id>/revocation")
@signed_in
def revoke_card(card_id: int) -> Answer:
    """Lost: it works no more."""
    demand_desk()
    asked, circle = _circle()
    if circle is None:
        raise out_of_reach()
    return ask(
        lambda: Question(_("挂失这张卡？"), [_("这张卡马上扫不了，找回来也没用。要用得再印一张新的。")], _("挂失")),
        lambda _reason: actions.revoke(session.actor(), circle, card_id, reason=request.form.get("reason", "")),
        done=_("挂失了。要新的就再印一张。"), to=url_for("kiosk.desk.cards", **asked), try_first=True,
        refused=lambda error: (_page(str(error.sentence)), error.status),
    )  # fmt: skip
