"""The leader's word on who did not sign out, on a phone and at the desk; and what was typed there is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.volunteering.actions import attendance, counting, signing
from civic.volunteering.models.attendance import Direction, Hours
from civic.volunteering.models.events import SignUp
from tests.support import builders


@pytest.fixture
def counted(app):
    """(crossing, shift, hours of one who did not sign out, place of one who missed it)."""
    zebra = builders.crossing(most=3)
    shift, huang, wei = zebra.shifts()[0], builders.volunteer("黄素芬"), builders.volunteer("魏建国")
    with transaction():
        came = signing.sign_up(huang, shift.id, has_read_briefing=True).id
        missed = signing.sign_up(wei, shift.id, has_read_briefing=True).id
    clock.freeze(shift.starts_at)
    with transaction():
        attendance.tick(builders.identity.actor_of(db.session.merge(zebra.leader)), came, Direction.IN)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    return zebra, shift, db.session.scalars(select(Hours)).one().id, missed


def minutes(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Hours, row).minutes


def test_a_leader_says_on_the_phone_that_somebody_stayed(counted, client):
    zebra, shift, row, _missed = counted
    client.sign_in(db.session.merge(zebra.leader).phone)
    address = f"/volunteering/lists/{shift.id}"
    assert "没有签退，先记一半" in client.words(client.get(address))
    assert client.post(f"/volunteering/lists/{zebra.shifts()[1].id}/stayed/{row}").status_code == 404
    assert client.post(f"{address}/stayed/{row}").status_code == 303
    assert minutes(row) == 90
    assert f"stayed/{row}" not in client.get(address).text


def test_a_stranger_says_nothing(counted, client):
    _zebra, shift, row, _missed = counted
    client.sign_in(db.session.get(User, builders.volunteer().user_id).phone)
    assert client.post(f"/volunteering/lists/{shift.id}/stayed/{row}").status_code == 404
    assert minutes(row) == 45


def test_what_was_typed_at_the_desk_of_hours_is_not_lost(counted, client):
    zebra, _shift, row, missed = counted
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    client.get("/volunteering/desk/hours")
    text = client.post(f"/volunteering/desk/hours/{row}/word", data={"minutes": "999", "answer": "问过交警，他 8 点 40 分走的"}).text
    assert 'value="问过交警，他 8 点 40 分走的"' in text
    assert 'href="#minutes"' in text
    assert 'id="minutes"' in text
    text = client.post(f"/volunteering/desk/missed/{missed}/attestation", data={"minutes": "60", "evidence": "有"}).text
    assert 'value="60"' in text
    assert 'id="evidence"' in text
    assert db.session.get(SignUp, missed) is not None
