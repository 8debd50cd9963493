"""The rush: 10,000 requests by 2,000 people over 64 connections for 300 places, through gunicorn with 4 workers.

Every person asks five times (double clicks and impatience are part of it). Afterwards the rows are counted: 300 taken,
none oversold, nobody twice, every refusal named, no answer lost, and the proof of places finds nothing. The same crowd
then rushes at floor (c'), the least sign-up that is correct (lock, count, insert, update in Core), so that the figure is
a ratio of the same run. Both rush twice: at workers that do one thing at a time (sync, as the floor is defined) and at those
README names (gthread). On SQLite the crowd is a tenth.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import psycopg
from flask import Flask
from flask_login.utils import _create_identifier
from sqlalchemy import func, insert, select

from civic.app import create_app
from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.identity.actions import sessions
from civic.identity.models import Person, SignIn, User
from civic.volunteering.actions import scheduling
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours
from civic.volunteering.states import HOLDING
from tests.support import builders
from tests.support.engines import free_port, plain, server_url
from tests.support.keys import DATA_KEYS, SECRET_KEY

PLACES, PEOPLE, CONNECTIONS, EACH, WORKERS = 300, 2000, 64, 5, 4
FULL = "刚好满了"


def laid(url: str, places: int, people: int) -> tuple[Flask, int, int, list[str]]:
    """The application over an empty database with one shift of so many places; (app, event, shift, cookies of the crowd)."""
    settings = {
        "SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS, "SQLALCHEMY_DATABASE_URI": url, "ARGON2_CHEAP": True,
        "WTF_CSRF_ENABLED": False, "CODE_SENDER": "page",
    }  # fmt: skip
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        zebra = builders.crossing(most=5, days=7)
        with transaction():
            shift = zebra.shifts()[-1]
            scheduling.resize(zebra.organiser, shift.id, most=places)
            first = db.session.scalar(select(func.max(Person.id))) + 1
            now = clock.now()
            rows = [{"id": first + n, "name": f"好人{n}", "normal_name": f"好人{n}", "created_at": now} for n in range(people)]
            db.session.execute(insert(Person), rows)
            tokens = [crypto.token() for _ in rows]
            db.session.execute(
                insert(User),
                [
                    {"person_id": row["id"], "created_at": now, "email": f"p{row['id']}@rush", "email_digest": f"{row['id']:064d}"}
                    for row in rows
                ],
            )
            opened = dict(db.session.execute(select(User.person_id, User.id)).all())
            db.session.execute(
                insert(SignIn),
                [
                    {"user_id": opened[row["id"]], "token_digest": sessions.digest_of(token), "began_at": now, "is_remembered": False}
                    for row, token in zip(rows, tokens, strict=True)
                ],
            )
            db.session.execute(insert(Volunteer), [{"person_id": row["id"], "number": row["id"], "registered_at": now} for row in rows])
        signer = app.session_interface.get_signing_serializer(app)
        # Whoever presses the button has signed in and opened the page before: the cookie is whole, and nothing has to be put into it.
        with app.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
            whole = {"_fresh": True, "_id": _create_identifier(), "csrf_token": secrets.token_hex(20)}
        cookies = [f"session={signer.dumps({'_user_id': token, **whole})}" for token in tokens]
        found = (app, shift.event_id, shift.id, cookies)
        db.session.remove()
        db.engine.dispose()
    return found


THREADS = ("--worker-class", "gthread", "--threads", "4")  # as README serves it


@contextmanager
def served(target: str, environment: dict[str, str], *how: str):
    """gunicorn with 4 workers on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", target, "--preload", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--log-level", "error", "--no-control-socket", *how]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        for _ in range(100):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/health/live")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def rush(port: int, asks: list[tuple[str, str, dict[str, str]]], connections: int) -> tuple[Counter[str], float, dict[str, list[float]]]:
    """Send all the requests; (what was answered, seconds, seconds of each kind of answer)."""
    outcomes: Counter[str] = Counter()
    took: dict[str, list[float]] = {}
    lock = threading.Lock()
    left = iter(asks)

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                ask = next(left, None)
            if ask is None:
                return
            path, body, headers = ask
            began = time.perf_counter()
            try:
                connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})
                answer = connection.getresponse()
                outcome = _named(answer.status, answer.read().decode())
            except OSError as error:
                connection.close()
                outcome = f"lost: {type(error).__name__}"
            with lock:
                outcomes[outcome] += 1
                took.setdefault(outcome, []).append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, time.perf_counter() - began, took


