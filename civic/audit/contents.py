"""What rows hold, under the seal: set where they are written, hung on the chain by the worker, proved, and forgotten by a purge."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, event, func, insert, inspect, select, update
from sqlalchemy.orm import Session

from civic.audit.models import AuditRecord, ContentSeal
from civic.audit.rules import batch_digest, content_digest
from civic.core import clock
from civic.core.db import Base, db, transaction

BATCH = 500
_ROW = ContentSeal.__table__


def sealed_models() -> list[Any]:
    """Every model whose rows' contents are under the seal."""
    found = (mapper.class_ for mapper in Base.registry.mappers)
    return sorted((model for model in found if getattr(model, "__sealed__", None)), key=lambda model: model.__tablename__)


def mark_of(kind: str, values: Sequence[object]) -> str:
    """A mark without a salt, for rows that hold no words and are written in bulk or in secret: it is kept beside them."""
    return content_digest(kind, None, "", values)


def _line(model: Any, row_id: int, values: Sequence[object]) -> dict[str, object]:
    salt = secrets.token_hex(16)
    return {"kind": model.__tablename__, "row_id": row_id, "salt": salt, "digest": content_digest(model.__tablename__, row_id, salt, values)}


def seal_rows(model: Any, rows: Iterable[Mapping[str, object]]) -> None:
    """Set the marks under rows that were written past the session, each with its `id`."""
    lines = [_line(model, int(str(row["id"])), [row.get(name) for name in model.__sealed__]) for row in rows]
    if lines:
        db.session.execute(insert(_ROW), lines)


@event.listens_for(Session, "after_flush")
def _seal_written(session: Session, _context: object) -> None:
    """Whatever the session writes is marked in the same transaction; what it deletes is forgotten."""
    written = [thing for thing in session.new if getattr(thing, "__sealed__", None)]
    written += [thing for thing in session.dirty if getattr(thing, "__sealed__", None) and _is_changed(thing)]
    lines = [_line(type(thing), _id_of(thing), [getattr(thing, name) for name in _names(thing)]) for thing in written]
    connection = session.connection()
    if lines:
        connection.execute(insert(_ROW), lines)
    for thing in session.deleted:
        if getattr(thing, "__sealed__", None):
            _take_salt(connection, type(thing), [_id_of(thing)])


def _names(thing: Any) -> tuple[str, ...]:
    return thing.__sealed__


def _id_of(thing: Any) -> int:
    return thing.id


def _is_changed(thing: Any) -> bool:
    state = inspect(thing)
    return any(state.attrs[name].history.has_changes() for name in _names(thing))


def forget(model: Any, row_ids: Sequence[int]) -> None:
    """Rows that were purged or taken back: their marks stay in the chain and tell nothing any more."""
    _take_salt(db.session.connection(), model, row_ids)


def _take_salt(connection: Connection, model: Any, row_ids: Sequence[int]) -> None:
    if row_ids:
        connection.execute(update(_ROW).where(_ROW.c.kind == model.__tablename__, _ROW.c.row_id.in_(row_ids)).values(salt=None))


def chain(limit: int) -> int:
    """Hang up to `limit` marks on the chain by one record of their digest; how many."""
    rows = db.session.execute(
        select(_ROW.c.id, _ROW.c.kind, _ROW.c.row_id, _ROW.c.digest).where(_ROW.c.record_id.is_(None)).order_by(_ROW.c.id).limit(limit).with_for_update()
    ).all()
    if not rows:
        return 0
    facts = {"count": len(rows), "digest": batch_digest([tuple(row) for row in rows])}
    words = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    record = AuditRecord(at=clock.now(), actor_id=None, verb="content.seal", subject_kind="content_seal", subject_id=rows[-1].id, facts=words)
    db.session.add(record)
    db.session.flush()
    db.session.execute(
        update(ContentSeal).where(ContentSeal.id.in_([row.id for row in rows])).values(record_id=record.id).execution_options(synchronize_session=False)
    )
    return len(rows)


def adopt_all() -> int:
    """Mark what was written before rows were marked at all, once for each kind; from then on an unmarked row is a stranger."""
    total = 0
    for model in sealed_models():
        if _is_adopted(model):
            continue
        while True:
            with transaction():
                count = _adopt(model)
                if count < BATCH:
                    last = db.session.scalar(select(func.max(model.id))) or 0
                    facts = json.dumps({"last": last}, separators=(",", ":"))
                    db.session.add(
                        AuditRecord(at=clock.now(), actor_id=None, verb="content.adopt", subject_kind=model.__tablename__[:30], subject_id=None, facts=facts)
                    )
            total += count
            if count < BATCH:
                break
    return total


