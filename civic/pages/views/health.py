"""Health for whoever runs the site: alive, and ready to serve."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

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
    """200 when all is well, else 503, and which part is not.

    Well are: the database that answers and is migrated to head, the worker that wrote just now, its jobs that neither fail nor
    are late, and the outbox whose oldest letter is younger than the setting. Letters that came back are told as a number: a
    person has to look after those.
    """
    try:
        found = _found()
    except SQLAlchemyError:
        return jsonify(ready=False, database=False), 503
    whole = all(found[part] for part in ("database", "migrations", "worker", "jobs", "outbox"))
    return jsonify(ready=whole, **found), 200 if whole else 503


def _found() -> dict[str, Any]:
    database = queries.database_answers()
    now, settings = clock.now(), current_app.config
    work = queries.work(current_app.extensions["civic.jobs"]())
    oldest = letters.oldest_due()
    age = max(0, int((now - oldest).total_seconds())) if oldest is not None else 0
    return {
        "database": database,
        "migrations": queries.migrations_applied() == {_head(Path(current_app.root_path).parent / "migrations")},
        "worker": work.beat_age is not None and work.beat_age <= settings["WORKER_MAX_AGE"],
        "worker_age_seconds": work.beat_age,
        "jobs": not work.failing and not work.late,
        "jobs_failing": work.failing,
        "jobs_late": work.late,
        "last_job": work.last_job,
        "last_job_age_seconds": work.last_job_age,
        "outbox": age <= settings["OUTBOX_MAX_AGE"],
        "outbox_age_seconds": age,
        "letters_retried": letters.being_retried(),
        "letters_failed_in_a_day": letters.failed_since(now - timedelta(days=1)),
    }
