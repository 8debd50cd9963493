"""Running one meeting of the council: who is here, who stays out, what the paper says, and the end of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import typed
from civic.core.errors import DomainError, Invalid, NotNow
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import councils, papers, settling
from civic.nominations.desk import pages
from civic.nominations.forms.councils import CHOICE_WORDS, GROUND_WORDS, MinutesForm, RecusalForm
from civic.nominations.models.councils import Meeting, MeetingStatus, PaperEntry, RecusalGround
from civic.nominations.queries import cases
from civic.nominations.queries import councils as seats
from civic.nominations.queries import papers as written
from civic.nominations.queries import rounds as queries
from civic.nominations.rules.panels import quorum_of
from civic.web import arguments, evidence, session
from civic.web.asking import Question, ask
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
    members = seats.seats_of(found)
    verdicts = [v for v in queries.verdicts_of(meeting_id) if cases.is_seen_by(session.actor(), v.nomination)]
    votes = queries.votes_of(meeting_id)
    return render_template(
        "nominations/desk/meeting.html",
        meeting=found,
        members=members,
        phones=seats.with_account(members),
        voted={vote.member_id for vote in votes if not vote.on_paper},
        verdicts=verdicts,
        before=seats.verdicts_before([v.nomination_id for v in verdicts], found.round.level),
        sums={found.verdict.nomination_id: found for found in seats.sums_of(found)},
        recusals=queries.recusals_of(meeting_id),
        votes=votes,
        ballots={(vote.nomination_id, vote.member_id): vote for vote in votes},
        grounds=GROUND_WORDS,
        choices=CHOICE_WORDS,
        recusal=RecusalForm(formdata=request.form if request.method == "POST" else None),
        quorum=quorum_of(found.seats, rule.quorum_numerator, rule.quorum_denominator),
        form=form,
        typed=request.form,
        entries=entries,
        mine=mine,
        sheet=written.sheet_of(mine),
        differences=written.differences(entries),
        here=_here(found),
        papers_of=_papers_of(mine),
    )


def _here(found: Meeting) -> set[int]:
    """Who is ticked as present: as just typed, else as those who voted here or were marked."""
    if request.method == "POST" and "presence" in request.form:
        return set(arguments.sent_numbers("member"))
    return {a.member_id for a in found.attendances}


def _papers_of(mine: PaperEntry | None) -> set[int]:
    """Whose papers this clerk enters: as just typed, else as they entered."""
    if request.method == "POST" and "sheet" in request.form:
        return set(arguments.sent_numbers("paper"))
    return set(written.sheet_of(mine)["present"])


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
    found = _meeting(meeting_id)
    counts: dict[int, tuple[int, int, int]] = {}
    scores: dict[int, dict[int, int]] = {}
    choices: dict[int, dict[int, str]] = {}
    members = [m.id for m in seats.seats_of(found)]
    for case in [v.nomination_id for v in queries.verdicts_of(meeting_id)]:
        if found.by_score:
            given = {m: _number(f"score_{case}_{m}", 100) for m in members}
            scores[case] = {member: score for member, score in given.items() if score is not None}
        elif found.is_secret:
            yes, no, abstain = (_number(f"{word}_{case}", 9999) or 0 for word in ("yes", "no", "abstain"))
            counts[case] = (yes, no, abstain)
        else:
            chosen = {m: request.form.get(f"choice_{case}_{m}", "") for m in members}
            choices[case] = {member: words for member, words in chosen.items() if words}
    papers.enter(session.actor(), meeting_id, papers.Sheet(tuple(arguments.sent_numbers("paper")), counts, scores, choices))


DEEDS: dict[str, Callable[[int, MinutesForm], None]] = {"presence": _presence, "paper": _paper}


def _done(deed: str, meeting_id: int) -> str:
    entries = written.entries_of(meeting_id)
    if deed != "paper":
        return _("记下了。")
    if len(entries) < papers.CLERKS:
        return _("您的这一遍记下了。请另一位同志再录一遍，他看不到您录的。")
    return _("两遍不一样，下面列出来了。") if written.differences(entries) else _("两遍一样，这些票算数了。")


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


def _refused(meeting_id: int, error: DomainError) -> Answer:
    form = MinutesForm(formdata=None)
    form.refuse(error)
    return _page(meeting_id, form), error.status


@pages.post("/meetings/<int:meeting_id>/recusal")
@needs(Permission.ROUND_RUN)
def recuse(meeting_id: int) -> Answer:
    found, form = _meeting(meeting_id), RecusalForm()
    who = next((m for m in seats.seats_of(found) if m.id == form.member.data), None)
    case = next((v.nomination for v in queries.verdicts_of(meeting_id) if v.nomination_id == form.nomination.data), None)

    def question() -> Question:
        name, of = who.name if who is not None else "—", case.nominee_name if case is not None else "—"
        ground = GROUND_WORDS[RecusalGround(form.ground.data or "declared")]
        return Question(
            _("请%(name)s回避%(of)s这件？", name=name, of=of),
            [
                _("他（她）在这次会上不能再投这一件，也不能再改回来。"),
                _("会议记录会写：%(name)s，%(ground)s。", name=name, ground=f"{ground}：{form.words.data}" if form.words.data else ground),
            ],
            _("请他（她）回避"),
        )

    if not form.validate():
        return _refused(meeting_id, Invalid("ground_missing", _("请选为什么回避。")))
    return ask(
        question,
        lambda _reason: councils.stay_out(
            session.actor(), meeting_id, form.nomination.data or 0, member_id=form.member.data or 0,
            ground=RecusalGround(form.ground.data or "declared"), words=form.words.data or "",
        ),
        done=_("记下了。"), to=url_for("nominations.desk.meeting", meeting_id=meeting_id), try_first=True,
        refused=lambda error: _refused(meeting_id, error),
    )  # fmt: skip


def _ending(meeting_id: int) -> Question:
    found = _meeting(meeting_id)
    if found.status is MeetingStatus.CLOSED:
        raise NotNow("meeting_closed", _("这次评议会已经结束，不能再投了。"))
    sums = settling.demand_complete(found)
    gone = [s.verdict.nomination.nominee_name for s in sums if s.missing]
    return Question(
        _("结束评议，定结果？"),
        [
            _("到会 %(present)s 人，%(count)s 件，票都齐了。", present=sums[0].present if sums else 0, count=len(sums) - len(gone)),
            *([_("会上撤回的 %(names)s 没有结果。", names="、".join(gone))] if gone else []),
            _("结果马上定，谁也不能再投、再改。没通过的，要再评得写明原因另开一次会。"),
        ],
        _("结束评议，定结果"),
    )


@pages.post("/meetings/<int:meeting_id>/closing")
@needs(Permission.ROUND_RUN)
def end_meeting(meeting_id: int) -> Answer:
    """Asked on a page that also takes the photograph of the minutes, which a meeting on paper cannot end without."""
    found, form = _meeting(meeting_id), MinutesForm()

    def close(_reason: str) -> None:
        file = form.minutes.data
        key = evidence.keep(file) if file and getattr(file, "filename", "") else None
        settling.close_meeting(session.actor(), meeting_id, minutes_key=key)

    if found.is_on_paper:
        form.minutes.flags.required = True
    return ask(
        lambda: _ending(meeting_id), close, done=_("评议结束，结果定了。"), to=url_for("nominations.desk.meeting", meeting_id=meeting_id), form=form,
        refused=lambda error: None if error.field == "minutes" else _refused(meeting_id, error),
    )  # fmt: skip


@pages.post("/meetings/<int:meeting_id>/calling_off")
@needs(Permission.ROUND_RUN)
def call_off_meeting(meeting_id: int) -> Answer:
    found = _meeting(meeting_id)
    votes = len({(v.nomination_id, v.member_id) for v in queries.votes_of(meeting_id)})
    return ask(
        lambda: Question(
            _("这次会不算了？"),
            [
                _("已经投的 %(votes)s 票都不算，%(count)s 件等下一次会再评。", votes=votes, count=len(queries.verdicts_of(found.id))),
                _("回避的记录留着。原因会写进会议记录。"),
            ],
            _("这次会不算"),
            reason=_("为什么不算（写进会议记录）"),
        ),
        lambda reason: settling.call_off(session.actor(), meeting_id, reason=reason),
        done=_("这次会不算了，可以另开一次。"), to=url_for("nominations.desk.meeting", meeting_id=meeting_id), try_first=True,
        refused=lambda error: _refused(meeting_id, error),
    )  # fmt: skip


@pages.get("/meetings/<int:meeting_id>/minutes")
@needs(Permission.NOMINATION_READ)
def minutes(meeting_id: int) -> Plain:
    """The photographed minutes, for those who may read the case."""
    found = _meeting(meeting_id)
    if found.minutes_key is None:
        raise out_of_reach()
    return evidence.shown(found.minutes_key)
