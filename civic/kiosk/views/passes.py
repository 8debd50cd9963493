"""What a volunteer shows at a kiosk: the pass on a phone, another code every half minute, and the card they print themselves."""

from __future__ import annotations

from flask import Response as File
from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from civic.core import clock, pdf
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.permissions import out_of_reach
from civic.kiosk import files, rules
from civic.kiosk.actions import cards as actions
from civic.kiosk.queries import cards
from civic.kiosk.views import pages
from civic.web import arguments, session
from civic.web.asking import Answer, Question, ask
from civic.web.guards import signed_in


@pages.get("/pass")
@signed_in
def my_pass() -> str:
    """The pass of my next shift, or of `?place=`; also of those I sign up."""
    own = session.actor().person_id
    assert own is not None
    places = cards.places_for_pass([own, *(ward.id for ward in identity.family_of(own))])
    wanted = arguments.number("place")
    place = next((row for row in places if row.id == wanted), None) if wanted is not None else next(iter(places), None)
    if wanted is not None and place is None:
        raise out_of_reach()
    code = cards.pass_of(place) if place is not None else None
    seconds = rules.HALF_MINUTE - int(clock.now().timestamp()) % rules.HALF_MINUTE
    return render_template(
        "kiosk/pass.html", place=place, places=places, seconds=seconds, own=own,
        qr=Markup(pdf.qr(code, border=4)) if code is not None else None,  # made by us of a code of ours
    )  # fmt: skip


def _card_page(problem: str | None = None) -> str:
    circle = actions.of_oneself(session.actor())
    ids = list(circle.people)
    return render_template("kiosk/card.html", people=circle.people, cards=cards.cards_of(ids), numbers=cards.numbers_of(ids), problem=problem)


@pages.get("/card")
@signed_in
def my_card() -> str:
    """My card, and those of whom I sign up: print, or say that it is lost."""
    return _card_page()


@pages.post("/card/<int:person_id>/<deed>")
@signed_in
def change_card(person_id: int, deed: str) -> File | Answer:
    """`print`: on paper, made where there is none; `loss`: the old one works no more."""
    actor = session.actor()
    circle = actions.of_oneself(actor)
    if deed == "loss":
        return ask(
            lambda: Question(_("挂失旧卡？"), [_("旧卡马上扫不了，找回来也没用。要用得再印一张新的。")], _("挂失")),
            lambda _reason: actions.lose(actor, circle, person_id),
            done=_("挂失了，旧卡捡到也没用。要新的就再印一张。"), to=url_for("kiosk.my_card"), try_first=True,
            refused=lambda error: (_card_page(str(error.sentence)), error.status),
        )  # fmt: skip
    if deed != "print":
        raise out_of_reach()
    try:
        with transaction():
            found = actions.issue(actor, circle, [person_id])
    except DomainError as error:
        if error.status == 404:
            raise
        return _card_page(str(error.sentence)), error.status
    body = files.sheet(found, cards.numbers_of([person_id]), city=current_app.config["CITY_NAME"], team=circle.name)
    return File(body, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="card.pdf"', "Cache-Control": "private, no-store"})
