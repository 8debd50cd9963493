"""Where a nomination stands: by reference and last four digits, or by the link of a letter."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import limits
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.nominations.forms.nominating import TrackForm
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, journeys, likenesses, notices, rounds, second_looks, undoing
from civic.nominations.rules import links
from civic.nominations.states import Status
from civic.pages.views import pages
from civic.web.guards import anyone


@pages.route("/track", methods=["GET", "POST"])
@anyone
def track() -> str | Response | tuple[str, int]:
    form = TrackForm(reference=request.args.get("reference", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    limits.spend_at("track.asker", request.remote_addr or "", allowed=30, per=timedelta(minutes=15))
                    limits.spend("track.reference", links.normalised_reference(form.reference.data), allowed=8, per=timedelta(hours=1))
                voice = cases.voice_for(form.reference.data, form.tail.data)
                if voice is None:
                    raise Invalid("track_unknown", _("编号和后四位对不上。请对着短信或邮件再看一眼，也可以打热线查。"), field="reference")
                with transaction():
                    limits.give_back("track.asker", request.remote_addr or "")
                    limits.give_back("track.reference", links.normalised_reference(form.reference.data))
                return redirect(url_for("pages.tracked", token=links.tracking_token(voice.id)), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return render_template("pages/track.html", form=form), status


@pages.get("/track/t/<token>")
@anyone
def tracked(token: str) -> str:
    number = links.voice_id_from(token)
    voice = cases.voice_by_id(number) if number is not None else None
    if voice is None:
        abort(404)
    case = voice.nomination
    steps = journeys.journey(case)
    # A step that may still be taken back is nothing to build on yet: no letter went out either.
    settling = undoing.is_settling(case)
    return render_template(
        "pages/tracked.html",
        voice=voice,
        case=case,
        is_first=cases.is_first_voice(voice),
        steps=steps,
        here=next((s for s in steps if s.is_current), None),
        token=token,
        onward=_onward(voice),
        look=second_looks.of_case(case.id) if case.status is Status.DECLINED else None,
        settling=settling,
        may_ask_again=second_looks.may_ask(case) and not settling,
        round=rounds.running_at(case.region_id) if case.status is Status.READY else None,
        item=notices.item_of(case.id) if case.status in (Status.NOTICED, Status.HELD) else None,
    )


def _onward(voice: Voice) -> str | None:
    """The link of the case in which a joined one goes on."""
    found = likenesses.onward(voice)
    return links.tracking_token(found.id) if found is not None else None
