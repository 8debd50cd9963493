"""Inputs that people reported of other software, each answered as it should be; the rest of them stand in the modules of their nouns."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.identity.permissions import MACHINE
from civic.points.actions import entries, goods
from civic.volunteering.actions import attendance, certificates, counting, events, scheduling, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Event, Risk
from tests.support import builders


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3, risk=Risk.OUTDOOR)


def organiser(client, zebra):
    client.sign_in(db.session.get_one(User, zebra.organiser.user_id).phone)
    return client


def wide(words: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if mark.isalnum() or mark == "-" else mark for mark in words)


def test_a_window_that_never_opens_is_told_at_its_field_when_the_event_is_to_be_published(zebra, client):
    with transaction():
        team = db.session.get_one(Event, zebra.event_id).team
        draft = events.begin(zebra.organiser, team, db.session.merge(zebra.town.line[3]), builders.details_of(zebra.event_id, opens_days=1, closes_hours=48)).id
        events.add_post(zebra.organiser, draft, name="东门")
        scheduling.add_pattern(zebra.organiser, draft, name="", starts=time(9), ends=time(10))
        scheduling.generate(zebra.organiser, draft, first=clock.today() + timedelta(days=5), last=clock.today() + timedelta(days=9))
    organiser(client, zebra).get(f"/volunteering/desk/events/{draft}")
    answer = client.post(f"/volunteering/desk/events/{draft}/publication")
    assert answer.status_code == 422
    assert "截止早于开始，谁也报不上" in client.words(answer)


def test_a_certificates_number_is_found_as_people_type_it(zebra, client):
    actor, shift = builders.volunteer("黄素芬", email="huang@civic.example"), zebra.shifts()[0]
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        row = signing.sign_up(actor, shift.id).id
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    with transaction():
        number = certificates.issue(actor, first=shift.day, last=clock.today()).number
    client.get("/volunteering/verify")
    for typed in (number, wide(number), number.replace("-", ""), number.replace("-", " "), number.replace("-", "—"), number.lower(), f" {number} "):
        answer = client.post("/volunteering/verify", data={"number": typed})
        assert answer.status_code == 303
        assert client.get(answer.headers["Location"]).status_code == 200, typed


def test_a_pick_up_code_is_found_in_any_width(zebra, client):
    actor = builders.volunteer("黄素芬")
    with transaction():
        entries.award(MACHINE, actor.person_id, minutes=60, role="guide", source="hours:1", words="服务", day=clock.today())
        good = goods.offer_good(zebra.organiser, db.session.merge(zebra.town.line[3]), name="手帕", donor="便民超市", counter="服务台", points=1, count=5).id
        code = goods.redeem(actor, good, request="a").code
    organiser(client, zebra).get("/points/desk/counter")
    for typed in (code, wide(code), f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"):
        answer = client.post("/points/desk/counter", data={"code": typed})
        assert answer.status_code == 200, typed
        assert "手帕" in client.words(answer)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "²", "", "2026-02-30"])
def test_a_day_nobody_lives_in_is_today(zebra, client, day):
    assert client.get(f"/volunteering/events/{zebra.event_id}?day={day}").status_code == 200
    assert organiser(client, zebra).get(f"/volunteering/desk/events/{zebra.event_id}?day={day}").status_code == 200


@pytest.mark.parametrize("number", ["99999999999999999999", "9223372036854775808", "0", "²"])
def test_a_number_no_row_can_have_is_not_found(zebra, client, number):
    organiser(client, zebra)
    for address in (
        f"/volunteering/events/{number}", f"/points/redemptions/{number}", f"/volunteering/lists/{number}", f"/volunteering/desk/events/{number}",
        f"/points/desk/goods/{number}", f"/volunteering/board/{number}",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("deed", ["rain", "restoration"])
@pytest.mark.parametrize("day", [None, "", "明天", "2026-13-40", "9999-12-31"])
def test_a_day_is_called_off_or_held_only_where_one_is_said(zebra, client, deed, day):
    organiser(client, zebra).get(f"/volunteering/desk/events/{zebra.event_id}")
    data = {"rain-reason": "大雨"} | ({} if day is None else {"day": day})
    assert client.post(f"/volunteering/desk/events/{zebra.event_id}/{deed}", data=data).status_code == 422


@pytest.mark.parametrize("shift", ["²", "9" * 23, "①", "-1", "1e3", ""])
def test_a_shift_that_is_no_number_is_refused_with_a_sentence(zebra, client, shift):
    actor = builders.volunteer("黄素芬")
    client.sign_in(db.session.get_one(User, actor.user_id).phone)
    client.get(f"/volunteering/events/{zebra.event_id}")
    answer = client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift})
    assert answer.status_code == 422
    assert "请先选一个班次" in client.words(answer)
    assert db.session.scalars(select(Event)).first() is not None
