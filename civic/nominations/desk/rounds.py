"""The rounds of a desk: open one, see it whole, propose, recall, put up, close; and the council's seats."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, storage, typed
from civic.core.db import transaction
from civic.errands import actions as errands
from civic.errands import queries as errands_of
from civic.errands.desk import RESULTS
from civic.honours import queries as honours
from civic.identity.permissions import Permission, may, out_of_reach
from civic.identity.rules import contact_from
from civic.nominations.actions import councils, noticing, rehearsing
from civic.nominations.actions import rounds as actions
from civic.nominations.desk import pages
from civic.nominations.forms.councils import MeetingForm, MemberForm
from civic.nominations.forms.rounds import CADENCE_WORDS, CLOSING_WORDS, RoundDeedForm, RoundForm
from civic.nominations.models.rounds import Cadence, Round
from civic.nominations.queries import cases, juries
from civic.nominations.queries import rounds as queries
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.web import arguments, session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]
# What is done within a second or two; a larger round is an errand.
NOW_MOST = 60
ONE_PAGE = 50
LONG = {"notice": "notice", "closing": "closing"}

DEEDS: dict[str, Callable[[RoundDeedForm, int], Any]] = {
    "proposal": lambda f, n: actions.propose(session.actor(), n, f.nomination.data or 0, upward=f.upward.data, reason=f.reason.data),
    "recall": lambda f, n: actions.recall(session.actor(), n, f.nomination.data or 0, reason=f.reason.data),
    "notice": lambda f, n: noticing.publish(session.actor(), n),
    "closing": lambda f, n: actions.close(session.actor(), n),
    "cancellation": lambda f, n: actions.cancel(session.actor(), n, reason=f.reason.data),
}


def _done(deed: str) -> str:
    return {
        "proposal": _("写进名单了，公示以前谁也看不到。"),
        "recall": _("退回审核台了。"),
        "notice": _("贴出来了，大家都看得到。"),
        "closing": _("发布了。评上的和转到下一期的，都通知了推荐人。"),
        "cancellation": _("这一期不办了。"),
    }[deed]


def _place() -> Region:
    """The region a page is about: the one asked for, where the actor runs rounds there; else their own."""
    actor = session.actor()
    at = arguments.number("at")
    paths = actor.paths_for(Permission.ROUND_RUN)
    own = int(paths[0].rstrip(".").split(".")[-1])
    place = regions.by_id(at if at is not None else own)
    if place is None or not may(actor, Permission.ROUND_RUN, place.path):
        raise out_of_reach()
    return place


@pages.get("/rounds")
@needs(Permission.NOMINATION_READ)
def rounds() -> str:
    actor = session.actor()
    return render_template(
        "nominations/desk/rounds.html", rounds=queries.rounds_of(actor), may_run=actor.holds(Permission.ROUND_RUN), cadences=CADENCE_WORDS
    )


@pages.route("/rounds/open", methods=["GET", "POST"])
@needs(Permission.ROUND_RUN)
def open_round() -> Answer:
    place = _place()
    form = RoundForm(opens_on=clock.today())
    classes = honours.categories(clock.today())
    most = {c.id: (request.form.get(f"most_{c.id}") or "").strip() for c in classes}

    def begin() -> None:
        quotas: dict[int | None, int] = {c: number for c, n in most.items() if (number := typed.whole_number(n, most=999)) is not None}
        if form.most.data is not None:
            quotas[None] = form.most.data
        actions.open_(
            session.actor(), place, name=form.name.data, cadence=Cadence(form.cadence.data), opens_on=form.opens_on.data,
            closes_on=form.closes_on.data, quotas=quotas, is_urgent=form.is_urgent.data, document=form.document.data,
        )  # fmt: skip

    if request.method == "POST" and form.carried_out(begin):
        flash(_("开好了。初审通过的推荐都在这一期里。"))
        return redirect(url_for("nominations.desk.rounds"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("nominations/desk/open_round.html", form=form, place=place, classes=classes, most=most, below=regions.children(place) if place.level > 1 else []), status


@pages.get("/rounds/<int:round_id>")
@needs(Permission.NOMINATION_READ)
def round(round_id: int) -> str:
    return _page(round_id, RoundDeedForm(formdata=None), MeetingForm(formdata=None, held_on=clock.today()))


def _page(round_id: int, form: RoundDeedForm, meeting: MeetingForm) -> str:
    actor = session.actor()
    round_: Round = queries.in_reach_of(actor, round_id)
    by_status = {status: [c for c in group if cases.is_seen_by(actor, c)] for status, group in queries.cases_of(round_).items()}
    everybody = [case for group in by_status.values() for case in group]
    items = queries.items_of(round_id)
    return render_template(
        "nominations/desk/round.html",
        round=round_,
        cases={status.value: group for status, group in by_status.items()},
        rows=queries.list_of(round_),
        over=queries.over_quota(round_),
        together=juries.together(everybody, round_),
        verdicts=queries.latest_verdicts([case.id for case in everybody], round_.level),
        meetings=queries.meetings_of(round_id),
        members=queries.sitting(round_.region_id, clock.today()),
        items={item.nomination_id: item for item in items},
        waiting=queries.count_waiting(round_.region_id),
        form=form,
        meeting_form=meeting,
        may_run=may(actor, Permission.ROUND_RUN, round_.region_path),
        now=clock.now(),
        quorum=(round_.rule.quorum_numerator, round_.rule.quorum_denominator),
    )


@pages.post("/rounds/<int:round_id>/<deed>")
@needs(Permission.ROUND_RUN)
def run_round(round_id: int, deed: str) -> Answer:
    """One deed in a round; a refusal stands on top of the round's page."""
    queries.in_reach_of(session.actor(), round_id)
    form = RoundDeedForm()
    if deed not in DEEDS:
        raise out_of_reach()
    if deed in LONG and queries.count_in(round_id) > NOW_MOST:
        return _later(round_id, LONG[deed])
    if form.carried_out(lambda: DEEDS[deed](form, round_id)):
        flash(_done(deed))
        return redirect(url_for("nominations.desk.round", round_id=round_id), 303)
    return _page(round_id, form, MeetingForm(formdata=None, held_on=clock.today())), form.status