def _is_adopted(model: Any) -> bool:
    query = select(AuditRecord.id).where(AuditRecord.verb == "content.adopt", AuditRecord.subject_kind == model.__tablename__[:30]).limit(1)
    return db.session.scalar(query) is not None


def _adopt(model: Any) -> int:
    known = select(_ROW.c.id).where(_ROW.c.kind == model.__tablename__, _ROW.c.row_id == model.id).exists()
    columns = [getattr(model, name) for name in model.__sealed__]
    rows = db.session.execute(select(model.id, *columns).where(~known).order_by(model.id).limit(BATCH)).all()
    if rows:
        db.session.execute(insert(_ROW), [_line(model, row[0], row[1:]) for row in rows])
    return len(rows)


def breaks(elsewhere: Mapping[str, Callable[[Sequence[int]], Iterable[int]]]) -> Iterator[str]:
    """Everything in which rows and their marks disagree, in words for who runs the site; nothing where all hold.

    `elsewhere`: table → which of these rows without a mark have none in any other place either.
    """
    yield from _broken_batches()
    for model in sealed_models():
        yield from _broken_rows(model, elsewhere.get(model.__tablename__, lambda rows: rows))


def _broken_batches() -> Iterator[str]:
    said = {
        row.id: json.loads(row.facts)
        for row in db.session.execute(select(AuditRecord.id, AuditRecord.facts).where(AuditRecord.verb == "content.seal").order_by(AuditRecord.id))
    }
    rows = db.session.execute(
        select(_ROW.c.record_id, _ROW.c.id, _ROW.c.kind, _ROW.c.row_id, _ROW.c.digest)
        .where(_ROW.c.record_id.is_not(None)).order_by(_ROW.c.record_id, _ROW.c.id).execution_options(yield_per=2000)
    )  # fmt: skip
    batch: list[tuple[int, str, int, str]] = []
    current: int | None = None
    for record_id, *line in rows:
        if record_id != current and current is not None:
            yield from _judged(current, batch, said)
            batch = []
        current = record_id
        batch.append(tuple(line))  # type: ignore[arg-type]
    if current is not None:
        yield from _judged(current, batch, said)
    for record_id, facts in said.items():
        yield f"record {record_id}: {facts['count']} marks are gone"


def _judged(record_id: int, batch: list[tuple[int, str, int, str]], said: dict[int, Any]) -> Iterator[str]:
    facts = said.pop(record_id, None)
    if facts is None or facts["digest"] != batch_digest(batch):
        yield f"record {record_id}: the marks that hang on it were changed"


def _broken_rows(model: Any, unmarked: Callable[[Sequence[int]], Iterable[int]]) -> Iterator[str]:
    kind = model.__tablename__
    newest = select(_ROW.c.row_id, func.max(_ROW.c.id).label("id")).where(_ROW.c.kind == kind).group_by(_ROW.c.row_id).subquery()
    marks = select(_ROW.c.row_id, _ROW.c.salt, _ROW.c.digest).join(newest, newest.c.id == _ROW.c.id).subquery()
    columns = [getattr(model, name) for name in model.__sealed__]
    strangers: list[int] = []
    rows = select(model.id, marks.c.salt, marks.c.digest, *columns).outerjoin(marks, marks.c.row_id == model.id).order_by(model.id)
    if (since := getattr(model, "__sealed_from__", None)) is not None:
        rows = rows.where(getattr(model, since).is_not(None))
    for row_id, salt, digest, *values in db.session.execute(rows.execution_options(yield_per=2000)):
        if digest is None:
            strangers.append(row_id)
        elif salt is not None and content_digest(kind, row_id, salt, values) != digest:
            yield f"{kind} {row_id}: not as it was written"
    for row_id in unmarked(strangers):
        yield f"{kind} {row_id}: written by nobody"
    gone = select(marks.c.row_id).where(marks.c.salt.is_not(None), ~select(model.id).where(model.id == marks.c.row_id).exists()).order_by(marks.c.row_id)
    for row_id in db.session.scalars(gone):
        yield f"{kind} {row_id}: gone"

