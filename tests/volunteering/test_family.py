"""What a child or an elder of the household served is seen, objected to, appealed and certified by who signs them up."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.models import Person, User
from civic.identity.permissions import Role
from civic.volunteering.actions import attendance, attesting, counting, handing, people, scheduling, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Risk, SignUp
from civic.volunteering.queries import hours
from tests.support import builders
from tests.support.client import Page
from tests.support.refusals import refused, refused_in_words


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


def boxes(page):
    """The shifts that can be chosen on an event's page: the values of check boxes that are not disabled."""
    return {int(tag["value"]) for tag in page if tag.get("name") == "shift" and "disabled" not in tag}


def chosen_on(client, address):
    answer = client.get(address)
    return boxes(Page(answer.text).fields), set(re.findall(r'name="person" value="(\d+)"', answer.text))


def test_a_child_is_signed_up_where_the_mother_stands_already(app, client):
    """From 8 to 13 the mother has to be on the same shift first: so her being on it must not bar the child."""
    park = builders.crossing(most=3, risk=Risk.OUTDOOR)
    mother = builders.volunteer("季春生")
    with transaction():
        child = people.add_ward(mother, name="季小雨", birth_date=date(2016, 3, 1)).person_id
    first, second = park.shifts()[:2]
    signed_in(client, mother)
    address = f"/volunteering/events/{park.event_id}?day={first.day}"
    client.get(address)
    assert client.post(address, data={"shift": first.id}).status_code == 303
    own, _whom = chosen_on(client, address)
    assert first.id not in own
    theirs, whom = chosen_on(client, f"{address}&of={child}")
    assert whom == {str(child)}
    assert first.id in theirs
    answer = client.post(f"{address}&of={child}", data={"shift": [first.id, second.id], "person": child})
    # The second waits for the mother; what stands there is still about the child.
    assert answer.status_code == 409
    assert "请家长先报上同一班" in client.words(answer)
    assert f'name="person" value="{child}"' in answer.text
    db.session.rollback()
    assert [row.person_id for row in db.session.scalars(select(SignUp).where(SignUp.shift_id == first.id).order_by(SignUp.id))] == [mother.person_id, child]


def test_what_a_child_may_not_take_is_said_before_the_mother_chooses(zebra, mother, client):
    with transaction():
        child = people.add_ward(mother, name="季小雨", birth_date=date(2016, 3, 1)).person_id
    signed_in(client, mother)
    address = f"/volunteering/events/{zebra.event_id}?day={zebra.shifts()[0].day}"
    words = client.words(client.get(f"{address}&of={child}"))
    assert "路口的活动要满 14 岁" in words
    assert chosen_on(client, f"{address}&of={child}")[0] == set()
    stranger = builders.volunteer().person_id
    assert chosen_on(client, f"{address}&of={stranger}")[1] == {str(mother.person_id)}


def test_every_day_of_an_event_can_be_reached(app, client):
    zebra = builders.crossing(days=40)
    last = zebra.shifts()[-1].day
    assert f"day={last}" in client.get(f"/volunteering/events/{zebra.event_id}").text


def test_a_pupil_with_an_account_of_their_own_is_told_what_a_parent_does(zebra):
    pupil = builders.volunteer("季小满")
    with transaction():
        db.session.get(Person, pupil.person_id).birth_date = date(2010, 3, 1)
    with pytest.raises(DomainError) as caught, transaction():
        signing.sign_up(pupil, zebra.shifts()[0].id, has_read_briefing=True)
    assert caught.value.code == "guardian_consent"
    assert "替家里人报名" in str(caught.value.sentence)


