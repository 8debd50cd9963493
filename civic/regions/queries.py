"""Every question about places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from civic.core.db import db
from civic.regions.models import Region


def within(column: InstrumentedAttribute[str] | ColumnElement[str], path: str) -> ColumnElement[bool]:
    """Whether a path column lies in the subtree of `path`: one index range (`1.14.` ≤ x < `1.14/`)."""
    return (column >= path) & (column < path[:-1] + "/")


def by_id(region_id: int) -> Region | None:
    return db.session.get(Region, region_id)


def by_ids(ids: Iterable[int]) -> dict[int, Region]:
    """Several places at once, by id."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    return {r.id: r for r in db.session.scalars(select(Region).where(Region.id.in_(wanted)))}


def line_of(region: Region) -> list[Region]:
    """The place and what it lies in, from the root down."""
    found = by_ids(region.ancestor_ids)
    return [found[i] for i in region.ancestor_ids if i in found]


def children(parent: Region | None, *, living: bool = True) -> Sequence[Region]:
    """What lies directly in a place (or the roots), by name."""
    query = select(Region).where(Region.parent_id == (parent.id if parent else None)).order_by(Region.name)
    if living:
        query = query.where(Region.until.is_(None))
    return db.session.scalars(query).all()


def root() -> Region | None:
    """The city."""
    return db.session.scalars(select(Region).where(Region.parent_id.is_(None)).order_by(Region.id).limit(1)).first()
