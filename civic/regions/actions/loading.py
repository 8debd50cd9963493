"""Loading many places at once: all or nothing, idempotent, in batches by level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, insert, or_, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.text import normalised_name
from civic.regions import rules
from civic.regions.files import Problem, Row
from civic.regions.models import Region

CHUNK = 5000


@dataclass
class LoadReport:
    """What a load did, or would do. `added`, `renamed` and `recoded` are counts per level."""

    added: Counter[int] = field(default_factory=Counter)
    renamed: Counter[int] = field(default_factory=Counter)
    recoded: Counter[int] = field(default_factory=Counter)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False


@dataclass
class _Known:
    """A place that is there, or will be."""

    id: int
    path: str
    name: str
    code: str | None
    parent_id: int | None


def load(rows: Sequence[Row], problems: Sequence[Problem], *, root: str | None, skip_bad: bool) -> LoadReport:
    """Add the places of published files, rename those whose name changed, and give those of the same name their new code.

    With any bad row nothing is loaded, unless `skip_bad`: then what hangs on a bad row is left out and named as well. `root`
    is the code that may stand without a parent.
    """
    report = LoadReport(problems=list(problems))
    places = [_Known(*row) for row in db.session.execute(
        select(Region.id, Region.path, Region.name, Region.code, Region.parent_id).where(or_(Region.code.is_not(None), Region.until.is_(None))))]  # fmt: skip
    known = {place.code: place for place in places if place.code is not None}
    good = _sound(rows, known, root, report)
    _recode(good, known, {(p.parent_id, normalised_name(p.name)): p for p in places}, report)
    good = _without_taken(good, known, report)
    report.problems.sort(key=lambda p: (p.file, p.line))
    if report.problems and not skip_bad:
        report.is_refused = True
        return report
    next_id = (db.session.scalar(select(func.max(Region.id))) or 0) + 1
    for level in (5, 4, 3, 2):
        next_id = _load_level(level, [r for r in good if rules.level_of(r.code) == level], known, next_id, report)
    advance_ids()
    audit.record(
        None, "region.load", ("region", None), added=sum(report.added.values()), renamed=sum(report.renamed.values()), recoded=sum(report.recoded.values())
    )
    return report


def _load_level(level: int, rows: Sequence[Row], known: dict[str, _Known], next_id: int, report: LoadReport) -> int:
    """Write the rows of one level; the next free number."""
    fresh, renamed, recoded = [], [], []
    for row in rows:
        there = known.get(row.code)
        if there is None:
            above = known.get(rules.parent_code(row.code) or "")
            path = f"{above.path if above else ''}{next_id}."
            known[row.code] = _Known(next_id, path, row.name, row.code, above.id if above else None)
            fresh.append(values_of(next_id, above.id if above else None, level, row.name, path, code=row.code))
            next_id += 1
            continue
        if there.code != row.code:
            recoded.append({"id": there.id, "code": row.code})
        if there.name != row.name:
            renamed.append({"id": there.id, "name": row.name})
        report.unchanged += there.code == row.code and there.name == row.name
    # A code may be wanted that another place of this file gives up: codes first fall free, then they are given.
    change("code", [{"id": row["id"], "code": None} for row in recoded])
    change("code", recoded)
    _rename(renamed)
    write(fresh)
    for counts, changed in ((report.added, fresh), (report.renamed, renamed), (report.recoded, recoded)):
        counts.update({level: len(changed)} if changed else {})
    return next_id


def _sound(rows: Sequence[Row], known: dict[str, _Known], root: str | None, report: LoadReport) -> list[Row]:
    """The rows that can be loaded; the others become problems, and so does what hangs on them."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda r: len(r.code)):
        if row.code in first:
            other = first[row.code]
            where = f"{other.file}:{other.line}"
            report.problems.append(Problem(row.file, row.line, "code_twice", _l("代码 %(code)s 在 %(where)s 已经有了", code=row.code, where=where)))
            continue
        first[row.code] = row
    names = Counter((rules.parent_code(r.code) or "", normalised_name(r.name)) for r in first.values())
    for row in list(first.values()):
        if names[(rules.parent_code(row.code) or "", normalised_name(row.name))] > 1:
            report.problems.append(Problem(row.file, row.line, "name_twice", _l("同一个上级下面有两个“%(name)s”", name=row.name)))
            del first[row.code]
    return _with_parents(first, {r.code for r in rows}, known, root, report)


