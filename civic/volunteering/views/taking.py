"""What I can take now, and an event with its shifts: find one in a minute, get it or a fair place in line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.core.listing import ALL
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import out_of_reach
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.volunteering.actions import signing
from civic.volunteering.forms.taking import SignForm
from civic.volunteering.forms.words import ROLE_WORDS
from civic.volunteering.models.events import Event, Risk, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import categories, events, people, shifts, sign_ups
from civic.volunteering.rules import signing as rules
from civic.volunteering.states import EventStatus, ShiftStatus, SignUpStatus
from civic.volunteering.views import pages
from civic.web import arguments, filters, session
from civic.web.guards import anyone, signed_in

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Look:
    """How a shift stands before the person who looks."""

    kind: str  # on, few, full, clash, mine, over
    words: str
    may_take: bool


def _look(shift: Shift, held: list[SignUp] | None, person: Person | None = None, record: sign_ups.Record | None = None, *, is_own: bool = True) -> Look:
    left = shift.most - shift.taken
    mine = next((row for row in held or [] if row.shift_id == shift.id), None)
    if shift.status is ShiftStatus.CANCELLED:
        return Look("over", _("不办了：%(reason)s", reason=shift.cancelled_for), False)
    if shift.status is not ShiftStatus.OPEN or shift.starts_at <= clock.now():
        return Look("over", _("已经开始了"), False)
    if mine is not None:
        words = {
            SignUpStatus.CONFIRMED: _("您报上了") if is_own else _("已经报上了"), SignUpStatus.WAITING: _("您在候补") if is_own else _("在候补"),
            SignUpStatus.OFFERED: _("有空位，等您答应"),
        }  # fmt: skip
        return Look("mine", words[mine.status], False)
    clash = next((r for r in held or [] if r.status is not SignUpStatus.WAITING and r.starts_at < shift.ends_at and shift.starts_at < r.ends_at), None)
    if clash is not None:
        return Look("clash", _("您这时有别的班") if is_own else _("这时有别的班"), False)
    no = _reason_against(shift, person, record)
    if no is not None:
        return Look("clash", no, False)
    if left < 1:
        return Look("full", _("满 · 候补 %(count)s", count=shift.waiting) if shift.waiting else _("满了，可候补"), True)
    if left == 1:
        return Look("few", _("只剩 1 位"), True)
    return Look("open", _("还要 %(count)s 人", count=left), True)


def _reason_against(shift: Shift, person: Person | None, record: sign_ups.Record | None) -> str | None:
    """Why this person cannot take a shift, as far as it can be told without asking for more: the rules decide at sign-up."""
    event, now = shift.event, clock.now()
    is_late = record is not None and record.missed >= rules.MISSES_MATTER_FROM
    opens_at = shift.starts_at - timedelta(days=min(event.opens_days, rules.OPENS_DAYS_AFTER_MISSES) if is_late else event.opens_days)
    if now < opens_at:
        return _("%(day)s开始报名", day=filters.day(opens_at))
    if now >= shift.starts_at - timedelta(hours=event.closes_hours):
        return _("报名截止了")
    if record is not None and event.most_a_month is not None and record.in_month(shift) >= event.most_a_month:
        return _("这个月您报满 %(count)s 班了", count=event.most_a_month)
    if person is not None and person.birth_date is not None:
        is_roadside, age = event.risk in (Risk.ROAD, Risk.HIGH), rules.age_on(person.birth_date, shift.day)
        young = rules.too_young(
            age, is_on_carriageway=shift.post.is_on_carriageway or event.risk is Risk.HIGH, is_alone=shift.most < 2, is_roadside=is_roadside, ends_locally=shift.ends_locally
        )
        if young is not None:
            return str(young.words)
    return None


def _held(first: datetime, last: datetime, person_id: int | None = None) -> list[SignUp] | None:
    whose = person_id or session.actor().person_id
    return list(sign_ups.held_by([whose], first, last)) if whose is not None else None


def _around(place: Region | None) -> list[Region]:
    """Where somebody lives and what it lies in, from the community out; nowhere, where they did not say."""
    return [region for region in reversed(regions.line_of(place)) if region.level > 1] if place is not None else []


def _free(volunteer: Volunteer | None) -> tuple[str | None, bool, list[tuple[datetime, datetime]] | None]:
    """(what they said of their free times, whether all times are shown, the spans they are free in)."""
    said = volunteer.free_times if volunteer is not None else None
    any_time = request.args.get("times") == "all" or said is None
    return said, any_time, None if said is None or any_time else rules.free_spans(said, clock.today(), clock.zone())


@pages.get("/")
@anyone
def coming() -> str:
    """Shifts that can be taken: nearest first for who said where they live, else soonest first."""
    user, after = session.viewer(), request.args.get("after")
    around = _around(user.person.region if user is not None else None)
    by_time = request.args.get("all") == "1" or not around
    volunteer = people.volunteer_of(session.actor().person_id)
    said, any_time, free = _free(volunteer)
    kinds = categories.in_use(clock.today())
    kind = next((c for c in kinds if c.code == request.args.get("kind")), None)
    kind_id = kind.id if kind else None
    if by_time:
        page = shifts.coming(category_id=kind_id, free=free, after=after)
        rows = [(0, shift) for shift in page.items]
    else:
        near = shifts.nearest([place.path for place in around], category_id=kind_id, free=free, after=after)
        page, rows = near, list(near.items)
    found = [shift for _ring, shift in rows]
    held = _held(min(s.starts_at for s in found) - timedelta(days=1), max(s.ends_at for s in found)) if found else None
    record = sign_ups.record_of(volunteer.person_id, max(s.starts_at for s in found)) if found and volunteer is not None else None
    rings = [
        (ring, None if by_time else _ring_words(around, ring), [(day, [s for _, s in mine]) for day, mine in groupby(part, key=lambda row: row[1].day)])
        for ring, part in groupby(rows, key=lambda row: row[0])
    ]
    return render_template(
        "volunteering/coming.html", rings=rings, looks={s.id: _look(s, held, user.person if user else None, record) for s in found}, next_key=page.next_key,
        is_first=page.is_first, around=around, by_time=by_time, volunteer=volunteer, said=said, any_time=any_time, kinds=kinds, kind=kind,
    )  # fmt: skip


def _ring_words(around: list[Region], ring: int) -> str:
    return _("%(place)s别处", place=around[ring].name) if ring else _("就在%(place)s", place=around[0].name)


def _day(event: Event, days: list[tuple[date, int, int, int]]) -> date:
    return arguments.day("day") or (days[0][0] if days else clock.today())


def _page(event: Event, form: SignForm, refusals: dict[int, str]) -> str:
    """The shifts of a day as they stand to whom they are for: oneself, or one of the family."""
    days = shifts.days_of(event.id, limit=ALL if request.args.get("all") else shifts.DAYS)
    day = _day(event, days)
    begin = datetime.combine(day, time(), tzinfo=clock.zone())
    own, user = session.actor().person_id, session.viewer()
    wards = identity.family_of(own) if own else []
    ward = next((w for w in wards if w.id == form.person.data), None)
    person = ward or (user.person if user is not None else None)
    held = _held(begin - timedelta(days=1), begin + timedelta(days=2), ward.id if ward is not None else None)
    by_post = shifts.shifts_on(event.id, day)
    found = [s for rows in by_post.values() for s in rows]
    return render_template(
        "volunteering/event.html", event=event, days=days, day=day, by_post=by_post, looks={s.id: _look(s, held, person, is_own=ward is None) for s in found},
        cells={s.id: rules.cells_of(s.most, s.taken) for s in found}, form=form, refusals=refusals, roles=ROLE_WORDS,
        chosen=set(request.form.getlist("shift")) if request.method == "POST" else {request.args.get("shift", "")},
        volunteer=people.volunteer_of(own), wards=wards, whom=ward.id if ward is not None else own, of=ward.id if ward is not None else None,
        needs_briefing=event.risk in (Risk.ROAD, Risk.HIGH), now=clock.now(),
    )  # fmt: skip


def _public(event_id: int) -> Event:
    event = events.event_by_id(event_id)
    if event is None or event.status is EventStatus.DRAFT:
        raise out_of_reach()
    return event


@pages.get("/events/<int:event_id>")
@anyone
def event(event_id: int) -> str:
    return _page(_public(event_id), SignForm(formdata=None, person=arguments.number("of", session.actor().person_id)), {})


@pages.post("/events/<int:event_id>")
@signed_in
def sign_up(event_id: int) -> Answer:
    """Take the chosen shifts, each on its own: what can be had is had, what cannot says why."""
    form = SignForm()
    chosen = arguments.sent_numbers("shift")[:20]
    shown_full = set(request.form.getlist("full"))
    refusals: dict[int, str] = {}
    codes: set[str] = set()
    got = waiting = 0
    if not chosen:
        form.form_errors = [*form.form_errors, _("请先选一个班次。")]
    if not form.validate() or not chosen:
        return _page(_public(event_id), form, refusals), 422
    own = session.account().person_id  # type: ignore[union-attr]
    if form.person.data not in (None, own):
        # The page offers the family and nobody else, also to who runs the event.
        session.whose(form.person.data)
    # For others of the family it is asked under the locks alone: a look must not tell strangers who is in.
    known = sign_ups.standings(chosen, own) if form.person.data in (None, own) else {}
    for shift_id in chosen:
        stands = known.get(shift_id)
        # Only who saw that it was full asked to stand in line.
        waits = str(shift_id) in shown_full
        if stands is not None and stands.mine is not None:
            got += stands.mine is SignUpStatus.CONFIRMED
            waiting += stands.mine is SignUpStatus.WAITING
            continue
        if stands is not None and stands.is_full and not waits:
            refusals[shift_id] = str(rules.FULL.words)
            codes.add(rules.FULL.code)
            continue
        try:
            with transaction():
                row = signing.sign_up(session.actor(), shift_id, person_id=form.person.data or None, has_read_briefing=form.has_read_briefing.data, wants_to_wait=waits, is_one_of_many=len(chosen) > 1)
            got += row.status is SignUpStatus.CONFIRMED
            waiting += row.status is SignUpStatus.WAITING
        except DomainError as error:
            # Who was written down at a table has no birthday yet: it is asked where one registers.
            if error.code == "not_registered" or (error.code == "birthday_unknown" and form.person.data in (None, own)):
                return redirect(url_for("volunteering.register", next=url_for("volunteering.event", event_id=event_id, day=request.form.get("day"), shift=shift_id)), 303)
            refusals[shift_id] = str(error.sentence)
            codes.add(error.code)
    if got:
        flash(_("报上了 %(count)s 班，前一天晚上会提醒您。", count=got))
    if waiting:
        flash(_("%(count)s 班在候补，有空位第一时间问您。", count=waiting))
    if not refusals:
        return redirect(url_for("volunteering.mine"), 303)
    if codes == {"full"}:
        # The most asked for is answered with the least: the reason, and the place in line one tap away.
        return render_template("volunteering/full.html", event_id=event_id, day=request.form.get("day"), shifts=list(refusals), words=rules.FULL.words, form=form), 409
    for words in dict.fromkeys(refusals.values()):
        form.form_errors = [*form.form_errors, words]
    return _page(_public(event_id), form, refusals), 409
