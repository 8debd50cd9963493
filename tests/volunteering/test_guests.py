"""At the table: somebody without an account; an elder of a household who gives the daughter's number; the daughter is told."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.actions import accounts
from civic.identity.models import Person, User
from civic.identity.rules import Contact, phone_digest
from civic.kiosk.actions import cards
from civic.outbox.delivery import deliver_due, read
from civic.outbox.models import Message, MessageStatus
from civic.volunteering.actions import offers, people, signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import people as questions
from tests.support import builders
from tests.support.refusals import refused
from tests.volunteering.test_races import at_once

DAUGHTER = "13812344821"


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3)


@pytest.fixture
def leader(zebra):
    return builders.identity.actor_of(db.session.merge(zebra.leader))


@pytest.fixture
def daughter(zebra):
    return builders.volunteer("季春生", phone=DAUGHTER)


def elder(leader, name="季大海"):
    with transaction():
        return people.guest(leader, name=name, phone=DAUGHTER, is_of_household=True)


def told():
    return db.session.scalars(select(Message).where(Message.kind == "household_joined").order_by(Message.id)).all()


def named(name):
    return db.session.scalars(select(Person).where(Person.name == name)).all()


def test_an_elder_with_the_daughters_number_is_a_person_of_their_own(daughter, leader):
    assert refused(lambda: people.guest(leader, name="季大海", phone=DAUGHTER)) == "phone_of_other"
    found = elder(leader)
    assert (found.phone, found.is_minor) == (None, False)
    volunteer = db.session.get(Volunteer, found.id)
    # Known to be of the household, but the daughter has not said so herself.
    assert (volunteer.guardian_id, volunteer.guardian_consented_at) == (daughter.person_id, None)
    assert db.session.scalars(select(User).where(User.person_id == found.id)).first() is None


def test_the_next_time_the_elder_is_known_without_a_word(daughter, leader):
    found = elder(leader)
    with transaction():
        assert people.guest(leader, name="季大海", phone=DAUGHTER).id == found.id
        assert people.guest(leader, name=" 季 大海 ", phone=DAUGHTER, is_of_household=True).id == found.id
        assert people.guest(leader, name="季春生", phone=DAUGHTER, is_of_household=True).id == daughter.person_id
    assert len(told()) == 1


def test_whom_the_daughter_registered_herself_is_found_at_the_table(daughter, leader):
    with transaction():
        known = people.add_ward(daughter, name="季大海", birth_date=date(1948, 3, 1)).person_id
    with transaction():
        assert people.guest(leader, name="季大海", phone=DAUGHTER).id == known
    assert told() == []


def test_the_owner_of_the_phone_is_told_and_says_whether_it_is_so(daughter, leader):
    found = elder(leader)
    letter = told()[0]
    address, _subject, body = read(letter)
    assert (address.value, letter.recipient_id) == (DAUGHTER, daughter.user_id)
    # A text message shows on a locked screen: the way in, no names.
    assert body.strip().endswith("/volunteering/family")
    assert "季大海" not in body
    stranger = builders.volunteer()
    assert refused(lambda: people.know_ward(stranger, found.id)) == "not_found"
    with transaction():
        people.let_go(stranger, found.id)
    with transaction():
        people.know_ward(daughter, found.id)
        people.know_ward(daughter, found.id)
    assert db.session.get(Volunteer, found.id).guardian_consented_at is not None
    deliver_due()
    assert told()[0].status is MessageStatus.DROPPED


def test_a_stranger_under_ones_number_is_let_go_and_keeps_what_they_served(daughter, leader, zebra):
    found = elder(leader)
    with transaction():
        place = signing.sign_up_at_table(leader, zebra.shifts()[0].id, found.id)
    with transaction():
        people.let_go(daughter, found.id)
        people.let_go(daughter, found.id)
    assert db.session.get(Volunteer, found.id).guardian_id is None
    assert questions.wards_of(daughter.person_id) == []
    assert db.session.get(SignUp, place.id).person_id == found.id
    assert refused(lambda: people.know_ward(daughter, found.id)) == "not_found"


def test_until_the_owner_says_yes_nothing_is_theirs_to_do_or_to_see(daughter, leader, zebra, client):
    found = elder(leader)
    later, first = zebra.shifts()[1], zebra.shifts()[0]
    with transaction():
        place = signing.sign_up_at_table(leader, first.id, found.id).id
    deeds = {
        "not_yours": lambda: signing.sign_up(daughter, later.id, person_id=found.id, has_read_briefing=True),
        "not_found": lambda: offers.withdraw(daughter, place),
    }
    assert {refused(deed) for deed in deeds.values()} == set(deeds)
    assert found.id not in cards.of_oneself(daughter).people
    client.sign_in(DAUGHTER)
    assert "季大海" not in client.get("/volunteering/mine").text
    assert client.get(f"/kiosk/pass?place={place}").status_code == 404
    assert "季大海" in client.get("/volunteering/family").text
    with transaction():
        people.know_ward(daughter, found.id)
    assert refused(lambda: signing.sign_up(daughter, later.id, person_id=found.id, has_read_briefing=True)) == "birthday_unknown"
    with transaction():
        people.add_ward(daughter, name="季大海", birth_date=date(1948, 3, 1))
    assert found.id in cards.of_oneself(daughter).people
    assert "季大海" in client.get("/volunteering/mine").text
    assert client.get(f"/kiosk/pass?place={place}").status_code == 200
    with transaction():
        signing.sign_up(daughter, later.id, person_id=found.id, has_read_briefing=True)
        offers.withdraw(daughter, place)


def test_a_child_whom_one_registered_is_not_let_go_by_that_button(daughter):
    with transaction():
        child = people.add_ward(daughter, name="季小满", birth_date=date(2012, 5, 1)).person_id
    assert refused(lambda: people.let_go(daughter, child)) == "known_ward"


def test_registering_at_home_whom_the_table_wrote_down_makes_nobody_twice(daughter, leader):
    found = elder(leader)
    with transaction():
        volunteer = people.add_ward(daughter, name="季大海", birth_date=date(1948, 3, 1))
    assert volunteer.person_id == found.id
    assert volunteer.person.birth_date == date(1948, 3, 1)
    assert volunteer.guardian_consented_at is not None


def test_an_owner_without_an_account_is_told_on_that_number(zebra, leader):
    with transaction():
        owner = people.guest(leader, name="季春生", phone=DAUGHTER)
    found = elder(leader)
    assert db.session.get(Volunteer, found.id).guardian_id == owner.id
    address, _subject, body = read(told()[0])
    assert (address.channel, address.value) == ("sms", DAUGHTER)
    assert "/volunteering/family" not in body


def test_one_number_has_no_more_than_five(daughter, leader):
    for n in range(5):
        elder(leader, f"季大{'甲乙丙丁戊'[n]}")
    assert refused(lambda: people.guest(leader, name="季大己", phone=DAUGHTER, is_of_household=True)) == "wards_full"


def test_two_tables_at_once_make_one_elder(app, daughter, leader, engine_name):
    times = 12 if engine_name == "postgresql" else 4
    db.session.remove()
    outcomes = at_once(app, [lambda: people.guest(leader, name="季大海", phone=DAUGHTER, is_of_household=True)] * times)
    assert outcomes == {"done": times}
    assert len(named("季大海")) == len(told()) == 1


def test_a_daughter_who_clicks_twice_registers_one_elder(app, daughter, engine_name):
    times = 12 if engine_name == "postgresql" else 4
    db.session.remove()
    outcomes = at_once(app, [lambda: people.add_ward(daughter, name="季大海", birth_date=date(1948, 3, 1))] * times)
    assert outcomes == {"done": times}
    assert len(named("季大海")) == 1


def test_the_letter_is_not_sent_for_whom_was_let_go(daughter, leader):
    found = elder(leader)
    with transaction():
        people.let_go(daughter, found.id)
    assert read(told()[0]) is None


def test_at_the_table_on_the_page(zebra, daughter, client):
    shift = zebra.shifts()[0]
    client.sign_in(db.session.merge(zebra.leader).phone)
    clock.freeze(shift.starts_at)
    address = f"/volunteering/lists/{shift.id}/guest"
    client.get(f"/volunteering/lists/{shift.id}")
    asked = {"name": "季大海", "phone": DAUGHTER, "is_grown": "y"}
    answer = client.post(address, data=asked)
    assert answer.status_code == 409
    assert "用的是家里人的手机" in client.words(answer)
    # A child is not written down at a table: a parent's consent is needed, and no leader can give it.
    answer = client.post(address, data={"name": "季小满", "phone": "13812340000"})
    assert answer.status_code == 422
    assert named("季小满") == []
    assert client.post(address, data=asked | {"is_of_household": "y"}).status_code == 303
    assert "季大海" in client.words(client.get(f"/volunteering/lists/{shift.id}"))


def test_a_full_shift_offers_no_line_to_who_stands_at_the_table(zebra, leader):
    shift = zebra.shifts()[0].id
    for n in range(3):
        with transaction():
            signing.sign_up_at_table(leader, shift, people.guest(leader, name="客人", phone=f"1370000000{n}").id)
    with pytest.raises(DomainError) as caught, transaction():
        signing.sign_up_at_table(leader, shift, people.guest(leader, name="客人", phone="13700000009").id)
    assert caught.value.code == "full"
    assert "候补" not in str(caught.value.sentence)


def test_on_the_family_page_one_says_whether_it_is_so(zebra, daughter, leader, client):
    found = elder(leader)
    other = elder(leader, "季大江")
    client.sign_in(DAUGHTER)
    assert "用了您的手机号" in client.words(client.get("/volunteering/family"))
    assert client.post(f"/volunteering/family/{found.id}/acceptance").status_code == 303
    assert client.confirm(f"/volunteering/family/{other.id}/refusal").status_code == 303
    assert client.post(f"/volunteering/family/{other.id}/nonsense").status_code == 404
    words = client.words(client.get("/volunteering/family"))
    assert "季大海" in words
    assert "季大江" not in words
    assert "用了您的手机号" not in words


def test_an_elder_joins_a_team_with_the_daughters_number(zebra, daughter, client):
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    team = zebra.shifts()[0].event.team_id
    client.get(f"/volunteering/desk/teams/{team}")
    asked = {"name": "季大海", "phone": DAUGHTER}
    assert client.post(f"/volunteering/desk/teams/{team}", data=asked).status_code == 409
    assert client.post(f"/volunteering/desk/teams/{team}", data=asked | {"is_of_household": "y"}).status_code == 303
    db.session.rollback()
    assert {m.person.name for m in questions.members_of(team)} == {"佟立新", "季大海"}


def test_a_letter_about_somebody_of_the_family_says_whom_it_is_about(zebra):
    daughter = builders.volunteer("季春生", email="ji@civic.example")
    with transaction():
        ward = people.add_ward(daughter, name="季大海", birth_date=date(1948, 3, 1)).person_id
        theirs = signing.sign_up(daughter, zebra.shifts()[0].id, person_id=ward, has_read_briefing=True)
        own = signing.sign_up(daughter, zebra.shifts()[1].id, has_read_briefing=True)
    letters = {row.fact("sign_up"): read(row) for row in db.session.scalars(select(Message).where(Message.kind == "signed_up"))}
    _address, subject, body = letters[theirs.id]
    assert subject.startswith("家里人")
    assert "季大海" in body
    _address, subject, body = letters[own.id]
    assert "家里人" not in subject
    assert "您替他" not in body


def test_who_was_written_down_at_a_table_finds_their_hours_when_they_open_an_account(leader, zebra):
    with transaction():
        guest = people.guest(leader, name="季春生", phone=DAUGHTER)
        place = signing.sign_up_at_table(leader, zebra.shifts()[0].id, guest.id)
    with transaction():
        user = accounts.register(" 季 春生 ", Contact("phone", DAUGHTER), None)
    assert user.person_id == guest.id == place.person_id
    assert db.session.get(Person, guest.id).is_guest is False
    with transaction():
        assert people.guest(leader, name="季春生", phone=DAUGHTER).id == guest.id


@pytest.mark.parametrize("name", ["季大海", "季春"])
def test_another_name_with_that_phone_opens_an_account_of_their_own(leader, name):
    with transaction():
        guest = people.guest(leader, name="季春生", phone=DAUGHTER)
    with transaction():
        user = accounts.register(name, Contact("phone", DAUGHTER), None)
    assert user.person_id != guest.id


def test_whom_others_only_named_with_that_phone_is_nobodys_to_take(leader):
    """A nominee's number was given by somebody else: proving it proves nothing about the nominee."""
    with transaction():
        named_by_others = Person(name="季春生", normal_name="季春生", phone=DAUGHTER, phone_digest=phone_digest(DAUGHTER), created_at=clock.now())
        db.session.add(named_by_others)
    with transaction():
        assert accounts.register("季春生", Contact("phone", DAUGHTER), None).person_id != named_by_others.id
