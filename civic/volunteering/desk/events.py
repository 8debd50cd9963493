"""Events at the desk: write one (from the template of 礼让斑马线), its posts and hours, a month of shifts, publish, call off."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, typed
from civic.core.db import db
from civic.core.errors import Invalid
from civic.core.listing import ALL
from civic.identity.permissions import Permission, may, out_of_reach
from civic.regions import queries as regions
from civic.volunteering.actions import cancelling, guarding, restoring, scheduling
from civic.volunteering.actions import events as actions
from civic.volunteering.actions.events import CROSSING, CROSSING_HOURS, Details
from civic.volunteering.desk import pages, schedule
from civic.volunteering.forms.events import EventForm, GenerateForm, PatternForm, PlaceForm, PostWordsForm, ReasonForm, ShiftForm
from civic.volunteering.forms.words import ROLE_WORDS
from civic.volunteering.models.events import Event, Post, Risk, Role, ServiceCategory
from civic.volunteering.queries import categories, people, rechecks, shifts
from civic.volunteering.queries import events as questions
from civic.volunteering.states import Rhythm
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/events")
@needs(Permission.EVENT_RUN)
def events() -> str:
    root = regions.root()
    return render_template(
        "volunteering/desk/events.html", page=questions.events_of(session.actor(), after=request.args.get("after")), has_teams=people.has_teams(session.actor()),
        in_question=rechecks.count_in_reach(session.actor()), for_city=root is not None and may(session.actor(), Permission.EVENT_RUN, root.path),
    )  # fmt: skip


def _details(form: EventForm) -> Details:
    return Details(
        name=form.name.data, subtitle=form.subtitle.data or "", description=form.description.data, place=form.place.data, risk=Risk(form.risk.data), category=form.category.data,
        requirements=form.requirements.data or "", kit=form.kit.data or "", insurance_number=form.insurance_number.data or None,
        insured_from=form.insured_from.data, insured_until=form.insured_until.data, briefing=form.briefing.data or None,
        police_contact=form.police_contact.data or None, emergency_contact=form.emergency_contact.data or None, opens_days=form.opens_days.data,
        closes_hours=form.closes_hours.data, withdraw_hours=form.withdraw_hours.data, most_a_month=form.most_a_month.data,
    )  # fmt: skip


def _with_choices(form: EventForm, now: ServiceCategory | None = None) -> EventForm:
    form.team.choices = choices((team.id, f"{team.name} · {team.region.name}") for team in people.teams_of(session.actor()))
    kinds = {c.code: c.name for c in categories.in_use(clock.today())} | ({now.code: now.name} if now is not None else {})
    form.category.choices = choices([("", _("请选")), *kinds.items()])
    return form


@pages.route("/events/begin", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def begin() -> Answer:
    """A new event; with `?like=crossing` the template of the city's best-known one is filled in."""
    like = request.args.get("like") == "crossing"
    form = _with_choices(EventForm(**({k: v.value if isinstance(v, Risk) else v for k, v in vars(CROSSING).items()} if like else {})))
    made: list[int] = []

    def write() -> None:
        team = people.team_by_id(form.team.data)
        if team is None:
            raise Invalid("team_unknown", _("请选服务队。没有就先建一个。"), field="team")
        event = actions.begin(session.actor(), team, team.region, _details(form))
        if like:
            for name, starts, ends in CROSSING_HOURS:
                scheduling.add_pattern(session.actor(), event.id, name=name, starts=starts, ends=ends)
        made.append(event.id)

    if request.method == "POST" and form.carried_out(write):
        flash(_("草稿存好了。接着写岗位，再排班。"))
        if form.closes_hours.data >= form.opens_days.data * 24:
            flash(str(guarding.CLOSES_BEFORE_OPENS))
        return redirect(url_for("volunteering.desk.event", event_id=made[0]), 303)
    return render_template("volunteering/desk/begin.html", form=form, event=None, like=like), form.status if request.method == "POST" else 200


def _words_now(event: Event) -> dict[str, Any]:
    """What an event says, as its form shows it."""
    now = {name: getattr(event, name) for name in Details.__dataclass_fields__ if name != "gap_minutes"}
    return {**now, "risk": event.risk.value, "category": event.category.code if event.category is not None else ""}


