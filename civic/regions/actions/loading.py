"""Loading many places at once: all or nothing, idempotent, in batches by level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, insert, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.regions import rules
from civic.regions.files import Leaf, Problem, Row
from civic.regions.models import Region

CHUNK = 5000


@dataclass
class LoadReport:
    """What a load did, or would do. `added` and `renamed` are counts per level."""

    added: Counter[int] = field(default_factory=Counter)
    renamed: Counter[int] = field(default_factory=Counter)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False


def load(rows: Sequence[Row], problems: Sequence[Problem], *, root: str | None, skip_bad: bool) -> LoadReport:
    """Add the places of published files and rename those whose name changed.

    With any bad row nothing is loaded, unless `skip_bad`. `root` is the code that may stand without a parent.
    """
    report = LoadReport(problems=list(problems))
    known = {code: (id_, path, name) for code, id_, path, name in db.session.execute(
        select(Region.code, Region.id, Region.path, Region.name).where(Region.code.is_not(None)))}  # fmt: skip
    good = _sound(rows, known, root, report)
    report.problems.sort(key=lambda p: (p.file, p.line))
    if report.problems and not skip_bad:
        report.is_refused = True
        return report
    next_id = (db.session.scalar(select(func.max(Region.id))) or 0) + 1
    for level in (5, 4, 3, 2):
        fresh, renamed = [], []
        for row in (r for r in good if rules.level_of(r.code) == level):
            if row.code in known:
                id_, path, name = known[row.code]
                if name == row.name:
                    report.unchanged += 1
                else:
                    renamed.append({"id": id_, "name": row.name})
                    report.renamed[level] += 1
                continue
            above = known.get(rules.parent_code(row.code) or "")
            path = f"{above[1] if above else ''}{next_id}."
            known[row.code] = (next_id, path, row.name)
            fresh.append(_values(next_id, above[0] if above else None, level, row.name, path, code=row.code))
            report.added[level] += 1
            next_id += 1
        _write(fresh, renamed)
    _advance_ids()
    audit.record(None, "region.load", ("region", None), added=sum(report.added.values()), renamed=sum(report.renamed.values()))
    return report


def _sound(rows: Sequence[Row], known: dict, root: str | None, report: LoadReport) -> list[Row]:
    """The rows that can be loaded; the others become problems, and so does what hangs on them."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda r: len(r.code)):
        if row.code in first:
            other = first[row.code]
            where = f"{other.file}:{other.line}"
            report.problems.append(
                Problem(row.file, row.line, "code_twice", _l("代码 %(code)s 在 %(where)s 已经有了", code=row.code, where=where))
            )
            continue
        above = rules.parent_code(row.code)
        if above is not None and row.code != root and above not in first and above not in known:
            report.problems.append(
                Problem(row.file, row.line, "parent_unknown", _l("代码 %(code)s 的上级 %(above)s 不在文件里，也不在系统里", code=row.code, above=above))
            )
            continue
        first[row.code] = row
    names = Counter((rules.parent_code(r.code) or "", r.name) for r in first.values())
    for row in list(first.values()):
        if names[(rules.parent_code(row.code) or "", row.name)] > 1:
            report.problems.append(
                Problem(row.file, row.line, "name_twice", _l("同一个上级下面有两个“%(name)s”", name=row.name))
            )
            del first[row.code]
    return list(first.values())


def _values(id_: int, parent_id: int | None, level: int, name: str, path: str, *, code: str | None = None,
            households: int | None = None) -> dict:  # fmt: skip
    return {
        "id": id_,
        "parent_id": parent_id,
        "level": level,
        "kind": rules.kind_of(level, name, code or ""),
        "name": name,
        "path": path,
        "code": code,
        "households": households,
        "since": clock.today(),
        "version": 1,
    }


def _write(fresh: list[dict], renamed: list[dict]) -> None:
    for at in range(0, len(fresh), CHUNK):
        db.session.execute(insert(Region), fresh[at : at + CHUNK])
    _change("name", renamed)


