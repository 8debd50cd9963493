"""The worker: runs every feature's jobs by the clock, until it is told to stop.

It has hands, each on a thread of its own, so that none waits for another: the *clock* does the short jobs, *letters* talks to the
mail server, *errands* does what people asked for and may take long, and the *beat* says every few seconds that there is a worker
and that it can write. Whatever fails in a hand (the database is away, locked
or full) is said and tried again. A hand that ends or that hangs ends the whole process with an error, for whoever started it to
start it anew: half a worker would look like a whole one.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from types import FrameType

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext

from civic.core import jobs, mail
from civic.core.db import db
from civic.core.errors import passed
from civic.core.jobs import Job
from civic.errands import running

# By its end readiness knows that there is a worker: /health/ready.
BEAT = Job(jobs.BEAT, timedelta(seconds=5), lambda: 0, timedelta(seconds=30), "beat")
FEATURES = ("core", "audit", "outbox", "identity", "errands", "points", "nominations", "volunteering", "kiosk", "pages")
# Seconds: between two looks at what is due; after a failure; and how long a turn may last before the hand is held to hang.
PAUSE, BREATH, HANGS = 1.0, 2.0, 1800.0
# However rare a job is, the database is asked for it so often: a clock that was set right may have made it due.
ASK_AGAIN = 30.0
ONE_OF_US_IS_GONE = 70
log = structlog.get_logger("civic.worker")


def all_jobs() -> Iterator[Job]:
    """The jobs of every feature."""
    for feature in FEATURES:
        name = f"civic.{feature}.jobs"
        if importlib.util.find_spec(name) is not None:
            yield from getattr(importlib.import_module(name), "JOBS", ())


def say(event: str, **about: object) -> None:
    """A line in the log; where not even that can be written (the disk is full), the work goes on."""
    with suppress(OSError, ValueError):
        log.log(40 if event.endswith(("failed", "gone", "hangs")) else 20, event, **about)


class Rounds:
    """What one hand does by the clock, round after round."""

    def __init__(self, work: list[Job]) -> None:
        self.work, self.holder = work, secrets.token_hex(16)
        # When to ask for each job again, so that an idle worker leaves the database alone.
        self.asked: dict[str, float] = {}
        # How jobs ended that could not be noted: the database was away. Noted first thing when it is back.
        self.owed: dict[str, tuple[Job, str | None]] = {}
        self.failures = 0

    def run(self) -> int:
        """Run what is due; one job's failure stops no other. How many things were done.

        Raises what the database says where it does not let a job be claimed: the others would fare no better.
        """
        total = 0
        for key in list(self.owed):
            self._note(*self.owed[key])
        for job in self.work:
            if monotonic() < self.asked.get(job.key, 0.0):
                continue
            if jobs.claim(job, self.holder):
                total += self._done(job)
            else:
                self._ask_after(job, job.every.total_seconds())
        return total

    def _done(self, job: Job) -> int:
        count, failure = 0, None
        try:
            count = job.run()
        except Exception as error:
            db.session.rollback()
            failure = _kind(error)
            self.failures += 1
            say("job_failed", key=job.key, error=failure, at=passed(error))
        self.owed[job.key] = job, failure
        self._ask_after(job, job.every.total_seconds() if failure is None else jobs.AGAIN.total_seconds())
        self._note(job, failure)
        db.session.remove()
        if count:
            say("job", key=job.key, count=count)
        return count

    def _note(self, job: Job, failure: str | None) -> None:
        jobs.finish(job, failure, self.holder)
        del self.owed[job.key]

    def _ask_after(self, job: Job, seconds: float) -> None:
        self.asked[job.key] = monotonic() + min(seconds, ASK_AGAIN)


def _kind(error: Exception) -> str:
    """What went wrong, in a word: the mail server's code, the database's own name for it, the kind of failure; never its text."""
    if isinstance(error, mail.Away):
        return str(error)
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or type(cause).__name__


def run_round(work: list[Job]) -> int:
    """One round of a hand that has just come."""
    return Rounds(work).run()


class Hand(threading.Thread):
    """A thread that takes one turn after the other. `turn` gives the seconds to wait before the next."""

    def __init__(self, app: Flask, name: str, turn: Callable[[], float], stopped: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.app, self.turn, self.stopped, self.began = app, turn, stopped, monotonic()

    def run(self) -> None:
        while not self.stopped.is_set():
            self.began = monotonic()
            try:
                with self.app.app_context():
                    wait = self.turn()
            except Exception as error:  # the database is away, locked or full: it will be back
                say("hand_failed", hand=self.name, error=_kind(error), at=passed(error, 3))
                wait = BREATH
            self.began = monotonic()
            self.stopped.wait(wait)

    @property
    def hangs(self) -> bool:
        return monotonic() - self.began > HANGS


def _by_the_clock(work: list[Job]) -> Callable[[], float]:
    rounds = Rounds(work)

    def turn() -> float:
        rounds.run()
        return PAUSE

    return turn


def _one_errand(stopped: threading.Event) -> float:
    return 0.0 if running.run_next(stopped.is_set) else PAUSE


def hands_of(app: Flask, stopped: threading.Event) -> list[Hand]:
    """The hands. Errands may last as long as they do: each tells how far it is, and its lease says whether it lives."""
    work = [*all_jobs(), BEAT]
    by_clock = [Hand(app, name, _by_the_clock([job for job in work if job.hand == name]), stopped) for name in ("clock", "letters", "beat")]
    return [*by_clock, Hand(app, "errands", lambda: _one_errand(stopped), stopped)]


def watch(hands: list[Hand], stopped: threading.Event) -> int:
    """Let the hands work until they are to stop; 0, or what the process ends with where one of them is gone or hangs."""
    for hand in hands:
        hand.start()
    while not stopped.wait(PAUSE):
        for hand in hands:
            if not hand.is_alive():
                say("hand_gone", hand=hand.name)
                return ONE_OF_US_IS_GONE
            if hand.name != "errands" and hand.hangs:
                say("hand_hangs", hand=hand.name)
                return ONE_OF_US_IS_GONE
    for hand in hands:
        hand.join()
    return 0


def _once() -> None:
    rounds = Rounds(list(all_jobs()))
    rounds.run()
    while running.run_next():
        db.session.remove()
    if rounds.failures:
        raise click.ClickException(f"{rounds.failures} jobs failed; job_run says which and how")


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due now, then end; with 1 where a job failed.")
@with_appcontext
def command(once: bool) -> None:
    """Deliver letters, take timed steps, seal the audit chain."""
    if once:
        return _once()
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    hands = hands_of(current_app._get_current_object(), stopped)  # type: ignore[attr-defined]
    say("worker_started", hands=[hand.name for hand in hands])
    code = watch(hands, stopped)
    if code:
        # At once, and not by an exception that a thread still at work would hold up.
        os._exit(code)
    say("worker_stopped")
