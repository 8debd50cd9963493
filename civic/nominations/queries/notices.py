"""Questions about public notices and objections: what hangs now, one item, the desk's open objections."""

from __future__ import annotations

from sqlalchemy import false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from civic.core import calendar, clock, listing
from civic.core.db import db, locked
from civic.identity.permissions import Actor, Permission, out_of_reach
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.notices import OPEN_OBJECTIONS, Notice, NoticeItem, Objection
from civic.nominations.models.rounds import Round
from civic.nominations.models.second_looks import SecondLook
from civic.nominations.rules import climbing
from civic.regions.queries import within

MANY = 60
HANGING = 500  # on one page of the public


def hanging(limit: int = HANGING) -> listing.Some[NoticeItem]:
    """What the public may read and object to now, soonest end first."""
    return listing.some(
        select(NoticeItem)
        .where(NoticeItem.settled_at.is_(None))
        .options(
            joinedload(NoticeItem.notice).options(joinedload(Notice.region), joinedload(Notice.published_by), joinedload(Notice.round).joinedload(Round.rule)),
            joinedload(NoticeItem.nomination).joinedload(Nomination.category),
        )
        .order_by(NoticeItem.ends_at, NoticeItem.id),
        limit,
    )


def item(item_id: int) -> NoticeItem | None:
    """One item that still hangs; what was taken down or settled is nobody's to read any more."""
    return db.session.scalars(
        select(NoticeItem)
        .where(NoticeItem.id == item_id, NoticeItem.settled_at.is_(None))
        .options(
            joinedload(NoticeItem.notice).options(joinedload(Notice.region), joinedload(Notice.published_by), joinedload(Notice.round).joinedload(Round.rule)),
            joinedload(NoticeItem.nomination).joinedload(Nomination.category),
        )
    ).first()


def item_of(nomination_id: int) -> NoticeItem | None:
    """The running item of a case."""
    return db.session.scalars(
        select(NoticeItem).where(NoticeItem.nomination_id == nomination_id, NoticeItem.settled_at.is_(None))
    ).first()


def held_item(nomination_id: int) -> NoticeItem | None:
    """The running item of a case, locked."""
    return db.session.scalars(
        locked(select(NoticeItem).where(NoticeItem.nomination_id == nomination_id, NoticeItem.settled_at.is_(None)))
    ).first()


def days_left(found: NoticeItem) -> int:
    """Days the item still hangs, in the notice's own count; what stands still keeps its days."""
    if found.ends_at is None:
        return found.days_left or 0
    return span_left(found.notice, found.ends_at)


def span_left(notice: Notice, ends_at: object) -> int:
    now = clock.now()
    if notice.in_working_days:
        return calendar.working_days_left(ends_at, now)
    return (clock.local(ends_at).date() - clock.local(now).date()).days


def state_of(found: NoticeItem) -> tuple[str, int, str]:
    """(word of the due macro, days left, squares) of an item."""
    left = days_left(found)
    cells = climbing.cells_of(found.notice.days, max(0, left), found.ends_at is None)
    if found.ends_at is None:
        return "hold", left, cells
    return climbing.urgency(left, found.ends_at, clock.now()), left, cells


def objections_for(actor: Actor, *, is_open: bool = True, limit: int | None = None) -> listing.Some[Objection]:
    """Objections in the actor's regions, the soonest due first."""
    paths = actor.paths_for(Permission.OBJECTION_HANDLE)
    condition = Objection.closed_at.is_(None) if is_open else Objection.closed_at.is_not(None)
    return listing.some(
        select(Objection)
        .where(or_(*(within(Objection.region_path, p) for p in paths)) if paths else false(), condition)
        .options(
            joinedload(Objection.item).options(joinedload(NoticeItem.notice).joinedload(Notice.region), joinedload(NoticeItem.nomination)),
            joinedload(Objection.investigator),
        )
        .order_by(Objection.due_at if is_open else Objection.closed_at.desc(), Objection.id),
        limit or MANY,
    )


def objection_in_reach_of(actor: Actor, objection_id: int) -> Objection:
    """The objection, where it lies in the actor's regions."""
    paths = actor.paths_for(Permission.OBJECTION_HANDLE)
    found = db.session.scalars(
        select(Objection)
        .where(Objection.id == objection_id, or_(*(within(Objection.region_path, p) for p in paths)) if paths else false())
        .options(
            joinedload(Objection.item).options(
                joinedload(NoticeItem.notice).joinedload(Notice.region),
                joinedload(NoticeItem.nomination).options(joinedload(Nomination.category), selectinload(Nomination.decisions)),
            )
        )
    ).first()
    if found is None:
        raise out_of_reach()
    return found


def objection_by_id(objection_id: int) -> Objection | None:
    return db.session.scalars(
        select(Objection).where(Objection.id == objection_id).options(joinedload(Objection.item).joinedload(NoticeItem.notice).joinedload(Notice.region))
    ).first()


def has_open_objection(item_id: int) -> bool:
    """Whether something still stands against an item: an objection, or an answer that the level above looks at again."""
    looked_at = select(SecondLook.objection_id).where(SecondLook.answered_at.is_(None), SecondLook.objection_id.is_not(None))
    against = or_(Objection.status.in_(OPEN_OBJECTIONS), Objection.id.in_(looked_at))
    return db.session.scalars(select(Objection.id).where(Objection.item_id == item_id, against).limit(1)).first() is not None


def has_handled(user_id: int | None, nomination: Nomination) -> bool:
    """Whether somebody decided anything on the case at its present level: then another looks into objections."""
    return (
        db.session.scalars(
            select(Decision.id)
            .where(Decision.nomination_id == nomination.id, Decision.level == nomination.level, Decision.actor_id == user_id)
            .limit(1)
        ).first()
        is not None
    )
