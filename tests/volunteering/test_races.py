"""Many people at few places and few goods at once: nothing oversold, nothing doubled, every refusal named, none lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.points import queries as ledger
from civic.points.actions import entries as points
from civic.points.actions import goods
from civic.points.models import Good, Redemption
from civic.volunteering.actions import attendance, certificates, counting, handing, offers, people, signing
from civic.volunteering.models.attendance import Certificate, Direction, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.queries import hours
from civic.volunteering.states import HOLDING, SignUpStatus
from tests.support import builders


def at_once(app, deeds: list[Callable[[], object]]) -> Counter[str]:
    """Carry all out at the same moment, each in a thread and a transaction of its own; what became of them."""
    outcomes: Counter[str] = Counter()
    lock, start = threading.Lock(), threading.Barrier(len(deeds))

    def work(deed: Callable[[], object]) -> None:
        start.wait()
        with app.app_context():
            try:
                with transaction():
                    deed()
                outcome = "done"
            except DomainError as refusal:
                outcome = refusal.code
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"[:200]
            finally:
                db.session.remove()
        with lock:
            outcomes[outcome] += 1

    running = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return outcomes


def crowd(count):
    return [builders.volunteer() for _ in range(count)]


def test_twice_clicking_crowds_never_overfill_a_shift(app, engine_name):
    count = 40 if engine_name == "postgresql" else 8
    zebra = builders.crossing(most=5)
    shifts = [s.id for s in zebra.shifts()[:2]]
    actors = crowd(count)
    db.session.remove()
    deeds = [
        lambda actor=actor, shift=shift: signing.sign_up(actor, shift, has_read_briefing=True)
        for actor in actors
        for shift in (shifts[0], shifts[0], shifts[1])
    ]
    outcomes = at_once(app, deeds)
    assert set(outcomes) <= {"done", "full"}
    for shift in zebra.shifts()[:2]:
        assert shift.taken == 5
        assert db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift.id)) == 5
    assert hours.discrepancies() == []


def test_leaving_answering_and_lapsing_at_once_keeps_the_line_whole(app, engine_name):
    count = 16 if engine_name == "postgresql" else 8
    zebra = builders.crossing(most=3)
    shift = zebra.shifts()[6]
    actors = crowd(count)
    rows = []
    for actor in actors:
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True, wants_to_wait=True).id)
    with transaction():
        offers.withdraw(actors[0], rows[0])
    clock.advance(timedelta(minutes=121))
    db.session.remove()
    deeds: list[Callable[[], object]] = [lambda: offers.lapse_due() for _ in range(4)]
    deeds += [lambda n=n: offers.withdraw(actors[n], rows[n]) for n in range(1, count // 2)]
    deeds += [lambda: offers.answer(actors[3], rows[3], accepts=True)]
    outcomes = at_once(app, deeds)
    assert not any(":" in outcome for outcome in outcomes), outcomes
    assert hours.discrepancies() == []
    holding = db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(HOLDING)))
    assert holding == 3
    assert db.session.get(SignUp, rows[1]).status is SignUpStatus.WITHDRAWN


def test_ticking_at_once_is_one_punch(app, engine_name):
    zebra = builders.crossing()
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True).id
        second = builders.account(name="副队长")
        people.join(zebra.organiser, shift.event.team, second.person_id, is_leader=True)
    leaders = [builders.identity.actor_of(user) for user in (zebra.leader, second)]
    clock.freeze(shift.starts_at)
    db.session.remove()
    outcomes = at_once(app, [lambda leader=leader: attendance.tick(leader, row, Direction.IN) for leader in leaders * 6])
    assert outcomes == {"done": 12}
    assert db.session.scalar(select(func.count()).select_from(Punch)) == 1


def test_the_last_umbrellas_go_once_and_nobody_falls_below_zero(app, engine_name):
    count = 20 if engine_name == "postgresql" else 6
    zebra = builders.crossing(most=count)
    actors = crowd(count)
    with transaction():
        umbrella = goods.offer_good(zebra.organiser, zebra.town.line[3], name="雨伞", donor="百货", counter="服务台", points=10, count=4).id
        for actor in actors:
            points.award(zebra.organiser, actor.person_id, minutes=120, role="guide", source=f"test:{actor.person_id}", words="服务", day=clock.today())
    db.session.remove()
    deeds = [lambda a=actor, p=page: goods.redeem(a, umbrella, request=p) for actor in actors for page in ("a", "a", "b", "c")]
    outcomes = at_once(app, deeds)
    assert set(outcomes) <= {"done", "good_gone", "points_short"}
    assert db.session.get(Good, umbrella).stock == 0
    assert db.session.scalar(select(func.count()).select_from(Redemption)) == 4
    held = db.session.scalars(select(Redemption.id)).all()
    owners = {r.id: r.person_id for r in db.session.scalars(select(Redemption))}
    db.session.remove()
    by_person = {actor.person_id: actor for actor in actors}
    outcomes = at_once(
        app,
        [lambda n=n: goods.hand_over(zebra.organiser, n) for n in held for _ in range(2)] + [lambda n=n: goods.cancel(by_person[owners[n]], n) for n in held],
    )
    assert outcomes["done"] == 4
    assert ledger.discrepancies() == []


def test_the_same_award_at_once_is_one_entry(app):
    builders.crossing()
    actor = builders.volunteer()
    db.session.remove()
    give = lambda: points.award(actor, actor.person_id, minutes=60, role="guide", source="hours:1", words="服务", day=clock.today())  # noqa: E731
    assert at_once(app, [give] * 8) == {"done": 8}
    assert ledger.balance_of(actor.person_id) == 10


def beside(app, begun: Callable[[], object], deed: Callable[[], object], ended: Callable[[], object]) -> str:
    """What becomes of a deed that comes while another holds what `begun` took, and ends only then: it waits, and both end well."""
    outcome: list[str] = []

    def work() -> None:
        with app.app_context():
            try:
                with transaction():
                    deed()
                outcome.append("done")
            except Exception as error:
                outcome.append(f"{type(error).__name__}: {error}"[:200])
            finally:
                db.session.remove()

    other = threading.Thread(target=work)
    with transaction():
        begun()
        other.start()
        while not db.session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())")):
            assert other.is_alive(), outcome
        ended()
    other.join()
    return outcome[0]


@pytest.fixture
def postgresql(engine_name):
    if engine_name != "postgresql":
        pytest.skip("SQLite has one writer: nobody waits for anybody inside a transaction")


def test_settling_and_exchanging_at_once_do_not_wait_for_each_other(postgresql, app):
    zebra = builders.crossing()
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        umbrella = goods.offer_good(zebra.organiser, db.session.merge(zebra.town.line[3]), name="雨伞", donor="百货", counter="服务台", points=10, count=4).id
        points.award(zebra.organiser, actor.person_id, minutes=60, role="guide", source="test:1", words="服务", day=clock.today())
        row = signing.sign_up(actor, shift.id, has_read_briefing=True).id
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    clock.advance(timedelta(days=9))
    exchange = lambda: goods.redeem(actor, umbrella, request="a")  # noqa: E731
    assert beside(app, lambda: points.balance_held(actor.person_id), counting.settle_due, exchange) == "done"
    assert ledger.balance_of(actor.person_id) == 15
    assert ledger.discrepancies() == hours.discrepancies() == []


def test_asking_the_first_in_line_and_their_leaving_it_do_not_wait_for_each_other(postgresql, app):
    zebra = builders.crossing(most=1)
    shift = zebra.shifts()[6]
    giver, first = crowd(2)
    with transaction():
        place = signing.sign_up(giver, shift.id, has_read_briefing=True).id
        turn = signing.sign_up(first, shift.id, has_read_briefing=True, wants_to_wait=True).id
    assert beside(app, lambda: signing.shift_held(shift.id), lambda: offers.withdraw(first, turn), lambda: handing.hand_over(giver, place)) == "done"
    assert db.session.get(SignUp, turn).status is SignUpStatus.WITHDRAWN
    assert hours.discrepancies() == []


def test_the_same_certificate_asked_for_at_once_is_one(postgresql, app):
    zebra = builders.crossing()
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True).id
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row, direction)
    builders.settled(shift)
    day = shift.day
    issue = lambda: certificates.issue(actor, first=day, last=day)  # noqa: E731
    assert beside(app, issue, issue, lambda: None) == "done"
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 1
