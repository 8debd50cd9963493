"""The short form of `benchmarks.faults_worker`: a worker at work, what it depends on fails in some order, and every job runs again."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import event, select, update

from civic import worker
from civic.core import jobs
from civic.core.db import db, transaction
from civic.identity.rules import Contact
from civic.outbox import delivery
from tests.support import builders
from tests.support.engines import plain
from tests.support.mail import sullen

SOON = 30  # seconds


class Shift:
    """The worker at work, and what it depends on."""

    def __init__(self, app, time, smtp, point_mail_at):
        self.app, self.time, self.smtp, self.point_mail_at = app, time, smtp, point_mail_at
        builders.city()
        self.letters = 0
        self.keys = {job.key for job in [*worker.all_jobs(), worker.BEAT]}

    def url(self):
        return self.app.config["SQLALCHEMY_DATABASE_URI"]

    def voice(self, address, name):
        """A nomination, which owes a letter."""
        place = db.session.scalars(select(builders.Region).where(builders.Region.level == 1)).first()
        builders.voice(place, contact=Contact("email", address), headline=f"{name}的事", nominee_name=name)
        db.session.remove()

    def until(self, claim, what):
        end = monotonic() + SOON
        while monotonic() < end:
            db.session.remove()
            try:
                if claim():
                    return
            except Exception:
                db.session.rollback()
            sleep(0.05)
        rows = jobs.runs()
        pytest.fail(f"not within {SOON} s: {what}; {[(k, r.succeeded_at, r.failed_at, r.failure) for k, r in rows.items() if r.succeeded_at != self.time.now()]}")

    def all_run_again(self):
        self.letters += 1
        address = f"huang{self.letters}@civic.example"
        self.voice(address, f"陈桂{self.letters}")
        self.time.advance(timedelta(seconds=30))
        with transaction():
            db.session.execute(update(jobs.JobRun).values(started_at=None).execution_options(synchronize_session=False))
        now = self.time.now()

        def are_well():
            rows = jobs.runs()
            return self.keys <= set(rows) and all(rows[key].succeeded_at == now and not rows[key].is_failing for key in self.keys)

        self.until(are_well, "every job ended well")
        self.until(lambda: self.smtp.to(address), "the letter arrived")


@pytest.fixture
def shift(app, time, smtp, monkeypatch):
    for name, value in (("PAUSE", 0.05), ("BREATH", 0.05), ("ASK_AGAIN", 0.05)):
        monkeypatch.setattr(worker, name, value)
    for name, value in (("MAIL_CONNECT_TIMEOUT", 0.3), ("MAIL_TIMEOUT", 0.3), ("MAIL_LETTER_TIMEOUT", 1)):
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.extensions["civic.senders"], "email", delivery._email_sender(app))
    state = app.extensions["mail"]
    impatient = lambda connection, _record: connection.execute("PRAGMA busy_timeout=2000")  # noqa: E731
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(db.engine, "connect", impatient)
        db.session.remove()
        db.engine.dispose()
    stopped, ends = threading.Event(), []
    work = Shift(app, time, smtp, lambda port: setattr(state, "port", port))
    watching = threading.Thread(target=lambda: ends.append(worker.watch(worker.hands_of(app, stopped), stopped)))
    watching.start()
    yield work
    stopped.set()
    watching.join(30)
    if is_sqlite:
        event.remove(db.engine, "connect", impatient)
        db.session.remove()
        db.engine.dispose()
    assert ends == [0], "the worker came through as a whole"


@contextmanager
def locked(shift):
    """Somebody holds what the worker writes."""
    if db.engine.dialect.name == "sqlite":
        other = sqlite3.connect(shift.url().removeprefix("sqlite:///"), isolation_level=None, timeout=20)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(plain(shift.url()))
        other.execute("LOCK TABLE job_run IN ACCESS EXCLUSIVE MODE")
    sleep(3)
    yield
    other.rollback()
    other.close()


@contextmanager
def away(shift):
    """PostgreSQL throws everybody out, again and again. A file of SQLite cannot be away."""
    if db.engine.dialect.name == "postgresql":
        db.session.remove()
        with psycopg.connect(plain(shift.url()), autocommit=True) as other:
            for _again in range(8):
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
                sleep(0.15)
        db.engine.dispose()
    yield


@contextmanager
def wrong_clock(shift):
    shift.time.advance(timedelta(days=400))
    shift.until(lambda: jobs.run_of(jobs.BEAT).succeeded_at == shift.time.now(), "the worker went on with the clock ahead")
    yield
    shift.time.advance(-timedelta(days=400))


@contextmanager
def silent_mail(shift):
    """While the mail server is silent, the other jobs go on, and readiness can tell."""
    with sullen("silent") as server:
        shift.point_mail_at(server.port)
        shift.voice(f"waits{shift.letters}@civic.example", f"李贵{shift.letters}")
        shift.time.advance(timedelta(seconds=30))
        shift.until(lambda: jobs.run_of("outbox.deliver").failure == "server_silent", "the failure was noted")
        shift.time.advance(timedelta(seconds=30))
        shift.until(lambda: jobs.run_of("audit.seal").succeeded_at == shift.time.now(), "the others went on")
        yield
    shift.point_mail_at(shift.smtp.port)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_fails_in_whatever_order_all_jobs_run_again(shift, seed):
    faults = [locked, away, wrong_clock, silent_mail]
    random.Random(seed).shuffle(faults)
    shift.all_run_again()
    for fault in faults:
        with fault(shift):
            pass
        shift.all_run_again()
