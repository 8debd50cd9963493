"""The queue of a desk and the deeds on one case: list and reading pane on one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, typed
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.honours import queries as honours
from civic.identity.permissions import Permission, why_recused
from civic.nominations import states
from civic.nominations.actions import deciding
from civic.nominations.desk import pages
from civic.nominations.forms.cases import FACT_WORDS, VERB_WORDS, DeedForm
from civic.nominations.forms.entries import TOLD_WORDS
from civic.nominations.forms.handing import FilterForm
from civic.nominations.forms.nominating import CHANNEL_WORDS
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.queries import cases, desk, journeys, likenesses, looks, rounds, undoing
from civic.nominations.rules import climbing
from civic.nominations.states import Verb, Who
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]
LANES = ("waiting", "overdue", "raised", "returned", "done")

DEEDS: dict[str, tuple[Verb, Callable[..., Any]]] = {
    "taking": (Verb.TAKE, deciding.take),
    "release": (Verb.RELEASE, deciding.release),
    "handover": (Verb.HAND_OVER, deciding.hand_over),
    "return": (Verb.RETURN, deciding.return_for_supplement),
    "check": (Verb.PASS, deciding.pass_on),
    "endorsement": (Verb.ENDORSE, deciding.endorse),
    "election": (Verb.ELECT, deciding.elect),
    "refusal": (Verb.DECLINE, deciding.decline),
}
WITHOUT_REASON = (Verb.TAKE, Verb.RELEASE)


@pages.get("/queue")
@needs(Permission.NOMINATION_READ)
def queue() -> str:
    return _page(DeedForm(formdata=None))


@pages.post("/cases/<int:nomination_id>/<deed>")
@needs(Permission.NOMINATION_READ)
def decide(nomination_id: int, deed: str) -> Answer:
    """One deed on one case; a refusal comes back with the words still in their box."""
    if deed not in DEEDS:
        return redirect(url_for("nominations.desk.queue"), 303)
    verb, act = DEEDS[deed]
    form = DeedForm()
    status = 422
    if form.validate():
        try:
            words = {} if verb in WITHOUT_REASON else {"reason": form.reason.data}
            with transaction():
                act(session.actor(), nomination_id, expected=form.version.data, **words)
            flash(_done(verb))
            goes_on = {"after": request.args.get("after"), "next": request.args.get("next")}
            stays = {**goes_on, "case": nomination_id} if verb is Verb.TAKE else goes_on
            return redirect(url_for("nominations.desk.queue", **kept_filters(), **stays), 303)
        except DomainError as error:
            if error.status == 404:
                raise
            error.field = None if error.field not in (None, "reason") else error.field
            form.refuse(error)
            status = error.status
    return _page(form, nomination_id), status


def _done(verb: Verb) -> str:
    return {
        Verb.TAKE: _("这件归您办了。"),
        Verb.RELEASE: _("交回了，别的同志可以接。"),
        Verb.HAND_OVER: _("转出去了。"),
        Verb.RETURN: _("退回请推荐人补充，计时先停下。十分钟内可以撤回这一步。"),
        Verb.PASS: _("初审通过了，等这一期评议。十分钟内可以撤回这一步。"),
        Verb.ENDORSE: _("通过了，推到上一级。十分钟内可以撤回这一步。"),
        Verb.ELECT: _("评上了，到此为止。十分钟内可以撤回这一步。"),
        Verb.DECLINE: _("不通过。十分钟内可以撤回这一步，过后把原因告诉推荐人。"),
    }[verb]


def kept_filters() -> dict[str, str]:
    """How the list was narrowed, so that one comes back to it as one left it."""
    return {k: v for k, v in request.values.items() if k in ("lane", "category", "channel", "region", "search") and v}


def narrowing(filters: Mapping[str, str]) -> dict[str, Any]:
    """What a list is asked for, from its address; nonsense narrows nothing."""
    lane, channel, category, region = (filters.get(name) or "" for name in ("lane", "channel", "category", "region"))
    region_id = typed.whole_number(region)
    place = regions.by_id(region_id) if region_id is not None else None
    return {
        "lane": lane if lane in LANES and lane != "overdue" else "waiting",
        "overdue": lane == "overdue",
        "category_id": typed.whole_number(category),
        "channel": Channel(channel) if channel in set(Channel) else None,
        "region_path": place.path if place is not None else None,
        "search": filters.get("search") or None,
    }


def _page(form: DeedForm, nomination_id: int | None = None) -> str:
    actor = session.actor()
    paths = actor.paths_for(Permission.NOMINATION_REVIEW)
    lane = request.args.get("lane", "waiting")
    lane = lane if lane in LANES else "waiting"
    ask = partial(desk.waiting_at, paths, actor_id=actor.user_id, **narrowing(request.args))
    page = ask(after=request.args.get("after"))
    if not page.items and not page.is_first:
        # The last page was worked off: whatever is left stands before it.
        page = ask()
    rows = [row.id for row in page.items]
    # Whoever decided one goes on with the next of the list, not with its first again.
    next_one = arguments.number("next")
    chosen = nomination_id or arguments.number("case") or (next_one if next_one in rows else next(iter(rows), None))
    case = cases.in_reach_of(actor, chosen) if chosen is not None else None
    # Whoever stands in for a colleague is still at home at their own desk.
    own = [p for p in paths if any(g.path == p and g.for_id is None for g in actor.grants)]
    here = regions.by_id(_desk_id(tuple(own) or paths)) if paths else None
    return render_template(
        "nominations/desk/queue.html",
        page=page,
        lane=lane,
        counts=desk.counts_at(paths),
        many=desk.MANY,
        case=case,
        form=form,
        filters=kept_filters(),
        going_on={**kept_filters(), "after": None if page.is_first else request.args.get("after"), "next": _following(rows, chosen)},
        here=here,
        below=regions.children(here) if here is not None and here.level > 1 else [],
        categories=honours.categories(clock.today()),
        channels=CHANNEL_WORDS,
        told=TOLD_WORDS,
        now=clock.now(),
        stands_in_for=actor.stands_in_for,
        saved=looks.filters_of(actor),
        filter_form=FilterForm(formdata=None),
        facts=FACT_WORDS,
        dated_from=climbing.DATED_FROM,
        goings=undoing.open_to(actor, limit=desk.MANY) if "after" not in request.args else [],
        verb_words=VERB_WORDS,
        has_chosen="case" in request.args or nomination_id is not None,
        **(_pane(case) if case is not None else {}),
    )


def _following(rows: list[int], chosen: int | None) -> int | None:
    """The case to read after this one: the next in the list, or at its end the one before."""
    if chosen not in rows:
        return None
    at = rows.index(chosen)
    return next(iter(rows[at + 1 :] or rows[max(at - 1, 0) : at]), None)


def _desk_id(paths: tuple[str, ...]) -> int:
    return int(paths[0].rstrip(".").split(".")[-1])


def _pane(case: Nomination) -> dict[str, Any]:
    """What the reading pane shows: the steps, what may be done, and why not."""
    actor = session.actor()
    parties = cases.parties_of(case)
    at_my_desk = case.desk_path in actor.paths_for(Permission.NOMINATION_REVIEW)
    recused = why_recused(actor, parties) if at_my_desk else None
    verbs = states.lawful(case.position, Who.DESK) if at_my_desk else ()
    if recused:
        verbs = tuple(v for v in verbs if v is Verb.HAND_OVER)
    held_by = case.taken_by if case.taken_by_id not in (None, actor.user_id) else None
    steps = journeys.journey(case)
    is_top = case.region.parent_id is None
    return {
        "steps": steps,
        "now_step": next((s for s in steps if s.is_current), None),
        "verbs": {v.value for v in verbs} - ({"endorse"} if is_top else set()) - ({"endorse", "elect"} if case.rule.by_round else {"pass"}),
        "changes": looks.changes(case, actor),
        "undoable": undoing.open_step(actor, case),
        "round": rounds.running_at(case.region_id) if case.rule.by_round else None,
        "at_my_desk": at_my_desk,
        "recused": recused,
        "held_by": held_by if held_by and case.taken_at and clock.now() - case.taken_at < climbing.HELD_FOR else None,
        "line": regions.line_of(case.home_region),
        "may_publish": case.honour_id is not None and actor.holds(Permission.PUBLICATION_EDIT),
        "alike": likenesses.questions_of(actor, case),
        "unreached": journeys.unreached(case),
    }
