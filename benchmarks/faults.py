"""The fault run: kiosks upload through a network that cuts, doubles, delays and reorders, while workers and PostgreSQL die.

Three kiosks each hold 2,000 scans of an afternoon without network; some people were taken in by two of them. They upload
over several connections at once, two of them in batches, one scan by scan: a request may be lost before it arrives, its
answer may be lost, the same batch may be sent twice at once, batches overtake each other. Meanwhile gunicorn's workers are
killed (SIGKILL) every second or so, and PostgreSQL, all its processes at once, every few seconds, on a cluster of our own. A
kiosk forgets a scan only on an answer.

Afterwards: every answer ever given stands in the rows; attendance is the distinct people; after settlement hours, points,
balances and lots agree, and nobody was counted twice.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import func, insert, select

from civic.app import create_app
from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.kiosk.actions import enrolling
from civic.kiosk.models.scans import Scan
from civic.kiosk.states import Outcome, Scope
from civic.points import queries as ledger
from civic.points.models import Entry
from civic.volunteering.actions import counting
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import Basis, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.engines import Cluster, free_port, plain
from tests.support.keys import DATA_KEYS, SECRET_KEY

SHARED = 0.1  # of the people of a kiosk are also taken in by the next one
SETTINGS = {"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS}
LANES = 3  # connections of a kiosk at once
ALONE = 3  # this one has a network, bad as it is: it sends each scan by itself
HTTP_ERRORS = (OSError, http.client.HTTPException, json.JSONDecodeError)


@dataclass
class Device:
    """A kiosk: what it still holds, and every answer it ever got."""

    number: int
    key: str
    queue: dict[str, dict]
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    luck: Counter[str] = field(default_factory=Counter)


def laid(url: str, kiosks: int, people: int) -> tuple[Flask, list[str], list[tuple[int, int]], Shift]:
    """A city with one shift of this afternoon; (application, pairing codes, (place, person) of everybody, the shift)."""
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url, "ARGON2_CHEAP": True})
    with app.app_context():
        db.create_all()
        zebra = builders.crossing(most=2, days=7)
        now = clock.now()
        with transaction():
            event = zebra.shifts()[0]
            shift = Shift(
                event_id=event.event_id, post_id=event.post_id, county_id=event.county_id, name="下午班", day=clock.local(now - timedelta(hours=4)).date(),
                starts_at=now - timedelta(hours=4), ends_at=now - timedelta(hours=1), least=1, normal=people, most=people, taken=people,
            )  # fmt: skip
            db.session.add(shift)
            db.session.flush()
            first = db.session.scalar(select(func.max(Person.id))) + 1
            crowd = [{"id": first + n, "name": f"志愿者{n}", "normal_name": f"志愿者{n}", "created_at": now} for n in range(people)]
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
            codes = []
            for n in range(kiosks):
                kiosk = enrolling.found(
                    zebra.organiser, name=f"签到台{n + 1}", place="路口", scope=Scope.EVENT, thing_id=shift.event_id, until=now + timedelta(days=2), pin="135790"
                )
                codes.append(enrolling.open_pairing(zebra.organiser, kiosk.id)[1])
        places = [tuple(row) for row in db.session.execute(select(SignUp.id, SignUp.person_id).where(SignUp.shift_id == shift.id).order_by(SignUp.id))]
        db.session.expunge_all()
        db.session.remove()
        db.engine.dispose()
    return app, codes, places, shift


class Town:
    """The server of the city: gunicorn over the cluster, and the hand that kills them."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self.cluster, self.port, self.over = cluster, free_port(), threading.Event()
        self.killed: Counter[str] = Counter()
        environment = {f"CIVIC_{name}": value for name, value in SETTINGS.items()} | {"CIVIC_SQLALCHEMY_DATABASE_URI": url}
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}", "--workers", "3", "--worker-class", "gthread", "--threads", "4"]
        with open(cluster.room / "gunicorn.log", "wb") as log:
            self.server = subprocess.Popen([*command, "--log-level", "error", "--no-control-socket"], env={**os.environ, **environment}, stdout=log, stderr=log)

    def wait(self) -> None:
        for _ in range(300):
            with suppress(*HTTP_ERRORS):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/health/live")
                connection.getresponse().read()
                return
            time.sleep(0.1)
        raise RuntimeError("gunicorn is not ready after 30 s")

    def haunt(self, seed: int) -> None:
        """Kill a worker now and then, and the database less often, until it is over."""
        chance, turn = random.Random(seed), 0
        while not self.over.wait(chance.uniform(0.2, 0.8)):
            turn += 1
            if turn % 3 == 0:
                self.cluster.kill()
                time.sleep(chance.uniform(0.1, 0.5))
                self.cluster.start()
                self.killed["PostgreSQL"] += 1
            else:
                workers = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
                if workers:
                    with suppress(ProcessLookupError):
                        os.kill(int(chance.choice(workers)), signal.SIGKILL)
                    self.killed["worker"] += 1

    def end(self) -> None:
        self.server.terminate()
        self.server.wait(30)