def _with_parents(first: dict[str, Row], in_file: set[str], known: dict[str, _Known], root: str | None, report: LoadReport) -> list[Row]:
    """From the top down, the rows whose place above is there: nothing ever hangs in the air."""
    kept: dict[str, Row] = {}
    for code, row in sorted(first.items(), key=lambda pair: len(pair[0])):
        above = rules.parent_code(code)
        if above is None or code == root or above in kept or above in known:
            kept[code] = row
        elif above in in_file:
            report.problems.append(
                Problem(row.file, row.line, "parent_left_out", _l("“%(name)s”的上级 %(above)s 没有装，它也不能装", name=row.name, above=above))
            )
        else:
            report.problems.append(
                Problem(row.file, row.line, "parent_unknown", _l("代码 %(code)s 的上级 %(above)s 不在文件里，也不在系统里", code=code, above=above))
            )
    return list(kept.values())


def _recode(rows: Sequence[Row], known: dict[str, _Known], by_name: dict[tuple[int | None, str], _Known], report: LoadReport) -> None:
    """A place of the same name in the same place, whose own code the files no longer have, is the same place with another code."""
    in_file = {row.code for row in rows}
    for row in rows:
        if row.code in known:
            continue
        above = known.get(rules.parent_code(row.code) or "")
        same = by_name.get((above.id if above else None, normalised_name(row.name)))
        if same is not None and same.code not in in_file:
            known[row.code] = same


def _without_taken(rows: Sequence[Row], known: dict[str, _Known], report: LoadReport) -> list[Row]:
    """The rows without those whose name a sibling keeps that no file renames."""
    wanted = {known[row.code].id: row.name for row in rows if row.code in known}
    owners: dict[tuple[int | None, str], set[int]] = {}
    for id_, parent_id, name in db.session.execute(select(Region.id, Region.parent_id, Region.name).where(Region.until.is_(None))):
        owners.setdefault((parent_id, normalised_name(wanted.get(id_, name))), set()).add(id_)
    good, gone = [], set()
    for row in sorted(rows, key=lambda r: len(r.code)):
        above = rules.parent_code(row.code)
        there, parent = known.get(row.code), known.get(above or "")
        # Whose place above is new has no sisters yet, and a root's are other cities.
        others = owners.get((parent.id, normalised_name(row.name)), set()) - {there.id if there else None} if parent is not None else set()
        if above in gone:
            gone.add(row.code)
            report.problems.append(Problem(row.file, row.line, "parent_left_out", _l("“%(name)s”的上级 %(above)s 没有装，它也不能装", name=row.name, above=above)))
        elif others:
            if there is None:
                gone.add(row.code)
            report.problems.append(
                Problem(row.file, row.line, "name_taken", _l("同一个上级下面已经有“%(name)s”了，代码不是 %(code)s；请先看是不是同一个地方", name=row.name, code=row.code))
            )
        else:
            good.append(row)
    return good


def values_of(id_: int, parent_id: int | None, level: int, name: str, path: str, *, code: str | None = None,
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


def write(fresh: list[dict]) -> None:
    for at in range(0, len(fresh), CHUNK):
        db.session.execute(insert(Region), fresh[at : at + CHUNK])


def _rename(rows: list[dict]) -> None:
    """New names for many: neighbours may exchange theirs, so all names first fall free."""
    change("name", [{"id": row["id"], "name": f"?{row['id']}"} for row in rows])
    change("name", rows)
    change("normal_name", [{"id": row["id"], "normal_name": normalised_name(row["name"])} for row in rows])


def change(column: str, rows: list[dict]) -> None:
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


def advance_ids() -> None:
    """Rows were given their numbers here; let PostgreSQL go on after them."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(
            select(func.setval(func.pg_get_serial_sequence("region", "id"), select(func.max(Region.id)).scalar_subquery()))
        )
