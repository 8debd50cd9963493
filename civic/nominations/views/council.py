"""The council member's own page: the meetings they sit in, each case with one ballot."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.nominations.actions import councils
from civic.nominations.forms.councils import CHOICE_WORDS, GROUND_WORDS, BallotForm
from civic.nominations.models.councils import Choice, Meeting, Member
from civic.nominations.queries import rounds
from civic.nominations.views import pages
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.get("/council")
@signed_in
def council() -> str:
    return render_template("nominations/council.html", seats=rounds.my_seats(session.actor().person_id or 0))


@pages.get("/council/<int:meeting_id>")
@signed_in
def ballots(meeting_id: int) -> str:
    return _page(meeting_id, BallotForm(formdata=None))


def _seat(meeting_id: int) -> tuple[Meeting, Member]:
    found = next((s for s in rounds.my_seats(session.actor().person_id or 0) if s[0].id == meeting_id), None)
    if found is None:
        abort(404)
    return found[0], found[1]


def _page(meeting_id: int, form: BallotForm, wrong: int | None = None) -> str:
    meeting, member = _seat(meeting_id)
    recused = rounds.recusals_of(meeting_id)
    return render_template(
        "nominations/ballots.html",
        meeting=meeting,
        verdicts=rounds.verdicts_of(meeting_id),
        # Nobody sees another's word before the meeting is closed: only one's own votes are read.
        mine={v.nomination_id: v for v in rounds.votes_of(meeting_id) if v.member_id == member.id},
        recused={case: r for (case, who), r in recused.items() if who == member.id},
        form=form,
        wrong=wrong,
        choices=CHOICE_WORDS,
        grounds=GROUND_WORDS,
    )


@pages.post("/council/<int:meeting_id>/<int:nomination_id>/vote")
@signed_in
def vote(meeting_id: int, nomination_id: int) -> Answer:
    form = BallotForm()
    actor = session.actor()

    def cast() -> None:
        choice = Choice(form.choice.data) if form.choice.data else None
        councils.vote(actor, meeting_id, nomination_id, choice=choice, score=form.score.data, note=form.note.data or "")

    if form.carried_out(cast):
        flash(_("投好了，谢谢您。"))
        return redirect(url_for("nominations.ballots", meeting_id=meeting_id, _anchor=f"case-{nomination_id}"), 303)
    code = form.refusal.code if form.refusal is not None else None
    if code is not None:
        with transaction():
            councils.record_refusal(actor, meeting_id, code)
    return _page(meeting_id, form, nomination_id), form.status


@pages.post("/council/<int:meeting_id>/<int:nomination_id>/recusal")
@signed_in
def recusal(meeting_id: int, nomination_id: int) -> Answer:
    _seat(meeting_id)
    return ask(
        lambda: Question(_("这件您要回避？"), [_("回避了，这件就不能再投票。别的照常投。"), _("会记在会议记录里：您自己提出回避。")], _("这件我回避")),
        lambda _reason: councils.stay_out(session.actor(), meeting_id, nomination_id),
        done=_("记下了，这件您回避。"), to=url_for("nominations.ballots", meeting_id=meeting_id), try_first=True,
    )  # fmt: skip
