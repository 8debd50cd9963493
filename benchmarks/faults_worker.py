"""The fault run of the worker: what it depends on fails, one thing after the other, and comes back.

A real worker (`flask worker`) and a real server (gunicorn) over a database of our own: a private PostgreSQL cluster and SQLite,
each on a small file system of its own that can be filled. Letters go to a real SMTP server behind a front that can fall silent,
refuse the line, or let the server say 451 or 550.

While a fault lasts, readiness has to tell it. When it is over, every job is made due at once, and within a minute each has to
have ended well, a letter has to have arrived, and readiness has to say yes again. A worker that ends is started anew, as systemd
would, and counted.
"""

from __future__ import annotations

import argparse
import gc
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, text, update

from civic import worker
from civic.app import ROOT, create_app
from civic.core import clock, jobs
from civic.core.db import db, transaction
from civic.identity.rules import Contact
from civic.outbox.models import Message
from tests.support import builders
from tests.support.engines import Cluster, free_port, plain
from tests.support.keys import DATA_KEYS, SECRET_KEY
from tests.support.mail import Mailbox

MINUTE = 60
SIZE = {"postgresql": "320m", "sqlite": "24m"}
OFFSET = "CIVIC_TEST_CLOCK"  # a file that holds by how many seconds the clock stands wrong


