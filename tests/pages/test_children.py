"""Children: no account under fourteen on any way in, and a birthday that was mistyped is put right and seen by the other side."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.identity import queries as identity
from civic.identity.actions import accounts, birthdays
from civic.identity.models import BirthCorrection, Person, User
from civic.identity.permissions import Role
from civic.outbox.models import Message
from civic.pages.actions import birthdays as mending
from civic.volunteering.actions import people, signing
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import rechecks
from tests.identity.test_views import proven
from tests.support import builders
from tests.support.refusals import refused

pytestmark = pytest.mark.usefixtures("app")
ELEVEN, FOURTEEN, GROWN = date(2015, 3, 1), date(2012, 7, 16), date(1966, 5, 4)


def actor(user_id):
    return identity.actor_of(db.session.get(User, user_id))


def person(user_id):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(User, user_id).person


def test_an_eleven_year_old_cannot_register_and_is_told_who_can(client):
    proven(client, "register")
    typed = {"name": "小宝", "password": "一句自己好记的话"}
    answer = client.post("/identity/register", data={**typed, "birth_date": ELEVEN.isoformat()})
    assert answer.status_code == 422
    assert "监护人" in client.words(answer)
    assert client.post("/identity/register", data={**typed, "birth_date": ""}).status_code == 422
    assert db.session.scalars(select(User)).all() == []
    # Fourteen today.
    assert client.post("/identity/register", data={**typed, "birth_date": FOURTEEN.isoformat()}).status_code == 303
    db.session.rollback()
    found = db.session.scalars(select(User)).one().person
    assert (found.birth_date, found.is_minor) == (FOURTEEN, True)


def test_an_older_account_of_a_child_does_not_become_a_volunteer(client):
    with transaction():
        user = builders.account(email="child@civic.example").id
    client.sign_in("child@civic.example")
    answer = client.post("/volunteering/register", data={"birth_date": ELEVEN.isoformat(), "agrees": "y"})
    assert answer.status_code == 422
    assert "监护人" in client.words(answer)
    assert db.session.scalars(select(Volunteer)).all() == []
    assert person(user).birth_date is None


DOORS = {
    "the page of registering": lambda user: accounts.register("小宝", builders.Contact("phone", "13700000009"), builders.PASSWORD, birth_date=ELEVEN),
    "becoming a volunteer": lambda user: people.register(actor(user), birth_date=ELEVEN),
    "one's own birthday, given late": lambda user: birthdays.mend(actor(user), actor(user).person_id, birth_date=ELEVEN, reason=""),
    "one's own birthday, put right": lambda user: _first(user) or birthdays.mend(actor(user), actor(user).person_id, birth_date=ELEVEN, reason="年份点错了"),
}  # fmt: skip


def _first(user):
    db.session.get(User, user).person.birth_date = GROWN


@pytest.mark.parametrize("door", DOORS)
def test_no_way_in_makes_an_account_of_a_child(app, door):
    with transaction():
        user = builders.account().id
    assert refused(lambda: DOORS[door](user)) == "guardian_first"


def test_the_guardians_account_makes_and_holds_the_child(client):
    mother = builders.volunteer("季春生", email="mother@civic.example")
    client.sign_in("mother@civic.example")
    answer = client.post("/volunteering/family", data={"name": "季小满", "birth_date": ELEVEN.isoformat(), "agrees": "y"})
    assert answer.status_code == 303
    child = db.session.scalars(select(Person).where(Person.name == "季小满")).one()
    assert identity.speaks_for(mother.person_id, child.id)
    assert "2015" in client.words(client.get("/volunteering/family"))


def test_a_mistyped_birthday_is_put_right_once_by_oneself_and_then_by_staff(client, app):
    town = builders.city()
    with transaction():
        user = accounts.register("黄素芬", builders.Contact("email", "huang@civic.example"), builders.PASSWORD, birth_date=date(2010, 5, 4)).id
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
    client.sign_in("huang@civic.example")
    assert client.get("/identity/birthday").status_code == 200
    assert client.post("/identity/birthday", data={"birth_date": "1966-05-04", "reason": ""}).status_code == 422
    assert client.post("/identity/birthday", data={"birth_date": "1966-05-04", "reason": "年份点错了"}).status_code == 303
    assert (person(user).birth_date, person(user).is_minor) == (GROWN, False)
    assert client.post("/identity/birthday", data={"birth_date": "1967-05-04", "reason": "又点错了"}).status_code == 409
    client.sign_in("admin@civic.example")
    typed = {"contact": "huang@civic.example", "name": "黄素芬", "birth_date": "1967-05-04", "reason": "看过证件"}
    assert client.post("/desk/birthdays", data={**typed, "name": "别人"}).status_code == 422
    assert client.post("/desk/birthdays", data=typed).status_code == 303
    assert person(user).birth_date == date(1967, 5, 4)
    assert "年份点错了" in client.words(client.get("/desk/birthdays"))
    assert [row.is_by_staff for row in db.session.scalars(select(BirthCorrection).order_by(BirthCorrection.id))] == [False, True]
    assert [m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "birthday_corrected"))] == [user]


@pytest.fixture
def family(app):
    """A mother, and her son of sixteen who registered with his own phone."""
    mother = builders.volunteer("季春生", email="mother@civic.example")
    with transaction():
        son = people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id
        people.give_number(mother, son, "13700000021")
    with transaction():
        user = accounts.register("季小满", builders.Contact("phone", "13700000021"), builders.PASSWORD, birth_date=date(2011, 1, 1))
        user_id, person_id = user.id, user.person_id
    assert person_id == son, "with his own phone he goes on as the same person"
    assert person(user_id).birth_date == date(2010, 3, 1), "what the guardian said of the birthday holds"
    return mother, user_id, person_id


def test_a_childs_birthday_is_the_guardians_to_put_right_and_the_child_hears_of_it(family, client):
    _mother, user_id, person_id = family
    assert refused(lambda: birthdays.mend(actor(user_id), person_id, birth_date=date(2005, 3, 1), reason="想早点")) == "guardian_mends"
    client.sign_in("mother@civic.example")
    where = f"/identity/birthday?of={person_id}"
    assert "季小满的生日" in client.words(client.get(where))
    assert client.post(where, data={"birth_date": "2010-03-11", "reason": "少写了一个 1"}).status_code == 303
    assert person(user_id).birth_date == date(2010, 3, 11)
    assert [m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "birthday_corrected"))] == [user_id]
    assert client.post(where, data={"birth_date": "2010-03-12", "reason": "再改一次"}).status_code == 409


def test_nobody_puts_the_birthday_of_a_stranger_right(family, client):
    _mother, _user_id, person_id = family
    with transaction():
        builders.account(email="stranger@civic.example")
    client.sign_in("stranger@civic.example")
    assert client.get(f"/identity/birthday?of={person_id}").status_code == 404
    assert client.post(f"/identity/birthday?of={person_id}", data={"birth_date": "2010-03-12", "reason": "再改一次"}).status_code == 404


def test_a_ward_who_is_grown_ends_it_and_a_child_does_not(family, client, time):
    mother, _user_id, person_id = family
    client.sign_in("13700000021")
    page = client.words(client.get("/identity/kin"))
    assert "季春生" in page
    assert "不用替我了" not in page
    assert client.post("/identity/guardian/end").status_code == 409
    assert identity.speaks_for(mother.person_id, person_id)
    time.freeze(time.now().replace(year=2028))
    client.sign_in("13700000021")
    assert "不用替我了" in client.words(client.get("/identity/kin"))
    assert client.post("/identity/guardian/end").status_code == 303
    db.session.rollback()
    assert not identity.speaks_for(mother.person_id, person_id)
    assert client.post("/identity/guardian/end").status_code == 303


def test_a_number_of_somebody_else_is_given_to_no_ward(app):
    mother = builders.volunteer("季春生")
    builders.volunteer("别人", phone="13700000022")
    with transaction():
        son = people.add_ward(mother, name="季小满", birth_date=date(2010, 3, 1)).person_id
        child = people.add_ward(mother, name="季小小", birth_date=ELEVEN).person_id
    assert refused(lambda: people.give_number(mother, son, "13700000022")) == "phone_of_other"
    assert refused(lambda: people.give_number(mother, child, "13700000023")) == "guardian_first"
    stranger = builders.volunteer("路人")
    assert refused(lambda: people.give_number(stranger, son, "13700000023")) == "not_found"


def test_what_the_new_age_forbids_is_asked_anew_of_the_shifts_to_come(app):
    zebra = builders.crossing(most=1)
    grown = builders.volunteer("黄素芬", email="huang@civic.example")
    with transaction():
        signing.sign_up(grown, zebra.shifts()[0].id, has_read_briefing=True)
    assert rechecks.open_of_person(grown.person_id) == []
    with transaction():
        mending.mend(grown, grown.person_id, birth_date=date(2010, 3, 1), reason="年份点错了")
    # Sixteen, alone on a shift at a road: the organiser is asked.
    assert [row.code for row in rechecks.open_of_person(grown.person_id)]
