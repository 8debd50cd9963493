"""The honour roll and the story pages: only what was consented to and approved."""

from __future__ import annotations

from flask import Response, abort, render_template, request

from civic.core import clock, pdf, storage
from civic.honours import files
from civic.honours import queries as honours
from civic.nominations.queries import cases, reactions
from civic.nominations.views.reacting import visitor
from civic.pages.views import pages
from civic.regions import queries as regions
from civic.web import arguments
from civic.web.guards import anyone

FIRST_YEAR = 2019
ONE_PAGE = 24


@pages.get("/roll")
@anyone
def roll() -> str:
    level = arguments.number("level", 5)
    level = level if 1 <= level <= 5 else 5
    chosen = {
        "county_id": arguments.number("county"),
        "community_id": arguments.number("community"),
        "category_id": arguments.number("category"),
        "year": arguments.number("year"),
        "name": (request.args.get("name") or "").strip()[:20] or None,
    }
    city = regions.root()
    counties = regions.children(city) if city is not None and city.level == 5 else []
    return render_template(
        "pages/roll.html",
        level=level,
        chosen=chosen,
        page=honours.shown(level, **chosen, after=request.args.get("after"), limit=ONE_PAGE),
        categories=honours.categories(clock.today()),
        counties=counties,
        years=range(clock.today().year, FIRST_YEAR - 1, -1),
        tally=honours.tally().get(level),
    )


@pages.get("/story/<int:honour_id>")
@anyone
def story(honour_id: int) -> str:
    honour = honours.shown_by_id(honour_id)
    if honour is None:
        abort(404)
    reaction = reactions.of_case(cases.by_id(honour.nomination_id), visitor(honour.nomination_id))
    return render_template(
        "pages/story.html", honour=honour, way=honours.way_of(honour), reaction=reaction, address=files.address_of(honour)
    )


@pages.get("/story/<int:honour_id>/code.svg")
@anyone
def story_code(honour_id: int) -> Response:
    """The QR code of a story, as a picture."""
    honour = honours.shown_by_id(honour_id)
    if honour is None:
        abort(404)
    return Response(pdf.qr(files.address_of(honour)), mimetype="image/svg+xml")


@pages.get("/story/<int:honour_id>/card")
@anyone
def story_card(honour_id: int) -> Response:
    """A card to print and hand on: what the page says, and the code that leads to it."""
    honour = honours.shown_by_id(honour_id)
    if honour is None:
        abort(404)
    answer = Response(pdf.printed("card", files.card_of(honour)), mimetype="application/pdf")
    # While consent stands: a card that was kept somewhere would outlive it.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.get("/portrait/<int:honour_id>")
@anyone
def portrait(honour_id: int) -> Response:
    """The photograph of an honour, only while its person's consent stands."""
    honour = honours.shown_by_id(honour_id)
    if honour is None or honour.photo_key is None:
        abort(404)
    with storage.open_(honour.photo_key) as file:
        answer = Response(file.read(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