def noon() -> str:
    """A zone in which it is about noon, so that nobody's quiet hours hold a letter up."""
    ahead = 12 - datetime.now(clock.UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def wrong_clock() -> None:
    """Let the clock of this process stand wrong by what the file says, as if somebody had set it."""
    file = Path(os.environ[OFFSET])

    def now() -> datetime:
        return datetime.now(clock.UTC) + timedelta(seconds=float(file.read_text() or 0))

    clock.now = now  # type: ignore[assignment]


def served() -> Flask:
    """What gunicorn serves."""
    wrong_clock()
    app = create_app()
    gc.freeze()
    return app


def as_worker() -> None:
    """What runs as the worker."""
    from flask.cli import main

    wrong_clock()
    sys.argv = ["flask", "--app", "wsgi", "worker"]
    main()


class Front(threading.Thread):
    """Stands before the mail server: passes a line on, or lets it wait without a word, or has closed its door."""

    def __init__(self, behind: int) -> None:
        super().__init__(daemon=True)
        self.behind, self.port, self.is_silent = behind, free_port(), False
        self.open()

    def open(self) -> None:
        self.door: socket.socket | None = socket.create_server(("127.0.0.1", self.port))
        self.door.settimeout(0.2)

    def close(self) -> None:
        door, self.door = self.door, None
        if door is not None:
            door.close()

    def run(self) -> None:
        while True:
            door = self.door
            if door is None:
                time.sleep(0.1)
                continue
            with suppress(OSError):
                line, _address = door.accept()
                if not self.is_silent:
                    onward = socket.create_connection(("127.0.0.1", self.behind))
                    for one, other in ((line, onward), (onward, line)):
                        threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@dataclass
class House:
    """The city under test: its database, server, worker, mail, and how to break each."""

    engine: str
    room: Path
    url: str
    cluster: Cluster | None
    app: Flask
    front: Front
    mailbox: Mailbox
    port: int
    environment: dict[str, str]
    worker: subprocess.Popen | None = None
    ended: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    letters: int = 0

    def supervise(self) -> None:
        """Start the worker anew whenever it ends."""
        while not self.over.is_set():
            with open(self.room.parent / f"{self.engine}-worker.log", "ab") as log:
                self.worker = subprocess.Popen([sys.executable, "-m", "benchmarks.faults_worker", "--as-worker"], env=self.environment, stdout=log, stderr=log, cwd=ROOT)
            code = self.worker.wait()
            if not self.over.is_set():
                self.ended.append(code)
                time.sleep(1)

    def ready(self) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            return 0, {"unreachable": type(error).__name__}
        finally:
            connection.close()

    def offset(self, seconds: float) -> None:
        file = Path(self.environment[OFFSET])
        part = file.with_suffix(".part")
        part.write_text(str(seconds))
        part.rename(file)

    def owe_letter(self) -> str:
        """A nomination, which owes its nominator a letter; the address."""
        self.letters += 1
        address = f"huang{self.letters}@civic.example"
        with self.app.app_context():
            place = db.session.scalars(select(builders.Region).where(builders.Region.level == 1)).first()
            builders.voice(place, contact=Contact("email", address), headline=f"第{self.letters}件", nominee_name=f"陈桂{self.letters}")
            db.session.remove()
        return address

    def make_all_due(self) -> None:
        with self.app.app_context():
            with transaction():
                db.session.execute(update(jobs.JobRun).values(started_at=None).execution_options(synchronize_session=False))
            db.session.remove()

    def not_yet(self, since: datetime) -> list[str]:
        """Jobs that did not end well since then."""
        with self.app.app_context():
            rows = jobs.runs()
            db.session.remove()
        keys = {job.key for job in [*worker.all_jobs(), worker.BEAT]}
        return sorted(key for key in keys if key not in rows or rows[key].succeeded_at is None or not since < rows[key].succeeded_at < clock.now() + jobs.DRIFT)


@dataclass(frozen=True)
class Fault:
    """`during` gives what readiness has to tell; `seconds` how long it lasts."""

    name: str
    seconds: int
    begin: Callable[[House], object]
    end: Callable[[House], object]
    tells: Callable[[dict], bool]


def away(house: House) -> None:
    assert house.cluster is not None
    house.cluster.kill()


def back(house: House) -> None:
    assert house.cluster is not None
    house.cluster.start()


LOCKS: dict[str, object] = {}


def lock(house: House) -> None:
    """Somebody holds what the worker has to write: a backup, a migration, a forgotten session."""
    if house.engine == "sqlite":
        connection: object = sqlite3.connect(house.url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
    else:
        connection = psycopg.connect(plain(house.url))
        connection.execute("LOCK TABLE job_run IN ACCESS EXCLUSIVE MODE")
    LOCKS[house.engine] = connection


def unlock(house: House) -> None:
    connection = LOCKS.pop(house.engine)
    connection.rollback() if house.engine == "postgresql" else connection.execute("ROLLBACK")  # type: ignore[attr-defined]
    connection.close()  # type: ignore[attr-defined]


def fill(house: House) -> None:
    """Not a byte is left on the file system of the database."""
    with open(house.room / "filler", "wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)


    if house.engine == "postgresql":
        # It keeps room ahead for its journal and would go on for hours: somebody else's work uses that up.
        with suppress(psycopg.Error), psycopg.connect(plain(house.url), autocommit=True) as other:
            for _again in range(40):
                other.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 8000000))")
                other.execute("SELECT pg_switch_wal()")


def empty(house: House) -> None:
    (house.room / "filler").unlink()
    if house.cluster is not None and house.cluster.server.poll() is not None:
        # It ends by itself when it cannot write its journal; whoever runs it starts it again.
        house.cluster.start()


def fall_silent(house: House) -> None:
    house.front.is_silent = True
    house.owe_letter()


def speak(house: House) -> None:
    house.front.is_silent = False


def shut(house: House) -> None:
    house.front.close()
    house.owe_letter()


def answer(words: str) -> Callable[[House], None]:
    def begin(house: House) -> None:
        house.mailbox.answers[house.owe_letter()] = words

    return begin


def forward(house: House) -> None:
    house.offset(400 * 86400)


def right(house: House) -> None:
    house.offset(0)


def failing(code: str) -> Callable[[dict], bool]:
    return lambda told: told.get("jobs_failing", {}).get("outbox.deliver") == code


def silent_or_away(told: dict) -> bool:
    """The worker can write nothing: it is told as silent, or the database itself does not answer any more."""
    return told.get("database") is False or told.get("worker") is False


FAULTS = (
    Fault("database away", 20, away, back, lambda told: told.get("database") is False),
    Fault("database locked", 34, lock, unlock, silent_or_away),
    Fault("disk full", 30, fill, empty, silent_or_away),
    Fault("clock 400 days forward, then back", 40, forward, right, lambda told: told.get("worker") is False or bool(told.get("jobs_late"))),
    Fault("mail server silent", 30, fall_silent, speak, failing("server_silent")),
    Fault("mail server gone", 20, shut, lambda house: house.front.open(), failing("server_not_reached")),
    Fault("mail server says 451", 10, answer("451 greylisted"), lambda house: house.mailbox.answers.clear(), lambda told: told.get("letters_retried", 0) >= 1),
    Fault("mail server says 550", 10, answer("550 no such user"), lambda house: house.mailbox.answers.clear(), lambda told: told.get("letters_failed_in_a_day", 0) >= 1),
)  # fmt: skip


def shown(told: dict) -> dict:
    """Of what readiness tells, what is not as usual."""
    usual = {"ready": True, "database": True, "migrations": True, "worker": True, "jobs": True, "outbox": True, "jobs_failing": {}, "jobs_late": [], "letters_retried": 0}
    return {key: value for key, value in told.items() if (key in usual and usual[key] != value) or (key == "letters_failed_in_a_day" and value)}


def undergo(house: House, fault: Fault) -> list[str]:
    """Let the fault happen; what is wrong afterwards."""
    began, told_after, told, first = time.monotonic(), None, {}, {}
    fault.begin(house)
    while told_after is None or time.monotonic() - began < fault.seconds:
        _status, told = house.ready()
        if told_after is None and fault.tells(told):
            told_after, first = time.monotonic() - began, told
        if told_after is None and time.monotonic() - began > fault.seconds + MINUTE:
            break
        time.sleep(0.3)
    fault.end(house)
    over, since = time.monotonic(), clock.now()
    house.make_all_due()
    missing, address, status = ["?"], house.owe_letter(), 0
    arrived = None
    while time.monotonic() - over < 2 * MINUTE and (missing or arrived is None or status != 200):
        missing = house.not_yet(since)
        if arrived is None and house.mailbox.to(address):
            arrived = round(time.monotonic() - over, 1)
        status, told = house.ready()
        time.sleep(0.3)
    took = time.monotonic() - over
    died = f", worker started anew {len(house.ended)} times so far" if house.ended else ""
    print(f"  {fault.name}: told after {told_after:.1f} s: {shown(first)}" if told_after is not None else f"  {fault.name}: NOT TOLD, last {told}")
    whole = "all well again" if not missing and arrived is not None and status == 200 else f"NOT WELL: {missing}, readiness {status}"
    print(f"    over: {whole} after {took:.1f} s: {len(list(worker.all_jobs())) + 1} jobs ended well, a letter arrived after {arrived} s{died}", flush=True)
    wrong = [] if told_after is not None else [f"{fault.name}: readiness did not tell"]
    wrong += [f"{fault.name}: {len(missing)} jobs did not run again within a minute: {missing}"] if missing or took > MINUTE else []
    wrong += [f"{fault.name}: the letter did not arrive"] if arrived is None or arrived > MINUTE else []
    wrong += [f"{fault.name}: readiness says {status} {shown(told)}"] if status != 200 else []
    return wrong


@contextmanager
def small_disk(engine: str) -> Iterator[tuple[Path, bool]]:
    """A file system of a few megabytes; and whether it could be had (it takes the right to mount)."""
    top = Path(tempfile.mkdtemp(prefix="civic-faults-"))
    top.chmod(0o755)
    room = top / "disk"
    room.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE[engine]},mode=755", "tmpfs", str(room)], capture_output=True).returncode == 0
    try:
        yield room, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(room)], check=False)
        shutil.rmtree(top, ignore_errors=True)


