"""Limits and terms of volunteering: each test fails where its limit is taken away."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.outbox.models import Message
from civic.volunteering.actions import attendance, events, offers, people, scheduling, signing
from civic.volunteering.jobs import JOBS
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Risk, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import Rhythm, ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.refusals import refused, refused_at

S = SignUpStatus


@pytest.fixture
def zebra(app):
    return builders.crossing(most=2)


def take(actor, shift, **more):
    with transaction():
        return signing.sign_up(actor, shift.id, has_read_briefing=True, **more)


def test_one_signs_up_five_of_the_family_and_no_sixth(zebra):
    parent = builders.volunteer()
    with transaction():
        for n in range(5):
            people.add_ward(parent, name=f"家人{n}", birth_date=date(1950, 1, 1 + n))
    assert refused(lambda: people.add_ward(parent, name="第六个", birth_date=date(1950, 2, 1))) == "wards_full"
    with transaction():
        assert people.add_ward(parent, name="家人0", birth_date=date(1950, 1, 1)), "one of the five is no sixth"


def test_a_table_writes_down_five_under_one_number_and_no_sixth(zebra):
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        people.guest(leader, name="机主", phone="13900077002")
        for n in range(5):
            people.guest(leader, name=f"家人{n}", phone="13900077002", is_of_household=True)
    assert refused(lambda: people.guest(leader, name="第六个", phone="13900077002", is_of_household=True)) == "wards_full"
    assert len(db.session.scalars(select(Volunteer).where(Volunteer.guardian_id.is_not(None))).all()) == 5


def test_a_run_is_three_months_and_a_thousand_shifts_at_most(zebra):
    today = clock.today()
    for first, last in ((today - timedelta(days=1), today), (today + timedelta(days=2), today + timedelta(days=1)), (today, today + timedelta(days=93))):
        assert refused_at(lambda a=first, b=last: scheduling.generate(zebra.organiser, zebra.event_id, first=a, last=b)) == ("days_wrong", "first")
    with transaction():
        scheduling.generate(zebra.organiser, zebra.event_id, first=today, last=today + timedelta(days=92))
        for n in range(14):
            events.add_post(zebra.organiser, zebra.event_id, name=f"路口{n}")
        scheduling.add_pattern(zebra.organiser, zebra.event_id, name="", starts=time(12), ends=time(13), rhythm=Rhythm.DAILY)
    assert refused_at(lambda: scheduling.generate(zebra.organiser, zebra.event_id, first=today, last=today + timedelta(days=90))) == ("too_many_shifts", "last")


@pytest.mark.parametrize(("before", "code"), [(timedelta(hours=2, seconds=1), "tick_too_early"), (timedelta(hours=2), None)])
def test_nobody_comes_more_than_two_hours_early(zebra, before, code):
    shift, leader = zebra.shifts()[0], builders.identity.actor_of(db.session.merge(zebra.leader))
    row = take(builders.volunteer(), shift)
    clock.freeze(shift.starts_at - before)
    if code is None:
        with transaction():
            attendance.tick(leader, row.id, Direction.IN)
    else:
        assert refused(lambda: attendance.tick(leader, row.id, Direction.IN)) == code


@pytest.mark.parametrize(("after", "code"), [(timedelta(days=3), None), (timedelta(days=3, seconds=1), "tick_too_late")])
def test_a_list_is_ticked_for_three_days(zebra, after, code):
    shift, leader = zebra.shifts()[0], builders.identity.actor_of(db.session.merge(zebra.leader))
    row = take(builders.volunteer(), shift)
    clock.freeze(shift.ends_at + after)
    if code is None:
        with transaction():
            attendance.tick(leader, row.id, Direction.IN)
    else:
        assert refused(lambda: attendance.tick(leader, row.id, Direction.IN)) == code


@pytest.mark.parametrize(("hours_before", "lasts"), [(48, timedelta(hours=2)), (8, timedelta(minutes=30))])
def test_an_offer_is_held_two_hours_and_half_an_hour_near_the_start(zebra, hours_before, lasts):
    shift = zebra.shifts()[5]  # in the evening, so that both moments are by day
    row = take(builders.volunteer(), shift)
    take(builders.volunteer(), shift)
    waits = take(builders.volunteer(), shift, wants_to_wait=True)
    clock.freeze(shift.starts_at - timedelta(hours=hours_before))
    with transaction():
        offers.take_off(zebra.organiser, row.id)
    db.session.expire_all()
    until = db.session.get_one(SignUp, waits.id).offer_until
    assert until - clock.now() == lasts
    clock.freeze(until - timedelta(seconds=1))
    with transaction():
        assert offers.lapse_due() == 0
    clock.freeze(until)
    with transaction():
        assert offers.lapse_due() == 1
    db.session.expire_all()
    assert db.session.get_one(SignUp, waits.id).status is S.LAPSED


def test_sign_up_opens_and_closes_when_the_event_says(app):
    park = builders.crossing(risk=Risk.OUTDOOR, opens_days=2, closes_hours=3)
    shift = park.shifts()[2]
    actor = builders.volunteer()
    clock.freeze(shift.starts_at - timedelta(days=2, seconds=1))
    assert refused(lambda: signing.sign_up(actor, shift.id)) == "too_early"
    clock.freeze(shift.starts_at - timedelta(hours=3))
    assert refused(lambda: signing.sign_up(actor, shift.id)) == "too_late"
    clock.freeze(shift.starts_at - timedelta(hours=3, seconds=1))
    assert take(actor, shift).status is S.CONFIRMED


@pytest.mark.parametrize(("before", "code"), [(timedelta(hours=11), None), (timedelta(hours=10, minutes=59), "withdraw_too_late")])
def test_one_withdraws_alone_until_the_events_deadline(zebra, before, code):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    row = take(actor, shift)
    clock.freeze(shift.starts_at - before)
    if code is None:
        with transaction():
            offers.withdraw(actor, row.id)
    else:
        assert refused(lambda: offers.withdraw(actor, row.id)) == code


def test_a_leader_calls_a_shift_off_on_the_phone_and_says_how_many_were_told(zebra, client):
    from tests.volunteering.test_versions import fields

    shift = zebra.shifts()[0]
    actor = builders.volunteer()
    row = take(actor, shift)
    client.sign_in(db.session.merge(zebra.leader).phone)
    address = f"/volunteering/lists/{shift.id}"
    client.get(address)
    answer = client.post(f"{address}/cancellation", data={"reason": ""})
    assert answer.status_code in (200, 422)
    answer = client.post(f"{address}/cancellation", data={"reason": "大雨"})
    if answer.status_code == 200:  # where it asks first
        answer = client.post(f"{address}/cancellation", data={**fields(answer.text, 'name="asked"'), "reason": "大雨"})
    assert answer.status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert (db.session.get_one(Shift, shift.id).status, db.session.get_one(type(row), row.id).status) == (ShiftStatus.CANCELLED, S.CANCELLED)
    assert "通知了 1 个人" in client.words(client.get(address))
    assert [m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "shift_cancelled"))] == [actor.user_id]
    assert db.session.get_one(User, actor.user_id)


def test_the_clock_does_each_of_its_deeds_of_volunteering(zebra):
    assert {f"volunteering.{name}" for name in ("lapse", "fill", "pass_on", "count", "qualifications", "settle")} == {job.key for job in JOBS}
    for job in JOBS:
        assert job.run() == 0
    shift = zebra.shifts()[0]
    take(builders.volunteer(), shift)
    clock.freeze(shift.ends_at + timedelta(minutes=31))
    assert {job.key: job.run() for job in JOBS if job.key == "volunteering.count"} == {"volunteering.count": 1}