@pages.route("/events/<int:event_id>/words", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def words(event_id: int) -> Answer:
    """Other words, numbers, insurance."""
    event = questions.in_reach_of(session.actor(), event_id)
    now = _words_now(event)
    form = _with_choices(EventForm(team=event.team_id, **now), event.category)
    form.show(now)

    def change() -> None:
        form.settle(_words_now(actions.held(session.actor(), event_id)), ("event", event_id))
        # The form asks nothing about the gap between two shifts: it stays.
        actions.change(session.actor(), event_id, replace(_details(form), gap_minutes=event.gap_minutes))

    if request.method == "POST" and form.carried_out(change):
        flash(_("改好了。"))
        return redirect(url_for("volunteering.desk.event", event_id=event_id), 303)
    return render_template("volunteering/desk/begin.html", form=form, event=event, like=False), form.status if request.method == "POST" else 200


FORMS: dict[str, type[Form]] = {"post": PlaceForm, "pattern": PatternForm, "generation": GenerateForm, "cancellation": ReasonForm, "rain": ReasonForm}


def _blank() -> dict[str, Form]:
    first = clock.today() + timedelta(days=1)
    found: dict[str, Form] = {name: kind(formdata=None, prefix=name) for name, kind in FORMS.items()}
    found["pattern"] = PatternForm(formdata=None, prefix="pattern", rhythm=Rhythm.WORKDAYS.value)
    found["generation"] = GenerateForm(formdata=None, prefix="generation", first=first, last=first + timedelta(days=30))
    return found


def _page(event: Event, forms: dict[str, Form], wrong: Form | None = None) -> str:
    days = shifts.days_at_desk(event.id, limit=ALL if request.args.get("all") else shifts.DAYS_AT_DESK)
    day = arguments.day("day") or (days[0].day if days else clock.today())
    return render_template(
        "volunteering/desk/event.html", event=event, days=days, day=day, by_post=shifts.shifts_on(event.id, day), patterns=questions.patterns_of(event.id),
        forms=forms, wrong=wrong, roles=ROLE_WORDS, is_settled=questions.is_settled(event), rhythm_words=schedule.rhythm_words, now=clock.now(),
    )  # fmt: skip


@pages.get("/events/<int:event_id>")
@needs(Permission.EVENT_RUN)
def event(event_id: int) -> str:
    return _page(questions.in_reach_of(session.actor(), event_id), _blank())


def _skipped(words: str | None) -> list[date]:
    found = []
    for word in re.split(r"[\s,，、;；]+", words or ""):
        if word:
            day = typed.day(word)
            if day is None:
                raise Invalid("day_unclear", _("“%(word)s”看不懂，请写成 2026-10-08 这样。", word=word), field="skip")
            found.append(day)
    return found


def _generate(form: Any, event_id: int) -> str:
    made = scheduling.generate(session.actor(), event_id, first=form.first.data, last=form.last.data, skip=_skipped(form.skip.data))
    return schedule.said(made)


def _post(form: Any, event_id: int) -> str:
    actions.add_post(session.actor(), event_id, name=form.name.data, corner=form.corner.data or "", role=Role(form.role.data), is_on_carriageway=form.is_on_carriageway.data, x=form.x.data, y=form.y.data, latitude=form.latitude.data, longitude=form.longitude.data, needs_id=form.needs.data or None)
    return _("加好了。岗位改了，记得再排一次班。")


def _pattern(form: Any, event_id: int) -> str:
    most = form.most.data
    scheduling.add_pattern(
        session.actor(), event_id, name=form.name.data or "", starts=form.starts.data, ends=form.ends.data, rhythm=Rhythm(form.rhythm.data),
        weekdays=form.weekdays.data, first=form.first.data, last=form.last.data, least=min(form.least.data, most), normal=most, most=most,
    )  # fmt: skip
    return _("加好了。时段改了，记得再排一次班。")


def _asked_day() -> date:
    day = arguments.day("day")
    if day is None:
        raise Invalid("day_unclear", _("请选哪一天。"))
    return day


def _rain(form: Any, event_id: int) -> str:
    told = cancelling.cancel_day(session.actor(), event_id, _asked_day(), reason=form.reason.data or "")
    return _("这一天不办了，通知了 %(people)s 个人（%(places)s 班）。", people=told.people, places=told.places)


def _cancel(form: Any, event_id: int) -> str:
    told = cancelling.cancel_event(session.actor(), event_id, reason=form.reason.data or "")
    return _("活动取消了，通知了 %(people)s 个人（%(places)s 班）。", people=told.people, places=told.places)


def _restore_day(_form: Any, event_id: int) -> str:
    return _("这一天照旧办，问了原来报上的 %(count)s 个人还来不来。", count=restoring.restore_day(session.actor(), event_id, _asked_day()))


def _restore(_form: Any, event_id: int) -> str:
    return _("活动照旧办，问了原来报上的 %(count)s 个人还来不来。", count=restoring.restore_event(session.actor(), event_id))


def _publish(_form: Any, event_id: int) -> str:
    actions.publish(session.actor(), event_id)
    return _("发布了，大家可以报名了。")


def _close(_form: Any, event_id: int) -> str:
    actions.close(session.actor(), event_id)
    return _("停止报名了，已经报上的照常。")


DEEDS: dict[str, Callable[[Any, int], str]] = {
    "post": _post, "pattern": _pattern, "generation": _generate, "rain": _rain, "cancellation": _cancel, "publication": _publish, "closing": _close,
    "restoration": _restore_day, "reinstatement": _restore,
}  # fmt: skip


@pages.post("/events/<int:event_id>/<deed>")
@needs(Permission.EVENT_RUN)
def run(event_id: int, deed: str) -> Answer:
    """One deed on an event (`restoration` of a day, `reinstatement` of the whole); what was wrong stands on the page of the event."""
    questions.in_reach_of(session.actor(), event_id)
    if deed not in DEEDS:
        raise out_of_reach()
    forms = _blank()
    form = forms[deed] = FORMS.get(deed, Form)(prefix=deed)
    said: list[str] = []
    if form.carried_out(lambda: said.append(DEEDS[deed](form, event_id))):
        flash(said[0])
        return redirect(url_for("volunteering.desk.event", event_id=event_id, day=request.form.get("day")), 303)
    return _page(questions.in_reach_of(session.actor(), event_id), forms, form), form.status


POST_FIELDS = ("name", "corner", "is_on_carriageway", "x", "y", "latitude", "longitude")


def _post_now(post: Post) -> dict[str, Any]:
    return {**{name: getattr(post, name) for name in POST_FIELDS}, "role": post.role.value, "needs": post.needs_id or 0}


@pages.route("/posts/<int:post_id>", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def post(post_id: int) -> Answer:
    """A post's words, and where it stands on the drawn map."""
    found = questions.post_by_id(post_id)
    if found is None:
        raise out_of_reach()
    event = questions.in_reach_of(session.actor(), found.event_id)
    now = _post_now(found)
    form = PostWordsForm(**now)
    form.show(now)

    def change() -> None:
        actions.held(session.actor(), event.id)
        form.settle(_post_now(db.session.get_one(Post, post_id)), ("post", post_id))
        actions.change_post(
            session.actor(), post_id, name=form.name.data, corner=form.corner.data or "", role=Role(form.role.data),
            is_on_carriageway=form.is_on_carriageway.data, x=form.x.data, y=form.y.data, latitude=form.latitude.data, longitude=form.longitude.data,
            needs_id=form.needs.data or None,
        )  # fmt: skip

    if request.method == "POST" and form.carried_out(change):
        flash(_("改好了。"))
        return redirect(url_for("volunteering.desk.event", event_id=event.id), 303)
    return render_template("volunteering/desk/post.html", form=form, post_id=post_id, event=event), form.status if request.method == "POST" else 200


def _resize(form: Any, shift_id: int) -> str:
    scheduling.resize(session.actor(), shift_id, most=form.most.data, ends=form.ends.data)
    return _("改好了。以后再排班，这一班照这次改的。")


def _call_off(form: Any, shift_id: int) -> str:
    told = cancelling.cancel_shift(session.actor(), shift_id, reason=form.reason.data or "")
    return _("这一班不办了，通知了 %(count)s 个人。", count=told.people)


def _stand_again(_form: Any, shift_id: int) -> str:
    return _("这一班照旧办，问了原来报上的 %(count)s 个人还来不来。", count=restoring.restore_shift(session.actor(), shift_id))


def _by_pattern(_form: Any, shift_id: int) -> str:
    scheduling.undo_by_hand(session.actor(), shift_id)
    return _("照时段改回来了。")


SHIFT_DEEDS: dict[str, tuple[type[Form], Callable[[Any, int], str]]] = {
    "size": (ShiftForm, _resize), "cancellation": (ReasonForm, _call_off), "restoration": (Form, _stand_again), "pattern": (Form, _by_pattern),
}  # fmt: skip


@pages.post("/shifts/<int:shift_id>/<deed>")
@needs(Permission.EVENT_RUN)
def change_shift(shift_id: int, deed: str) -> Answer:
    """`size`: other numbers or an earlier end; `cancellation`; `restoration`: it takes place after all; `pattern`: as it was generated."""
    shift = shifts.shift_by_id(shift_id)
    if shift is None or deed not in SHIFT_DEEDS:
        raise out_of_reach()
    event = questions.in_reach_of(session.actor(), shift.event_id)
    kind, carry = SHIFT_DEEDS[deed]
    form: Any = kind()
    said: list[str] = []
    if form.carried_out(lambda: said.append(carry(form, shift_id))):
        flash(said[0])
        return redirect(url_for("volunteering.desk.event", event_id=event.id, day=shift.day), 303)
    return _page(questions.in_reach_of(session.actor(), event.id), _blank(), form), form.status
