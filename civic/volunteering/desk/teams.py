"""Teams at the desk: found one, take people in, name leaders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import SelectField

from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import Invalid
from civic.identity.permissions import Permission, may, out_of_reach
from civic.identity.rules import contact_from
from civic.regions import queries as regions
from civic.volunteering.actions import people as actions
from civic.volunteering.desk import pages
from civic.volunteering.forms.teams import MemberForm, SheetForm, TeamForm, TeamWordsForm
from civic.volunteering.models.people import Team
from civic.volunteering.queries import people
from civic.web import session
from civic.web.fields import choices
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.route("/teams", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def teams() -> Answer:
    actor = session.actor()
    own = [regions.by_id(int(path.rstrip(".").split(".")[-1])) for path in actor.paths_for(Permission.EVENT_RUN)]
    places = [place for top in own if top is not None for place in (top, *(regions.children(top) if top.level > 2 else ()))]
    form = TeamForm()
    form.region.choices = choices((place.id, place.name) for place in places)
    _with_parents(form.parent)

    def found() -> None:
        place = regions.by_id(form.region.data or 0)
        if place is None:
            raise Invalid("region_unknown", _("请选在哪里。"), field="region")
        actions.found_team(actor, place, name=form.name.data, parent_id=form.parent.data or None)

    if request.method == "POST" and form.carried_out(found):
        flash(_("建好了。请把队长加进来，队长才能点名。"))
        return redirect(url_for("volunteering.desk.teams"), 303)
    return render_template("volunteering/desk/teams.html", teams=people.teams_of(actor), form=form), form.status if request.method == "POST" else 200


@pages.route("/teams/<int:team_id>", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def team(team_id: int) -> Answer:
    actor = session.actor()
    found = people.team_by_id(team_id)
    if found is None or not may(actor, Permission.EVENT_RUN, found.region_path):
        raise out_of_reach()
    form = MemberForm()

    def join() -> None:
        contact = contact_from(form.phone.data)
        if contact.kind != "phone":
            raise Invalid("contact_unclear", _("请写手机号。"), field="phone")
        person = actions.guest(actor, name=form.name.data, phone=contact.value, is_of_household=form.is_of_household.data)
        actions.join(actor, found, person.id, is_leader=form.is_leader.data)

    if request.method == "POST" and form.carried_out(join):
        flash(_("加进来了。"))
        return redirect(url_for("volunteering.desk.team", team_id=team_id), 303)
    return shown(found, form), form.status if request.method == "POST" else 200


def _with_parents(field: SelectField, but: int = 0) -> None:
    teams = [(t.id, f"{t.name} · {t.region.name}") for t in people.teams_of(session.actor()) if t.id != but]
    field.choices = choices([(0, _("不属于别的队")), *teams])


def shown(
    found: Team, form: MemberForm | None = None, *, address: str | None = None, sheet: SheetForm | None = None, above: TeamWordsForm | None = None
) -> str:
    """The team's page; what was wrong stands on it."""
    today = clock.today()
    above = above or _words_form(found, formdata=None)
    return render_template(
        "volunteering/desk/team.html", team=found, members=people.members_of(found.id), form=form or MemberForm(formdata=None), address=address,
        sheet=sheet or SheetForm(formdata=None, first=today.replace(day=1), last=today), above=above,
    )  # fmt: skip


def _words_now(team: Team) -> dict[str, object]:
    return {"name": team.name, "parent": team.parent_id or 0}


def _words_form(team: Team, **more: object) -> TeamWordsForm:
    now = _words_now(team)
    form = TeamWordsForm(prefix="words", **now, **more)
    _with_parents(form.parent, team.id)
    form.show(now)
    return form


@pages.post("/teams/<int:team_id>/words")
@needs(Permission.EVENT_RUN)
def change_team(team_id: int) -> Answer:
    """Another name, and within which other team it stands."""
    found = people.team_by_id(team_id)
    if found is None or not may(session.actor(), Permission.EVENT_RUN, found.region_path):
        raise out_of_reach()
    form = _words_form(found)

    def change() -> None:
        form.settle(_words_now(actions.team_held(session.actor(), team_id)), ("team", team_id))
        actions.change_team(session.actor(), team_id, name=form.name.data, parent_id=form.parent.data or None)

    if form.carried_out(change):
        flash(_("改好了。"))
        return redirect(url_for("volunteering.desk.team", team_id=team_id), 303)
    return shown(found, above=form), form.status


MEMBER_DEEDS: dict[str, Callable[[int, int], Any]] = {
    "leaving": lambda team, person: actions.leave(session.actor(), team, person),
    "lead": lambda team, person: actions.name_leader(session.actor(), team, person, is_leader=True),
    "stepping_down": lambda team, person: actions.name_leader(session.actor(), team, person, is_leader=False),
}


@pages.post("/teams/<int:team_id>/members/<int:person_id>/<deed>")
@needs(Permission.EVENT_RUN)
def change_member(team_id: int, person_id: int, deed: str) -> Response:
    """`leaving` the team, taking its `lead`, `stepping_down` from it."""
    found = people.team_by_id(team_id)
    if found is None or deed not in MEMBER_DEEDS or not may(session.actor(), Permission.EVENT_RUN, found.region_path):
        raise out_of_reach()
    with transaction():
        MEMBER_DEEDS[deed](team_id, person_id)
    said = {"leaving": _("移出去了。弄错了，再加进来就行。"), "lead": _("是队长了，可以点名。"), "stepping_down": _("不当队长了，还在队里。")}
    flash(said[deed])
    return redirect(url_for("volunteering.desk.team", team_id=team_id), 303)


@pages.post("/teams/<int:team_id>/calendar")
@needs(Permission.EVENT_RUN)
def team_calendar(team_id: int) -> str:
    """A private address for the team's calendar, shown once; the one before ends."""
    found = people.team_by_id(team_id)
    if found is None or not may(session.actor(), Permission.EVENT_RUN, found.region_path):
        raise out_of_reach()
    with transaction():
        token = actions.new_team_calendar(session.actor(), found)
    address = current_app.config["BASE_URL"].rstrip("/") + url_for("volunteering.feed", token=token)
    return shown(found, address=address)
