"""The city's own days: deadlines that span a changed day move by exactly one working day, and back again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from civic.core import calendar, clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.permissions import Role
from civic.identity.queries import actor_of
from civic.nominations.actions import calendars
from civic.nominations.models.cases import Nomination
from tests.support import builders

# The clock stands at Thursday 2026-07-16; a stairwell has three working days: Friday, Monday, Tuesday.
MONDAY, SATURDAY = date(2026, 7, 20), date(2026, 7, 18)


@pytest.fixture
def town(app):
    return builders.city()


def admin(town):
    with transaction():
        return actor_of(builders.account(Role.CITY_ADMIN, town.line[5]))


def due(case):
    db.session.rollback()
    db.session.expire_all()
    return clock.local(db.session.get(Nomination, case).due_at).date()


def test_a_day_off_gives_everybody_who_waits_over_it_a_day_more(town):
    early = builders.voice(town.line[1]).nomination_id
    path, boss = town.line[5].path, admin(town)
    assert due(early) == date(2026, 7, 21)
    with transaction():
        assert calendars.set_day(boss, MONDAY, is_working=False, name="台风停工", city_path=path) == 1
    assert due(early) == date(2026, 7, 22)
    # What arrives now is counted by the new calendar from the start.
    late = builders.voice(town.line[1], nominee_name="韩大川").nomination_id
    assert due(late) == date(2026, 7, 22)
    with transaction():
        assert calendars.forget_day(boss, MONDAY, city_path=path) == 2
    assert (due(early), due(late)) == (date(2026, 7, 21), date(2026, 7, 21))


def test_a_worked_saturday_takes_a_day_away(town):
    case, boss = builders.voice(town.line[1]).nomination_id, admin(town)
    with transaction():
        calendars.set_day(boss, SATURDAY, is_working=True, name="调休上班", city_path=town.line[5].path)
    assert due(case) == MONDAY


def test_what_already_agrees_moves_nothing_and_the_past_stays(town):
    builders.voice(town.line[1])
    boss, path = admin(town), town.line[5].path
    with transaction():
        assert calendars.set_day(boss, SATURDAY, is_working=False, name="本来就休息", city_path=path) == 0
    for day in (clock.today(), clock.today() - timedelta(days=1)):
        with pytest.raises(DomainError) as caught, transaction():
            calendars.set_day(boss, day, is_working=False, name="过去了", city_path=path)
        assert caught.value.code == "day_past"
    with pytest.raises(DomainError), transaction():
        calendars.set_day(town.actor(2), MONDAY, is_working=False, name="社区想放假", city_path=path)


def test_the_city_keeps_its_days_on_a_page(town, client):
    with transaction():
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
    client.sign_in("admin@civic.example", builders.PASSWORD)
    assert client.post("/nominations/desk/calendar", data={"day": "2026-07-20", "is_working": "no", "name": ""}).status_code == 422
    assert client.post("/nominations/desk/calendar", data={"day": "2026-07-20", "is_working": "no", "name": "台风停工"}).status_code == 303
    assert "台风停工" in client.get("/nominations/desk/calendar").text
    assert not calendar.is_working_day(MONDAY)
    assert client.post("/nominations/desk/calendar/2026-07-20/removal").status_code == 303
    assert client.post("/nominations/desk/calendar/nonsense/removal").status_code == 404
    assert calendar.is_working_day(MONDAY)
