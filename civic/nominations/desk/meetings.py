"""Running one meeting of the council: who is here, who stays out, what the paper says, and the end of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import images, storage
from civic.core.errors import Invalid
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import councils
from civic.nominations.desk import pages
from civic.nominations.forms import GROUND_WORDS, MinutesForm
from civic.nominations.models.councils import Meeting
from civic.nominations.queries import rounds as queries
from civic.nominations.rules import quorum_of
from civic.web import session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _meeting(meeting_id: int) -> Meeting:
    found = queries.meeting_by_id(meeting_id)
    if found is None:
        raise out_of_reach()
    queries.in_reach_of(session.actor(), found.round_id)
    return found


@pages.get("/meetings/<int:meeting_id>")
@needs(Permission.NOMINATION_READ)
def meeting(meeting_id: int) -> str:
    return _page(meeting_id, MinutesForm(formdata=None))


def _page(meeting_id: int, form: MinutesForm) -> str:
    found = _meeting(meeting_id)
    rule = found.round.rule
    return render_template(
        "nominations/desk/meeting.html",
        meeting=found,
        members=queries.sitting(found.round.region_id, found.held_on),
        present={a.member_id for a in found.attendances},
        verdicts=queries.verdicts_of(meeting_id),
        recusals=queries.recusals_of(meeting_id),
        votes=queries.votes_of(meeting_id),
        grounds=GROUND_WORDS,
        quorum=quorum_of(found.seats, rule.quorum_numerator, rule.quorum_denominator),
        form=form,
        typed=request.form,
    )


def _number(name: str) -> int:
    words = (request.form.get(name) or "0").strip()
    if not words.isdigit() or len(words) > 4:
        raise Invalid("not_a_number", _("票数请写数字。"))
    return int(words)


def _presence(meeting_id: int, form: MinutesForm) -> None:
    councils.mark_present(session.actor(), meeting_id, request.form.getlist("member", type=int))


def _counts(meeting_id: int, form: MinutesForm) -> None:
    councils.mark_present(session.actor(), meeting_id, request.form.getlist("member", type=int))
    for verdict in queries.verdicts_of(meeting_id):
        case = verdict.nomination_id
        councils.count_paper(
            session.actor(), meeting_id, case, yes=_number(f"yes_{case}"), no=_number(f"no_{case}"), abstain=_number(f"abstain_{case}")
        )


def _recusal(meeting_id: int, form: MinutesForm) -> None:
    councils.stay_out(
        session.actor(), meeting_id, request.form.get("nomination", 0, type=int), member_id=request.form.get("member", 0, type=int)
    )


def _closing(meeting_id: int, form: MinutesForm) -> None:
    file = form.minutes.data
    key = storage.keep(images.prepare(file.stream).data, "jpg") if file and getattr(file, "filename", "") else None
    councils.close_meeting(session.actor(), meeting_id, minutes_key=key)


DEEDS: dict[str, Callable[[int, MinutesForm], None]] = {
    "presence": _presence,
    "counts": _counts,
    "recusal": _recusal,
    "closing": _closing,
}


@pages.post("/meetings/<int:meeting_id>/<deed>")
@needs(Permission.ROUND_RUN)
def run_meeting(meeting_id: int, deed: str) -> Answer:
    _meeting(meeting_id)
    if deed not in DEEDS:
        raise out_of_reach()
    form = MinutesForm()
    if form.carried_out(lambda: DEEDS[deed](meeting_id, form)):
        flash(_("评议结束，结果定了。") if deed == "closing" else _("记下了。"))
        return redirect(url_for("nominations.desk.meeting", meeting_id=meeting_id), 303)
    return _page(meeting_id, form), form.status


@pages.get("/meetings/<int:meeting_id>/minutes")
@needs(Permission.NOMINATION_READ)
def minutes(meeting_id: int) -> Plain:
    """The photographed minutes, for those who may read the case."""
    found = _meeting(meeting_id)
    if found.minutes_key is None:
        raise out_of_reach()
    with storage.open_(found.minutes_key) as file:
        answer = Plain(file.read(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
