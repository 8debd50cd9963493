"""Every question about categories and honours. The public ones see only what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from civic.core import clock, listing, paging
from civic.core.db import db
from civic.core.text import normalised_name
from civic.honours.models import Benefit, Category, Honour, HonourChange, HonourReview, HonourStatus, HonourTally, Visibility
from civic.identity.models import Person
from civic.identity.queries import Rows, rows_of

STANDS = Honour.status != HonourStatus.TAKEN_BACK


def is_shown() -> ColumnElement[bool]:
    """Whether the public sees an honour now: it has a face, and its minutes for undoing are over."""
    return and_(Honour.visibility != Visibility.HIDDEN, Honour.public_from <= clock.now())


@dataclass(frozen=True)
class WayStep:
    """One level on the way up, as the story page tells it."""

    level: int
    region_name: str
    at: datetime
    glyph: tuple[str, ...]


def categories(on: date) -> Sequence[Category]:
    """The classes in force on a day, in their order."""
    return db.session.scalars(
        select(Category)
        .where(Category.since <= on, or_(Category.until.is_(None), Category.until >= on))
        .order_by(Category.position, Category.id)
    ).all()


def category_by_code(code: str) -> Category | None:
    return db.session.scalars(select(Category).where(Category.code == code)).first()


def shown(
    level: int,
    *,
    county_id: int | None = None,
    community_id: int | None = None,
    category_id: int | None = None,
    year: int | None = None,
    name: str | None = None,
    after: str | None = None,
    limit: int = 24,
) -> paging.Page[Honour]:
    """The roll of a level, newest first; one statement, one index range for each choice of filters."""
    query = (
        select(Honour)
        .where(is_shown(), Honour.level == level)
        .options(joinedload(Honour.category), joinedload(Honour.county), joinedload(Honour.community), joinedload(Honour.region))
        .order_by(Honour.awarded_at.desc(), Honour.id.desc())
        .limit(limit + 1)
    )
    if community_id is not None:
        query = query.where(Honour.community_id == community_id)
    elif county_id is not None:
        query = query.where(Honour.county_id == county_id)
    if category_id is not None:
        query = query.where(Honour.category_id == category_id)
    if name:
        query = query.where(Honour.shown_name == name)
    if year and 1900 < year < 3000:
        query = query.where(
            Honour.awarded_at >= datetime(year, 1, 1, tzinfo=clock.zone()).astimezone(UTC),
            Honour.awarded_at < datetime(year + 1, 1, 1, tzinfo=clock.zone()).astimezone(UTC),
        )
    start = paging.values_of(after, (datetime, int))
    if start is not None:
        query = query.where(paging.after((Honour.awarded_at, Honour.id), start, descending=True))
    rows = db.session.scalars(query).all()
    return paging.cut(rows, limit, lambda h: (h.awarded_at, h.id), is_first=start is None)


def shown_by_id(honour_id: int) -> Honour | None:
    """An honour that the public may see."""
    return db.session.scalars(
        select(Honour)
        .where(Honour.id == honour_id, is_shown())
        .options(joinedload(Honour.category), joinedload(Honour.county), joinedload(Honour.community))
    ).first()


def by_id(honour_id: int) -> Honour | None:
    """An honour, shown or not: for the desk."""
    return db.session.scalars(
        select(Honour).where(Honour.id == honour_id).options(joinedload(Honour.category), joinedload(Honour.region), joinedload(Honour.person))
    ).first()


def changes_of(honour_id: int) -> Sequence[HonourChange]:
    """What became of an honour, newest first."""
    return db.session.scalars(select(HonourChange).where(HonourChange.honour_id == honour_id).order_by(HonourChange.id.desc())).all()


def register(
    paths: Sequence[str], *, level: int | None = None, status: HonourStatus | None = None, name: str | None = None, after: str | None = None, limit: int = 50
) -> paging.Page[Honour]:
    """Every honour given in these regions, shown or not, the newest first: for the desk."""
    here = or_(*(and_(Honour.region_path >= p, Honour.region_path < p[:-1] + "/") for p in paths)) if paths else false()
    query = (
        select(Honour)
        .where(here)
        .options(joinedload(Honour.category), joinedload(Honour.region), joinedload(Honour.person))
        .order_by(Honour.id.desc())
        .limit(limit + 1)
    )
    if level:
        query = query.where(Honour.level == level)
    if status is not None:
        query = query.where(Honour.status == status)
    if name:
        query = query.join(Person, Person.id == Honour.person_id).where(Person.normal_name.startswith(normalised_name(name), autoescape=True))
    start = paging.values_of(after, (int,))
    if start is not None:
        query = query.where(Honour.id < start[0])
    return paging.cut(db.session.scalars(query).all(), limit, lambda h: (h.id,), is_first=start is None)


def due_for_review(paths: Sequence[str], *, limit: int = 200) -> listing.Some[Honour]:
    """What should be looked at again by now, the longest overdue first."""
    here = or_(*(and_(Honour.region_path >= p, Honour.region_path < p[:-1] + "/") for p in paths)) if paths else false()
    return listing.some(
        select(Honour)
        .where(here, Honour.status == HonourStatus.ACTIVE, Honour.review_due <= clock.today())
        .options(joinedload(Honour.category), joinedload(Honour.region), joinedload(Honour.person))
        .order_by(Honour.review_due, Honour.id),
        limit,
    )


def reviews_of(honour_id: int) -> Sequence[HonourReview]:
    return db.session.scalars(select(HonourReview).where(HonourReview.honour_id == honour_id).order_by(HonourReview.id.desc())).all()


def benefits_of(honour_id: int) -> Sequence[Benefit]:
    """The courtesies of an honour with every use, the newest first."""
    return db.session.scalars(
        select(Benefit).where(Benefit.honour_id == honour_id).options(selectinload(Benefit.uses)).order_by(Benefit.id.desc())
    ).all()


def benefits_within(paths: Sequence[str], *, limit: int = 50, before: int | None = None) -> Sequence[Benefit]:
    """The ledger of courtesies of these regions, the newest first."""
    here = or_(*(and_(Benefit.region_path >= p, Benefit.region_path < p[:-1] + "/") for p in paths)) if paths else false()
    return db.session.scalars(
        select(Benefit)
        .where(here, Benefit.id < before if before is not None else true())
        .options(joinedload(Benefit.honour).joinedload(Honour.person), joinedload(Benefit.honour).joinedload(Honour.region), selectinload(Benefit.uses))
        .order_by(Benefit.id.desc())
        .limit(limit)
    ).all()


def benefit_by_id(benefit_id: int) -> Benefit | None:
    return db.session.get(Benefit, benefit_id)


def every_category() -> Sequence[Category]:
    """All classes, those that ended too."""
    return db.session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def latest(level: int, count: int) -> Sequence[Honour]:
    """The newest of a level's roll."""
    return shown(level, limit=count).items


