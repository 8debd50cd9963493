"""Questions of a desk: its lists, their counts, what is still to be published. Constant statements, index ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from civic.core import calendar, clock, paging, text
from civic.core.db import db
from civic.honours.models import Category
from civic.identity.models import Person, User
from civic.identity.permissions import Actor, Permission
from civic.nominations.models.cases import Channel, Nomination, Photo
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.notices import NoticeItem, Objection, ObjectionStatus
from civic.nominations.rules import climbing, links, telling
from civic.nominations.rules.climbing import cells_of, glyph_of
from civic.nominations.states import Status
from civic.regions.models import Region
from civic.regions.queries import within

MANY = 100
SAID = ("endorse", "elect", "decline")


@dataclass(frozen=True)
class QueueRow:
    """One line of a desk's list."""

    id: int
    reference: str
    version: int
    name: str
    headline: str
    category: str
    icon: str
    channel: Channel
    place: str
    status: Status
    level: int
    due_at: datetime | None
    days_left: int | None
    arrived_at: datetime
    voice_count: int
    photo_count: int
    taken_by_id: int | None
    taken_by: str | None
    taken_at: datetime | None
    is_raised: bool
    review_days: int

    @property
    def urgency(self) -> str:
        if self.due_at is None or self.days_left is None:
            return "hold"
        return climbing.urgency(self.days_left, self.due_at, clock.now())

    @property
    def glyph(self) -> tuple[str, ...]:
        return glyph_of(self.status, self.level, self.urgency == "over")

    @property
    def cells(self) -> str:
        return cells_of(self.review_days, self.days_left, self.due_at is None)


@dataclass(frozen=True)
class Lane:
    """One list of a desk: what is in it, and the columns it is ordered and paged by."""

    condition: ColumnElement[bool]
    keys: tuple[Any, ...]
    kinds: tuple[type, ...]
    is_newest_first: bool = False


def _lane(paths: Sequence[str], lane: str, actor_id: int | None) -> Lane:
    at_desk, by_due = Nomination.desk_path.in_(paths), ((Nomination.due_at, Nomination.id), (datetime, int))
    if lane == "returned":
        return Lane(and_(at_desk, Nomination.status == Status.RETURNED), (Nomination.id,), (int,))
    if lane == "raised":
        # What is protected is told by its number in the letter, and shown to no other desk.
        return Lane(and_(Nomination.raised_path.in_(paths), Nomination.protected_at.is_(None)), *by_due)
    if lane == "done":
        return Lane(_decided_by(actor_id), (Decision.at, Decision.id), (datetime, int), is_newest_first=True)
    return Lane(and_(at_desk, Nomination.due_at.is_not(None)), *by_due)


def _decided_by(actor_id: int | None) -> ColumnElement[bool]:
    """The last word that somebody said on a case: one range of the index on who and when, whoever else is at work."""
    mine = (Decision.actor_id == actor_id, Decision.verb.in_(SAID), Decision.undone_at.is_(None), Decision.at > clock.now() - telling.DRAFT_KEPT)
    later = aliased(Decision)
    again = select(literal(1)).where(
        later.nomination_id == Decision.nomination_id, later.actor_id == actor_id, later.verb.in_(SAID), later.undone_at.is_(None), later.id > Decision.id
    )
    return and_(*mine, ~again.exists())


def _rows(condition: ColumnElement[bool]) -> Select:
    taker, taker_person = aliased(User), aliased(Person)
    photos = select(func.count()).where(Photo.nomination_id == Nomination.id).scalar_subquery()
    return (
        select(
            Nomination.id,
            Nomination.reference,
            Nomination.version,
            Nomination.nominee_name,
            Nomination.headline,
            Category.name,
            Category.icon,
            Nomination.channel,
            Region.name,
            Nomination.status,
            Nomination.level,
            Nomination.due_at,
            Nomination.days_left,
            Nomination.arrived_at,
            Nomination.voice_count,
            photos,
            Nomination.taken_by_id,
            taker_person.name,
            Nomination.taken_at,
            Nomination.raised_path.is_not(None),
            LevelRule.review_days,
        )
        .join(Category, Category.id == Nomination.category_id)
        .join(Region, Region.id == Nomination.home_region_id)
        .join(LevelRule, LevelRule.id == Nomination.rule_id)
        .outerjoin(taker, taker.id == Nomination.taken_by_id)
        .outerjoin(taker_person, taker_person.id == taker.person_id)
        .where(condition)
    )


