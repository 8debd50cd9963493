"""The worker: runs every feature's jobs by the clock, until it is told to stop."""

from __future__ import annotations

import importlib
import importlib.util
import signal
import threading
from collections.abc import Iterator
from time import monotonic

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext

from civic.core import jobs
from civic.core.db import db
from civic.core.jobs import Job
from civic.errands import running

FEATURES = ("core", "audit", "outbox", "identity", "errands", "points", "nominations", "volunteering", "kiosk", "pages")
log = structlog.get_logger("civic.worker")


def all_jobs() -> Iterator[Job]:
    """The jobs of every feature."""
    for feature in FEATURES:
        name = f"civic.{feature}.jobs"
        if importlib.util.find_spec(name) is not None:
            yield from getattr(importlib.import_module(name), "JOBS", ())


def run_round(work: list[Job], asked: dict[str, float] | None = None) -> int:
    """Run what is due; one job's failure stops no other. How many things were done.

    `asked` remembers when this worker last asked for each job, so that an idle worker leaves the database alone.
    """
    total = 0
    asked = {} if asked is None else asked
    for job in work:
        if monotonic() < asked.get(job.key, 0.0):
            continue
        asked[job.key] = monotonic() + job.every.total_seconds()
        if not jobs.claim(job):
            continue
        failure = None
        try:
            count = job.run()
            total += count
            if count:
                log.info("job", key=job.key, count=count)
        except Exception as error:
            db.session.rollback()
            failure = type(error).__name__
            log.error("job_failed", key=job.key, error=failure)
        finally:
            jobs.finish(job, failure)
            db.session.remove()
    return total


def _carry_errands(app: Flask, stopped: threading.Event) -> None:
    with app.app_context():
        while not stopped.is_set():
            try:
                is_done = running.run_next(stopped.is_set)
            except Exception as error:  # the database is away: it will be back
                is_done = False
                log.error("errands_failed", error=type(error).__name__)
            db.session.remove()
            if not is_done:
                stopped.wait(1.0)


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due now, then end.")
@with_appcontext
def command(once: bool) -> None:
    """Deliver letters, take timed steps, seal the audit chain."""
    work = list(all_jobs())
    if once:
        run_round(work)
        while running.run_next():
            db.session.remove()
        return
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    log.info("worker_started", jobs=len(work))
    # A long errand must not keep the letters waiting.
    hands = threading.Thread(target=_carry_errands, args=(current_app._get_current_object(), stopped), name="errands")  # type: ignore[attr-defined]
    hands.start()
    asked: dict[str, float] = {}
    while not stopped.is_set():
        run_round(work, asked)
        stopped.wait(1.0)
    hands.join()
    log.info("worker_stopped")