def of_nomination(nomination_id: int) -> Sequence[Honour]:
    """All honours that one case brought, lowest level first."""
    return db.session.scalars(select(Honour).where(Honour.nomination_id == nomination_id, STANDS).order_by(Honour.level)).all()


def all_of_nomination(nomination_id: int) -> Sequence[Honour]:
    """Every honour row of a case, those taken back too: for its file."""
    return db.session.scalars(
        select(Honour).where(Honour.nomination_id == nomination_id).options(joinedload(Honour.region)).order_by(Honour.id)
    ).all()


def of_person(person_id: int) -> Sequence[Honour]:
    return db.session.scalars(select(Honour).where(Honour.person_id == person_id, STANDS).order_by(Honour.id)).all()


def way_of(honour: Honour) -> list[WayStep]:
    """The levels that named this person, the highest first."""
    rows = db.session.scalars(
        select(Honour)
        .where(Honour.nomination_id == honour.nomination_id, Honour.level <= honour.level, STANDS)
        .options(joinedload(Honour.region))
        .order_by(Honour.level.desc())
    ).all()
    return [
        WayStep(
            h.level,
            h.region.name,
            h.awarded_at,
            tuple(("listed" if h.level == honour.level else "pass") if n == h.level else "todo" for n in range(1, 6)),
        )
        for h in rows
    ]


def tally() -> dict[int, HonourTally]:
    """How many each level's roll shows, as the worker last counted."""
    return {row.level: row for row in db.session.scalars(select(HonourTally))}


def latest_of_people(people: frozenset[int], *, level: int, besides: int, since: date) -> Honour | None:
    """The newest honour of these persons at a level or above since a day, besides those of one case; revoked ones are none."""
    return db.session.scalars(
        select(Honour)
        .where(
            Honour.person_id.in_(people),
            Honour.level >= level,
            Honour.nomination_id != besides,
            Honour.awarded_at > datetime.combine(since, datetime.min.time(), tzinfo=clock.zone()).astimezone(UTC),
            Honour.status.not_in((HonourStatus.REVOKED, HonourStatus.TAKEN_BACK)),
        )
        .options(joinedload(Honour.region))
        .order_by(Honour.awarded_at.desc())
        .limit(1)
    ).first()


def own_data(person_id: int) -> dict[str, Rows]:
    """Honours given to a person, what became of them, and the courtesies that came with them; to be taken along."""
    mine = Honour.person_id == person_id
    return {
        "honours": rows_of(
            select(
                Honour.number, Category.name.label("category"), Honour.level, Honour.awarded_at, Honour.status, Honour.visibility, Honour.shown_name,
                Honour.headline, Honour.story, Honour.published_at, Honour.until,
            )
            .join(Category, Category.id == Honour.category_id).where(mine, STANDS).order_by(Honour.id)
        ),
        "honour_changes": rows_of(
            select(Honour.number, HonourChange.before, HonourChange.after, HonourChange.reason, HonourChange.document, HonourChange.at)
            .join(Honour, Honour.id == HonourChange.honour_id).where(mine).order_by(HonourChange.id)
        ),
        "benefits": rows_of(
            select(Honour.number, Benefit.name, Benefit.provider, Benefit.since, Benefit.until, Benefit.ended_at)
            .join(Honour, Honour.id == Benefit.honour_id).where(mine).order_by(Benefit.id)
        ),
    }  # fmt: skip
