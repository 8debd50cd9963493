"""Check-in through the kiosk's API beside floor (c): throughput, CPU a request, statements, growth, batches.

On PostgreSQL, both served by gunicorn with two workers and asked by eight clients, in interleaved rounds whose order is
shuffled; (a) is asked before and (c) after. Both are served twice, by workers that do one thing at a time (sync, as (c) is
defined) and by those README names (gthread), which write while another waits for the disk. CPU is that of gunicorn's workers and of PostgreSQL's backends, from /proc:
steadier than throughput where the clients share the cores. Two events, of 1,000 and 100,000 people, show growth. Only
ratios mean something.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import create_engine, insert, text

from benchmarks import floors
from benchmarks.pages import Meter
from civic.app import create_app
from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.kiosk.actions import enrolling
from civic.kiosk.states import Scope
from civic.volunteering.models.events import Basis, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.engines import free_port, plain, server_url
from tests.support.keys import DATA_KEYS, SECRET_KEY

SETTINGS = {"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS}
WORKERS, CLIENTS, BURST, BATCH = 2, 8, 150, 500
TICK = os.sysconf("SC_CLK_TCK")


_counter = itertools.count(1)


@dataclass
class Crowd:
    """An event of so many people with its kiosk, and the places nobody was scanned at yet."""

    event: int
    key: str
    places: Iterator[int]


def laid(url: str, sizes: tuple[int, ...]) -> tuple[Flask, dict[int, Crowd]]:
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url, "ARGON2_CHEAP": True})
    found = {}
    with app.app_context():
        db.create_all()
        town = builders.city()
        now = clock.now()
        for size in sizes:
            zebra = builders.crossing(town if not found else builders.city(), days=7)
            with transaction():
                model = zebra.shifts()[0]
                shift = Shift(
                    event_id=model.event_id, post_id=model.post_id, county_id=model.county_id, name="现在", day=clock.local(now).date(),
                    starts_at=now - timedelta(minutes=30), ends_at=now + timedelta(hours=3), least=1, normal=size, most=size, taken=size,
                )  # fmt: skip
                db.session.add(shift)
                kiosk = enrolling.found(
                    zebra.organiser, name="签到台", place="门口", scope=Scope.EVENT, thing_id=shift.event_id, until=now + timedelta(days=2), pin="135790"
                )
                _, code = enrolling.open_pairing(zebra.organiser, kiosk.id)
                db.session.flush()
                first = db.session.scalar(text("SELECT max(id) FROM person")) + 1
                for begin in range(0, size, 5000):
                    crowd = [{"id": first + n, "name": f"志愿者{n}", "normal_name": f"志愿者{n}", "created_at": now} for n in range(begin, min(begin + 5000, size))]
                    db.session.execute(insert(Person), crowd)
                    db.session.execute(insert(Volunteer), [{"person_id": row["id"], "number": row["id"], "registered_at": now} for row in crowd])
                    db.session.execute(
                        insert(SignUp),
                        [
                            {"shift_id": shift.id, "person_id": row["id"], "status": SignUpStatus.CONFIRMED, "basis": Basis.SELF, "starts_at": shift.starts_at,
                             "ends_at": shift.ends_at, "at": now}
                            for row in crowd
                        ],
                    )  # fmt: skip
                db.session.execute(text("SELECT setval('person_id_seq', (SELECT max(id) FROM person))"))
                shift_id, event_id = shift.id, shift.event_id
            places = list(db.session.scalars(text(f"SELECT id FROM sign_up WHERE shift_id = {shift_id} ORDER BY id")))
            random.Random(size).shuffle(places)
            answer = app.test_client().post("/api/kiosk/v1/pair", json={"code": code, "app": "1", "name": "bench"})
            assert answer.status_code == 201, answer.get_json()
            found[size] = Crowd(event_id, answer.get_json()["key"], iter(places))
            # A house where nobody ever came has no statistics, and plans that suit empty tables.
            for _ in range(20 if size > 20_000 else 0):
                sent = {"scans": [scan(found[size]) for _ in range(BATCH)]}
                answer = app.test_client().post("/api/kiosk/v1/scans", json=sent, headers={"Authorization": f"Bearer {found[size].key}"})
                assert answer.status_code == 200, answer.get_json()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        db.session.remove()
        db.engine.dispose()
    return app, found


def scan(crowd: Crowd) -> dict:
    """The next person comes."""
    now = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return {
        "scan_id": str(uuid.uuid4()), "kind": "punch", "counter": next(_counter), "at": now, "offset": 0.0, "event": crowd.event,
        "place": next(crowd.places), "direction": "in", "way": "tail",
    }  # fmt: skip


THREADS = ("--worker-class", "gthread", "--threads", "4")  # as README serves it


@contextmanager
def served(target: str, environment: dict[str, str], *how: str) -> Iterator[tuple[int, int]]:
    """gunicorn on a free port; (port, process)."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", target, "--preload", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--log-level", "error", "--no-control-socket", *how]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/health/live")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def cpu_of(pids: list[int]) -> float:
    """Seconds of CPU that these processes have used."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_of(pids: list[int]) -> float:
    """MiB, shared pages counted in part (PSS)."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def family(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass
