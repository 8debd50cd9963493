"""My calendar in the phone's own calendar: a private address, made and ended by its owner; a team's the same."""

from __future__ import annotations

from flask import Response as File
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import crypto
from civic.identity import queries as identity
from civic.identity.permissions import out_of_reach
from civic.volunteering import files
from civic.volunteering.actions import people as actions
from civic.volunteering.models.people import Team
from civic.volunteering.queries import people, shifts, sign_ups
from civic.volunteering.views import pages
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import anyone, signed_in

Answer = str | Response | tuple[str, int]


@pages.route("/calendar", methods=["GET", "POST"])
@signed_in
def calendar() -> Answer:
    """Make a new private address, shown once, or end the old one."""
    form = Form()
    made: list[str] = []

    def carry() -> None:
        if request.form.get("do") == "end":
            actions.end_calendar(session.actor())
        else:
            made.append(actions.new_calendar(session.actor()))

    if request.method == "POST" and form.carried_out(carry) and not made:
        flash(_("停了，原来的地址读不到了。"))
        return redirect(url_for("volunteering.calendar"), 303)
    address = current_app.config["BASE_URL"].rstrip("/") + url_for("volunteering.feed", token=made[0]) if made else None
    volunteer = people.volunteer_of(session.actor().person_id)
    return render_template("volunteering/calendar.html", form=form, address=address, running=volunteer is not None and volunteer.calendar_key is not None), form.status if request.method == "POST" and not made else 200


@pages.get("/calendar/<token>.ics")
@anyone
def feed(token: str) -> Response:
    """What a calendar program reads; whoever has the address has the calendar."""
    owner = people.of_calendar(crypto.digest("calendar", token))
    if owner is None:
        raise out_of_reach()
    host = current_app.config["BASE_URL"].split("//")[-1].split("/")[0].split(":")[0]
    if isinstance(owner, Team):
        found = shifts.of_team(owner.id)
        body = files.team_calendar(found, sign_ups.touched_of([shift.id for shift in found]), owner.name, host)
    else:
        everybody = [owner.person_id, *(person.id for person in identity.family_of(owner.person_id))]
        body = files.calendar(sign_ups.in_for(everybody), owner.person_id, current_app.config["CITY_NAME"], host)
    answer = File(body, mimetype="text/calendar", headers={"Cache-Control": "private, max-age=600", "X-Robots-Tag": "noindex"})
    answer.add_etag()
    return answer.make_conditional(request)
