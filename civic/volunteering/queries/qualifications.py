"""Questions about qualifications: who has which, until when, and which a post asks for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from civic.core import clock
from civic.core.db import db
from civic.core.paging import Page, after, cursor, values_of
from civic.identity.permissions import Actor, Permission
from civic.regions.queries import within
from civic.volunteering.models.events import Post, QualificationKind
from civic.volunteering.models.qualifications import Qualification

SHOWN = 50


def lacking(person_id: int, post: Post, day: date) -> str | None:
    """The name of what the post asks for and the person has not on that day; None where nothing is lacking."""
    if post.needs_id is None:
        return None
    good = (
        select(Qualification.id)
        .where(
            Qualification.person_id == person_id, Qualification.kind_id == post.needs_id, Qualification.revoked_at.is_(None), Qualification.since <= day,
            or_(Qualification.until.is_(None), Qualification.until >= day),
        )
        .limit(1)
    )  # fmt: skip
    if db.session.scalar(good) is not None:
        return None
    return db.session.get_one(QualificationKind, post.needs_id).name


def kinds() -> Sequence[QualificationKind]:
    """Every kind there ever was, those in use first."""
    return db.session.scalars(select(QualificationKind).order_by(QualificationKind.until.is_not(None), QualificationKind.name)).all()


def in_use(on: date) -> Sequence[QualificationKind]:
    """What can be given, and asked for, on a day."""
    query = select(QualificationKind).where(QualificationKind.since <= on, or_(QualificationKind.until.is_(None), QualificationKind.until >= on))
    return db.session.scalars(query.order_by(QualificationKind.name)).all()


def kind_by_id(kind_id: int) -> QualificationKind | None:
    return db.session.get(QualificationKind, kind_id)


def by_id(number: int) -> Qualification | None:
    return db.session.get(Qualification, number)


def of_people(person_ids: Collection[int]) -> Sequence[Qualification]:
    """What these people have or had, what is good longest first."""
    return db.session.scalars(
        select(Qualification)
        .where(Qualification.person_id.in_(person_ids))
        .options(joinedload(Qualification.kind), joinedload(Qualification.person))
        .order_by(Qualification.person_id, Qualification.until.is_not(None), Qualification.until.desc(), Qualification.id)
    ).all()


def given_in_reach(actor: Actor, *, before: str | None = None) -> Page[Qualification]:
    """What was given in the actor's places, the newest first, a page at a time."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    if not paths:
        return Page([])
    query = select(Qualification).where(or_(*(within(Qualification.region_path, path) for path in paths)))
    seen = values_of(before, [int])
    if seen is not None:
        query = query.where(after([Qualification.id], seen, descending=True))
    people = (joinedload(Qualification.kind), joinedload(Qualification.person), joinedload(Qualification.team))
    rows = db.session.scalars(query.options(*people).order_by(Qualification.id.desc()).limit(SHOWN + 1)).all()
    more = cursor(rows[SHOWN - 1].id) if len(rows) > SHOWN else None
    return Page(rows[:SHOWN], more, seen is None)


def ending(until: date, limit: int) -> Sequence[int]:
    """Qualifications that end by a day and whose holders were not told yet."""
    return db.session.scalars(
        select(Qualification.id)
        .where(Qualification.until.between(clock.today(), until), Qualification.warned_at.is_(None), Qualification.revoked_at.is_(None))
        .order_by(Qualification.until, Qualification.id)
        .limit(limit)
    ).all()
