"""The rounds of a desk: open one, see it whole, propose, recall, put up, close; and the council's seats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, listing, typed
from civic.honours import queries as honours
from civic.identity.permissions import Permission, may, out_of_reach
from civic.identity.rules import contact_from
from civic.nominations.actions import councils
from civic.nominations.actions import rounds as actions
from civic.nominations.desk import pages
from civic.nominations.forms.councils import MeetingForm, MemberForm
from civic.nominations.forms.rounds import CADENCE_WORDS, RoundDeedForm, RoundForm
from civic.nominations.models.rounds import Cadence, Round
from civic.nominations.queries import cases, juries
from civic.nominations.queries import councils as seats_held
from civic.nominations.queries import rounds as queries
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.web import arguments, session
from civic.web.asking import Question, ask
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]

# What cannot be taken back stands in `closing` and asks first.
DEEDS: dict[str, Callable[[RoundDeedForm, int], Any]] = {
    "proposal": lambda f, n: actions.propose(session.actor(), n, f.nomination.data or 0, upward=f.upward.data, reason=f.reason.data),
    "recall": lambda f, n: actions.recall(session.actor(), n, f.nomination.data or 0, reason=f.reason.data),
}


def _done(deed: str) -> str:
    return {
        "proposal": _("写进名单了，公示以前谁也看不到。"),
        "recall": _("退回审核台了。"),
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
        "nominations/desk/rounds.html", rounds=queries.rounds_of(actor, listing.ALL if request.args.get("all") == "1" else None), may_run=actor.holds(Permission.ROUND_RUN), cadences=CADENCE_WORDS
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
    return round_with(round_id, RoundDeedForm(formdata=None))


def round_with(round_id: int, form: RoundDeedForm) -> str:
    """The round's page with what was refused on top."""
    return _page(round_id, form, MeetingForm(formdata=None, held_on=clock.today()))


def _page(round_id: int, form: RoundDeedForm, meeting: MeetingForm) -> str:
    actor = session.actor()
    round_: Round = queries.in_reach_of(actor, round_id)
    by_status = {status: [c for c in group if cases.is_seen_by(actor, c)] for status, group in queries.cases_of(round_).items()}
    everybody = [case for group in by_status.values() for case in group]
    items = queries.items_of(round_id)
    before = seats_held.verdicts_before([case.id for case in everybody], round_.level)
    return render_template(
        "nominations/desk/round.html",
        round=round_,
        cases={status.value: group for status, group in by_status.items()},
        rows=queries.list_of(round_),
        over=queries.over_quota(round_),
        together=juries.together(everybody, round_),
        verdicts={case: verdicts[-1] for case, verdicts in before.items()},
        before=before,
        judged_here={case for case, verdicts in before.items() if any(v.meeting.round_id == round_id for v in verdicts)},
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
    if form.carried_out(lambda: DEEDS[deed](form, round_id)):
        flash(_done(deed))
        return redirect(url_for("nominations.desk.round", round_id=round_id), 303)
    return round_with(round_id, form), form.status


@pages.post("/rounds/<int:round_id>/meeting")
@needs(Permission.ROUND_RUN)
def open_meeting(round_id: int) -> Answer:
    queries.in_reach_of(session.actor(), round_id)
    form = MeetingForm()
    opened = []
    if form.carried_out(
        lambda: opened.append(
            councils.open_meeting(
                session.actor(), round_id, held_on=form.held_on.data, is_secret=form.is_secret.data, is_on_paper=form.is_on_paper.data,
                again=arguments.sent_numbers("again"), reason=form.again_reason.data or "",
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


def _ending_seat(member_id: int) -> Question:
    member = seats_held.member_in_reach_of(session.actor(), member_id)
    return Question(
        _("请%(name)s离开评议会？", name=member.name),
        [
            _("他（她）的席位马上空出来，以后的会不再算他（她）。"),
            _("要请回来，得重新添上。"),
        ],
        _("空出这个席位"),
        reason=_("为什么（留在档案里）"),
    )


@pages.post("/seats/<int:member_id>/end")
@needs(Permission.ROUND_RUN)
def end_seat(member_id: int) -> Answer:
    return ask(
        lambda: _ending_seat(member_id), lambda reason: councils.end_member(session.actor(), member_id, reason=reason),
        done=_("这个席位空出来了。"), to=url_for("nominations.desk.seats", at=arguments.number("at")), try_first=True,
    )  # fmt: skip
