"""The volunteer's pass on a phone: a code that is another one every half minute."""

from __future__ import annotations

from flask import render_template, request
from markupsafe import Markup

from civic.core import clock, pdf
from civic.identity.permissions import out_of_reach
from civic.kiosk import rules
from civic.kiosk.queries import cards
from civic.kiosk.views import pages
from civic.volunteering.queries import people
from civic.web import session
from civic.web.guards import signed_in


@pages.get("/pass")
@signed_in
def my_pass() -> str:
    """The pass of my next shift, or of `?place=`; also of those I sign up."""
    own = session.actor().person_id
    assert own is not None
    places = cards.places_for_pass([own, *(ward.person_id for ward in people.wards_of(own))])
    wanted = request.args.get("place", type=int)
    place = next((row for row in places if row.id == wanted), None) if wanted is not None else next(iter(places), None)
    if wanted is not None and place is None:
        raise out_of_reach()
    code = cards.pass_of(place) if place is not None else None
    seconds = rules.HALF_MINUTE - int(clock.now().timestamp()) % rules.HALF_MINUTE
    return render_template(
        "kiosk/pass.html", place=place, places=places, seconds=seconds, own=own,
        qr=Markup(pdf.qr(code, border=4)) if code is not None else None,  # made by us of a code of ours
    )  # fmt: skip
