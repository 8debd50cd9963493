"""Final hours that were wrong are taken back on the list itself, with a reason, and the volunteer hears of it and reads why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.outbox.delivery import read
from civic.outbox.models import Message
from civic.points import queries as points
from civic.volunteering.actions import attendance, signing
from civic.volunteering.models.attendance import Direction, Hours
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours
from tests.support import builders


@pytest.fixture
def settled(app):
    """(crossing, volunteer, shift, final hours) of somebody who served ninety minutes."""
    zebra, actor = builders.crossing(most=2), builders.volunteer("黄素芬", email="huang@civic.example")
    shift = zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True).id
    for direction, at in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(at)
        with transaction():
            attendance.tick(builders.identity.actor_of(db.session.merge(zebra.leader)), row, direction)
    builders.settled(shift)
    return zebra, actor, shift, db.session.scalars(select(Hours)).one().id


def test_on_the_list_final_hours_are_taken_back_with_a_reason(settled, client):
    zebra, actor, shift, row = settled
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    address = f"/volunteering/lists/{shift.id}"
    words = client.words(client.get(address))
    assert "90 分钟" in words
    assert "冲回" in words
    assert client.post(f"{address}/reversal/{row}", data={"reason": ""}).status_code == 422
    assert "请写明原因" in client.words(client.post(f"{address}/reversal/{row}", data={"reason": ""}))
    assert client.post(f"{address}/reversal/{row}", data={"reason": "点错了人，来的是她妹妹"}).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get(Volunteer, actor.person_id).verified_minutes == 0
    assert points.balance_of(actor.person_id) == 0
    assert hours.discrepancies() == []
    words = client.words(client.get(address))
    assert "冲回了" in words
    assert f"reversal/{row}" not in client.get(address).text
    letter = db.session.scalars(select(Message).where(Message.kind == "hours_reversed")).one()
    _address, subject, body = read(letter)
    assert "时长" in subject
    assert "来的是她妹妹" in body
    client.post("/identity/sign_out")
    client.sign_in("huang@civic.example")
    assert "来的是她妹妹" in client.words(client.get("/volunteering/hours"))


def test_a_leader_sees_the_minutes_and_takes_nothing_back(settled, client):
    zebra, _actor, shift, row = settled
    client.sign_in(db.session.merge(zebra.leader).phone)
    text = client.get(f"/volunteering/lists/{shift.id}").text
    assert "90 分钟" in text
    assert "reversal" not in text
    # Who went again had come; and what can no longer be typed in is not offered.
    assert "到了 1 人" in text
    assert "录纸签到表" not in text
    assert client.post(f"/volunteering/lists/{shift.id}/reversal/{row}", data={"reason": "点错了"}).status_code == 403


def test_hours_of_another_list_are_not_reached_through_this_one(settled, client):
    zebra, _actor, _shift, row = settled
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    assert client.post(f"/volunteering/lists/{zebra.shifts()[1].id}/reversal/{row}", data={"reason": "点错了"}).status_code == 404
