"""Health for whoever runs the site: alive, and ready to serve."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from civic.core import clock
from civic.outbox import queries as letters
from civic.pages import queries
from civic.pages.views import pages
from civic.web.guards import anyone


@cache
def _head(migrations: Path) -> str:
    """The last step, as a file says it: what makes migrations costs every server 11 MB, to answer this alone."""
    return (migrations / "head").read_text(encoding="ascii").strip()


@pages.get("/health/live")
@anyone
def live() -> Response:
    return jsonify(alive=True)


@pages.get("/health/ready")
@anyone
def ready() -> tuple[Response, int]:
    """200 when the database answers and is migrated to head; the outbox's age is told, and fails past the setting."""
    try:
        database = queries.database_answers()
        migrated = queries.migrations_applied() == {_head(Path(current_app.root_path).parent / "migrations")}
        oldest = letters.oldest_due()
    except SQLAlchemyError:
        return jsonify(ready=False, database=False), 503
    age = max(0, int((clock.now() - oldest).total_seconds())) if oldest is not None else 0
    outbox = age <= current_app.config["OUTBOX_MAX_AGE"]
    whole = database and migrated and outbox
    return jsonify(ready=whole, database=database, migrations=migrated, outbox=outbox, outbox_age_seconds=age), (
        200 if whole else 503
    )
