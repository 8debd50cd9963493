"""What a child or an elder of the household served is seen, objected to, appealed and certified by who signs them up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.volunteering.actions import attendance, counting, people, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import SignUp
from civic.volunteering.queries import hours
from tests.support import builders


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3)


@pytest.fixture
def mother(zebra):
    return builders.volunteer("季春生")


@pytest.fixture
def son(mother):
    with transaction():
        return people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id


def serve(zebra, mother, son, *, comes=True):
    shift = zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(mother, shift.id, person_id=son, has_read_briefing=True).id
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    for direction, at in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)) if comes else ():
        clock.freeze(at)
        with transaction():
            attendance.tick(leader, row, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    return row


def signed_in(client, actor):
    client.sign_in(db.session.get(User, actor.user_id).phone)


def test_a_mother_sees_objects_to_and_certifies_her_sons_hours(zebra, mother, son, client):
    serve(zebra, mother, son)
    signed_in(client, mother)
    words = client.words(client.get("/volunteering/hours"))
    assert "季小满" in words
    assert "90 分钟" not in words
    words = client.words(client.get(f"/volunteering/hours?of={son}"))
    assert "90 分钟" in words
    draft = hours.hours_of(son).items[0].id
    assert client.post(f"/volunteering/hours/{draft}/objection", data={"words": ""}).status_code == 422
    answer = client.post(f"/volunteering/hours/{draft}/objection", data={"words": "他待到了 9 点半"})
    assert answer.location.endswith(f"/volunteering/hours?of={son}")
    with transaction():
        counting.settle_word(builders.identity.actor_of(db.session.merge(zebra.leader)), draft, answer="核对过了")
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    today = clock.today()
    asked = {"first": today - timedelta(days=30), "last": today}
    assert client.post("/volunteering/hours/certificate", data=asked).status_code == 409
    answer = client.post(f"/volunteering/hours/certificate?of={son}", data=asked)
    assert answer.status_code == 303
    db.session.rollback()
    certificate = hours.certificates_of(son)[0]
    assert certificate.person_id == son
    assert client.get(f"/volunteering/certificates/{certificate.number}.pdf").status_code == 200


def test_a_stranger_sees_nothing_of_it(zebra, mother, son, client):
    serve(zebra, mother, son)
    signed_in(client, builders.volunteer())
    assert client.get(f"/volunteering/hours?of={son}").status_code == 404
    today = clock.today()
    assert client.post(f"/volunteering/hours/certificate?of={son}", data={"first": today, "last": today}).status_code == 404


def test_whom_a_table_wrote_down_is_seen_only_when_one_said_that_they_are_family(zebra, mother, client):
    phone = db.session.get(User, mother.user_id).phone
    with transaction():
        elder = people.guest(zebra.organiser, name="季大海", phone=phone, is_of_household=True).id
    signed_in(client, mother)
    assert client.get(f"/volunteering/hours?of={elder}").status_code == 404
    with transaction():
        people.know_ward(mother, elder)
    assert client.get(f"/volunteering/hours?of={elder}").status_code == 200


def test_a_mother_says_why_her_son_was_not_there(zebra, mother, son, client):
    row = serve(zebra, mother, son, comes=False)
    signed_in(client, mother)
    words = client.words(client.get("/volunteering/mine"))
    assert "季小满" in words
    assert "说给组织者" in words
    assert client.post(f"/volunteering/mine/{row}/appeal", data={"words": "那天发烧"}).status_code == 303
    db.session.rollback()
    assert db.session.get(SignUp, row).appeal == "那天发烧"