def test_who_brought_a_child_does_not_leave_it_alone(app, client):
    park = builders.crossing(most=3, risk=Risk.OUTDOOR)
    mother, waits = builders.volunteer("季春生"), builders.volunteer()
    with transaction():
        child = people.add_ward(mother, name="季小雨", birth_date=date(2016, 3, 1)).person_id
        big = people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id
    shift = park.shifts()[6]
    with transaction():
        own, little, grown = (signing.sign_up(mother, shift.id, person_id=who).id for who in (mother.person_id, child, big))
        signing.sign_up(waits, shift.id, wants_to_wait=True)
    with pytest.raises(DomainError) as caught, transaction():
        handing.hand_over(mother, own)
    assert caught.value.code == "child_alone"
    signed_in(client, mother)
    client.get("/volunteering/mine")
    answer = client.post(f"/volunteering/mine/{own}/withdrawal")
    assert answer.status_code == 409
    assert "季小雨不满 14 岁，要您一起来。先退孩子的这一班，再退您的。" in client.words(answer)
    # From 14 on they stand there by themselves.
    for place in (little, own):
        assert client.confirm(f"/volunteering/mine/{place}/withdrawal").status_code == 303
    db.session.rollback()
    assert [db.session.get(SignUp, n).status.value for n in (own, little, grown)] == ["withdrawn", "withdrawn", "confirmed"]


def test_a_place_is_not_taken_over_from_who_brought_a_child_since(app):
    park = builders.crossing(most=2, risk=Risk.OUTDOOR)
    mother, waits = builders.volunteer("季春生"), builders.volunteer()
    with transaction():
        child = people.add_ward(mother, name="季小雨", birth_date=date(2016, 3, 1)).person_id
    shift = park.shifts()[6]
    with transaction():
        own = signing.sign_up(mother, shift.id).id
        ask = handing.name_successor(builders.identity.actor_of(db.session.merge(park.leader)), own, waits.person_id, reason="替她").id
        signing.sign_up(mother, shift.id, person_id=child)
    with pytest.raises(DomainError) as caught, transaction():
        handing.answer(waits, ask, accepts=True)
    assert caught.value.code == "hand_over_over"
    assert "季小雨" not in str(caught.value.sentence)


def test_a_leader_decides_nothing_about_their_own_child(zebra, client):
    with transaction():
        user = builders.account(Role.ORGANISER, db.session.merge(zebra.town.line[3]), name="季春生")
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
    with transaction():
        son = people.add_ward(builders.identity.actor_of(user), name="季小满", birth_date=date(2010, 3, 1)).person_id
    mother = builders.identity.actor_of(user)
    shift = zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(mother, shift.id, person_id=son, has_read_briefing=True).id
    neighbour = builders.volunteer("黄素芬")
    with transaction():
        other = signing.sign_up(neighbour, shift.id, has_read_briefing=True).id
    clock.freeze(shift.starts_at)
    assert refused(lambda: attendance.tick(mother, row, Direction.IN)) == "recused"
    client.sign_in(user.phone or user.email)
    page = client.get(f"/volunteering/lists/{shift.id}").get_data(as_text=True)
    assert f"/in/{other}" in page
    assert f"/in/{row}" not in page
    assert "自己和家里人的，请别的队长点" in page
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert refused(lambda: attesting.request_attestation(mother, row, minutes=60, evidence="我看见他在")) == "backfill_self"
    with transaction():
        asked = attesting.request_attestation(zebra.organiser, row, minutes=60, evidence="照片里有他").id
    assert refused(lambda: attesting.decide_attestation(mother, asked, confirms=True)) == "recused"


def test_nobody_under_age_stands_on_a_shift_of_one(app, client):
    mother, other = builders.volunteer("季春生"), builders.volunteer()
    with transaction():
        son = people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id
    zebra = builders.crossing(most=2)
    single, pair = zebra.shifts()[0], zebra.shifts()[2]
    with transaction():
        scheduling.resize(zebra.organiser, single.id, most=1)
        signing.sign_up(mother, pair.id, person_id=son, has_read_briefing=True)
    code, words = refused_in_words(lambda: signing.sign_up(mother, single.id, person_id=son, has_read_briefing=True))
    assert (code, words) == ("too_young", "这一班只站一个人，不满 18 岁的不能单独站。看看别的班次。")
    signed_in(client, mother)
    assert "不能单独站" in client.words(client.get(f"/volunteering/events/{zebra.event_id}?day={single.day}&of={son}"))
    # And no shift becomes one of one under their feet.
    assert refused(lambda: scheduling.resize(zebra.organiser, pair.id, most=1)) == "minors_in"
    with transaction():
        signing.sign_up(other, single.id, has_read_briefing=True)
