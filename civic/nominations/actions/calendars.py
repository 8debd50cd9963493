"""The city's own days off and on: kept over the published calendar, and the deadlines that span them move along."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.calendar import CalendarDay
from civic.core.db import db, rows_changed
from civic.core.errors import Invalid
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.models.cases import Nomination


def set_day(actor: Actor, day: date, *, is_working: bool, name: str, city_path: str) -> int:
    """Let a day to come be worked or free in this city; how many deadlines moved by a working day."""
    demand(actor, Permission.RULES_EDIT, city_path)
    _to_come(day)
    if not name.strip():
        raise Invalid("name_missing", _l("请写为什么，比如“台风停工”。"), field="name")
    before = calendar.is_working_day(day)
    row = db.session.scalars(select(CalendarDay).where(CalendarDay.day == day)).first() or CalendarDay(day=day)
    row.is_working, row.name = is_working, name.strip()[:40]
    db.session.add(row)
    return _changed(actor, day, before, city_path)


def forget_day(actor: Actor, day: date, *, city_path: str) -> int:
    """Let the published calendar decide about a day again."""
    demand(actor, Permission.RULES_EDIT, city_path)
    _to_come(day)
    row = db.session.scalars(select(CalendarDay).where(CalendarDay.day == day)).first()
    if row is None:
        return 0
    before = calendar.is_working_day(day)
    db.session.delete(row)
    return _changed(actor, day, before, city_path)


def _to_come(day: date) -> None:
    if day <= clock.today():
        raise Invalid("day_past", _l("今天和过去的日子改不了，期限已经按它算过了。"), field="day")


def _changed(actor: Actor, day: date, before: bool, city_path: str) -> int:
    db.session.flush()
    calendar.forget()
    after = calendar.is_working_day(day)
    moved = _deadlines_moved(day, gained=after) if before != after else 0
    audit.record(actor.user_id, "calendar.change", ("calendar_day", None), region_path=city_path, day=day, is_working=after, moved=moved)
    return moved


def _deadlines_moved(day: date, *, gained: bool) -> int:
    """Move deadlines that counted over `day`. One statement for each deadline day, however many cases."""
    start = datetime.combine(day, time(0), tzinfo=clock.zone())
    spans = (Nomination.due_at >= calendar.closing_of(day), Nomination.arrived_at < start)
    dues = sorted(db.session.scalars(select(Nomination.due_at).where(*spans).distinct()))
    moved = 0
    # From the end that has room: or a deadline would be moved twice.
    for due in dues if gained else reversed(dues):
        to = _working_day_before(due) if gained else calendar.add_working_days(due, 1)
        moved += rows_changed(
            update(Nomination)
            .where(Nomination.due_at == due, Nomination.arrived_at < start)
            .values(due_at=to)
            .execution_options(synchronize_session=False)
        )
    return moved


def _working_day_before(due: datetime) -> datetime:
    day = clock.local(due).date() - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return calendar.closing_of(day)
