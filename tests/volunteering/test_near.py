"""What can I take now: nearest first from one's own door out, and by the phone's own position, which stays on the phone."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.volunteering.actions import events, people, scheduling, signing
from civic.volunteering.models.events import Event, Post, Risk, SignUp
from civic.volunteering.queries import shifts, sign_ups
from civic.volunteering.states import Rhythm, SignUpStatus
from tests.support import builders
from tests.support.counting import statements


def served_at(zebra, place, name, *, days=6, **more):
    """An event of the team at a place, every morning."""
    with transaction():
        team = db.session.get(Event, zebra.event_id).team
        organiser = builders.identity.actor_of(builders.account(Role.ORGANISER, zebra.town.line[5]))
        event = events.begin(organiser, team, place, events.Details(name=name, subtitle="", description="来就行。", place=name, risk=Risk.OUTDOOR, **more))
        events.add_post(organiser, event.id, name=f"{name}门口")
        scheduling.add_pattern(organiser, event.id, name="上午", starts=time(9), ends=time(10), rhythm=Rhythm.DAILY, least=1, normal=2, most=2)
        scheduling.generate(organiser, event.id, first=clock.today() + timedelta(days=1), last=clock.today() + timedelta(days=days))
        events.publish(organiser, event.id)
    return event.id


@pytest.fixture
def four(app):
    """The crossing in the community, and an event in each wider ring; the farthest begins soonest in the day."""
    zebra = builders.crossing(most=2, days=6)
    served_at(zebra, zebra.town.other[2], "桥东净园")
    served_at(zebra, zebra.town.other[3], "汀南陪聊")
    served_at(zebra, zebra.town.other[4], "云汀义诊")
    return zebra


def paths(town):
    return [town.line[level].path for level in (2, 3, 4, 5)]


def test_the_rings_hold_everything_once_nearest_first_and_then_soonest(four):
    found, after = [], None
    for _ in range(9):
        page = shifts.nearest(paths(four.town), after=after, limit=7)
        found += page.items
        after = page.next_key
        if after is None:
            break
    assert {s.id for _, s in found} == {s.id for s in shifts.coming(limit=200).items}
    assert len(found) == len({s.id for _, s in found})
    assert [ring for ring, _ in found] == sorted(ring for ring, _ in found)
    assert {ring: {s.event.name[:2] for r, s in found if r == ring} for ring in range(4)} == {0: {"礼让"}, 1: {"桥东"}, 2: {"汀南"}, 3: {"云汀"}}
    for ring in range(4):
        mine = [(s.starts_at, s.id) for r, s in found if r == ring]
        assert mine == sorted(mine)


def test_a_made_up_key_begins_at_the_door(four):
    assert shifts.nearest(paths(four.town), after="x").items[0][0] == 0
    assert shifts.nearest([]).items == []


def resident(town, name="黄素芬", phone="13900070001", level=1):
    with transaction():
        user = builders.account(name=name, phone=phone)
        user.person.region_id = town.line[level].id
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
    return user


def test_the_page_names_the_rings_and_turns_to_time_with_one_tap(four, client):
    resident(four.town)
    client.sign_in("13900070001")
    words = client.get("/volunteering/").get_data(as_text=True)
    heads = ["就在梧桐里社区", "桥东街道别处", "汀南区别处", "云汀市别处"]
    assert [words.index(head) for head in heads] == sorted(words.index(head) for head in heads)
    by_time = client.get("/volunteering/?all=1").get_data(as_text=True)
    assert "就在" not in by_time
    assert "由近到远" in by_time


def test_who_said_nothing_of_home_sees_the_soonest_and_is_asked(four, client):
    with transaction():
        builders.account(name="黄素芬", phone="13900070002")
    client.sign_in("13900070002")
    words = client.get("/volunteering/").get_data(as_text=True)
    assert "写上住在哪里" in words
    assert "就在" not in words


def test_near_me_costs_the_same_however_much_lies_around(four, client):
    resident(four.town)
    client.sign_in("13900070001")
    with statements() as few:
        client.get("/volunteering/")
    for n in range(3):
        served_at(four, four.town.other[4], f"云汀{n}号")
        served_at(four, four.town.line[2], f"梧桐{n}号")
    with statements() as many:
        client.get("/volunteering/")
    assert len(many) <= len(few)


def test_why_not_tells_a_full_month_and_an_earlier_habit_of_missing(four, client):
    user = resident(four.town)
    actor = builders.identity.actor_of(user)
    event_id = served_at(four, four.town.line[2], "月限一班", most_a_month=1)
    far_off = served_at(four, four.town.line[2], "下下周", days=20)
    with transaction():
        first = next(s for s in shifts.coming(limit=200).items if s.event_id == event_id)
        signing.sign_up(actor, first.id)
    client.sign_in("13900070001")
    assert "这个月您报满 1 班了" in client.get("/volunteering/?all=1").get_data(as_text=True)
    record = sign_ups.record_of(user.person_id, first.starts_at)
    assert (record.in_month(first), record.missed) == (1, 0)
    with transaction():
        later = [s for s in shifts.coming(limit=400).items if s.event_id == far_off][:3]
        for shift in later:
            past = clock.now() - timedelta(days=9)
            db.session.add(SignUp(shift_id=shift.id, person_id=user.person_id, status=SignUpStatus.MISSED, starts_at=past, ends_at=past + timedelta(hours=1), at=past))
    assert "开始报名" in client.get("/volunteering/?all=1").get_data(as_text=True)
    assert db.session.get(Person, user.person_id) is not None


def test_a_position_is_two_numbers_or_none_at_the_desk(four, client):
    with transaction():
        post = db.session.query(Post).filter(Post.event_id == four.event_id).first()
    organiser = db.session.get(Event, four.event_id)
    client.sign_in(contact_of(four.organiser))
    form = {"name": post.name, "corner": "", "role": "guide", "latitude": "32.93", "longitude": ""}
    client.get(f"/volunteering/desk/posts/{post.id}")
    assert client.post(f"/volunteering/desk/posts/{post.id}", data=form).status_code == 422
    assert client.post(f"/volunteering/desk/posts/{post.id}", data=form | {"longitude": "999"}).status_code == 422
    assert client.post(f"/volunteering/desk/posts/{post.id}", data=form | {"longitude": "117.36"}).status_code == 303
    db.session.rollback()
    assert (post.latitude, post.longitude) == (32.93, 117.36)
    assert organiser is not None


def contact_of(actor):
    from civic.identity.models import User

    user = db.session.get(User, actor.user_id)
    return user.phone or user.email


@pytest.mark.browser
def test_the_phones_position_sorts_on_the_phone_and_goes_nowhere(four, live, browser):
    with transaction():
        for post, (latitude, longitude) in zip(db.session.query(Post).order_by(Post.id), ((32.93, 117.36), (32.99, 117.36), (32.9312, 117.36), (40.0, 116.0)), strict=True):
            post.latitude, post.longitude = latitude, longitude
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", permissions=["geolocation"], geolocation={"latitude": 32.93111, "longitude": 117.36})
    page = context.new_page()
    sent = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    page.goto(f"{live}/volunteering/")
    page.click("[data-ask]")
    page.wait_for_selector("[data-found] a")
    rows = page.eval_on_selector_all("[data-found] a", "rows => rows.map(row => row.innerText)")
    assert "约 10 米" in rows[0]
    assert "汀南陪聊" in rows[0]
    assert "礼让斑马线" in " ".join(rows[-2:])
    assert not [words for words in sent if "32.93111" in words or "117.36" in words]
