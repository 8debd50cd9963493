"""A unit asks somebody for a shift (条例 Art. 25): the person decides alone, by the same rules as everybody, and a no leaves
no trace but a free place. And somebody who waits is moved up only with a written reason."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.volunteering.actions import offers, people, signing
from civic.volunteering.models.events import SignUp, SignUpStep
from civic.volunteering.queries import lists
from civic.volunteering.states import SignUpStatus, Verb
from tests.support import builders
from tests.support.refusals import refused_in_words


@pytest.fixture
def zebra(app):
    return builders.crossing(most=2)


@pytest.fixture
def shift(zebra):
    return zebra.shifts()[0]


def arranged(zebra, shift, actor, **more):
    with transaction():
        return offers.arrange(zebra.organiser, shift.id, actor.person_id, is_working_time=False, **more)


def test_nobody_says_yes_for_who_was_arranged(zebra, shift):
    actor = builders.volunteer()
    row = arranged(zebra, shift, actor)
    assert refused_in_words(lambda: offers.answer(zebra.organiser, row.id, accepts=True, has_read_briefing=True))[0] == "their_own_word"
    with transaction():
        assert offers.answer(actor, row.id, accepts=True, has_read_briefing=True).status is SignUpStatus.CONFIRMED


def test_who_was_arranged_reads_the_briefing_like_everybody(zebra, shift):
    actor = builders.volunteer()
    row = arranged(zebra, shift, actor)
    assert refused_in_words(lambda: offers.answer(actor, row.id, accepts=True))[0] == "briefing_unread"
    with transaction():
        assert offers.answer(actor, row.id, accepts=False).status is SignUpStatus.WITHDRAWN


def test_why_somebody_cannot_be_arranged_is_not_told_so_a_no_leaves_no_trace(zebra, shift):
    said_no, elsewhere, child = builders.volunteer(), builders.volunteer(), builders.volunteer()
    row = arranged(zebra, shift, said_no)
    with transaction():
        offers.answer(said_no, row.id, accepts=False)
    with transaction():
        ward = people.add_ward(child, name="小满", birth_date=date(clock.today().year - 10, 1, 1)).person_id
    told = {refused_in_words(lambda who=who: offers.arrange(zebra.organiser, shift.id, who, is_working_time=False)) for who in (said_no.person_id, ward)}
    assert len(told) == 1
    assert told.pop()[0] == "cannot_arrange"
    assert [line.sign_up.person_id for line in lists.list_of(shift.id)] == []
    # Who stands on the list for everybody to see may be named.
    arranged(zebra, shift, elsewhere)
    assert refused_in_words(lambda: offers.arrange(zebra.organiser, shift.id, elsewhere.person_id, is_working_time=False))[0] == "known_here"


def test_who_cannot_answer_is_not_arranged(zebra, shift):
    with transaction():
        guest = people.guest(zebra.organiser, name="季大海", phone="13812344821")
    assert refused_in_words(lambda: offers.arrange(zebra.organiser, shift.id, guest.id, is_working_time=False))[0] == "cannot_answer"


def test_on_the_list_the_organiser_asks_and_the_person_answers_on_their_page(zebra, shift, client):
    actor = builders.volunteer("黄素芬")
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    words = client.words(client.get(f"/volunteering/lists/{shift.id}"))
    assert "请一位同志来" in words
    address = f"/volunteering/lists/{shift.id}/arrangement"
    assert client.post(address, data={"who": "13999990000"}).status_code == 422
    number = db.session.get(User, actor.user_id).phone
    assert client.post(address, data={"who": number, "is_working_time": "y"}).status_code == 303
    db.session.rollback()
    row = db.session.scalars(select(SignUp)).one()
    assert (row.status, row.is_working_time) == (SignUpStatus.OFFERED, True)
    client.post("/identity/sign_out")
    client.sign_in(number)
    words = client.words(client.get("/volunteering/mine"))
    assert "来不来您自己定" in words
    assert "会问下一位" not in words
    assert client.post(f"/volunteering/mine/{row.id}/acceptance").status_code == 409
    assert client.post(f"/volunteering/mine/{row.id}/acceptance", data={"has_read_briefing": "y"}).status_code == 303


def test_a_leader_who_does_not_run_the_place_arranges_nobody(zebra, shift, client):
    client.sign_in(db.session.merge(zebra.leader).phone)
    assert "请一位同志来" not in client.words(client.get(f"/volunteering/lists/{shift.id}"))
    who = db.session.get(User, builders.volunteer().user_id).phone
    assert client.post(f"/volunteering/lists/{shift.id}/arrangement", data={"who": who}).status_code in (403, 404)
    assert db.session.scalars(select(SignUp)).all() == []


def test_on_the_list_somebody_who_waits_is_moved_up_with_a_reason(zebra, shift, client):
    rows = []
    for name in ("黄素芬", "魏建国", "何秀英", "周明"):
        comer = builders.volunteer(name)
        with transaction():
            rows.append(signing.sign_up(comer, shift.id, has_read_briefing=True, wants_to_wait=True).id)
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    page = client.get(f"/volunteering/lists/{shift.id}").get_data(as_text=True)
    assert f"/volunteering/lists/{shift.id}/up/{rows[3]}" in page
    assert f"/volunteering/lists/{shift.id}/up/{rows[2]}" not in page  # the first in line stands there already
    assert client.post(f"/volunteering/lists/{shift.id}/up/{rows[3]}", data={"reason": ""}).status_code == 422
    assert client.post(f"/volunteering/lists/{shift.id}/up/{rows[3]}", data={"reason": "他会手语，这一班用得上"}).status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert [line.sign_up.id for line in lists.list_of(shift.id) if line.turn] == [rows[3], rows[2]]
    assert db.session.scalars(select(SignUpStep.reason).where(SignUpStep.sign_up_id == rows[3], SignUpStep.verb == Verb.WAIT).order_by(SignUpStep.id.desc())).first() == "他会手语，这一班用得上"
