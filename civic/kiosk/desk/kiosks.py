"""Kiosks at the desk: which there are and how they are, a new one, a pairing, the end of one."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from civic.core import clock, listing, pdf
from civic.core.db import transaction
from civic.identity.permissions import Permission, out_of_reach
from civic.kiosk.actions import enrolling, walking_in
from civic.kiosk.desk import pages
from civic.kiosk.forms import SCOPE_WORDS, BirthForm, KioskForm, RevokeForm
from civic.kiosk.queries import conflicts, devices
from civic.kiosk.states import Scope
from civic.regions import queries as regions
from civic.volunteering.forms.words import RECHECK_WORDS
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.queries import people
from civic.web import session
from civic.web.fields import choices
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def demand_desk() -> None:
    """Organisers, and leaders of a team; for everybody else there is nothing here."""
    actor = session.actor()
    if not actor.holds(Permission.EVENT_RUN) and not devices.led_teams(actor):
        raise out_of_reach()


@pages.get("/")
@signed_in
def kiosks() -> str:
    demand_desk()
    return _page()


def _page(form: BirthForm | None = None) -> str:
    actor = session.actor()
    return render_template(
        "kiosk/desk/kiosks.html", kiosks=devices.kiosks_of(actor), scopes=SCOPE_WORDS, now=clock.now(), waiting=conflicts.count_open(actor),
        walk_ins=conflicts.walk_ins_to_complete(actor), loans=conflicts.loans(actor), form=form,
    )  # fmt: skip


def _things() -> listing.Some[tuple[str, str]]:
    """(value, words) of everything a kiosk of the actor's may be for: events first, they show the least."""
    actor = session.actor()
    teams = {team.id: team for team in people.teams_of(actor)}
    for team_id in devices.led_teams(actor):
        team = people.team_by_id(team_id)
        if team is not None:
            teams[team.id] = team
    events = devices.events_for(actor, list(teams), limit=listing.ALL if request.args.get("all") else devices.EVENTS)
    found = [(f"event:{event.id}", _("活动：%(name)s", name=event.name)) for event in events]
    found += [(f"team:{team.id}", _("服务队：%(name)s 的所有活动", name=team.name)) for team in teams.values()]
    for path in actor.paths_for(Permission.EVENT_RUN):
        region = regions.by_id(int(path.rstrip(".").split(".")[-1]))
        if region is not None:
            found.append((f"region:{region.id}", _("地区：%(name)s 的所有活动", name=region.name)))
    return listing.Some(found, events.more)


@pages.route("/new", methods=["GET", "POST"])
@signed_in
def new() -> Answer:
    """Name a kiosk and say what it is for."""
    demand_desk()
    form = KioskForm()
    things = _things()
    form.thing.choices = choices(things)

    def found() -> None:
        scope, _colon, number = form.thing.data.partition(":")
        until = datetime.combine(form.until.data, time(23, 59), tzinfo=clock.zone()).astimezone(UTC)
        enrolling.found(
            session.actor(), name=form.name.data, place=form.place.data or "", scope=Scope(scope), thing_id=int(number), until=until, pin=_new_pin()
        )

    if request.method == "POST" and form.carried_out(found):
        flash(_("建好了。把平板拿过来，点“配对”。"))
        return redirect(url_for("kiosk.desk.kiosks"), 303)
    return render_template("kiosk/desk/new.html", form=form, things=things), form.status if request.method == "POST" else 200


def _new_pin() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


@pages.post("/<int:kiosk_id>/pairing")
@signed_in
def pairing(kiosk_id: int) -> str:
    """A code for ten minutes in big type, and a leader's PIN that is shown this once."""
    demand_desk()
    pin = _new_pin()
    with transaction():
        opened, code = enrolling.open_pairing(session.actor(), kiosk_id)
        enrolling.new_pin(session.actor(), kiosk_id, pin)
    address = f"{current_app.config['BASE_URL'].rstrip('/')}{url_for('kiosk.app')}"
    return render_template(
        "kiosk/desk/pairing.html", kiosk=opened.kiosk, code=code, pin=pin, until=opened.expires_at, address=address,
        qr=Markup(pdf.qr(f"{address}#{code}", border=4)),  # made by us of a code of ours
    )  # fmt: skip


@pages.route("/<int:kiosk_id>/revocation", methods=["GET", "POST"])
@signed_in
def revoke(kiosk_id: int) -> Answer:
    """End a kiosk, with a reason."""
    demand_desk()
    kiosk = enrolling.tended(session.actor(), kiosk_id)
    form = RevokeForm()
    if request.method == "POST" and form.carried_out(lambda: enrolling.revoke(session.actor(), kiosk_id, reason=form.reason.data)):
        flash(_("停用了。它一连上网就把名单和钥匙清掉。"))
        return redirect(url_for("kiosk.desk.kiosks"), 303)
    return render_template("kiosk/desk/revoke.html", kiosk=kiosk, form=form), form.status if request.method == "POST" else 200


@pages.post("/walk-ins/<int:scan_id>/birth_date")
@signed_in
def complete(scan_id: int) -> Any:
    """What was left out at the door."""
    demand_desk()
    form = BirthForm()
    found: list[Recheck] = []
    if form.carried_out(lambda: found.extend(walking_in.complete(session.actor(), scan_id, birth_date=form.birth_date.data)[1])):
        if found:
            flash(_("补好了。按这个生日，他（她）报的班有 %(count)s 处不合规矩：%(why)s。请到“要核对的报名”里定。", count=len(found), why="；".join(dict.fromkeys(str(RECHECK_WORDS[r.code]) for r in found))))
        else:
            flash(_("补好了。"))
        return redirect(url_for("kiosk.desk.kiosks"), 303)
    return _page(form), form.status
