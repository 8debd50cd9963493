"""Every question about places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from civic.core.db import db
from civic.core.text import normalised_name
from civic.regions import rules
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
    return line_of_path(region.path)


def line_of_path(path: str) -> list[Region]:
    """The places on a path, from the root down."""
    ids = [int(part) for part in path.rstrip(".").split(".")]
    found = by_ids(ids)
    return [found[i] for i in ids if i in found]


def children(parent: Region | None, *, living: bool = True) -> Sequence[Region]:
    """What lies directly in a place (or the roots), by name."""
    query = select(Region).where(Region.parent_id == (parent.id if parent else None)).order_by(Region.name)
    if living:
        query = query.where(Region.until.is_(None))
    return db.session.scalars(query).all()


def root() -> Region | None:
    """The city."""
    return db.session.scalars(select(Region).where(Region.parent_id.is_(None)).order_by(Region.id).limit(1)).first()


def by_code(code: str) -> Region | None:
    return db.session.scalars(select(Region).where(Region.code == code)).first()


def found_by_name(words: str, *, limit: int = 20) -> tuple[Sequence[Region], int]:
    """Living places whose name holds the words, larger places first, and how many there are: 梧桐里; else those whose line of
    names they are: 桥东街道梧桐里社区, 桥东梧桐里."""
    sought = normalised_name(words)
    if len(sought) < 2:
        return [], 0
    is_such = (Region.level.between(2, 4), Region.until.is_(None), Region.normal_name.contains(sought, autoescape=True))
    found = db.session.scalars(select(Region).where(*is_such).order_by(Region.level.desc(), Region.name, Region.path).limit(limit + 1)).all()
    if not found:
        ids = _ids_by_line(sought)
        known = by_ids(ids[:limit])
        return [known[i] for i in ids[:limit]], len(ids)
    if len(found) <= limit:
        return found, len(found)
    return found[:limit], db.session.scalar(select(func.count()).select_from(Region).where(*is_such)) or 0


def _ids_by_line(sought: str) -> list[int]:
    """The places whose names, from some place down to themselves, are these words; suffixes may be left out."""
    rows = db.session.execute(
        select(Region.id, Region.path, Region.normal_name, Region.level).where(Region.level >= 2, Region.until.is_(None)).order_by(Region.path)
    ).all()
    names = {row.id: row.normal_name for row in rows}
    return [row.id for row in rows if row.level < 5 and rules.is_line_of(sought, [names.get(int(part), "") for part in row.path.rstrip(".").split(".")])]


def by_line_of_names(names: Sequence[str]) -> Region | None:
    """The place at the end of a line of names, from the city down: 云汀市/汀南区/桥东街道."""
    place: Region | None = None
    for name in names:
        parent_id = place.id if place is not None else None
        place = db.session.scalars(select(Region).where(Region.parent_id == parent_id, Region.name == name)).first()
        if place is None:
            return None
    return place


@dataclass(frozen=True)
class Chooser:
    """One moment of choosing a home: the line so far, what can be chosen below, what a search found."""

    line: Sequence[Region]
    below: Sequence[Region]
    found: Sequence[tuple[Region, Sequence[Region]]]
    search: str
    more: int = 0  # what the search found beyond those

    @property
    def shown(self) -> int:
        return len(self.found)

    @property
    def at(self) -> Region | None:
        return self.line[-1] if self.line else None


def chooser(at: int | None, search: str | None = None) -> Chooser:
    """The chooser standing at a place (None: at the city). Constant statements."""
    place = by_id(at) if at is not None else None
    if place is None or place.is_retired:
        place = root()
    hits, count = found_by_name(search) if search else ([], 0)
    lines = by_ids({i for hit in hits for i in hit.ancestor_ids})
    return Chooser(
        line=line_of(place) if place is not None else [],
        below=children(place) if place is not None and place.level > 1 else [],
        found=[(hit, [lines[i] for i in hit.ancestor_ids if i in lines]) for hit in hits],
        search=search or "",
        more=count - len(hits),
    )


def leaves_within(path: str) -> list[tuple[str, str, str]]:
    """Rows of the sheet for the communities in a subtree."""
    return _leaves(path)


def leaves_for_template(under: str | None) -> list[tuple[str, str, str]]:
    """Rows of the sheet for the communities below the place with this code, or for the whole city."""
    top = by_code(under) if under else None
    return _leaves(top.path if top is not None else None)


def _leaves(path: str | None) -> list[tuple[str, str, str]]:
    """(community's code or name path, name, households) of known leaves; a community without any gets an empty row."""
    query = select(Region).where(Region.level <= 2, Region.until.is_(None)).order_by(Region.path)
    if path is not None:
        query = query.where(within(Region.path, path))
    places = db.session.scalars(query).all()
    names = {r.id: r for r in db.session.scalars(select(Region).where(Region.level >= 2))}
    rows = []
    filled = {p.parent_id for p in places if p.level == 1}
    for place in places:
        home = place if place.level == 2 else names[place.parent_id]
        above = home.code or "/".join(names[i].name for i in home.ancestor_ids)
        if place.level == 1:
            rows.append((above, place.name, "" if place.households is None else str(place.households)))
        elif place.id not in filled:
            rows.append((above, "", ""))
    return rows
