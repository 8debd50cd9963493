"""Around midnight: an hour that somebody names of a shift that crosses it is a moment of that shift, on whichever day it lies."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.kiosk import rules
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import devices
from civic.kiosk.states import Scope
from civic.volunteering.actions import scheduling
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import Pattern, Risk, SignUp
from civic.volunteering.states import Rhythm
from tests.support import builders
from tests.support.tablets import place, tablet


@pytest.fixture
def night(app):
    """A crossing's town with an event of one shift only, from 22:00 to 2:00 in three days."""
    found = builders.crossing(risk=Risk.OUTDOOR)
    day = clock.today() + timedelta(days=3)
    with transaction():
        for pattern in db.session.scalars(select(Pattern)).all():
            scheduling.end_pattern(found.organiser, pattern.id)
        scheduling.add_pattern(found.organiser, found.event_id, name="", rhythm=Rhythm.DAILY, starts=time(22), ends=time(2), least=1, normal=2, most=2)
        scheduling.generate(found.organiser, found.event_id, first=day, last=day)
        builders.account(Role.ORGANISER, found.town.line[3], email="organiser@civic.example")
    return found


def hour(number: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 7, day, number, minute, tzinfo=clock.zone())


@pytest.mark.parametrize(
    ("starts", "ends", "scan", "said", "meant"),
    [
        (hour(22), hour(2, day=17), hour(1, 50, day=17), time(22, 5), hour(22, 5)),
        (hour(22), hour(2, day=17), hour(0, 1, day=17), time(21, 55), hour(21, 55)),
        (hour(22), hour(2, day=17), hour(21, 58), time(0, 30), hour(0, 30, day=17)),
        (hour(22), hour(2, day=17), hour(23, 50), time(2, 10), hour(2, 10, day=17)),
        (hour(22), hour(2, day=17), hour(23), time(0), hour(0, day=17)),
        (hour(20), hour(0, day=17), hour(20), time(0), hour(0, day=17)),
        (hour(20), hour(23, 30), hour(0, 20, day=17), time(23, 30), hour(23, 30)),
        (hour(0, 30), hour(4), hour(23, 50, day=15), time(0, 30), hour(0, 30)),
        (hour(0, 30), hour(4), hour(0, 40), time(23, 55), hour(23, 55, day=15)),
        (hour(7, 30), hour(9), hour(9), time(7, 20), hour(7, 20)),
        (hour(7, 30), hour(9), hour(7, 30), time(9, 40), hour(9, 40)),
        (hour(7, 30), hour(9), hour(7, 30), time(23), hour(23)),
    ],
)
def test_an_hour_means_the_moment_that_lies_in_the_shift_or_nearest_to_it(app, starts, ends, scan, said, meant):
    assert rules.moment_of(said, clock.zone(), starts, ends, scan) == meant


def decided_at(client, night, scan_code: str, at: str, **more) -> list[tuple[Direction, str]]:
    """Somebody decides three hours after the end; what counts then."""
    (shift,) = night.shifts()
    clock.freeze(shift.ends_at + timedelta(hours=3))
    db.session.rollback()
    number = db.session.scalars(select(Scan.id).where(Scan.code == scan_code)).one()
    client.sign_in("organiser@civic.example")
    answer = client.confirm(f"/kiosk/desk/conflicts/{number}/count_at", data={"at": at, "reason": "我看见的", **more})
    assert answer.status_code == 303, client.words(answer)
    db.session.rollback()
    return [(p.direction, p.at) for p in db.session.scalars(select(Punch).where(Punch.is_live).order_by(Punch.at))]


def test_who_went_after_midnight_came_on_the_evening_before(app, client, night):
    device = tablet(app, night.organiser, Scope.EVENT, night.event_id)
    (shift,) = night.shifts()
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.ends_at)
    assert device.upload(device.scan(row, "out")) == ["out_first"]
    came, gone = shift.starts_at + timedelta(minutes=5), shift.ends_at
    assert decided_at(client, night, "out_first", "22:05") == [(Direction.IN, came), (Direction.OUT, gone)]


def test_who_had_no_place_is_counted_on_the_night_of_the_shift_that_was_chosen(app, client, night):
    device = tablet(app, night.organiser, Scope.EVENT, night.event_id)
    (shift,) = night.shifts()
    alias = devices.alias_of(builders.volunteer("黄桂芬").person_id, night.event_id)
    clock.freeze(shift.starts_at + timedelta(hours=3))
    assert device.upload(device.scan(alias=alias, event=night.event_id)) == ["not_signed_up"]
    assert decided_at(client, night, "not_signed_up", "22:00", shift=shift.id) == [(Direction.IN, shift.starts_at)]


def test_a_code_that_nobody_knew_is_counted_on_the_night_of_the_place_that_was_chosen(app, client, night):
    device = tablet(app, night.organiser, Scope.EVENT, night.event_id)
    (shift,) = night.shifts()
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.starts_at + timedelta(hours=3))
    assert device.upload(device.scan(code="6901234567892", way="wedge")) == ["unknown_code"]
    assert db.session.get_one(SignUp, row).shift_id == shift.id
    assert decided_at(client, night, "unknown_code", "22:10", place_id=row) == [(Direction.IN, shift.starts_at + timedelta(minutes=10))]
