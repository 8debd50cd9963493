"""Fixtures of the whole suite: the application on the engine of this run, a frozen clock, real mail, a real browser."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, event

from civic.app import create_app
from civic.core import calendar, clock, crypto, storage
from civic.core.db import db
from tests.support import engines
from tests.support.client import StrictClient, strict_client
from tests.support.keys import SECRET_KEY

# A Thursday in the year whose holidays are known.
START = datetime(2026, 7, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
KEYS = crypto.new_key("test")

# How long an example takes says something about the machine, not about the code.
settings.register_profile("civic", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("civic")


@pytest.fixture(autouse=True, scope="session")
def no_socket_leaves_the_machine() -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
        if self.family in (socket.AF_INET, socket.AF_INET6) and host not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"a test wanted to reach {host}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def engine_name() -> str:
    return engines.wanted()


@pytest.fixture(scope="session")
def whole_app(tmp_path_factory: pytest.TempPathFactory, engine_name: str) -> Iterator[Flask]:
    """The application with its tables, made once."""
    folder = tmp_path_factory.mktemp("civic")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with engines.server_if_needed(engine_name), engines.fresh_database(engine_name, folder, worker) as url:
        app = create_app(
            {
                "TESTING": True,
                "SECRET_KEY": SECRET_KEY,
                "DATA_KEYS": KEYS,
                "ARGON2_CHEAP": True,
                "SQLALCHEMY_DATABASE_URI": url,
                "UPLOAD_FOLDER": str(folder / "uploads"),
                "CODE_SENDER": "page",
                "MAIL_DEFAULT_SENDER": ("好人城", "haoren@civic.example"),
            }
        )
        with app.app_context():
            db.create_all()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(whole_app: Flask) -> Iterator[Flask]:
    """The application over empty tables, in a context."""
    # A test before may have made another application, with keys of its own.
    crypto.configure(KEYS)
    storage.configure(Path(whole_app.config["UPLOAD_FOLDER"]))
    with whole_app.app_context():
        yield whole_app
        db.session.remove()
        _empty(whole_app)
        calendar.forget()


def _empty_used(connection: Connection) -> None:
    """Empty the tables that were used, and let their numbers begin anew: truncating all of them takes longer than a test."""
    is_used = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in db.metadata.tables)
    used = connection.exec_driver_sql(is_used).scalars().all()
    # What a transaction took back has still used a number.
    counted = "SELECT schemaname || '.' || sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for name in used:
        connection.exec_driver_sql(f'DELETE FROM "{name}"')
    for sequence in connection.exec_driver_sql(counted).scalars().all():
        connection.exec_driver_sql("SELECT setval(%s, 1, false)", (sequence,))


def _empty(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        raw = db.engine.raw_connection()
        # Emptying everything breaks no reference, and asking for each row of a large table takes minutes.
        raw.execute("PRAGMA foreign_keys=OFF")
        for name in db.metadata.tables:
            raw.execute(f'DELETE FROM "{name}"')
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()
    else:
        with db.engine.begin() as connection:
            _empty_used(connection)
    shutil.rmtree(app.config["UPLOAD_FOLDER"], ignore_errors=True)


@pytest.fixture(autouse=True)
def time() -> Iterator[object]:
    """The clock stands at START until a test moves it."""
    clock.freeze(START)
    yield clock
    clock.release()


@pytest.fixture
def client(app: Flask) -> Iterator[StrictClient]:
    """The strict client; nothing may be written by a GET."""
    writes: list[str] = []

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        from flask import has_request_context, request

        if has_request_context() and request.method == "GET" and statement.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            writes.append(f"{request.path}: {statement[:80]}")

    event.listen(db.engine, "before_cursor_execute", watch)
    yield strict_client(app)
    event.remove(db.engine, "before_cursor_execute", watch)
    assert not writes, f"a GET wrote: {writes}"


pytest_plugins = ["tests.support.browser", "tests.support.mail"]