class Target:
    """One thing that is measured: how to ask it once, and how many scans that is."""

    name: str
    port: int
    process: int
    database: str
    ask: Callable[[], tuple[str, str, str, dict[str, str]]]
    bursts: int = BURST
    scans: int = 1
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    cpu_database: list[float] = field(default_factory=list)


def burst(target: Target, admin: psycopg.Connection) -> None:
    """Eight clients ask, together so many times."""
    asks = iter([target.ask() for _ in range(target.bursts)])
    lock, bad = threading.Lock(), []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)
        while True:
            with lock:
                ask = next(asks, None)
            if ask is None:
                return
            connection.request(*ask)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or b'"undecided"' in body or b'"refused"' in body:
                bad.append((answer.status, body[:200]))

    backends = [row[0] for row in admin.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", (target.database,))]
    workers = family(target.process)
    before, before_database, began = cpu_of(workers), cpu_of(backends), time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert not bad, bad[:3]
    count = target.bursts * target.scans
    target.rates.append(count / seconds)
    target.cpu.append((cpu_of(workers) - before) / count * 1000)
    target.cpu_database.append((cpu_of(backends) - before_database) / count * 1000)


def statements(app: Flask, crowd: Crowd) -> int:
    """Statements of one scan, authentication and transaction included."""
    meter, client = Meter(app), app.test_client(use_cookies=False)
    into: list[tuple[int, float, float]] = []
    for _ in range(3):
        with meter.measured(into):
            answer = client.post("/api/kiosk/v1/scans", json={"scans": [scan(crowd)]}, headers={"Authorization": f"Bearer {crowd.key}"})
        assert answer.get_json()["answers"][0]["code"] == "in", answer.get_json()
    return into[-1][0]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--small", type=int, default=1_000)
    options.add_argument("--large", type=int, default=100_000)
    chosen = options.parse_args()
    with server_url() as base:
        name = "civic_check_in"
        url = base.rsplit("/", 1)[0] + f"/{name}"
        admin = psycopg.connect(plain(base), autocommit=True)
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
        app, crowds = laid(url, (chosen.small, chosen.large))
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(floors.TABLES))
        engine.dispose()
        count = statements(app, crowds[chosen.large])
        with app.app_context():
            db.engine.dispose()
        environment = {f"CIVIC_{key}": value for key, value in SETTINGS.items()} | {"CIVIC_SQLALCHEMY_DATABASE_URI": url}
        numbers = itertools.count(1)
        floor = ("benchmarks.floors:check_in()", {"FLOOR_URL": url})
        with (
            served("wsgi:app", environment) as ours, served(*floor) as bare,
            served("wsgi:app", environment, *THREADS) as ours_threaded, served(*floor, *THREADS) as bare_threaded,
        ):  # fmt: skip

            def ask(crowd: Crowd, how_many: int) -> Callable[[], tuple[str, str, str, dict[str, str]]]:
                headers = {"Authorization": f"Bearer {crowd.key}", "Content-Type": "application/json"}
                return lambda: ("POST", "/api/kiosk/v1/scans", json.dumps({"scans": [scan(crowd) for _ in range(how_many)]}), headers)

            targets = {
                "(c) floor": Target("(c) floor", *bare, name, lambda: ("POST", f"/check_in/{next(numbers)}", "", {})),
                "(c) gthread": Target("(c) gthread", *bare_threaded, name, lambda: ("POST", f"/check_in/{next(numbers)}", "", {})),
                "single, gthread": Target("single, gthread", *ours_threaded, name, ask(crowds[chosen.large], 1)),
                "single, small": Target("single, small", *ours, name, ask(crowds[chosen.small], 1)),
                "single, large": Target("single, large", *ours, name, ask(crowds[chosen.large], 1)),
                "batch of 500": Target("batch of 500", *ours, name, ask(crowds[chosen.large], BATCH), bursts=8, scans=BATCH),
            }
            hello = Target("(a) hello", *bare, name, lambda: ("GET", "/hello", "", {}))
            for turn in range(chosen.rounds + 1):
                order = list(targets.values())
                random.shuffle(order)
                for target in [hello, *order, targets["(c) floor"]]:
                    burst(target, admin)
                if turn == 0:  # the first round warms up
                    for target in [hello, *targets.values()]:
                        target.rates, target.cpu, target.cpu_database = [], [], []
            memory = {"ours": memory_of([ours[1], *family(ours[1])]), "floor": memory_of([bare[1], *family(bare[1])])}
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.close()
    return report([hello, *targets.values()], count, memory)


