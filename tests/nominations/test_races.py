"""Many reviewers at the same cases at once: each case is decided exactly once, and the records say so."""

from __future__ import annotations

import threading
from collections import Counter

from sqlalchemy import func, select

from civic.audit import actions as audit
from civic.audit import queries as chain
from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import Conflict
from civic.honours.models import Honour
from civic.identity import queries as identity
from civic.identity.models import User
from civic.identity.permissions import Role
from civic.nominations.actions import deciding
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.states import Status
from tests.support import builders

CASES = 20


def test_many_threads_decide_each_case_exactly_once(app, engine_name):
    threads = 50 if engine_name == "postgresql" else 8
    town = builders.city()
    with transaction():
        users = [builders.account(Role.REVIEWER, town.line[2]) for _ in range(threads)]
    actors = [identity.actor_of(db.session.get(User, u.id)) for u in users]
    cases = [builders.climbed(town, 2, nominee_name=f"好人{n}").id for n in range(CASES)]
    versions = {case: builders.version(case) for case in cases}
    before = db.session.scalar(select(func.count()).select_from(AuditRecord))
    db.session.remove()
    outcomes: Counter[str] = Counter()
    lock, start = threading.Lock(), threading.Barrier(threads)

    def work(number: int) -> None:
        start.wait()
        for at in range(CASES):
            case = cases[(at + number) % CASES]
            with app.app_context():
                try:
                    with transaction():
                        if number % 2:
                            deciding.endorse(actors[number], case, expected=versions[case])
                        else:
                            deciding.decline(actors[number], case, expected=versions[case], reason="不合适")
                    outcome = "decided"
                except Conflict as refusal:
                    outcome = refusal.code if refusal.facts["by"].startswith("同志") else "not told who"
                except Exception as error:
                    outcome = f"{type(error).__name__}: {error}"[:200]
                finally:
                    db.session.remove()
            with lock:
                outcomes[outcome] += 1

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()

    assert outcomes == {"decided": CASES, "decided_meanwhile": threads * CASES - CASES}
    words = db.session.scalars(select(Decision).where(Decision.level == 2)).all()
    assert Counter(d.nomination_id for d in words) == dict.fromkeys(cases, 1)
    endorsed = sum(d.elected for d in words)
    assert db.session.scalar(select(func.count()).select_from(Honour).where(Honour.level == 2)) == endorsed
    found = Counter(db.session.scalars(select(Nomination.status)))
    assert found == {k: v for k, v in {Status.SUBMITTED: endorsed, Status.DECLINED: CASES - endorsed}.items() if v}
    records = db.session.scalar(select(func.count()).select_from(AuditRecord)) - before
    assert records == CASES + endorsed  # one for each word, one more for each honour
    _chain_finds_five_changes()


def _chain_finds_five_changes() -> None:
    with transaction():
        total = audit.seal(10_000)
    whole = chain.verify()
    assert (whole.sealed, whole.unsealed, whole.breaks) == (total, 0, [])
    rows = db.session.scalars(select(AuditRecord).order_by(AuditRecord.seal_number)).all()
    with transaction():
        rows[3].verb = "nomination.elect"
        rows[9].facts = '{"level":5}'
        rows[15].actor_id = None if rows[15].actor_id else rows[3].actor_id
        rows[21].at = clock.now().replace(year=2020)
        db.session.delete(rows[27])
    broken = chain.verify().breaks
    assert [(b.seal_number, b.what) for b in broken] == [
        (rows[3].seal_number, "changed"),
        (rows[9].seal_number, "changed"),
        (rows[15].seal_number, "changed"),
        (rows[21].seal_number, "changed"),
        (28, "missing"),
    ]


def test_references_never_repeat_and_a_draft_makes_one_case(app, engine_name):
    town = builders.city()
    found, lock = [], threading.Lock()
    place = town.line[1].id

    def work(number: int) -> None:
        with app.app_context():
            from civic.regions.models import Region

            voice = builders.voice(db.session.get(Region, place), nominee_name=f"好人{number}")
            with lock:
                found.append(db.session.get(Nomination, voice.nomination_id).reference)
            db.session.remove()

    running = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert sorted(found) == [f"T2607-{n:04d}" for n in range(1, 9)]
