"""What an organiser takes back: a place of somebody who rang up, a member, a leader; and a free place goes to who can take it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.outbox.models import Message
from civic.volunteering.actions import events, handing, offers, people, scheduling, signing
from civic.volunteering.models.events import Post, Risk, Shift, SignUp
from civic.volunteering.models.people import TeamMember
from civic.volunteering.queries import people as questions
from civic.volunteering.queries import shifts
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.refusals import refused

S = SignUpStatus


@pytest.fixture
def zebra(app):
    return builders.crossing(most=1, withdraw_hours=240)


def fresh(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(type(row), row.id)


def take(actor, shift, **more):
    with transaction():
        return signing.sign_up(actor, shift.id, has_read_briefing=True, **more)


def overlapping(zebra, shift):
    """A shift at the same time at another post."""
    with transaction():
        post = events.add_post(zebra.organiser, zebra.event_id, name="中医院路口").id
        scheduling.generate(zebra.organiser, zebra.event_id, first=shift.day, last=shift.day)
    return db.session.scalars(select(Shift).where(Shift.post_id == post, Shift.starts_at == shift.starts_at)).one()


# Taking somebody off ---------------------------------------------------------------------------------


def test_who_rang_up_too_late_for_the_button_is_taken_off_and_the_next_is_asked(zebra, client):
    shift = zebra.shifts()[0]
    came, waits = builders.volunteer("黄素芬"), builders.volunteer("魏建国")
    row, line = take(came, shift), take(waits, shift, wants_to_wait=True)
    assert refused(lambda: offers.withdraw(came, row.id)) == "withdraw_too_late"
    client.sign_in(db.session.merge(zebra.leader).phone)
    address = f"/volunteering/lists/{shift.id}"
    assert f"{address}/off/{row.id}" in client.get(address).text
    assert client.post(f"{address}/off/{row.id}", data={"reason": "发烧"}).status_code == 303
    assert (fresh(row).status, fresh(line).status, fresh(shift).taken) == (S.WITHDRAWN, S.OFFERED, 1)
    told = db.session.scalars(select(Message).where(Message.kind == "taken_off")).one()
    assert told.recipient_id == came.user_id
    assert client.post(f"{address}/off/{row.id}").status_code == 409


def test_a_guest_without_an_account_is_taken_off_and_hears_on_the_phone(zebra):
    shift = zebra.shifts()[0]
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        guest = people.guest(leader, name="老周", phone="13900077001")
        row = signing.sign_up_at_table(leader, shift.id, guest.id)
    with transaction():
        offers.take_off(zebra.organiser, row.id)
    assert fresh(row).status is S.WITHDRAWN
    told = db.session.scalars(select(Message).where(Message.kind == "taken_off")).one()
    assert (told.recipient_kind, told.recipient_id) == ("person", guest.id)


def test_who_waits_or_was_asked_is_taken_off_too_but_nobody_after_the_start_and_by_no_stranger(zebra):
    shift = zebra.shifts()[0]
    first, second, third = (builders.volunteer() for _ in range(3))
    rows = [take(first, shift), take(second, shift, wants_to_wait=True), take(third, shift, wants_to_wait=True)]
    assert refused(lambda: offers.take_off(second, rows[0].id)) == "not_found"
    with transaction():
        offers.take_off(zebra.organiser, rows[2].id)
        offers.take_off(zebra.organiser, rows[0].id)
    assert [fresh(row).status for row in rows] == [S.WITHDRAWN, S.OFFERED, S.WITHDRAWN]
    with transaction():
        offers.take_off(zebra.organiser, rows[1].id)
    assert (fresh(shift).taken, fresh(shift).waiting) == (0, 0)
    again = take(first, shift)
    clock.freeze(shift.starts_at)
    assert refused(lambda: offers.take_off(zebra.organiser, again.id)) == "shift_began"


def test_a_child_is_not_left_alone_by_taking_the_parent_off(app):
    park = builders.crossing(risk=Risk.OUTDOOR, most=3)
    parent, shift = builders.volunteer(), park.shifts()[0]
    with transaction():
        child = people.add_ward(parent, name="小宝", birth_date=date(2016, 5, 1)).person_id
    mine = take(parent, shift)
    take(parent, shift, person_id=child)
    assert refused(lambda: offers.take_off(park.organiser, mine.id)) == "child_alone"


# A free place goes to who can take it -------------------------------------------------------------------


def test_who_took_another_shift_meanwhile_is_passed_over_and_the_next_is_asked_at_once(zebra):
    one = zebra.shifts()[0]
    other = overlapping(zebra, one)
    holder, second_holder, both, patient = (builders.volunteer() for _ in range(4))
    rows = {"one": take(holder, one), "other": take(second_holder, other)}
    take(both, one, wants_to_wait=True)
    waits = take(both, other, wants_to_wait=True)
    last = take(patient, other, wants_to_wait=True)
    with transaction():
        offers.take_off(zebra.organiser, rows["one"].id)
    with transaction():
        offers.answer(both, db.session.scalars(select(SignUp).where(SignUp.shift_id == one.id, SignUp.person_id == both.person_id)).one().id, accepts=True)
    with transaction():
        offers.take_off(zebra.organiser, rows["other"].id)
    assert (fresh(waits).status, fresh(last).status) == (S.WAITING, S.OFFERED)
    assert (fresh(other).taken, fresh(other).waiting) == (1, 1)


def test_a_place_that_nobody_in_line_can_take_is_free_for_others_and_offered_when_somebody_can(zebra):
    one = zebra.shifts()[0]
    other = overlapping(zebra, one)
    holder, both, newcomer = (builders.volunteer() for _ in range(3))
    held, mine = take(holder, other), take(both, one)
    waits = None
    with transaction():
        offers.take_off(zebra.organiser, mine.id)
    waits = take(both, other, wants_to_wait=True)
    mine = take(both, one)
    with transaction():
        offers.take_off(zebra.organiser, held.id)
    assert (fresh(waits).status, fresh(other).taken, fresh(other).waiting) == (S.WAITING, 0, 1)
    with transaction():
        assert offers.fill_due() == 0
    with transaction():
        offers.take_off(zebra.organiser, mine.id)
    with transaction():
        assert offers.fill_due() == 1
    assert fresh(waits).status is S.OFFERED
    with transaction():
        offers.answer(both, waits.id, accepts=False)
    assert take(newcomer, other).status is S.CONFIRMED


def test_a_newcomer_takes_the_place_that_nobody_in_line_can(zebra):
    one = zebra.shifts()[0]
    other = overlapping(zebra, one)
    holder, both, newcomer = (builders.volunteer() for _ in range(3))
    held = take(holder, other)
    take(both, other, wants_to_wait=True)
    take(both, one)
    with transaction():
        offers.take_off(zebra.organiser, held.id)
    assert take(newcomer, other).status is S.CONFIRMED
    assert (fresh(other).taken, fresh(other).waiting) == (1, 1)


def test_a_place_is_not_handed_over_to_who_cannot_take_it(zebra):
    one = zebra.shifts()[0]
    other = overlapping(zebra, one)
    giver, both, patient = (builders.volunteer() for _ in range(3))
    given = take(giver, other)
    take(both, other, wants_to_wait=True)
    take(both, one)
    take(patient, other, wants_to_wait=True)
    with transaction():
        ask = handing.hand_over(giver, given.id)
    assert ask.to_person_id == patient.person_id


# Members and leaders ------------------------------------------------------------------------------------


def test_a_team_loses_a_leader_and_a_member_and_takes_them_back(zebra, client):
    team, leader = zebra.shifts()[0].event.team.id, zebra.leader.person_id
    client.sign_in(db.session.get_one(User, zebra.organiser.user_id).phone)
    address = f"/volunteering/desk/teams/{team}"
    assert f"{address}/members/{leader}/stepping_down" in client.get(address).text
    assert client.post(f"{address}/members/{leader}/stepping_down").status_code == 303
    db.session.rollback()
    assert (questions.leads(leader, team), questions.is_leader(leader)) == (False, False)
    assert client.post(f"{address}/members/{leader}/lead").status_code == 303
    db.session.rollback()
    assert questions.leads(leader, team)
    assert client.post(f"{address}/members/{leader}/leaving").status_code == 303
    db.session.rollback()
    db.session.expire_all()
    member = db.session.scalars(select(TeamMember).where(TeamMember.person_id == leader)).one()
    assert (member.until, member.is_leader) == (clock.today(), False)
    assert shifts.led_by(builders.identity.actor_of(db.session.merge(zebra.leader))) == []
    assert questions.members_of(team) == []
    assert client.post(f"{address}/members/{leader}/lead").status_code == 404
    clock.advance(timedelta(days=3))
    with transaction():
        people.join(zebra.organiser, db.session.merge(zebra.shifts()[0].event.team), leader, is_leader=True)
    db.session.expire_all()
    assert (questions.leads(leader, team), [m.since for m in questions.members_of(team)]) == (True, [clock.today()])


def test_nobody_of_another_place_changes_a_teams_members(zebra):
    team = zebra.shifts()[0].event.team.id
    with transaction():
        elsewhere = builders.identity.actor_of(builders.account(builders.Role.ORGANISER, db.session.merge(zebra.town.other[3])))
    for deed in (lambda: people.leave(elsewhere, team, zebra.leader.person_id), lambda: people.name_leader(elsewhere, team, zebra.leader.person_id, is_leader=False)):
        assert refused(deed) == "not_here"


# Calendars -----------------------------------------------------------------------------------------------


def entry(client, address, word):
    found = Calendar.from_ical(client.get(address).data)
    return next(e for e in found.walk("VEVENT") if word in str(e["summary"]))


def facts(e):
    return str(e["uid"]), int(e["sequence"]), e.decoded("dtstamp"), e.decoded("last-modified"), e.decoded("dtend"), str(e["location"])


def test_a_calendar_tells_what_changed_under_the_same_name(zebra, client, time):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    take(actor, shift)
    with transaction():
        address = f"/volunteering/calendar/{people.new_calendar(actor)}.ics"
    before = facts(entry(client, address, "礼让"))
    time.advance(timedelta(hours=1))
    with transaction():
        scheduling.resize(zebra.organiser, shift.id, most=1, ends=clock.local(shift.ends_at - timedelta(minutes=30)).time())
    after = facts(entry(client, address, "礼让"))
    assert (after[0], after[1]) == (before[0], before[1] + 1)
    assert after[2] == after[3] == clock.now().replace(microsecond=0)
    assert after[4] == before[4] - timedelta(minutes=30)
    time.advance(timedelta(hours=1))
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, place="体育馆"))
    moved = facts(entry(client, address, "礼让"))
    assert (moved[0], moved[1], moved[2]) == (before[0], before[1] + 2, clock.now().replace(microsecond=0))
    assert "体育馆" in moved[5]
    with transaction():
        post = db.session.get_one(Post, shift.post_id)
        events.change_post(zebra.organiser, post.id, name="东门", corner="", role=post.role, is_on_carriageway=False, x=None, y=None)
    assert facts(entry(client, address, "东门"))[1] == before[1] + 3


def test_what_was_called_off_says_so_in_the_calendar(zebra, client):
    from civic.volunteering.actions import cancelling

    shift, actor = zebra.shifts()[0], builders.volunteer()
    take(actor, shift)
    with transaction():
        address = f"/volunteering/calendar/{people.new_calendar(actor)}.ics"
        cancelling.cancel_shift(zebra.organiser, shift.id, reason="大雨")
    found = entry(client, address, "礼让")
    assert (str(found["status"]), int(found["sequence"])) == ("CANCELLED", 1)


def test_a_calendar_holds_the_familys_shifts_and_is_not_sent_twice(app, client):
    park = builders.crossing(risk=Risk.OUTDOOR, most=3)
    parent, shift = builders.volunteer(), park.shifts()[0]
    with transaction():
        ward = people.add_ward(parent, name="小宝", birth_date=date(2012, 5, 1)).person_id
    take(parent, shift, person_id=ward)
    with transaction():
        address = f"/volunteering/calendar/{people.new_calendar(parent)}.ics"
    answer = client.get(address)
    assert "小宝" in str(entry(client, address, "礼让")["summary"])
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    take(parent, shift)
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != answer.headers["ETag"]


def test_a_teams_calendar_moves_on_with_who_comes(zebra, client, time):
    shift = zebra.shifts()[0]
    with transaction():
        address = f"/volunteering/calendar/{people.new_team_calendar(zebra.organiser, shift.event.team)}.ics"
    before = facts(entry(client, address, "0/1"))
    time.advance(timedelta(hours=1))
    take(builders.volunteer(), shift)
    after = facts(entry(client, address, "1/1"))
    assert (before[0], after[2]) == (after[0], clock.now().replace(microsecond=0))
