"""Pages of volunteering: what they cost, what a stranger gets, calendars read again by a strict parser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import event

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.volunteering.actions import attendance, counting, events, people, scheduling, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.people import Team
from tests.support import builders
from tests.support.counting import statements


def signed_in(client, user):
    client.sign_in(user.phone or user.email)
    return client


def person(name="黄素芬", **more):
    with transaction():
        user = builders.account(name=name, **more)
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
    return user


@pytest.fixture
def zebra(app):
    return builders.crossing(most=2, posts=("育才小学路口", "中医院路口"))


def test_both_calendars_are_read_by_a_strict_parser(zebra, client):
    user = person()
    shift = zebra.shifts()[0]
    with transaction():
        signing.sign_up(builders.identity.actor_of(user), shift.id, has_read_briefing=True)
        mine = people.new_calendar(builders.identity.actor_of(user))
        team = people.new_team_calendar(zebra.organiser, shift.event.team)
    found = Calendar.from_ical(client.get(f"/volunteering/calendar/{mine}.ics").data)
    entries = list(found.walk("VEVENT"))
    assert [(e.decoded("dtstart"), e.decoded("dtend")) for e in entries] == [(shift.starts_at, shift.ends_at)]
    assert "育才小学路口" in str(entries[0]["summary"])
    assert all(not e.errors for e in found.walk())
    theirs = Calendar.from_ical(client.get(f"/volunteering/calendar/{team}.ics").data)
    assert len(list(theirs.walk("VEVENT"))) == len(zebra.shifts())
    assert "黄素芬" not in client.get(f"/volunteering/calendar/{team}.ics").get_data(as_text=True)


def test_an_ended_calendar_is_gone(zebra, client):
    user = person()
    actor = builders.identity.actor_of(user)
    with transaction():
        old = people.new_calendar(actor)
        new = people.new_calendar(actor)
    assert client.get(f"/volunteering/calendar/{old}.ics").status_code == 404
    assert client.get(f"/volunteering/calendar/{new}.ics").status_code == 200
    with transaction():
        people.end_calendar(actor)
    assert client.get(f"/volunteering/calendar/{new}.ics").status_code == 404


@pytest.mark.parametrize("address", ["/volunteering/", "/volunteering/events/{event}", "/volunteering/mine", "/volunteering/hours", "/points/", "/points/goods"])
def test_a_page_asks_as_many_questions_however_much_there_is(zebra, client, address):
    user = person()
    signed_in(client, user)
    address = address.format(event=zebra.event_id)
    with statements() as few:
        assert client.get(address).status_code == 200
    with transaction():
        for name in ("汀河桥头", "菜市口路口"):
            events.add_post(zebra.organiser, zebra.event_id, name=name)
        scheduling.generate(zebra.organiser, zebra.event_id, first=clock.today() + timedelta(days=1), last=clock.today() + timedelta(days=20))
    mornings = {s.starts_at: s.id for s in zebra.shifts()}
    for shift in list(mornings.values())[:8]:
        for who in (builders.identity.actor_of(db.session.merge(user)), builders.volunteer()):
            with transaction():
                signing.sign_up(who, shift, has_read_briefing=True)
    with statements() as many:
        assert client.get(address).status_code == 200
    assert len(many) <= len(few) + 1, many


def test_a_draft_is_nobodys_page_and_a_list_only_its_leaders(zebra, client):
    signed_in(client, person())
    assert client.get(f"/volunteering/lists/{zebra.shifts()[0].id}").status_code == 404
    with transaction():
        draft = events.begin(zebra.organiser, zebra.shifts()[0].event.team, zebra.town.line[3], events.CROSSING).id
    assert client.get(f"/volunteering/events/{draft}").status_code == 404


def test_a_full_shift_answers_with_its_name_and_the_place_in_line(zebra, client):
    shift = zebra.shifts()[0]
    for _ in range(2):
        somebody = builders.volunteer()
        with transaction():
            signing.sign_up(somebody, shift.id, has_read_briefing=True)
    signed_in(client, person())
    client.get(f"/volunteering/events/{zebra.event_id}")
    answer = client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift.id, "has_read_briefing": "y"})
    assert answer.status_code == 409
    assert "刚好满了" in answer.get_data(as_text=True)
    answer = client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift.id, "full": shift.id, "has_read_briefing": "y"})
    assert answer.status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert zebra.shifts()[0].waiting == 1


def test_two_tabs_are_one_sign_up(zebra, client):
    signed_in(client, person())
    shift = zebra.shifts()[0]
    client.get(f"/volunteering/events/{zebra.event_id}")
    for _ in range(2):
        assert client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift.id, "has_read_briefing": "y"}).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert zebra.shifts()[0].taken == 1


def test_a_leader_sees_what_comes_before_what_is_over(app, client):
    zebra = builders.crossing(days=6)
    with transaction():
        leader = builders.account(name="郑队长", email="leader@civic.example")
        shifts_of = zebra.shifts()
        people.join(zebra.organiser, shifts_of[0].event.team, leader.person_id, is_leader=True)
    clock.freeze(shifts_of[0].ends_at + timedelta(minutes=1))
    client.sign_in("leader@civic.example")
    page = client.get("/volunteering/lists").text
    over, coming = (page.index(f'/volunteering/lists/{shift.id}"') for shift in shifts_of[:2])
    assert coming < over


def test_the_desks_list_of_events_does_not_read_the_teams(zebra, client):
    with transaction():
        for n in range(30):
            people.found_team(zebra.organiser, zebra.town.line[3], name=f"服务队{n}")
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    read = []

    def note(team, _context):
        read.append(team.id)

    event.listen(Team, "load", note)
    try:
        assert client.get("/volunteering/desk/events").status_code == 200
    finally:
        event.remove(Team, "load", note)
    assert len(set(read)) <= 1  # the one of the event that is shown


def test_the_desk_says_that_a_closed_event_is_settled_when_every_minute_is_final(zebra, client):
    actor, shifts = builders.volunteer(), zebra.shifts()
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        row = signing.sign_up(actor, shifts[0].id, has_read_briefing=True).id
    for direction, moment in ((Direction.IN, shifts[0].starts_at), (Direction.OUT, shifts[0].ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row, direction)
    with transaction():
        events.close(zebra.organiser, zebra.event_id)
    signed_in(client, db.session.get(User, zebra.organiser.user_id))
    address = f"/volunteering/desk/events/{zebra.event_id}"
    assert "都入账了" not in client.words(client.get(address))
    clock.freeze(shifts[-1].ends_at + timedelta(hours=1))
    with transaction():
        counting.count_shift(shifts[0].id)
    assert "停止报名" in client.words(client.get(address))
    with transaction():
        for shift in shifts[1:]:
            counting.count_shift(shift.id)
    assert "都入账了" not in client.words(client.get(address))
    clock.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    assert "都入账了" in client.words(client.get(address))
