"""Cost of the reviewer's queue and the honour roll at two sizes of the city, on PostgreSQL: `make bench`.

Two databases are filled by `demo load`, one small, one large. The same pages are asked in shuffled, interleaved rounds in
one process; statements are counted in the engine, time is CPU of this process plus the wall time PostgreSQL took for its
statements, medians over the rounds. Only the ratios mean something: machines are noisy, and both sizes share the noise.
The queue is read by the city's desk, the roll by the public. The floors (`floors.py`) are asked in the same rounds; their
column compares CPU of this process alone.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, select

from benchmarks import floors
from civic.app import create_app
from civic.core.db import db
from civic.identity.models import Grant
from civic.identity.permissions import Role
from tests.support.engines import plain, server_url

GOAL = 1.25
FLOORS = {"(a) hello": "/hello", "list": "/list", "(c) check-in": "/check_in"}


def filled(base: str, name: str, count: int, *, anew: bool) -> Flask:
    """An application over a database with `count` nominations; kept for the next time."""
    url = base.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(plain(base), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if known and anew:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        if anew or not known:
            connection.execute(f'CREATE DATABASE "{name}"')
            env = {**os.environ, "CIVIC_DEMO": "1", "CIVIC_SQLALCHEMY_DATABASE_URI": url, "FLASK_APP": "wsgi"}
            for command in ("db upgrade", f"demo load --nominations {count}"):
                subprocess.run([sys.executable, "-m", "flask", *command.split()], env=env, check=True)
            with psycopg.connect(plain(url), autocommit=True) as fresh:
                fresh.execute("VACUUM ANALYZE")
    return create_app({"DEMO": True, "SQLALCHEMY_DATABASE_URI": url, "WTF_CSRF_ENABLED": False})


class Meter:
    """Statements and seconds spent in the database."""

    def __init__(self, app: Flask) -> None:
        self.count, self.seconds, self._began = 0, 0.0, 0.0
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._before)
            event.listen(db.engine, "after_cursor_execute", self._after)

    def _before(self, *_: Any) -> None:
        self._began = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.count += 1
        self.seconds += time.perf_counter() - self._began

    @contextmanager
    def measured(self, into: list[tuple[int, float, float]]) -> Any:
        count, seconds, cpu = self.count, self.seconds, time.process_time()
        yield
        spent = time.process_time() - cpu
        into.append((self.count - count, spent + self.seconds - seconds, spent))


def session_of_busiest_desk(app: Flask) -> Any:
    """A client signed in at the city's desk, where the longest queue is."""
    client = app.test_client()
    client.post("/identity/sign_in", data={"contact": "city@demo.example", "password": "haoren-demo"})
    return client


def pages_of(app: Flask) -> dict[str, str]:
    """What is measured: the first page, a filtered page and the last page of both lists."""
    with app.app_context():
        county = db.session.scalar(select(Grant.region_id).where(Grant.role == Role.REGION_ADMIN).limit(1))
    return {
        "queue": "/nominations/desk/queue",
        "queue, overdue": "/nominations/desk/queue?lane=overdue",
        "queue, last page": "/nominations/desk/queue?after=" + _last_cursor(app),
        "roll": "/roll",
        "roll, one county": f"/roll?level=3&county={county}",
        "roll, one class and year": f"/roll?level=4&category=1&year={time.gmtime().tm_year}",
    }


def _last_cursor(app: Flask) -> str:
    from civic.core import paging
    from civic.nominations.models.cases import Nomination

    with app.app_context():
        desk = db.session.scalar(select(Grant.region_path).where(Grant.role == Role.REVIEWER, Grant.level == 5).limit(1))
        row = db.session.execute(
            select(Nomination.due_at, Nomination.id)
            .where(Nomination.desk_path == desk, Nomination.due_at.is_not(None))
            .order_by(Nomination.due_at.desc(), Nomination.id.desc())
            .offset(50)
            .limit(1)
        ).first()
    return paging.cursor(*row) if row else ""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", type=int, default=10_000)
    options.add_argument("--large", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--anew", action="store_true", help="fill the databases again")
    chosen = options.parse_args()
    with server_url() as base:
        sizes = (chosen.small, chosen.large)
        apps = {n: filled(base, f"civic_bench_{n}", n, anew=chosen.anew) for n in sizes}
        meters = {n: Meter(app) for n, app in apps.items()}
        desks = {n: session_of_busiest_desk(app) for n, app in apps.items()}
        public = {n: app.test_client() for n, app in apps.items()}
        pages = {n: pages_of(app) for n, app in apps.items()}
        bare = floors.app(apps[chosen.large].config["SQLALCHEMY_DATABASE_URI"]).test_client()
        found: dict[tuple[int, str], list[tuple[int, float, float]]] = {}
        work = [(n, page) for n in apps for page in pages[n]] + [(0, page) for page in FLOORS]
        for turn in range(chosen.rounds + 5):
            random.shuffle(work)
            for size, page in work:
                into = found.setdefault((size, page), []) if turn >= 5 else []
                client = bare if not size else desks[size] if page.startswith("queue") else public[size]
                with meters[size or chosen.large].measured(into):
                    answer = client.get(FLOORS[page] if not size else pages[size][page])
                assert answer.status_code == 200, (page, answer.status_code)
    return report(found, list(pages[chosen.small]), *sizes)


def report(found: dict[tuple[int, str], list[tuple[int, float, float]]], pages: list[str], small: int, large: int) -> int:
    """The table, and whether the goal was missed."""
    floor = {page: statistics.median(cpu for _, _, cpu in found[0, page]) * 1000 for page in FLOORS}
    print(f"{'page':<26}{'statements':>12}{'ms small':>10}{'ms large':>10}{'ratio':>8}{'CPU ÷ list':>12}{'CPU ÷ (c)':>11}")
    worst = 0.0
    for page in pages:
        rows = {n: found[n, page] for n in (small, large)}
        counts = {count for n in rows for count, _, _ in rows[n]}
        one, two = (statistics.median(s for _, s, _ in rows[n]) * 1000 for n in (small, large))
        cpu = statistics.median(c for _, _, c in rows[large]) * 1000
        worst = max(worst, two / one)
        print(
            f"{page:<26}{'/'.join(map(str, sorted(counts))):>12}{one:>10.1f}{two:>10.1f}{two / one:>8.2f}"
            f"{cpu / floor['list']:>12.1f}{cpu / floor['(c) check-in']:>11.1f}"
        )
    print("floors, ms of CPU: " + ", ".join(f"{page} {ms:.2f}" for page, ms in floor.items()))
    print(f"{small:,} → {large:,} nominations; worst ratio {worst:.2f}, goal {GOAL}")
    return int(worst > GOAL)


if __name__ == "__main__":
    sys.exit(main())