def _named(status: int, body: str) -> str:
    if status in (302, 303) or body == "in":
        return "in"
    if FULL in body or body == "full":
        return "full"
    words = re.search(r'class="errs".*?<li>(.*?)</li>', body, re.S)
    return f"{status}: {words[1] if words else body[:60]}"


def without_forms() -> Flask:
    """What gunicorn serves: as `wsgi`, but the rush fills in no forms of ours. No environment can say so, for good reason."""
    app = create_app({"WTF_CSRF_ENABLED": False})
    gc.freeze()
    return app


def ours(url: str, places: int, people: int, connections: int, *how: str) -> tuple[float, bool]:
    """The rush at our sign-up; (requests a second, all well)."""
    app, event, shift, cookies = laid(url, places, people)
    asks = [(f"/volunteering/events/{event}", f"shift={shift}&has_read_briefing=y", {"Cookie": cookie}) for cookie in cookies for _ in range(EACH)]
    random.Random(7).shuffle(asks)
    environment = {
        "CIVIC_SECRET_KEY": SECRET_KEY, "CIVIC_DATA_KEYS": app.config["DATA_KEYS"], "CIVIC_SQLALCHEMY_DATABASE_URI": url,
    }  # fmt: skip
    with served("benchmarks.rush:without_forms()", environment, *how) as port:
        outcomes, seconds, took = rush(port, asks, connections)
    with app.app_context():
        row = db.session.get(Shift, shift)
        holding = db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift, SignUp.status.in_(HOLDING)))
        persons = db.session.scalar(select(func.count(func.distinct(SignUp.person_id))).where(SignUp.shift_id == shift))
        wrong = hours.discrepancies()
        db.session.remove()
        db.engine.dispose()
    print(f"  {len(asks):,} requests by {people:,} people over {connections} connections: {seconds:.1f} s, {len(asks) / seconds:.0f} a second")
    print(f"  answers: {dict(outcomes)}")
    print(f"  places {places}, taken {row.taken}, rows {holding}, persons {persons}, oversold {max(0, holding - places)}, twice {holding - persons}, discrepancies {wrong}")
    for kind, times in took.items():
        times.sort()
        print(f"  {kind}: median {times[len(times) // 2] * 1000:.0f} ms, 95 % {times[len(times) * 95 // 100] * 1000:.0f} ms")
    well = row.taken == holding == persons == places and not wrong and set(outcomes) == {"in", "full"} and sum(outcomes.values()) == len(asks)
    return len(asks) / seconds, well


def floor(url: str, places: int, people: int, connections: int, *how: str) -> float:
    """The same rush at the least sign-up that is correct."""
    asks = [(f"/take/{n}", "", {}) for n in range(people) for _ in range(EACH)]
    random.Random(7).shuffle(asks)
    with served("benchmarks.floors:rush()", {"FLOOR_URL": url, "FLOOR_PLACES": str(places)}, *how) as port:
        outcomes, seconds, _ = rush(port, asks, connections)
    print(f"  floor (c'): {len(asks):,} requests: {seconds:.1f} s, {len(asks) / seconds:.0f} a second, answers {dict(outcomes)}")
    return len(asks) / seconds


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with server_url() as base:
        url = base.rsplit("/", 1)[0] + "/civic_rush"
        speeds: dict[str, float] = {}
        wells = []
        for name, how in (("sync", ()), ("gthread", THREADS)):
            with psycopg.connect(plain(base), autocommit=True) as connection:
                connection.execute('DROP DATABASE IF EXISTS "civic_rush" WITH (FORCE)')
                connection.execute('CREATE DATABASE "civic_rush"')
            print(f"PostgreSQL, {name}")
            speeds[name], well = ours(url, PLACES, PEOPLE, CONNECTIONS, *how)
            speeds[f"floor {name}"] = floor(url, PLACES, PEOPLE, CONNECTIONS, *how)
            wells.append(well)
        least = speeds["floor sync"]
        print(
            f"throughput ÷ floor as README serves it {speeds['gthread'] / least:.2f} (goal 0.40, stretch 0.70); like for like sync "
            f"{speeds['sync'] / least:.2f}, gthread {speeds['gthread'] / speeds['floor gthread']:.2f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite, a tenth")
        _, small = ours(f"sqlite:///{Path(folder) / 'rush.db'}", PLACES // 10, PEOPLE // 10, CONNECTIONS // 8)
    is_well = all(wells) and small
    print("all well" if is_well else "NOT WELL")
    return int(not is_well)


if __name__ == "__main__":
    sys.exit(main())
