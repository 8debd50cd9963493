"""Counting the SQL statements of a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from civic.core.db import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the block sent, without the words that begin and end transactions."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if statement.split(None, 1)[0].upper() not in ("BEGIN", "ROLLBACK", "COMMIT", "SAVEPOINT", "RELEASE"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
