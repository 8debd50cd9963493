"""A database put back as it was, table by table: only what a request has written, so that the next sees the whole world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from civic.core.db import db

WRITES = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)


class Pristine:
    """Copies of all tables beside them; `written` is what was committed since the last look."""

    def __init__(self) -> None:
        self.pending: set[str] = set()
        self.written: set[str] = set()
        self.names = list(db.metadata.tables)
        self._run([f'DROP TABLE IF EXISTS "pristine__{n}"' for n in self.names] + [f'CREATE TABLE "pristine__{n}" AS SELECT * FROM "{n}"' for n in self.names])

    def statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found = WRITES.match(statement)
        if found is not None:
            self.pending.add(found[1])
        elif statement.upper().startswith(("ROLLBACK", "BEGIN")) and "TO SAVEPOINT" not in statement.upper():
            self.pending.clear()

    def commit(self, _connection: Any) -> None:
        self.written |= self.pending
        self.pending.clear()

    def rollback(self, _connection: Any) -> None:
        self.pending.clear()

    def look(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows that were written, changed or removed since the last look, by table; then they are put back as they were."""
        names, self.written = sorted(self.written), set()
        if not names:
            return {}
        db.session.rollback()
        found = {name: self._changed(name) for name in names}
        db.session.rollback()
        put_back = [f'DELETE FROM "{n}"' for n in names] + [f'INSERT INTO "{n}" SELECT * FROM "pristine__{n}"' for n in names]
        self._run(put_back)
        self.written.clear()
        return {name: rows for name, rows in found.items() if rows}

    def _changed(self, name: str) -> list[tuple[Any, ...]]:
        both = ((name, f"pristine__{name}"), (f"pristine__{name}", name))
        return [tuple(row) for one, other in both for row in db.session.execute(text(f'SELECT * FROM "{one}" EXCEPT SELECT * FROM "{other}"'))]

    def _run(self, statements: list[str]) -> None:
        db.session.rollback()
        raw = db.engine.raw_connection()
        try:
            cursor = raw.cursor()
            is_sqlite = db.engine.dialect.name == "sqlite"
            # What is put back whole breaks no reference in the end.
            cursor.execute("PRAGMA foreign_keys=OFF" if is_sqlite else "SET session_replication_role = replica")
            if is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for statement in statements:
                cursor.execute(statement)
            raw.commit() if not is_sqlite else cursor.execute("COMMIT")
            cursor.execute("PRAGMA foreign_keys=ON" if is_sqlite else "SET session_replication_role = DEFAULT")
            if not is_sqlite:
                raw.commit()
            cursor.close()
        finally:
            raw.close()

    def drop(self) -> None:
        self._run([f'DROP TABLE IF EXISTS "pristine__{n}"' for n in self.names])


@contextmanager
def kept() -> Iterator[Pristine]:
    """Watch and put back, from here to the end of the block."""
    pristine = Pristine()
    listening = (("before_cursor_execute", pristine.statement), ("commit", pristine.commit), ("rollback", pristine.rollback))
    for name, hear in listening:
        event.listen(db.engine, name, hear)
    try:
        yield pristine
    finally:
        for name, hear in listening:
            event.remove(db.engine, name, hear)
        pristine.drop()