@pages.post("/rounds/<int:round_id>/rehearsal")
@needs(Permission.ROUND_RUN)
def rehearse_closing(round_id: int) -> Answer:
    """Every letter of the closing, read before it is done. A POST, for it takes the round's locks while it looks."""
    round_ = queries.in_reach_of(session.actor(), round_id)
    if queries.count_in(round_id) > NOW_MOST:
        return _later(round_id, "rehearsal")
    form = RoundDeedForm()
    found: list[rehearsing.Rehearsed] = []
    if form.carried_out(lambda: found.extend(rehearsing.rehearse(session.actor(), round_id))):
        round_ = queries.in_reach_of(session.actor(), round_id)
        return render_template(
            "nominations/desk/closing.html", round=round_, rows=[asdict(row) for row in found], words=CLOSING_WORDS, cases=len(found),
            count=sum(len(row.letters) for row in found), errand=None, page=0, pages=1,
        )  # fmt: skip
    return _page(round_id, form, MeetingForm(formdata=None, held_on=clock.today())), form.status


def _later(round_id: int, kind: str) -> Response:
    """A round of many cases takes its time: the worker does it, and a page says how far it is."""
    round_ = queries.in_reach_of(session.actor(), round_id)
    words = {"notice": _("%(round)s：公示", round=round_.name), "closing": _("%(round)s：一起发布", round=round_.name), "rehearsal": _("%(round)s：发布以前看一遍", round=round_.name)}
    with transaction():
        errand = errands.ask(session.actor(), kind, str(round_id), name=words[kind], round=round_id, back=url_for("nominations.desk.round", round_id=round_id))
    return redirect(url_for("errands.desk.errand", errand_id=errand), 303)


@pages.get("/rounds/<int:round_id>/rehearsal/<int:errand_id>")
@needs(Permission.ROUND_RUN)
def rehearsed(round_id: int, errand_id: int) -> str:
    """What the worker found when it rehearsed a large closing, page by page."""
    round_, errand = queries.in_reach_of(session.actor(), round_id), errands_of.own(session.actor(), errand_id)
    if errand.kind != "rehearsal" or errand.facts["round"] != round_id or errand.file_key is None or not storage.is_kept(errand.file_key):
        raise out_of_reach()
    with storage.open_(errand.file_key) as file:
        rows = json.load(file)
    pages_, page = -(-len(rows) // ONE_PAGE) or 1, max(0, arguments.number("page", 0))
    return render_template(
        "nominations/desk/closing.html", round=round_, rows=rows[page * ONE_PAGE : (page + 1) * ONE_PAGE], words=CLOSING_WORDS, cases=len(rows),
        count=sum(len(row["letters"]) for row in rows), errand=errand, page=page, pages=pages_,
    )  # fmt: skip


RESULTS["rehearsal"] = lambda errand: render_template("nominations/desk/_rehearsal_result.html", errand=errand, round_id=errand.facts["round"])


@pages.post("/rounds/<int:round_id>/meeting")
@needs(Permission.ROUND_RUN)
def open_meeting(round_id: int) -> Answer:
    queries.in_reach_of(session.actor(), round_id)
    form = MeetingForm()
    opened = []
    if form.carried_out(
        lambda: opened.append(
            councils.open_meeting(
                session.actor(), round_id, held_on=form.held_on.data, is_secret=form.is_secret.data, is_on_paper=form.is_on_paper.data
            )
        )
    ):
        return redirect(url_for("nominations.desk.meeting", meeting_id=opened[0].id), 303)
    return _page(round_id, RoundDeedForm(formdata=None), form), form.status


@pages.route("/seats", methods=["GET", "POST"])
@needs(Permission.ROUND_RUN)
def seats() -> Answer:
    place = _place()
    today = clock.today()
    form = MemberForm(since=today, until=today.replace(year=today.year + 2, day=min(today.day, 28)))

    def name() -> None:
        contact = contact_from(form.contact.data) if form.contact.data else None
        councils.name_member(
            session.actor(), place, name=form.name.data, contact=contact, standing=form.standing.data or "",
            since=form.since.data, until=form.until.data,
        )  # fmt: skip

    if request.method == "POST" and form.carried_out(name):
        flash(_("请进评议会了。"))
        return redirect(url_for("nominations.desk.seats", at=place.id), 303)
    status = form.status if request.method == "POST" else 200
    rule = cases.rule_in_force(place.level, today)
    return render_template("nominations/desk/seats.html", form=form, place=place, members=queries.sitting(place.id, today), rule=rule), status


@pages.post("/seats/<int:member_id>/end")
@needs(Permission.ROUND_RUN)
def end_seat(member_id: int) -> Response:
    with transaction():
        councils.end_member(session.actor(), member_id)
    flash(_("这个席位空出来了。"))
    return redirect(url_for("nominations.desk.seats", at=arguments.number("at")), 303)
