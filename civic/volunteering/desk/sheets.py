"""Sheets to take away: 花名册, the ledger of hours, a team's people. What for is asked, and goes on the record and on the
sheet's first line."""

from __future__ import annotations

from datetime import date

from flask import Response as File
from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import Invalid
from civic.identity.permissions import Permission, may, out_of_reach
from civic.volunteering import files
from civic.volunteering.desk import pages
from civic.volunteering.forms.teams import SheetForm
from civic.volunteering.forms.words import HOW_WORDS, ROLE_WORDS
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.queries import events, lists, people, shifts
from civic.volunteering.queries import hours as ledger
from civic.web import arguments, session
from civic.web.forms import Form
from civic.web.guards import needs
from civic.web.takeaway import mark, paper, sheet, taken

Answer = str | Response | File | tuple[str, int]
KINDS = ("roster", "hours")


def in_order(first: date, last: date) -> None:
    if last < first:
        raise Invalid("period_order", _l("止期早于起期，请再看一眼。"), field="last")
    if (last - first).days > 366:
        raise Invalid("period_long", _l("一次最多取一年。"), field="last")


def _page(event: Event, form: Form) -> str:
    return render_template("volunteering/desk/sheets.html", event=event, form=form)


@pages.get("/events/<int:event_id>/sheets")
@needs(Permission.EVENT_RUN)
def sheets(event_id: int) -> str:
    """Which sheet of an event, of which days, what for."""
    event = events.in_reach_of(session.actor(), event_id)
    today = clock.today()
    return _page(event, SheetForm(formdata=None, first=today.replace(day=1), last=today))


def _filled(kind: str, event_id: int, first: date, last: date, words: str) -> tuple[bytes, int]:
    """(the sheet, how many lines it has)."""
    if kind == "roster":
        rows = lists.roster(first, last, event_id=event_id)
        return files.roster_sheet(rows, ROLE_WORDS, words), len(rows)
    lines = ledger.ledger_of(event_id, first, last)
    return files.hours_sheet(lines, HOW_WORDS, {p.id: p.since for p in ledger.policies()}, words), len(lines)


@pages.post("/events/<int:event_id>/sheets/<kind>")
@needs(Permission.EVENT_RUN)
def event_sheet(event_id: int, kind: str) -> Answer:
    """`roster`: the people and their shifts; `hours`: the ledger of hours."""
    event = events.in_reach_of(session.actor(), event_id)
    if kind not in KINDS:
        raise out_of_reach()
    form = SheetForm()
    made: list[bytes] = []

    def make() -> None:
        first, last, purpose = form.first.data, form.last.data, form.purpose.data
        in_order(first, last)
        with force_locale("zh"):
            body, lines = _filled(kind, event_id, first, last, mark(purpose))
        made.append(body)
        taken(("event", event_id), event.region_path, kind=kind, purpose=purpose, lines=lines)

    if form.carried_out(make):
        name = {"roster": "花名册", "hours": "时长账"}[kind]
        return sheet(made[0], f"{name}-{event.name}-{form.first.data}-{form.last.data}")
    return _page(events.in_reach_of(session.actor(), event_id), form), form.status


@pages.post("/teams/<int:team_id>/sheets/<kind>")
@needs(Permission.EVENT_RUN)
def team_sheet(team_id: int, kind: str) -> Answer:
    """`members`: a team's people; `roster`: who served or will serve on its shifts."""
    team = people.team_by_id(team_id)
    if team is None or kind not in ("members", "roster") or not may(session.actor(), Permission.EVENT_RUN, team.region_path):
        raise out_of_reach()
    form = SheetForm()
    made: list[bytes] = []

    def make() -> None:
        in_order(form.first.data, form.last.data)
        words = mark(form.purpose.data)
        with force_locale("zh"):
            if kind == "members":
                members = people.numbered_members_of(team_id)
                made.append(files.members_sheet(team.name, members, words))
                lines = len(members)
            else:
                rows = lists.roster(form.first.data, form.last.data, team_id=team_id)
                made.append(files.roster_sheet(rows, ROLE_WORDS, words))
                lines = len(rows)
        taken(("team", team_id), team.region_path, kind=kind, purpose=form.purpose.data, lines=lines)

    if form.carried_out(make):
        return sheet(made[0], f"{'队员' if kind == 'members' else '花名册'}-{team.name}")
    from civic.volunteering.desk.teams import shown

    return shown(team, sheet=form), form.status


@pages.post("/events/<int:event_id>/roster")
@needs(Permission.EVENT_RUN)
def print_roster(event_id: int) -> File:
    """花名册 of a day on paper."""
    event = events.in_reach_of(session.actor(), event_id)
    day = arguments.day("day")
    if day is None:
        raise Invalid("day_unclear", _("请选哪一天。"), field="day")
    by_shift: dict[int, tuple[Shift, list[SignUp]]] = {s.id: (s, []) for found in shifts.shifts_on(event_id, day).values() for s in found}
    for row, _number in lists.roster(day, day, event_id=event_id):
        by_shift[row.shift_id][1].append(row)
    made = files.roster(event, day, sorted(by_shift.values(), key=lambda pair: (pair[0].starts_at, pair[0].id)), ROLE_WORDS)
    with transaction():
        audit.record(session.actor().user_id, "print.roster", ("event", event_id), region_path=event.region_path, day=day)
    return paper(made, f"花名册-{event.name}-{day}")