def asked(port: int, path: str, body: dict, key: str | None = None) -> tuple[int, dict]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", f"/api/kiosk/v1{path}", json.dumps(body), {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def scans_of(number: int, places: list[tuple[int, int]], shift: Shift, chance: random.Random) -> dict[str, dict]:
    """An afternoon on one kiosk: everybody in, everybody out, in the order of the device's clock, which is off by seconds."""
    offset = chance.uniform(-40, 40)
    moments = []
    for place, _person in places:
        moments.append((shift.starts_at + timedelta(seconds=chance.uniform(-600, 600)), "in", place))
        moments.append((shift.ends_at - timedelta(seconds=chance.uniform(0, 600)), "out", place))
    found = {}
    for counter, (at, direction, place) in enumerate(sorted(moments), 1):
        scan_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        found[scan_id] = {
            "scan_id": scan_id, "kind": "punch", "counter": counter, "at": _written(at - timedelta(seconds=offset)), "offset": round(offset, 3),
            "event": shift.event_id, "place": place, "direction": direction, "way": "tail",
        }  # fmt: skip
    return found


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def lane(device: Device, town: Town, seed: int, until: float) -> None:
    """One connection of a kiosk, through a bad network, until the queue is empty."""
    chance = random.Random(seed)
    while time.monotonic() < until:
        with device.lock:
            waiting = list(device.queue.values())
        if not waiting:
            return
        begin = chance.randrange(max(1, len(waiting) - 20)) if chance.random() < 0.5 else 0
        batch = waiting[begin : begin + (1 if device.number == ALONE else chance.choice((1, 1, 5, 20, 50, 120)))]
        fate = chance.choices(("lost", "answer lost", "twice", "late", "well"), (15, 15, 15, 15, 40))[0]
        device.luck[fate] += 1
        if fate == "lost":
            time.sleep(chance.uniform(0, 0.1))
            continue
        if fate == "late":
            time.sleep(chance.uniform(0.05, 0.5))
        try:
            if fate == "twice":
                other = threading.Thread(target=lambda sent=batch: _sent(device, town, sent, keeps=True))
                other.start()
                _sent(device, town, batch, keeps=True)
                other.join()
            else:
                _sent(device, town, batch, keeps=fate != "answer lost")
        except HTTP_ERRORS:
            device.luck["failed"] += 1
            time.sleep(chance.uniform(0.05, 0.4))


def _sent(device: Device, town: Town, batch: list[dict], *, keeps: bool) -> None:
    try:
        status, body = asked(town.port, "/scans", {"scans": batch}, device.key)
    except HTTP_ERRORS:
        device.luck["failed"] += 1
        return
    device.luck[f"HTTP {status}"] += 1
    if status != 200 or not keeps:
        return
    with device.lock:
        for answer in body["answers"]:
            given = (answer["outcome"], answer["code"])
            before = device.answers.setdefault(answer["scan_id"], given)
            if before != given and before[1] != "out_first":
                device.changed.append(f"{answer['scan_id']}: {before} then {given}")
            device.queue.pop(answer["scan_id"], None)


def settled(app: Flask) -> None:
    """What the worker does once the shift is over and the days to object have passed."""
    with app.app_context():
        for days, step, most in ((0, counting.count_ended, counting.BATCH), (14, counting.settle_due, counting.BATCH)):
            clock.freeze(clock.now() + timedelta(days=days))
            while True:
                with transaction():
                    done = step()
                if done < most:
                    break
        clock.release()
        db.session.remove()