def report(targets: list[Target], count: int, memory: dict[str, float]) -> int:
    """The table, and whether a goal was missed."""
    by_name = {target.name: target for target in targets}
    rate = {name: statistics.median(t.rates) for name, t in by_name.items()}
    cpu = {name: statistics.median(t.cpu) for name, t in by_name.items()}
    floor = "(c) floor"
    print(f"{'':<16}{'a second':>10}{'÷ (c)':>8}{'CPU ms':>9}{'÷ (c)':>8}{'PostgreSQL ms':>15}")
    for name, target in by_name.items():
        print(
            f"{name:<16}{rate[name]:>10.0f}{rate[name] / rate[floor]:>8.2f}{cpu[name]:>9.2f}{cpu[name] / cpu[floor]:>8.2f}"
            f"{statistics.median(target.cpu_database):>15.2f}"
        )
    goals = {
        f"statements of a scan {count} (goal ≤ 8)": count <= 8,
        f"throughput ÷ (c) as README serves it {rate['single, gthread'] / rate[floor]:.2f} (goal ≥ 0.5, stretch 0.8); like for like sync "
        f"{rate['single, large'] / rate[floor]:.2f}, gthread {rate['single, gthread'] / rate['(c) gthread']:.2f}": rate["single, gthread"] / rate[floor] >= 0.5,
        f"CPU ÷ (c) as README serves it {cpu['single, gthread'] / cpu[floor]:.2f} (goal ≤ 2); like for like sync {cpu['single, large'] / cpu[floor]:.2f}, "
        f"gthread {cpu['single, gthread'] / cpu['(c) gthread']:.2f}": cpu["single, gthread"] / cpu[floor] <= 2,
        f"growth of CPU {cpu['single, large'] / cpu['single, small']:.2f} (goal ≤ 1.25)": cpu["single, large"] / cpu["single, small"] <= 1.25,
        f"a batch's scan is {rate['batch of 500'] / rate['single, large']:.1f} × as fast as a single one (goal ≥ 3, stretch 8)": rate["batch of 500"] / rate["single, large"] >= 3,
        f"memory ÷ (c) {memory['ours'] / memory['floor']:.2f}: {memory['ours']:.0f} MiB of two workers and what they share (goal ≤ 2)": memory["ours"] / memory["floor"] <= 2,
    }
    for words, met in goals.items():
        print(f"{'met   ' if met else 'MISSED'} {words}")
    return int(not all(goals.values()))


if __name__ == "__main__":
    sys.exit(main())
