"""Questions about the kinds of service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, distinct, func, or_, select

from civic.core.db import db
from civic.regions.queries import within
from civic.volunteering.models.attendance import Hours
from civic.volunteering.models.events import Event, ServiceCategory, Shift


def _on(day: date) -> ColumnElement[bool]:
    return and_(ServiceCategory.since <= day, or_(ServiceCategory.until.is_(None), ServiceCategory.until >= day))


def in_use(day: date) -> Sequence[ServiceCategory]:
    """The kinds of service events can be of on a day, in the city's order."""
    return db.session.scalars(select(ServiceCategory).where(_on(day)).order_by(ServiceCategory.position, ServiceCategory.id)).all()


def in_use_by_code(code: str, day: date) -> ServiceCategory | None:
    return db.session.scalars(select(ServiceCategory).where(ServiceCategory.code == code, _on(day))).first()


def every() -> Sequence[ServiceCategory]:
    """All there ever were."""
    return db.session.scalars(select(ServiceCategory).order_by(ServiceCategory.position, ServiceCategory.id)).all()


@dataclass(frozen=True)
class Served:
    """What was served of a kind of service; `name` is none for events of before that never said theirs."""

    name: str | None
    events: int
    shifts: int
    people: int
    minutes: int


def served(paths: Sequence[str], first: date, last: date) -> Sequence[Served]:
    """Final hours below these places in a period, by kind of service, reversals taken off; one statement."""
    rows = db.session.execute(
        select(
            ServiceCategory.name, func.count(distinct(Shift.event_id)), func.count(distinct(Hours.shift_id)), func.count(distinct(Hours.person_id)),
            func.sum(Hours.minutes),
        )
        .select_from(Hours)
        .join(Shift, Shift.id == Hours.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .outerjoin(ServiceCategory, ServiceCategory.id == Event.category_id)
        .where(Hours.day.between(first, last), Hours.final_at.is_not(None), or_(*(within(Event.region_path, path) for path in paths)))
        .group_by(ServiceCategory.id, ServiceCategory.name, ServiceCategory.position)
        .order_by(ServiceCategory.id.is_(None), ServiceCategory.position, ServiceCategory.id)
    )  # fmt: skip
    return [Served(*row) for row in rows]
