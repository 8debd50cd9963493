"""One statement that is its own transaction: one way to the server and back instead of three, and no entities.

For looks that decide nothing, and for the one writing that carries its own condition (kiosk/actions/noting.py). A request
keeps one connection for them until its session begins, so no request ever holds two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, has_app_context
from sqlalchemy import Connection, Row, event
from sqlalchemy.orm import Session

from civic.core.db import db


def asked(statement: Any, values: dict[str, Any]) -> Any:
    """The first row of one question outside any transaction."""
    with _alone() as connection:
        return connection.execute(statement, values).first()


def rows(statement: Any, values: dict[str, Any]) -> Sequence[Row]:
    """The same, all rows."""
    with _alone() as connection:
        return connection.execute(statement, values).all()


def written(statement: Any, values: dict[str, Any]) -> int:
    """How many rows one statement wrote. Not for SQLite, which would not write."""
    with _alone() as connection:
        return connection.execute(statement, values).rowcount


@contextmanager
def _alone() -> Iterator[Connection]:
    if db.engine.dialect.name == "sqlite":
        # It has no way to go, and its driver would come back with transactions of its own.
        with db.engine.connect() as connection:
            yield connection
        return
    if "alone" not in g:
        g.alone = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield g.alone
    except BaseException:
        _let_go()
        raise


def _let_go(*_about: object) -> None:
    if has_app_context() and (connection := g.pop("alone", None)) is not None:
        connection.close()


def init(app: Flask) -> None:
    app.teardown_appcontext(_let_go)


# Before the session asks for a connection of its own: with as many threads as connections, two each would wait for ever.
event.listen(Session, "after_transaction_create", _let_go)
