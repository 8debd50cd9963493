"""What becomes known late is asked anew, and the organiser is told: nobody is put out in silence, and nobody stays in silence."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person, User
from civic.outbox.models import Message
from civic.pages.actions import birthdays as correcting
from civic.volunteering.actions import events, people, qualifications, rechecking, signing
from civic.volunteering.forms.words import RECHECK_WORDS
from civic.volunteering.models.events import Post, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.models.rechecks import Recheck, RecheckEnd
from civic.volunteering.queries import rechecks as questions
from civic.volunteering.states import SignUpStatus
from tests.support import builders, letters
from tests.support.refusals import refused


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3)


@pytest.fixture
def leader(zebra):
    return builders.identity.actor_of(zebra.leader)


def written_down(leader, shift, phone="13900020001"):
    """Somebody stands at the table: grown, says the leader; no birthday is known."""
    with transaction():
        person = people.guest(leader, name="柳小树", phone=phone)
        row = signing.sign_up_at_table(leader, shift.id, person.id)
    return person.id, row.id


def told(kind: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == kind)))


def phone_of(actor) -> str:
    return db.session.get_one(User, actor.user_id).phone


def codes(person_id: int) -> list[str]:
    db.session.rollback()
    return [recheck.code for recheck in questions.open_of_person(person_id)]


def born(person_id: int, leader, years: int) -> None:
    with transaction():
        people.say_birthday(leader, signing.person_held(person_id), clock.today().replace(year=clock.today().year - years, day=1))


@pytest.mark.parametrize(("years", "code"), [(7, "too_young"), (12, "too_young"), (15, "guardian_consent"), (40, None)])
def test_a_birthday_that_comes_late_asks_the_rules_anew(zebra, leader, years, code):
    person, row = written_down(leader, zebra.shifts()[0])
    born(person, leader, years)
    assert codes(person) == ([code] if code else [])
    assert [message.recipient_id for message in told("places_in_question")] == ([zebra.organiser.user_id] if code else [])
    assert all("柳小树" in letters.whole(message) and str(RECHECK_WORDS[code]) in letters.whole(message) for message in told("places_in_question"))
    assert db.session.get_one(SignUp, row).status is SignUpStatus.CONFIRMED, "a machine puts nobody out"


def test_many_shifts_are_many_questions_and_one_letter(zebra, leader):
    person, _row = written_down(leader, zebra.shifts()[0])
    with transaction():
        signing.sign_up_at_table(leader, zebra.shifts()[2].id, person)
    born(person, leader, 15)
    assert codes(person) == ["guardian_consent"] * 2
    assert len(told("places_in_question")) == 1
    with transaction():
        rechecking.ask_again(person)
    assert len(told("places_in_question")) == 1, "asked twice, it is told once"


def test_a_guardian_who_agrees_clears_the_question(zebra, leader):
    person, _row = written_down(leader, zebra.shifts()[0])
    born(person, leader, 15)
    guardian = builders.volunteer("柳妈妈")
    with transaction():
        db.session.get_one(Volunteer, person).guardian_id = guardian.person_id
    with transaction():
        people.know_ward(guardian, person)
    assert codes(person) == []
    assert {recheck.ended for recheck in db.session.scalars(select(Recheck))} == {RecheckEnd.CLEARED}


def test_the_organiser_takes_somebody_off_with_a_word_and_the_line_moves_up(zebra, leader):
    shift = zebra.shifts()[0]
    child, row = written_down(leader, shift)
    others = [builders.volunteer() for _ in range(3)]
    with transaction():
        rows = [signing.sign_up(other, shift.id, has_read_briefing=True, wants_to_wait=True) for other in others]
    assert rows[2].status is SignUpStatus.WAITING
    born(child, leader, 12)
    (recheck,) = questions.open_of_person(child)
    assert refused(lambda: rechecking.take_off(leader, recheck.id, reason=" ")) == "reason_missing"
    assert refused(lambda: rechecking.take_off(others[0], recheck.id, reason="年龄")) == "not_found"
    with transaction():
        rechecking.take_off(leader, recheck.id, reason="路口要满 14 岁，欢迎去图书馆那一班")
    db.session.rollback()
    assert db.session.get_one(SignUp, row).status is SignUpStatus.WITHDRAWN
    assert db.session.get_one(SignUp, rows[2].id).status is SignUpStatus.OFFERED
    assert codes(child) == []
    assert refused(lambda: rechecking.take_off(leader, recheck.id, reason="年龄")) == "settled_already"
    (letter,) = told("taken_off")
    assert "欢迎去图书馆那一班" in letters.whole(letter)


def test_another_briefing_is_read_anew_and_until_then_stands_on_the_list(zebra, leader, client):
    actor = builders.volunteer(phone="13900020002")
    with transaction():
        rows = [signing.sign_up(actor, shift.id, has_read_briefing=True) for shift in zebra.shifts()[:2]]
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, briefing="新：先看红灯。"))
    assert codes(actor.person_id) == ["briefing_unread"] * 2
    (letter,) = told("briefing_changed")
    assert "安全须知改了" in letters.whole(letter)
    client.sign_in("13900020002")
    page = client.get("/volunteering/mine").text
    assert "新：先看红灯。" in page
    assert client.post(f"/volunteering/mine/{rows[0].id}/briefing", data={}).status_code == 422
    assert client.post(f"/volunteering/mine/{rows[0].id}/briefing", data={"has_read_briefing": "y"}).status_code == 303
    assert codes(actor.person_id) == []
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, description="别的话"))
    assert codes(actor.person_id) == [], "only another briefing is read anew"


def test_the_list_says_it_and_the_desk_takes_off(zebra, leader, client):
    shift = zebra.shifts()[0]
    person, row = written_down(leader, shift)
    born(person, leader, 12)
    client.sign_in(zebra.leader.phone)
    assert "要核对：年龄不合适这一班" in client.get(f"/volunteering/lists/{shift.id}").text
    number = questions.open_of_person(person)[0].id
    assert client.post(f"/volunteering/lists/{zebra.shifts()[1].id}/questions/{number}/removal").status_code == 404
    assert "请他（她）退出这一班？" in client.post(f"/volunteering/lists/{shift.id}/questions/{number}/removal").text
    client.sign_in(phone_of(zebra.organiser))
    assert "年龄不合适这一班" in client.get("/volunteering/desk/rechecks").text
    assert client.confirm(f"/volunteering/desk/rechecks/{number}/removal").status_code == 422
    assert client.confirm(f"/volunteering/desk/rechecks/{number}/removal", reason="年龄").status_code == 303
    db.session.rollback()
    assert db.session.get_one(SignUp, row).status is SignUpStatus.WITHDRAWN
    assert "没有要核对的" in client.get("/volunteering/desk/rechecks").text


def test_a_list_of_questions_goes_on_past_its_first_page(zebra, leader, client, monkeypatch):
    monkeypatch.setattr(questions, "SHOWN", 1)
    for number, shift in enumerate(zebra.shifts()[:2]):
        person, _row = written_down(leader, shift, phone=f"1390002010{number}")
        born(person, leader, 12)
    client.sign_in(phone_of(zebra.organiser))
    page = client.get("/volunteering/desk/rechecks")
    assert page.text.count("年龄不合适这一班</span>") == 1
    onwards = page.text.split('href="/volunteering/desk/rechecks?after=')[1].split('"')[0]
    assert client.get(f"/volunteering/desk/rechecks?after={onwards}").text.count("年龄不合适这一班</span>") == 1


def test_a_post_that_asks_for_more_asks_who_is_on_it_already(zebra):
    actor = builders.volunteer()
    shift = zebra.shifts()[0]
    with transaction():
        signing.sign_up(actor, shift.id, has_read_briefing=True)
    chief = builders.chief(zebra.town)
    with transaction():
        kind = qualifications.add_kind(chief, zebra.town.line[5], name="急救员", course="红十字会初级救护", months=24)
    post = db.session.get_one(Post, shift.post_id)
    with transaction():
        events.change_post(zebra.organiser, post.id, name=post.name, corner="", role=post.role, is_on_carriageway=False, x=None, y=None, needs_id=kind.id)
    assert codes(actor.person_id) == ["not_qualified"]
    team = post.event.team_id
    with transaction():
        qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today())
    assert codes(actor.person_id) == []


def test_who_was_written_down_without_a_birthday_adds_it_before_signing_up_alone(zebra, leader, client):
    shift = zebra.shifts()[1]
    actor = builders.volunteer(phone="13900020003", born=None)
    client.sign_in("13900020003")
    answer = client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift.id, "has_read_briefing": "y"})
    assert answer.headers["Location"].startswith("/volunteering/register")
    page = client.get(answer.headers["Location"])
    assert "补上生日" in page.text
    assert client.post(answer.headers["Location"], data={"birth_date": "1961-04-02", "agrees": "y"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Person, actor.person_id).birth_date == date(1961, 4, 2)
    assert client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": shift.id, "has_read_briefing": "y"}).headers["Location"] == "/volunteering/mine"


def test_a_birthday_put_right_asks_the_rules_anew(zebra):
    """By the page that puts it right, in the same transaction."""
    shift = zebra.shifts()[0]
    actor = builders.volunteer(phone="13900020004")
    with transaction():
        signing.sign_up(actor, shift.id, has_read_briefing=True)
    with transaction():
        correcting.mend(actor, actor.person_id, birth_date=clock.today().replace(year=clock.today().year - 16), reason="注册时年份点错了")
    assert codes(actor.person_id) == ["guardian_consent"]
