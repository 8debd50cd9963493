"""Tablets, desks and volunteers at the same moment: one punch, one row for each scan, and the same answer to everybody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.identity.rules import phone_digest
from civic.kiosk.actions import deciding, enrolling
from civic.kiosk.models.devices import Kiosk
from civic.kiosk.models.scans import Scan
from civic.kiosk.states import Decision, Scope
from civic.volunteering.actions import attendance, cancelling, counting, offers
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours
from civic.volunteering.states import ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.tablets import machine, place, tablet


@pytest.fixture
def zebra(app):
    return builders.crossing(most=6)


@pytest.fixture
def first(app, zebra):
    return tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)


@pytest.fixture
def times(engine_name):
    """How many at once; SQLite's writers stand in line anyway."""
    return 8 if engine_name == "postgresql" else 3


def at_once(app, deeds: list[Callable[[], object]]) -> list[object]:
    """What each deed gave back, all begun at the same moment; a refusal gives its code."""
    outcomes: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))
    db.session.rollback()

    def work(at: int, deed: Callable[[], object]) -> None:
        start.wait()
        with app.app_context():
            try:
                outcomes[at] = deed()
            except DomainError as refusal:
                outcomes[at] = refusal.code
            finally:
                db.session.remove()

    running = [threading.Thread(target=work, args=pair) for pair in enumerate(deeds)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return outcomes


def in_transaction(deed: Callable[[], object]) -> Callable[[], object]:
    def work() -> str:
        with transaction():
            deed()
        return "done"

    return work


def live(row):
    return db.session.scalar(select(func.count()).select_from(Punch).where(Punch.sign_up_id == row, Punch.is_live))


def test_the_same_scan_at_once_is_one_row_and_one_answer(app, zebra, first, times):
    shift = zebra.shifts()[0]
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.starts_at)
    known, stray = first.scan(row), first.scan(code="6901234567892")
    outcomes = at_once(app, [lambda: tuple(first.upload(known, stray)) for _ in range(times)])
    assert set(outcomes) == {("in", "unknown_code")}
    assert live(row) == 1
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 2


def test_two_kiosks_at_once_make_one_punch_and_decisions_of_the_rest(app, zebra, first, times):
    shift = zebra.shifts()[0]
    row = place(builders.volunteer(), shift.id)
    doors = [first, *(tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name=f"第{n}台") for n in range(2, times + 1))]
    clock.freeze(shift.starts_at)
    scans = [door.scan(row, at=shift.starts_at - timedelta(seconds=n)) for n, door in enumerate(doors)]
    outcomes = at_once(app, [lambda d=door, s=scan: d.upload(s)[0] for door, scan in zip(doors, scans, strict=True)])
    assert Counter(outcomes) == {"in": 1, "second_kiosk": times - 1}
    assert live(row) == 1


