"""Lists longer than a page: each says how many more there are, and one tap shows them all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.kiosk.queries import devices
from civic.volunteering.actions import attesting, counting, events, scheduling
from civic.volunteering.desk import hours as desk
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.queries import flags, hours, shifts
from civic.volunteering.states import ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.tablets import place


@pytest.fixture
def zebra(app):
    found = builders.crossing(most=4)
    with transaction():
        builders.account(Role.ORGANISER, found.town.line[3], email="organiser@civic.example")
    return found


def left_out(client, address: str, count: int) -> tuple[str, str]:
    """(the page, the page with everything): the first says how many are missing and leads to the second."""
    page = client.get(address)
    words = client.words(page)
    assert f"还有 {count} 条没列出来" in words, words
    assert "all=1" in page.text
    everything = client.get(address + ("&" if "?" in address else "?") + "all=1")
    assert "没列出来" not in everything.text
    return page.text, everything.text


def test_the_days_of_an_event_are_all_to_be_seen_by_the_public_and_at_the_desk(client, zebra, monkeypatch):
    monkeypatch.setattr(shifts, "DAYS", 3)
    monkeypatch.setattr(shifts, "DAYS_AT_DESK", 4)
    days = {shift.day for shift in zebra.shifts()}
    last = f"day={max(days)}"
    public, whole = left_out(client, f"/volunteering/events/{zebra.event_id}", len(days) - 3)
    assert last not in public
    assert last in whole
    assert f"{len(days)} 天有班次" in client.words(client.get(f"/volunteering/events/{zebra.event_id}"))
    client.sign_in("organiser@civic.example")
    at_desk, whole = left_out(client, f"/volunteering/desk/events/{zebra.event_id}", len(days) - 4)
    assert last not in at_desk
    assert last in whole


def test_whoever_leads_many_shifts_sees_how_many_more(client, zebra, monkeypatch):
    monkeypatch.setattr(shifts, "LED", 1)
    leader = builders.identity.actor_of(zebra.leader)
    led = len(shifts.led_by(leader, limit=99))
    assert led > 1
    user = db.session.merge(zebra.leader)
    client.sign_in(user.phone or user.email)
    page, whole = left_out(client, "/volunteering/lists", led - 1)
    assert (page.count("/volunteering/lists/"), whole.count("/volunteering/lists/")) == (1, led)


def test_the_select_of_a_new_kiosk_says_which_events_it_leaves_out_and_takes_them_when_all_are_shown(client, zebra, monkeypatch):
    monkeypatch.setattr(devices, "EVENTS", 1)
    organiser = zebra.organiser
    with transaction():
        old = db.session.scalars(select(Shift)).first().event
        new = events.begin(organiser, old.team, zebra.town.line[2], builders.details_of(old.id, name="晚上的路口"))
        events.add_post(organiser, new.id, name="南门")
        day = max(shift.day for shift in zebra.shifts())
        pattern = events.CROSSING_HOURS[0]
        scheduling.add_pattern(organiser, new.id, name=pattern[0], starts=pattern[1], ends=pattern[2], least=1, normal=2, most=2)
        scheduling.generate(organiser, new.id, first=day, last=day)
        events.publish(organiser, new.id)
        number = old.id
    client.sign_in("organiser@civic.example")
    page, whole = left_out(client, "/kiosk/desk/new", 1)
    assert f'value="event:{number}"' not in page
    assert f'value="event:{number}"' in whole
    until = (clock.local(clock.now())).date()
    answer = client.post("/kiosk/desk/new?all=1", data={"name": "一号", "thing": f"event:{number}", "until": f"{until}"})
    assert answer.status_code == 303, client.words(answer)


def test_those_who_missed_a_shift_are_all_to_be_seen(client, zebra, monkeypatch):
    monkeypatch.setattr(hours, "MISSED", 1)
    people = [builders.volunteer(name).person_id for name in ("孙一", "孙二", "孙三")]
    with transaction():
        shift = db.session.get_one(Shift, zebra.shifts()[0].id)
        shift.status = ShiftStatus.COUNTED
        for person in people:
            db.session.add(SignUp(shift_id=shift.id, person_id=person, status=SignUpStatus.MISSED, starts_at=shift.starts_at, ends_at=shift.ends_at, at=clock.now()))
    client.sign_in("organiser@civic.example")
    page, whole = left_out(client, "/volunteering/desk/hours", 2)
    assert sum(name in page for name in ("孙一", "孙二", "孙三")) == 1
    assert all(name in whole for name in ("孙一", "孙二", "孙三"))


def test_flags_and_the_times_they_counted_are_all_to_be_seen_and_too_many_to_count_is_said(client, zebra, monkeypatch):
    monkeypatch.setattr(desk, "FLAGS_SHOWN", 1)
    monkeypatch.setattr(flags, "TIMES", 4)
    shift = zebra.shifts()[0]
    with transaction():
        other = builders.account(Role.ORGANISER, zebra.town.line[3], name="鲁大海", email="lu@civic.example")
        scheduling.resize(zebra.organiser, shift.id, most=12)
    second = builders.identity.actor_of(other)
    rows = [place(builders.volunteer(), shift.id) for _ in range(11)]
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    for row in rows:
        with transaction():
            asked = attesting.request_attestation(zebra.organiser, row, minutes=60, evidence="全队合影里有他").id
        with transaction():
            attesting.decide_attestation(second, asked, confirms=True)
    client.sign_in("organiser@civic.example")
    page, whole = left_out(client, "/volunteering/desk/flags", 1)
    keys = {flag.key for flag in flags.flags([zebra.town.line[3].path])}
    assert len(keys) == 2
    assert sum(f'id="{key}"' in page for key in keys) == 1
    assert all(f'id="{key}"' in whole for key in keys)
    for key in keys:
        page, whole = left_out(client, f"/volunteering/desk/flags/{key}", 7)
        assert (page.count("全队合影里有他"), whole.count("全队合影里有他")) == (4, 11)
    assert "没有数进来" not in client.get("/volunteering/desk/flags").text
    monkeypatch.setattr(flags, "READ_MOST", 9)
    assert "还有 2 条更早的没有数进来" in client.words(client.get("/volunteering/desk/flags"))
