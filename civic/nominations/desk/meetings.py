"""Running one meeting of the council: who is here, who stays out, what the paper says, and the end of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import images, storage, typed
from civic.core.errors import Invalid
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import councils, papers
from civic.nominations.desk import pages
from civic.nominations.forms.councils import GROUND_WORDS, MinutesForm
from civic.nominations.models.councils import Meeting, MeetingStatus, PaperEntry
from civic.nominations.queries import cases
from civic.nominations.queries import papers as written
from civic.nominations.queries import rounds as queries
from civic.nominations.rules.panels import quorum_of
from civic.web import arguments, session
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
    entries = written.entries_of(meeting_id)
    mine = next((e for e in entries if e.clerk_id == session.actor().user_id), None)
    return render_template(
        "nominations/desk/meeting.html",
        meeting=found,
        members=queries.sitting(found.round.region_id, found.held_on),
        verdicts=[v for v in queries.verdicts_of(meeting_id) if cases.is_seen_by(session.actor(), v.nomination)],
        recusals=queries.recusals_of(meeting_id),
        votes=queries.votes_of(meeting_id),
        grounds=GROUND_WORDS,
        quorum=quorum_of(found.seats, rule.quorum_numerator, rule.quorum_denominator),
        form=form,
        typed=request.form,
        entries=entries,
        mine=mine,
        sheet=written.sheet_of(mine),
        differences=written.differences(entries),
        here=_here(found, mine),
    )


def _here(found: Meeting, mine: PaperEntry | None) -> set[int]:
    """Who is ticked as present: as just typed, as this clerk entered, or as those who voted here."""
    if request.method == "POST":
        return set(arguments.sent_numbers("member"))
    if found.is_on_paper and found.status is MeetingStatus.OPEN:
        return set(written.sheet_of(mine)["present"])
    return {a.member_id for a in found.attendances}


def _number(name: str, most: int) -> int | None:
    """What was typed in one box; an empty one is none."""
    words = (request.form.get(name) or "").strip()
    if not words:
        return None
    number = typed.whole_number(words, most=most)
    if number is None:
        raise Invalid("not_a_number", _("请写数字，不要超过 %(most)s。", most=most))
    return number


def _presence(meeting_id: int, form: MinutesForm) -> None:
    councils.mark_present(session.actor(), meeting_id, arguments.sent_numbers("member"))


def _paper(meeting_id: int, form: MinutesForm) -> None:
    """One clerk's sheet, as the boxes say."""
    present = arguments.sent_numbers("member")
    found = _meeting(meeting_id)
    cases = [v.nomination_id for v in queries.verdicts_of(meeting_id)]
    counts: dict[int, tuple[int, int, int]] = {}
    scores: dict[int, dict[int, int]] = {}
    for case in cases:
        if found.by_score:
            given = {m.id: _number(f"score_{case}_{m.id}", 100) for m in queries.sitting(found.round.region_id, found.held_on)}
            scores[case] = {member: score for member, score in given.items() if score is not None}
        else:
            yes, no, abstain = (_number(f"{word}_{case}", 9999) or 0 for word in ("yes", "no", "abstain"))
            counts[case] = (yes, no, abstain)
    papers.enter(session.actor(), meeting_id, papers.Sheet(tuple(present), counts, scores))


def _recusal(meeting_id: int, form: MinutesForm) -> None:
    councils.stay_out(
        session.actor(), meeting_id, arguments.sent_number("nomination", 0), member_id=arguments.sent_number("member", 0)
    )


def _closing(meeting_id: int, form: MinutesForm) -> None:
    file = form.minutes.data
    key = storage.keep(images.prepare(file.stream).data, "jpg") if file and getattr(file, "filename", "") else None
    councils.close_meeting(session.actor(), meeting_id, minutes_key=key)


DEEDS: dict[str, Callable[[int, MinutesForm], None]] = {
    "presence": _presence,
    "paper": _paper,
    "recusal": _recusal,
    "closing": _closing,
}


def _done(deed: str, meeting_id: int) -> str:
    if deed == "closing":
        return _("评议结束，结果定了。")
    entries = written.entries_of(meeting_id)
    if deed != "paper":
        return _("记下了。")
    if len(entries) < papers.CLERKS:
        return _("您的这一遍记下了。请另一位同志再录一遍，他看不到您录的。")
    return _("两遍不一样，下面列出来了。") if written.differences(entries) else _("两遍一样，可以结束了。")


@pages.post("/meetings/<int:meeting_id>/<deed>")
@needs(Permission.ROUND_RUN)
def run_meeting(meeting_id: int, deed: str) -> Answer:
    _meeting(meeting_id)
    if deed not in DEEDS:
        raise out_of_reach()
    form = MinutesForm()
    if form.carried_out(lambda: DEEDS[deed](meeting_id, form)):
        flash(_done(deed, meeting_id))
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
