"""The database: the session, the base of every table, and the one place that commits."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, CursorResult, DateTime, Engine, Enum, Integer, MetaData, String, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

# One naming convention, so that migrations can name every constraint on both engines.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC; SQLite has no zones, so we put it back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def read_from(column: str, read: Callable[[str], str]) -> Callable[[Any], str]:
    """The default of a column that is read from another column of its row: for rows of the session and for many at once."""
    return lambda context: read(context.get_current_parameters()[column])


def path_type() -> String:
    """The column of a region path: compared byte by byte on both engines, so a subtree is one index range."""
    return String(120).with_variant(String(120, collation="C"), "postgresql")


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside happens or nothing does.

    What was read before is forgotten first, so that rules are asked again of fresh rows under the lock. On SQLite the
    transaction takes the write lock at once (read-then-write in two steps loses updates there). One inside another is a
    fault of the code: its beginning would silently undo what the outer one did so far.
    """
    session = db.session()
    if session.info.get("is_writing"):
        raise RuntimeError("a transaction begins inside a transaction")
    session.info["is_writing"] = True
    session.info["deed"] = None
    try:
        session.rollback()
        # After a commit there is nothing to roll back, and a second transaction would see what the first one read.
        session.expire_all()
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("ROLLBACK")
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["is_writing"] = False


def deed() -> str:
    """A name for the transaction that is under way, the same until it ends: what happens in it belongs to one deed."""
    info = db.session().info
    if not info.get("deed"):
        info["deed"] = secrets.token_hex(6)
    return info["deed"]


def locked(statement: Any, *, may_be_named: bool = False) -> Any:
    """The same SELECT, holding its rows until the transaction ends. SQLite's writer already holds everything.

    `may_be_named`: others may meanwhile write rows that name these by a foreign key. So persons are held: who holds one and
    waits for a shift or a balance would else wait for who holds that and writes a line of the same person.
    """
    return statement.with_for_update(key_share=may_be_named).execution_options(populate_existing=True)


def rows_changed(statement: Any) -> int:
    """Execute an UPDATE or a DELETE; how many rows it changed."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def insert_or_leave(table: Any, *back: str) -> Any:
    """An INSERT, executed with one or many rows, that leaves alone whatever a unique index already knows; it gives these
    columns of what it wrote back."""
    return _inserting(db.session.get_bind().dialect.name, table, back)


@lru_cache(maxsize=64)
def _inserting(dialect: str, table: Any, back: tuple[str, ...]) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table).on_conflict_do_nothing()
    return statement.returning(*(table.c[name] for name in back)) if back else statement


def next_number(series: type[Model], key: Any) -> int:
    """The next number of a series table (a key column and `last`), in one statement.

    The row is locked until the transaction ends; also its very first use is safe among many at once.
    """
    table = series.__table__
    column = next(iter(table.primary_key))
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values({column: key, "last": 1})
    statement = statement.on_conflict_do_update(index_elements=[column], set_={"last": table.c.last + 1})
    return db.session.execute(statement.returning(table.c.last)).scalar_one()


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _on_begin(connection: Any) -> None:
    # The driver's own BEGIN is switched off above; without this, SQLite would commit each statement alone.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


# SQLite only numbers rows by itself where the key is spelled INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


def one_of(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one value of an enumeration, guarded by a CHECK on both engines."""
    return Enum(
        kind, name=name, native_enum=False, create_constraint=True, length=30, values_callable=lambda k: [m.value for m in k]
    )