def test_batches_in_opposite_order_do_not_stand_in_each_others_way(app, zebra, first, times):
    shift = zebra.shifts()[0]
    rows = [place(builders.volunteer(), shift.id) for _ in range(5)]
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    clock.freeze(shift.starts_at)
    one, two = [first.scan(row) for row in rows], [second.scan(row, at=clock.now() - timedelta(seconds=9)) for row in reversed(rows)]
    outcomes = at_once(app, [lambda: first.upload(*one), lambda: second.upload(*two)] * (times // 2 or 1))
    assert not [o for o in outcomes if isinstance(o, str)]
    assert all(live(row) == 1 for row in rows)


def test_a_scan_while_the_place_is_given_up(app, zebra, first):
    shift = zebra.shifts()[0]
    actor = builders.volunteer()
    row = place(actor, shift.id)
    clock.freeze(shift.starts_at - timedelta(hours=1))
    scan = first.scan(row)
    outcomes = at_once(app, [lambda: first.upload(scan)[0], in_transaction(lambda: offers.withdraw(zebra.organiser, row))])
    status = db.session.get(SignUp, row).status
    assert outcomes in (["in", "done"], ["not_signed_up", "done"])
    assert status is SignUpStatus.WITHDRAWN
    assert hours.discrepancies() == []


def test_a_scan_while_the_shift_is_called_off(app, zebra, first):
    shift = zebra.shifts()[0]
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.starts_at + timedelta(minutes=30))
    scan = first.scan(row, at=shift.starts_at)
    outcomes = at_once(app, [lambda: first.upload(scan)[0], in_transaction(lambda: cancelling.cancel_shift(zebra.organiser, shift.id, reason="下雨"))])
    status = db.session.get(SignUp, row).status
    # Either they came first and keep the time, or the desk decides.
    assert (outcomes[0], status) in (("in", SignUpStatus.CAME), ("cancelled", SignUpStatus.CANCELLED))
    assert (db.session.scalar(select(func.count()).select_from(Hours)) == 1) is (status is SignUpStatus.CAME)


def test_a_scan_while_the_shift_is_counted(app, zebra, first, times):
    shift = zebra.shifts()[0]
    rows = [place(builders.volunteer(), shift.id) for _ in range(times // 2 or 1)]
    scans = [(first.scan(row, at=shift.starts_at), first.scan(row, "out", at=shift.ends_at)) for row in rows]
    clock.freeze(shift.ends_at + timedelta(minutes=40))
    outcomes = at_once(app, [*(lambda s=pair: tuple(first.upload(*s)) for pair in scans), in_transaction(counting.count_ended)])
    assert outcomes == [("in", "out")] * len(rows) + ["done"]
    for row in rows:
        assert db.session.get(SignUp, row).status is SignUpStatus.CAME
    assert db.session.scalars(select(Hours.minutes)).all() == [90] * len(rows)
    assert db.session.get(Shift, shift.id).status is ShiftStatus.COUNTED
    assert hours.discrepancies() == []


def test_a_leader_ticks_while_the_tablet_uploads(app, zebra, first):
    shift = zebra.shifts()[0]
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.starts_at)
    leader = builders.identity.actor_of(zebra.leader)
    scan = first.scan(row, at=clock.now() - timedelta(minutes=1))
    outcomes = at_once(app, [lambda: first.upload(scan)[0], in_transaction(lambda: attendance.tick(leader, row, Direction.IN))])
    assert outcomes[0] in ("in", "second_kiosk")
    assert live(row) == 1


def test_one_of_two_desks_decides(app, zebra, first, times):
    assert first.upload(first.scan(code="6901234567892")) == ["unknown_code"]
    number = db.session.scalars(select(Scan.id)).one()
    with transaction():
        user = builders.account(Role.ORGANISER, zebra.town.line[3])
    actors = [zebra.organiser, builders.identity.actor_of(user)] * (times // 2 or 1)
    outcomes = at_once(app, [in_transaction(lambda a=actor: deciding.decide(a, number, Decision.DROP)) for actor in actors])
    assert Counter(outcomes) == {"done": 1, "decided_already": len(actors) - 1}


def test_a_pairing_code_is_taken_once(app, zebra, times):
    with transaction():
        kiosk = enrolling.found(zebra.organiser, name="路口", place="", scope=Scope.EVENT, thing_id=zebra.event_id, until=clock.now() + timedelta(days=9), pin="2468")
        _, code = enrolling.open_pairing(zebra.organiser, kiosk.id)
    asked = {"code": code, "app": "1", "name": "Chromium 156"}
    outcomes = at_once(app, [lambda: machine(app).post("/api/kiosk/v1/pair", json=asked).status_code for _ in range(times)])
    assert Counter(outcomes) == {201: 1, 409: times - 1}
    assert db.session.get(Kiosk, kiosk.id).paired_at is not None


def test_the_same_walk_in_at_once_is_one_person(app, zebra, first, times):
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at)
    asked = {"scan_id": "w1", "shift": shift.id, "name": "季春生", "phone": "13812344821", "birth_date": "1960-05-01", "has_read_briefing": True, "at": "2026-07-16T23:30:00Z", "offset": 0.0}
    outcomes = at_once(app, [lambda: first.ask("POST", "walk-ins", json=asked).json["code"] for _ in range(times)])
    assert set(outcomes) == {"in"}
    assert db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift.id)) == 1


def walked_in(devices, shift, names):
    """Everybody of `names` walks in with one phone, at devices in turn, at the same moment."""
    asked = [
        {"scan_id": f"w{n}", "shift": shift.id, "name": name, "phone": "13812344821", "birth_date": "1960-05-01", "has_read_briefing": True, "at": "2026-07-16T23:30:00Z", "offset": 0.0}
        for n, name in enumerate(names)
    ]  # fmt: skip
    return [lambda d=device, a=each: d.ask("POST", "walk-ins", json=a).json["code"] for device, each in zip(cycle(devices), asked, strict=False)]


def with_the_phone():
    return db.session.scalars(select(Person).where(Person.phone_digest == phone_digest("13812344821")).order_by(Person.id)).all()


def test_one_phone_at_two_kiosks_at_once_is_one_person(app, zebra, first, times):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at)
    outcomes = at_once(app, walked_in([first, second], shift, ["季春生"] * times))
    assert Counter(outcomes) == {"in": 1, "again": times - 1}
    assert [p.is_guest for p in with_the_phone()] == [True]
    assert db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift.id)) == 1
    assert db.session.scalar(select(func.count()).select_from(Volunteer).where(Volunteer.person_id == with_the_phone()[0].id)) == 1


def test_two_names_with_one_phone_at_once_are_one_person_and_one_who_is_told(app, zebra, first, times):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at)
    outcomes = Counter(at_once(app, walked_in([first, second], shift, ["季春生", "季大海"] * (times // 2 or 1))))
    assert outcomes["in"] == 1
    assert outcomes["phone_of_other"] >= 1
    assert len(with_the_phone()) == 1


def test_a_household_that_shares_a_phone_is_told_apart_by_name(app, zebra, first, times):
    """Both are known, by a nomination say: each is found by name, registered once however many ask at once."""
    with transaction():
        for name in ("季春生", "季大海"):
            db.session.add(Person(name=name, normal_name=name, phone="13812344821", phone_digest=phone_digest("13812344821"), created_at=clock.now()))
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at)
    outcomes = at_once(app, walked_in([first], shift, ["季大海", "季大海", "季春生"]))
    assert Counter(outcomes) == {"in": 2, "again": 1}
    assert [p.name for p in with_the_phone()] == ["季春生", "季大海"]
    assert db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift.id)) == 2