def _change(column: str, rows: list[dict]) -> None:
    """One column of many rows; each counts as an edit, so that an open page notices."""
    if not rows:
        return
    table = Region.__table__
    db.session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("row"))
        .values({column: bindparam("value"), "version": table.c.version + 1}),
        [{"row": row["id"], "value": row[column]} for row in rows],
    )


def _advance_ids() -> None:
    """Rows were given their numbers here; let PostgreSQL go on after them."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(
            select(func.setval(func.pg_get_serial_sequence("region", "id"), select(func.max(Region.id)).scalar_subquery()))
        )


@dataclass
class LeafPlan:
    """What a community's sheet would change: names of the new, the changed and the unchanged."""

    added: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    fresh: list[dict] = field(default_factory=list)
    updates: list[dict] = field(default_factory=list)


def plan(leaves: Sequence[Leaf], problems: Sequence[Problem], *, within_path: str = "") -> LeafPlan:
    """What would change, without changing it. Only communities within `within_path` may be filled."""
    found = LeafPlan(problems=list(problems))
    homes = _communities(within_path)
    parents = [homes[leaf.above][0] for leaf in leaves if leaf.above in homes]
    known = {
        (parent, name): (id_, households)
        for parent, name, id_, households in db.session.execute(
            select(Region.parent_id, Region.name, Region.id, Region.households).where(
                Region.parent_id.in_(set(parents)), Region.until.is_(None)
            )
        )
    } if len(set(parents)) < CHUNK else _all_leaves()
    next_id = (db.session.scalar(select(func.max(Region.id))) or 0) + 1
    seen: set[tuple[int, str]] = set()
    for leaf in leaves:
        home = homes.get(leaf.above)
        if home is None:
            found.problems.append(Problem("", leaf.line, "parent_unknown", _l("找不到上级“%(name)s”，请写 12 位代码或完整名称", name=leaf.above[:60])))
            continue
        key = (home[0], leaf.name)
        if key in seen:
            found.problems.append(Problem("", leaf.line, "name_twice", _l("“%(name)s”写了两遍", name=leaf.name)))
            continue
        seen.add(key)
        if key not in known:
            found.fresh.append(_values(next_id, home[0], 1, leaf.name, f"{home[1]}{next_id}.", households=leaf.households))
            found.added.append((home[2], leaf.name))
            next_id += 1
        elif leaf.households is not None and known[key][1] != leaf.households:
            found.updates.append({"id": known[key][0], "households": leaf.households})
            found.changed.append((home[2], leaf.name))
        else:
            found.unchanged += 1
    return found


def _all_leaves() -> dict[tuple[int | None, str], tuple[int, int | None]]:
    rows = db.session.execute(
        select(Region.parent_id, Region.name, Region.id, Region.households).where(Region.level == 1, Region.until.is_(None))
    )
    return {(parent, name): (id_, households) for parent, name, id_, households in rows}


def _communities(within_path: str) -> dict[str, tuple[int, str, str]]:
    """(id, path, name) of living communities by code and by full name path; ambiguous short names are left out."""
    rows = db.session.execute(
        select(Region.id, Region.path, Region.name, Region.code, Region.level).where(Region.level >= 2, Region.until.is_(None))
    ).all()
    names = {row.id: row.name for row in rows}
    found: dict[str, tuple[int, str, str]] = {}
    short = Counter(row.name for row in rows if row.level == 2)
    for row in rows:
        if row.level != 2 or not row.path.startswith(within_path):
            continue
        value = (row.id, row.path, row.name)
        line = [names[int(part)] for part in row.path.rstrip(".").split(".") if int(part) in names]
        keys = {"/".join(line[at:]) for at in range(len(line) - 1)} | ({row.name} if short[row.name] == 1 else set())
        for key in {*keys, row.code or ""} - {""}:
            found.setdefault(key, value)
    return found


def apply(actor_id: int | None, wanted: LeafPlan) -> None:
    """Do what the plan says."""
    _write(wanted.fresh, [])
    _change("households", wanted.updates)
    _advance_ids()
    audit.record(actor_id, "region.import", ("region", None), added=len(wanted.fresh), changed=len(wanted.updates))