def faults(app: Flask, devices: list[Device], people: set[int], shift_id: int) -> list[str]:
    """Everything that is wrong afterwards."""
    wrong = [f"kiosk {d.number}: {len(d.queue)} scans without an answer" for d in devices if d.queue]
    wrong += [f"kiosk {d.number} was answered differently: {line}" for d in devices for line in d.changed[:5]]
    with app.app_context():
        kept = {scan_id: (outcome.value, code) for scan_id, outcome, code in db.session.execute(select(Scan.scan_id, Scan.outcome, Scan.code))}
        given = {scan_id: answer for d in devices for scan_id, answer in d.answers.items()}
        wrong += [f"an answered scan is missing: {scan_id}" for scan_id in set(given) - set(kept)]
        wrong += [f"{scan_id}: told {answer}, kept {kept[scan_id]}" for scan_id, answer in given.items() if scan_id in kept and kept[scan_id] != answer and answer[1] != "out_first"][:5]
        for direction in Direction:
            live = db.session.scalars(select(SignUp.person_id).join(Punch, Punch.sign_up_id == SignUp.id).where(SignUp.shift_id == shift_id, Punch.is_live, Punch.direction == direction)).all()
            if len(live) != len(set(live)) or set(live) != people:
                wrong.append(f"{direction.value}: {len(live)} punches of {len(set(live))} people, expected {len(people)}")
        came = set(db.session.scalars(select(SignUp.person_id).where(SignUp.shift_id == shift_id, SignUp.status == SignUpStatus.CAME)))
        rows = db.session.execute(select(Hours.person_id, Hours.minutes, Hours.final_at).where(Hours.shift_id == shift_id)).all()
        if came != people or {row[0] for row in rows} != people or len(rows) != len(people) or any(row[2] is None or row[1] < 150 for row in rows):
            wrong.append(f"hours: {len(rows)} rows of {len({row[0] for row in rows})} people, {len(came)} came, expected {len(people)}")
        earned = db.session.scalar(select(func.count()).select_from(Entry))
        if earned != len(people):
            wrong.append(f"points: {earned} entries, expected {len(people)}")
        wrong += [f"ledger: {line}" for line in ledger.discrepancies()]
        wrong += [f"places: {line}" for line in hours.discrepancies()]
        undecided = db.session.execute(select(Scan.code, func.count()).where(Scan.outcome == Outcome.UNDECIDED, Scan.decision.is_(None)).group_by(Scan.code)).all()
        print(f"  left for a person to decide: { {code.value: n for code, n in undecided} }")
        db.session.remove()
    return wrong


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kiosks", type=int, default=3)
    options.add_argument("--scans", type=int, default=2000, help="of each kiosk")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--seconds", type=int, default=900, help="after which it is called stuck")
    chosen = options.parse_args()
    each = chosen.scans // 2
    step = int(each * (1 - SHARED))
    cluster = Cluster()
    town = None
    try:
        cluster.start()
        with psycopg.connect(plain(cluster.url), autocommit=True) as connection:
            connection.execute("CREATE DATABASE civic_faults")
        url = cluster.url.rsplit("/", 1)[0] + "/civic_faults"
        app, codes, places, shift = laid(url, chosen.kiosks, step * (chosen.kiosks - 1) + each)
        town = Town(cluster, url)
        town.wait()
        devices = []
        for n, code in enumerate(codes):
            status, body = asked(town.port, "/pair", {"code": code, "app": "1", "name": "fault run"})
            assert status == 201, body
            devices.append(Device(n + 1, body["key"], scans_of(n, places[n * step : n * step + each], shift, random.Random(chosen.seed + n))))
        total = sum(len(d.queue) for d in devices)
        people = {person for _place, person in places}
        killer = threading.Thread(target=town.haunt, args=(chosen.seed,))
        killer.start()
        began = time.monotonic()
        lanes = [threading.Thread(target=lane, args=(d, town, chosen.seed * 100 + d.number * 10 + k, began + chosen.seconds)) for d in devices for k in range(LANES)]
        for thread in lanes:
            thread.start()
        for thread in lanes:
            thread.join()
        took = time.monotonic() - began
        town.over.set()
        killer.join()
        town.end()
        luck = sum((d.luck for d in devices), Counter())
        print(f"  {len(devices)} kiosks, {total:,} scans of {len(people):,} people in {took:.0f} s; killed: {dict(town.killed)}")
        print(f"  requests: {dict(luck)}")
        print(f"  answers: {dict(Counter(answer for d in devices for answer in d.answers.values()))}")
        settled(app)
        wrong = faults(app, devices, people, shift.id)
        if not town.killed["PostgreSQL"] or not town.killed["worker"]:
            wrong.append("nothing was killed: the run was too short to prove anything")
    finally:
        if town is not None and town.server.poll() is None:
            town.end()
        cluster.end()
    print("\n".join(wrong) or "all well: attendance is the distinct people, every answer stands, ledger and places agree")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