def waiting_at(
    paths: Sequence[str], *, lane: str = "waiting", actor_id: int | None = None, after: str | None = None, limit: int = 50, **narrowing: Any
) -> paging.Page[QueueRow]:
    """One list of the desks at `paths`, oldest deadline first: one statement, however long the list. See `_narrowed`."""
    one = _lane(paths, lane, actor_id)
    query = _narrowed(_rows(one.condition), lane, **narrowing).add_columns(*one.keys).limit(limit + 1)
    query = query.order_by(*(key.desc() if one.is_newest_first else key for key in one.keys))
    start = paging.values_of(after, one.kinds)
    if start is not None:
        query = query.where(paging.after(one.keys, start, descending=one.is_newest_first))
    now, width = clock.now(), len(one.keys)
    found = [(_row(values[:-width], now), values[-width:]) for values in db.session.execute(query)]
    page = paging.cut(found, limit, lambda pair: pair[1], is_first=start is None)
    return paging.Page([row for row, _key in page.items], page.next_key, page.is_first, page.previous_key)


def count_waiting_at(paths: Sequence[str], *, lane: str = "waiting", actor_id: int | None = None, **narrowing: Any) -> int:
    """How long that list is; for whoever takes all of it away."""
    query = select(func.count()).select_from(Nomination).where(_lane(paths, lane, actor_id).condition)
    return db.session.scalar(_narrowed(query, lane, **narrowing)) or 0


def _narrowed(
    query: Select,
    lane: str,
    *,
    category_id: int | None = None,
    channel: Channel | None = None,
    overdue: bool = False,
    region_path: str | None = None,
    search: str | None = None,
) -> Select:
    if lane == "done":
        query = query.join(Decision, Decision.nomination_id == Nomination.id)
    if category_id is not None:
        query = query.where(Nomination.category_id == category_id)
    if channel is not None:
        query = query.where(Nomination.channel == channel)
    if overdue:
        query = query.where(Nomination.due_at < clock.now())
    if region_path is not None:
        query = query.where(within(Nomination.home_path, region_path))
    if search:
        sought = text.normalised_name(search)
        query = query.where(
            or_(
                Nomination.normal_name.contains(sought, autoescape=True),
                Nomination.normal_headline.contains(sought, autoescape=True),
                Nomination.reference == links.normalised_reference(search),
            )
        )
    return query


def _row(values: Sequence, now: datetime) -> QueueRow:
    row = list(values)
    if row[11] is not None:
        row[12] = calendar.working_days_left(row[11], now)
    return QueueRow(*row)


def counts_at(paths: Sequence[str]) -> dict[str, int]:
    """How many lie in each list, counted no further than a hundred and one: one statement."""
    if not paths:
        return {"waiting": 0, "overdue": 0, "returned": 0, "raised": 0}

    def upto(condition: ColumnElement[bool]):
        inner = select(literal(1)).select_from(Nomination).where(condition).limit(MANY + 1).subquery()
        return select(func.count()).select_from(inner).scalar_subquery()

    waiting, returned, raised = (_lane(paths, lane, None).condition for lane in ("waiting", "returned", "raised"))
    row = db.session.execute(
        select(upto(waiting), upto(and_(waiting, Nomination.due_at < clock.now())), upto(returned), upto(raised))
    ).one()
    return dict(zip(("waiting", "overdue", "returned", "raised"), row, strict=True))


def in_hands_of(user_id: int) -> Sequence[Nomination]:
    """The cases somebody has taken and not given back."""
    return db.session.scalars(
        select(Nomination)
        .where(Nomination.taken_by_id == user_id, Nomination.status == Status.IN_REVIEW)
        .options(joinedload(Nomination.home_region))
        .order_by(Nomination.due_at, Nomination.id)
    ).all()


def objections_of(user_id: int) -> Sequence[Objection]:
    """The objections somebody is looking into."""
    return db.session.scalars(
        select(Objection)
        .where(Objection.investigator_id == user_id, Objection.status == ObjectionStatus.INVESTIGATING)
        .options(joinedload(Objection.item).joinedload(NoticeItem.nomination).joinedload(Nomination.home_region))
        .order_by(Objection.due_at)
    ).all()


def to_publish(actor: Actor, *, limit: int = 100, before: int | None = None) -> Sequence[Nomination]:
    """Honoured cases in reach whose page is not out yet: consent or text is missing."""
    paths = actor.paths_for(Permission.PUBLICATION_EDIT)
    if not paths:
        return []
    return db.session.scalars(
        select(Nomination)
        .where(
            or_(*(within(Nomination.home_path, p) for p in paths)),
            Nomination.honour_id.is_not(None),
            Nomination.public_approved_at.is_(None),
            Nomination.protected_at.is_(None),
            Nomination.id < before if before is not None else true(),
        )
        .options(joinedload(Nomination.category), joinedload(Nomination.home_region))
        .order_by(Nomination.id.desc())
        .limit(limit)
    ).all()


def count_to_publish(actor: Actor) -> int:
    """How many those are."""
    paths = actor.paths_for(Permission.PUBLICATION_EDIT)
    waits = (Nomination.honour_id.is_not(None), Nomination.public_approved_at.is_(None), Nomination.protected_at.is_(None))
    return db.session.scalar(select(func.count()).where(or_(*(within(Nomination.home_path, p) for p in paths)) if paths else false(), *waits)) or 0
