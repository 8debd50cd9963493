"""Two years of one street with a moved clock: 12 rounds, the holidays of 2025 and 2026, a worker that is killed at random.

`make prove` plays the season twice from the same seed: once in peace, once with the worker killed (SIGKILL) in the middle
of its round on a third of the days and started again when its lease has run out. Both must end in the same state: every
case at the same place by the same steps, the same honours, the same letters.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
from sqlalchemy import func, select

from civic import worker
from civic.app import create_app
from civic.audit import queries as chain
from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours.models import Honour
from civic.nominations.actions import deciding, noticing, rounds, submitting
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import NoticeItem, Objection, ObjectionKind, ObjectionStatus
from civic.nominations.models.rounds import Cadence
from civic.nominations.models.voices import Voice
from civic.nominations.states import Status
from civic.outbox.models import Message
from tests.support import builders
from tests.support.engines import plain, server_url
from tests.support.keys import SECRET_KEY

FIRST, LAST = date(2025, 1, 2), date(2026, 12, 31)
LEVEL = 3


class Season:
    """The people of one street: what each does on which day follows from the seed and the case's number alone."""

    def __init__(self, count: int, *, kills: bool) -> None:
        self.chance, self.kills = Random(2026), Random(7) if kills else None
        self.killed = 0
        self.agenda: dict[date, list[tuple[str, int]]] = defaultdict(list)
        self.luck: dict[int, float] = {}
        days = (LAST - FIRST).days - 90
        self.arrivals = Counter(FIRST + timedelta(days=self.chance.randrange(days)) for _ in range(count))
        self.town = builders.city()
        builders.by_round(LEVEL, council=Council.NONE, notice_days=5, notice_in_working_days=True)
        # Each transaction forgets what the session held, and the worker ends sessions; the town is known by heart.
        for thing in (*self.town.line.values(), *self.town.other.values(), *self.town.desk.values()):
            db.session.refresh(thing)
        db.session.expunge_all()
        self.round: int | None = None
        self.rounds = 0

    def play(self) -> None:
        day = FIRST
        while day <= LAST:
            clock.freeze(datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
            for _ in range(self.arrivals.get(day, 0)):
                self._arrives(day)
            for deed, case in self.agenda.pop(day, []):
                try:
                    getattr(self, deed)(day, case)
                except DomainError as refusal:
                    if refusal.code not in ("not_now", "notice_running"):
                        raise
            self._round_of(day)
            clock.advance(timedelta(hours=10))
            self._work()
            day += timedelta(days=1)

    def _later(self, day: date, days: int, deed: str, case: int) -> None:
        self.agenda[day + timedelta(days=days)].append((deed, case))

    def _arrives(self, day: date) -> None:
        number = len(self.luck) + 1
        case = builders.voice(self.town.line[1], nominee_name=f"好人{number:05d}").nomination_id
        self.luck[case] = Random(number).random()
        self._later(day, 6 if self.luck[case] < 0.05 else 1, "stairwell", case)

    def stairwell(self, day: date, case: int) -> None:
        luck = self.luck[case]
        if 0.05 <= luck < 0.15:
            with transaction():
                deciding.return_for_supplement(self.town.actor(1), case, expected=builders.version(case), reason="请补一张近照")
            # Half of them answer; the others are brought back by the clock.
            if luck < 0.10:
                self._later(day, 3, "supplement", case)
            self.luck[case] = 0.5
            self._later(day, 14, "stairwell", case)
            return
        self._endorse(1, case)
        self._later(day, 2, "community", case)

    def supplement(self, day: date, case: int) -> None:
        with transaction():
            submitting.resubmit(db.session.scalars(select(Voice).where(Voice.nomination_id == case)).one(), story=None, words="补好了")

    def community(self, day: date, case: int) -> None:
        if self.luck[case] > 0.93:
            with transaction():
                deciding.decline(self.town.actor(2), case, expected=builders.version(case), reason="和往年重复")
            return
        self._endorse(2, case)
        self._later(day, 1, "street", case)

    def street(self, day: date, case: int) -> None:
        with transaction():
            deciding.pass_on(self.town.actor(LEVEL), case, expected=builders.version(case))

    def _endorse(self, level: int, case: int) -> None:
        with transaction():
            deciding.endorse(self.town.actor(level), case, expected=builders.version(case))

    def _round_of(self, day: date) -> None:
        """On the first of every other month a round opens; on its 40th day its list goes up; later it is closed."""
        if day.day == 3 and day.month % 2 and self.round is None:
            with transaction():
                self.round = rounds.open_(
                    self.town.actor(LEVEL), self.town.line[LEVEL], name=f"{day:%Y-%m}", cadence=Cadence.MONTHLY, opens_on=day,
                    closes_on=day + timedelta(days=40), quotas={},
                ).id  # fmt: skip
            self.rounds += 1
            self._later(day, 40, "list_goes_up", self.round)

    def list_goes_up(self, day: date, round_id: int) -> None:
        ready = db.session.scalars(select(Nomination).where(Nomination.status == Status.READY).order_by(Nomination.id)).all()
        for case in [c.id for c in ready if self.luck[c.id] > 0.2]:
            if db.session.get(Nomination, case).public_approved_at is None:
                builders.publishable(self.town, case, LEVEL)
            with transaction():
                rounds.propose(self.town.actor(LEVEL), round_id, case, upward=self.luck[case] > 0.6)
        if db.session.scalar(select(func.count()).where(Nomination.round_id == round_id)):
            with transaction():
                noticing.publish(self.town.actor(LEVEL), round_id)
        for item in db.session.scalars(select(NoticeItem).where(NoticeItem.settled_at.is_(None)).order_by(NoticeItem.id)).all():
            if 0.5 < self.luck[item.nomination_id] < 0.55:
                self._later(day, 2, "objects", item.id)
        self._later(day, 9, "close", round_id)

    def objects(self, day: date, item: int) -> None:
        with transaction():
            objection = noticing.object_to(item, kind=ObjectionKind.MORE, words="听说不是这样的", name="", contact="").id
        self._later(day, 11, "answers", objection)

    def answers(self, day: date, objection: int) -> None:
        if db.session.get(Objection, objection).status is not ObjectionStatus.RECEIVED:
            return
        with transaction():
            noticing.take_up(self.town.actor(4), objection)
        act = noticing.uphold if objection % 2 else noticing.reject
        with transaction():
            act(self.town.actor(4), objection, finding="走访了三户", answer="查清楚了，谢谢您。")

    def close(self, day: date, round_id: int) -> None:
        try:
            with transaction():
                rounds.close(self.town.actor(LEVEL), round_id)
            self.round = None
        except DomainError:
            # A holiday in between: the days of the notice are longer.
            self._later(day, 1, "close", round_id)

    def _work(self) -> None:
        """The worker's evening: perhaps killed on the way, and started again when its lease has run out."""
        if self.kills is not None and self.kills.random() < 0.33:
            db.session.remove()
            child = os.fork()
            if child == 0:
                db.engine.dispose(close=False)
                worker.run_round(list(worker.all_jobs()))
                os._exit(0)
            time.sleep(self.kills.random() * 0.05)
            os.kill(child, signal.SIGKILL)
            _pid, status = os.waitpid(child, 0)
            self.killed += os.WIFSIGNALED(status)
        clock.advance(timedelta(minutes=11))
        worker.run_round(list(worker.all_jobs()))


def state() -> dict[str, Any]:
    """Everything that must not depend on how often the worker died."""
    steps: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    for d in db.session.scalars(select(Decision).order_by(Decision.nomination_id, Decision.number)):
        steps[d.nomination_id].append((d.verb.value, d.level, f"{clock.local(d.at):%Y-%m-%d}"))
    return {
        "cases": {
            c.nominee_name: (c.status.value, c.level, c.carried, str(c.due_at), tuple(steps[c.id]))
            for c in db.session.scalars(select(Nomination).order_by(Nomination.id))
        },
        "honours": Counter(map(tuple, db.session.execute(select(Honour.level, Honour.status, Honour.visibility)))),
        "letters": Counter(map(tuple, db.session.execute(select(Message.kind, Message.status)))),
        "objections": Counter(db.session.scalars(select(Objection.status))),
    }


def played(base: str, name: str, count: int, *, kills: bool) -> tuple[dict[str, Any], Season]:
    with psycopg.connect(plain(base), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    app = create_app(
        {
            "SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": base.rsplit("/", 1)[0] + f"/{name}",
            "MAIL_SENDER": "page", "CODE_SENDER": "page", "ARGON2_CHEAP": True,
        }
    )  # fmt: skip
    with app.app_context():
        clock.freeze(datetime(2024, 12, 31, 1, tzinfo=UTC))
        db.create_all()
        season = Season(count, kills=kills)
        season.play()
        assert chain.verify().is_whole
        late = db.session.scalar(select(func.count()).select_from(NoticeItem).where(NoticeItem.settled_at.is_(None), NoticeItem.ends_at < clock.now()))
        assert not late, "something stood its notice and nobody decided it"
        found = state()
        db.session.remove()
        db.engine.dispose()
    return found, season


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=2000)
    chosen = options.parse_args()
    with server_url() as base:
        began = time.time()
        peace, first = played(base, "civic_season_peace", chosen.cases, kills=False)
        storm, second = played(base, "civic_season_storm", chosen.cases, kills=True)
    print(f"{chosen.cases:,} cases, {first.rounds} rounds, {FIRST} to {LAST}; worker killed {second.killed} times; {time.time() - began:.0f} s")
    print("ends: " + ", ".join(f"{status} {n}" for status, n in sorted(Counter(c[0] for c in peace["cases"].values()).items())))
    print("steps by the clock: " + ", ".join(f"{verb} {n}" for verb, n in sorted(Counter(s[0] for c in peace["cases"].values() for s in c[4]).items())))
    different = [key for key in peace if peace[key] != storm[key]]
    for key in different:
        print(f"DIFFERENT: {key}")
        if key == "cases":
            for name in [n for n in peace[key] if peace[key][n] != storm[key].get(n)][:3]:
                print(f"  {name}\n    {peace[key][name]}\n    {storm[key].get(name)}")
        else:
            print(f"  {peace[key]}\n  {storm[key]}")
    print("the same final state" if not different else "NOT the same")
    return int(bool(different) or second.killed == 0)


if __name__ == "__main__":
    sys.exit(main())