@contextmanager
def house_on(engine: str, room: Path) -> Iterator[House]:
    """A laid city with its server, worker and mail."""
    cluster = None
    if engine == "postgresql":
        tempfile.tempdir = str(room)
        cluster = Cluster()
        tempfile.tempdir = None
        cluster.start()
        with psycopg.connect(plain(cluster.url), autocommit=True) as connection:
            connection.execute("CREATE DATABASE civic_faults")
        url = cluster.url.rsplit("/", 1)[0] + "/civic_faults"
    else:
        url = f"sqlite:///{room / 'civic.db'}"
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), ready_timeout=10)
    controller.start()
    front = Front(controller.port)
    front.start()
    port, stands = free_port(), room.parent / "clock"
    stands.write_text("0")
    environment = {
        **os.environ, "CIVIC_SECRET_KEY": SECRET_KEY, "CIVIC_DATA_KEYS": DATA_KEYS, "CIVIC_SQLALCHEMY_DATABASE_URI": url, "CIVIC_UPLOAD_FOLDER": str(room / "uploads"),
        "CIVIC_MAIL_PORT": str(front.port), "CIVIC_TIMEZONE": noon(), "CIVIC_MAIL_DEFAULT_SENDER": "haoren@civic.example", OFFSET: str(stands), "FLASK_APP": "wsgi",
    }  # fmt: skip
    app = create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS, "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(room / "uploads"), "ARGON2_CHEAP": True, "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True}})
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": (ROOT / "migrations/head").read_text().strip()})
        builders.city()
        db.session.remove()
    with open(room.parent / f"{engine}-server.log", "ab") as log:
        command = [sys.executable, "-m", "gunicorn", "benchmarks.faults_worker:served()", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--no-control-socket"]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
    house = House(engine, room, url, cluster, app, front, mailbox, port, environment)
    supervisor = threading.Thread(target=house.supervise)
    supervisor.start()
    try:
        yield house
    finally:
        house.over.set()
        if house.worker is not None:
            house.worker.send_signal(signal.SIGTERM)
        supervisor.join(60)
        server.terminate()
        server.wait(30)
        front.close()
        controller.stop()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        if cluster is not None:
            cluster.end()


def run(engine: str, chosen: list[str]) -> list[str]:
    with small_disk(engine) as (room, is_small), house_on(engine, room) as house:
        print(f"{engine}:")
        began = time.monotonic()
        while house.ready()[0] != 200 and time.monotonic() - began < 2 * MINUTE:
            time.sleep(0.3)
        print(f"  ready {time.monotonic() - began:.1f} s after worker and server were started", flush=True)
        wrong = []
        for fault in FAULTS:
            if chosen and fault.name not in chosen:
                continue
            if fault.begin is away and house.cluster is None:
                print(f"  {fault.name}: not on SQLite, which is a file")
                continue
            if fault.begin is fill and not is_small:
                print(f"  {fault.name}: skipped, no file system could be mounted here")
                continue
            wrong += undergo(house, fault)
        began = time.monotonic()
        while len(house.mailbox.letters) < house.letters - 1 and time.monotonic() - began < 2 * MINUTE:
            time.sleep(0.5)  # what was put off by 451 comes a minute later
        with house.app.app_context():
            lost = db.session.scalars(select(Message.problem).where(Message.status == "failed")).all()
            print(f"  letters: {len(house.mailbox.letters)} of {house.letters} arrived; given up: {list(lost)}; the worker ended {len(house.ended)} times {house.ended}")
            db.session.remove()
        if not chosen and (list(lost) != ["bounced_550"] or len({str(m["Message-ID"]) for m in house.mailbox.letters}) != house.letters - 1):
            wrong.append("letters were lost or given up that should have arrived")
        return [f"{engine}: {line}" for line in wrong]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", action="append", choices=list(SIZE))
    options.add_argument("--fault", action="append", default=[], choices=[fault.name for fault in FAULTS])
    options.add_argument("--as-worker", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.as_worker:
        as_worker()
        return 0
    wrong = [line for engine in chosen.engine or SIZE for line in run(engine, chosen.fault)]
    print("\n".join(wrong) or "all well: each fault was told, and within a minute of its end all jobs ran again")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
