"""Changing one place: adding, renaming, retiring with a successor, moving with all that lies in it.

Places stand below people, so these deeds do not know roles: `demand_at` is asked with each path that is touched, and
refuses for the caller.
"""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotFound
from civic.regions import rules
from civic.regions.models import Region
from civic.regions.queries import within

Demand = Callable[[str], None]


def _unknown() -> NotFound:
    return NotFound("not_found", _l("没有找到。可能是网址不对，也可能不归您这里管。"))


def _held(demand_at: Demand, region_id: int, expected: int) -> Region:
    region = db.session.scalars(locked(select(Region).where(Region.id == region_id))).first()
    if region is None:
        raise _unknown()
    demand_at(region.path)
    if region.version != expected:
        raise Conflict("changed_meanwhile", _l("您打开之后，这里被人改过。请看看新的样子，再改一次。"))
    if region.is_retired:
        raise Invalid("region_retired", _l("这个地方已经撤并了，不能再改。"))
    return region


def _free(parent_id: int | None, name: str) -> None:
    taken = exists().where(Region.parent_id == parent_id, Region.name == name, Region.until.is_(None))
    if db.session.scalar(select(taken)):
        raise Invalid("name_taken", _l("同一个上级下面已经有“%(name)s”了。", name=name), field="name")


def add(actor_id: int | None, demand_at: Demand, parent_id: int, name: str, *, households: int | None = None) -> Region:
    """A new place in another: a functional zone, a stairwell."""
    parent = db.session.scalars(locked(select(Region).where(Region.id == parent_id))).first()
    if parent is None:
        raise _unknown()
    demand_at(parent.path)
    name = _named(name)
    if parent.is_retired or parent.level == 1:
        raise Invalid("no_place_below", _l("这里下面不能再设地方。"))
    _free(parent.id, name)
    level = parent.level - 1
    region = Region(
        parent_id=parent.id, level=level, kind=rules.kind_of(level, name), name=name, path="", households=households,
        since=clock.today(),
    )  # fmt: skip
    db.session.add(region)
    region.path = f"{parent.path}?{clock.now().timestamp()}"
    db.session.flush()
    region.path = f"{parent.path}{region.id}."
    audit.record(actor_id, "region.add", ("region", region.id), region_path=region.path)
    return region


def _named(name: str) -> str:
    plain = name.strip()
    if not plain or len(plain) > 60:
        raise Invalid("name_length", _l("名称请写 1 到 60 个字。"), field="name")
    return plain


def rename(actor_id: int | None, demand_at: Demand, region_id: int, name: str, *, expected: int) -> Region:
    region = _held(demand_at, region_id, expected)
    name = _named(name)
    if name != region.name:
        _free(region.parent_id, name)
        audit.record(actor_id, "region.rename", ("region", region.id), region_path=region.path, before=region.name, after=name)
        region.name = name
    return region


def retire(actor_id: int | None, demand_at: Demand, region_id: int, successor_id: int, *, expected: int) -> tuple[Region, Region]:
    """End a place; its successor, of the same level, takes over. Never deleted: old cases still name it."""
    region = _held(demand_at, region_id, expected)
    successor = db.session.get(Region, successor_id)
    if successor is None or successor.is_retired or successor.id == region.id:
        raise Invalid("successor_unknown", _l("请选一个还在用的地方来接。"), field="target")
    if successor.level != region.level:
        raise Invalid("successor_wrong_level", _l("接的地方要和它同一级。"), field="target")
    demand_at(successor.path)
    if db.session.scalar(select(exists().where(Region.parent_id == region.id, Region.until.is_(None)))):
        raise Invalid("has_children", _l("它下面还有地方，请先把它们搬走或撤并。"))
    region.until = clock.today()
    region.successor_id = successor.id
    audit.record(actor_id, "region.retire", ("region", region.id), region_path=region.path, successor=successor.id)
    return region, successor


def move(actor_id: int | None, demand_at: Demand, region_id: int, parent_id: int, *, expected: int) -> tuple[str, str]:
    """Hang a place with all that lies in it under another; (old path, new path), so that others can follow."""
    region = _held(demand_at, region_id, expected)
    parent = db.session.scalars(locked(select(Region).where(Region.id == parent_id))).first()
    if parent is None or parent.is_retired or parent.level <= region.level:
        raise Invalid("parent_wrong_level", _l("新的上级要比它高一级。"), field="target")
    if parent.level != region.level + 1:
        raise Invalid("parent_wrong_level", _l("新的上级要比它高一级。"), field="target")
    demand_at(parent.path)
    _free(parent.id, region.name)
    old, new = region.path, f"{parent.path}{region.id}."
    region.parent_id = parent.id
    db.session.flush()
    db.session.execute(
        update(Region)
        .where(within(Region.path, old))
        .values(path=new + func.substr(Region.path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
    db.session.expire(region)
    audit.record(actor_id, "region.move", ("region", region.id), region_path=new, before=old, after=new)
    return old, new
