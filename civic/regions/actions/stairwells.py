"""A community's filled-in sheet of stairwells and groups: what it would change, and the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from civic.audit import actions as audit
from civic.core.db import db
from civic.core.text import normalised_name
from civic.regions import rules
from civic.regions.actions import loading
from civic.regions.files import Leaf, Problem
from civic.regions.models import Region


@dataclass
class LeafPlan:
    """What a community's sheet would change: names of the new, the changed and the unchanged."""

    added: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[object] = field(default_factory=list)  # what was read and may surprise
    fresh: list[dict] = field(default_factory=list)
    updates: list[dict] = field(default_factory=list)

    @property
    def is_for_nothing(self) -> bool:
        """Whether there is nothing to do: then nobody is asked to confirm."""
        return not (self.fresh or self.updates)


def plan(leaves: Sequence[Leaf], problems: Sequence[Problem], *, within_path: str = "") -> LeafPlan:
    """What would change, without changing it. Only communities within `within_path` may be filled."""
    found = LeafPlan(problems=list(problems))
    if not leaves and not problems:
        found.problems.append(Problem("", 1, "sheet_empty", _l("表头下面一行也没有填")))
    if hidden := [str(leaf.line) for leaf in leaves if leaf.is_hidden]:
        found.notes.append(_l("第 %(lines)s 行在表里是隐藏的，也算在内。不要的话，请在表里删掉再传。", lines="、".join(hidden[:20])))
    homes = _communities(within_path)
    keyed = [(leaf, homes.get(rules.line_key(leaf.above))) for leaf in leaves]
    known = _leaves_in({home[0] for _leaf, home in keyed if home is not None})
    next_id = (db.session.scalar(select(func.max(Region.id))) or 0) + 1
    seen: dict[tuple[int | None, str], Leaf] = {}
    for leaf, home in keyed:
        if home is None:
            found.problems.append(Problem(leaf.sheet, leaf.line, "parent_unknown", _l("找不到上级“%(name)s”，请写 12 位代码或完整名称", name=leaf.above[:60])))
            continue
        key = (home[0], normalised_name(leaf.name))
        if key in seen:
            first = seen[key]
            found.problems.append(Problem(leaf.sheet, leaf.line, "name_twice", _l("“%(name)s”写了两遍，和第 %(line)s 行是同一个", name=leaf.name, line=first.line)))
            continue
        seen[key] = leaf
        if key not in known:
            found.fresh.append(loading.values_of(next_id, home[0], 1, leaf.name, f"{home[1]}{next_id}.", households=leaf.households))
            found.added.append((home[2], leaf.name))
            next_id += 1
        elif leaf.households is not None and known[key][1] != leaf.households:
            found.updates.append({"id": known[key][0], "households": leaf.households})
            found.changed.append((home[2], leaf.name))
        else:
            found.unchanged += 1
    found.problems.sort(key=lambda p: (p.file, p.line))
    return found


def _leaves_in(parents: set[int]) -> dict[tuple[int | None, str], tuple[int, int | None]]:
    """The living leaves of these places by how their names are compared."""
    query = select(Region.parent_id, Region.normal_name, Region.id, Region.households).where(Region.level == 1, Region.until.is_(None))
    if len(parents) < loading.CHUNK:
        query = query.where(Region.parent_id.in_(parents))
    return {(parent, name): (id_, households) for parent, name, id_, households in db.session.execute(query)}


def _communities(within_path: str) -> dict[str, tuple[int, str, str]]:
    """(id, path, name) of living communities by code and by every line of names that ends in them and in no other:
    汀南区/桥东街道/梧桐里社区, 桥东街道梧桐里社区, 梧桐里."""
    rows = db.session.execute(
        select(Region.id, Region.path, Region.name, Region.normal_name, Region.code, Region.level).where(Region.level >= 2, Region.until.is_(None))
    ).all()
    names = {row.id: row.normal_name for row in rows}
    homes, owners = {}, Counter[str]()
    for row in rows:
        if row.level != 2:
            continue
        line = [names[int(part)] for part in row.path.rstrip(".").split(".") if int(part) in names]
        keys = rules.keys_of_line(line)
        owners.update(keys)
        if row.path.startswith(within_path):
            homes[row.id] = ((row.id, row.path, row.name), keys, row.code)
    found: dict[str, tuple[int, str, str]] = {}
    for value, keys, code in homes.values():
        for key in {*(k for k in keys if owners[k] == 1), code or ""} - {""}:
            found.setdefault(key, value)
    return found


def apply(actor_id: int | None, wanted: LeafPlan) -> None:
    """Do what the plan says."""
    loading.write(wanted.fresh)
    loading.change("households", wanted.updates)
    loading.advance_ids()
    audit.record(actor_id, "region.import", ("region", None), added=len(wanted.fresh), changed=len(wanted.updates))
