"""Handing a place over: the first in line first, a named one only with a reason, the place held throughout, races too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.outbox.models import Message
from civic.volunteering.actions import cancelling, events, handing, offers, scheduling, signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.queries import hours
from civic.volunteering.states import HOLDING, SignUpStatus
from tests.support import builders
from tests.support.refusals import refused
from tests.volunteering.test_races import at_once


@pytest.fixture
def full(app):
    """A shift of one place: Huang is in, Wei and He wait, in this order; another shift a week on."""
    zebra = builders.crossing(most=1)
    shift = zebra.shifts()[6]
    huang, wei, he = (builders.volunteer(name) for name in ("黄素芬", "魏建国", "何秀英"))
    rows = []
    for actor in (huang, wei, he):
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True, wants_to_wait=True).id)
    return zebra, shift.id, (huang, wei, he), rows


def status(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(SignUp, row).status


def asked(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(HandOver).where(HandOver.sign_up_id == row, HandOver.status == AskStatus.ASKED)).first()


def kinds_told():
    return [kind for kind in db.session.scalars(select(Message.kind).order_by(Message.id)) if "over" in kind]


def test_the_first_who_waits_is_asked_and_the_place_changes_hands(full):
    _zebra, _shift_id, (huang, wei, _he), rows = full
    with transaction():
        ask = handing.hand_over(huang, rows[0])
        assert handing.hand_over(huang, rows[0]).id == ask.id
    assert asked(rows[0]).to_person_id == wei.person_id
    assert status(rows[0]) is SignUpStatus.CONFIRMED
    with transaction():
        handing.answer(wei, ask.id, accepts=True)
        handing.answer(wei, ask.id, accepts=True)
    assert [status(row) for row in rows] == [SignUpStatus.WITHDRAWN, SignUpStatus.CONFIRMED, SignUpStatus.WAITING]
    shift = db.session.get(SignUp, rows[0]).shift
    assert (shift.taken, shift.waiting) == (1, 1)
    assert hours.discrepancies() == []
    assert kinds_told() == ["take_over_asked", "handed_over"]


def test_a_no_passes_on_and_when_nobody_is_left_the_giver_hears_that_the_shift_is_still_theirs(full):
    _zebra, _shift, (huang, wei, he), rows = full
    with transaction():
        handing.hand_over(huang, rows[0])
    with transaction():
        handing.answer(wei, asked(rows[0]).id, accepts=False)
    assert asked(rows[0]).to_person_id == he.person_id
    clock.freeze(asked(rows[0]).until)
    with transaction():
        assert handing.pass_due() == 1
    assert asked(rows[0]) is None
    assert status(rows[0]) is SignUpStatus.CONFIRMED
    assert status(rows[1]) is status(rows[2]) is SignUpStatus.WAITING
    assert kinds_told()[-1] == "hand_over_ended"


def test_with_nobody_in_line_it_is_refused_by_name_and_the_place_stays(app):
    zebra = builders.crossing(most=2)
    actor = builders.volunteer()
    with transaction():
        row = signing.sign_up(actor, zebra.shifts()[6].id, has_read_briefing=True).id
    assert refused(lambda: handing.hand_over(actor, row)) == "nobody_waits"
    assert status(row) is SignUpStatus.CONFIRMED


def test_naming_somebody_out_of_turn_needs_a_leader_and_a_reason_and_that_person_decides(full):
    zebra, _shift, (huang, _wei, _he), rows = full
    zhao = builders.volunteer("赵福全")
    leader = builders.identity.actor_of(zebra.leader)
    assert refused(lambda: handing.name_successor(huang, rows[0], zhao.person_id, reason="熟悉路口")) == "not_found"
    assert refused(lambda: handing.name_successor(leader, rows[0], zhao.person_id, reason=" ")) == "reason_missing"
    with transaction():
        ask = handing.name_successor(leader, rows[0], zhao.person_id, reason="早上只有他会哑语")
    assert refused(lambda: handing.answer(huang, ask.id, accepts=True)) == "not_found"
    assert refused(lambda: handing.answer(zhao, ask.id, accepts=True)) == "briefing_unread"
    with transaction():
        handing.answer(zhao, ask.id, accepts=True, has_read_briefing=True)
    assert status(rows[0]) is SignUpStatus.WITHDRAWN
    assert [status(row) for row in rows[1:]] == [SignUpStatus.WAITING] * 2
    assert hours.discrepancies() == []


def test_a_named_one_who_says_no_leaves_the_line_alone(full):
    zebra, _shift, _people, rows = full
    zhao = builders.volunteer("赵福全")
    leader = builders.identity.actor_of(zebra.leader)
    with transaction():
        ask = handing.name_successor(leader, rows[0], zhao.person_id, reason="早上只有他会哑语")
    with transaction():
        handing.answer(zhao, ask.id, accepts=False)
    assert asked(rows[0]) is None
    assert refused(lambda: handing.name_successor(leader, rows[0], zhao.person_id, reason="再问一次")) == "asked_already"


def test_a_leader_does_not_hand_their_own_place_to_whom_they_like(app):
    zebra = builders.crossing(most=2)
    leader = builders.identity.actor_of(zebra.leader)
    friend = builders.volunteer()
    with transaction():
        from civic.volunteering.actions import people

        people.register(leader, birth_date=builders.BORN)
    with transaction():
        row = signing.sign_up(leader, zebra.shifts()[6].id, has_read_briefing=True).id
    assert refused(lambda: handing.name_successor(leader, row, friend.person_id, reason="老朋友")) == "recused"


def test_called_back_or_called_off_nobody_can_take_it_any_more(full):
    zebra, shift_id, (huang, wei, he), rows = full
    with transaction():
        first = handing.hand_over(huang, rows[0]).id
    with transaction():
        handing.call_back(huang, rows[0])
    assert refused(lambda: handing.answer(wei, first, accepts=True)) == "hand_over_over"
    with transaction():
        # Who was asked before is not asked a second time for the same place.
        second = handing.hand_over(huang, rows[0])
        assert second.to_person_id == he.person_id
    with transaction():
        cancelling.cancel_shift(zebra.organiser, shift_id, reason="大雨")
    assert refused(lambda: handing.answer(he, second.id, accepts=True)) == "hand_over_over"
    with transaction():
        assert handing.pass_due() == 1
        assert handing.pass_due() == 0


def test_two_givers_of_one_shift_ask_two_people(app):
    zebra = builders.crossing(most=2)
    shift = zebra.shifts()[6]
    actors = [builders.volunteer() for _ in range(4)]
    rows = []
    for actor in actors:
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True, wants_to_wait=True).id)
    with transaction():
        one = handing.hand_over(actors[0], rows[0]).to_person_id
        two = handing.hand_over(actors[1], rows[1]).to_person_id
    assert [one, two] == [actors[2].person_id, actors[3].person_id]


def test_who_has_another_shift_by_then_is_told_which(full):
    zebra, _shift_id, (huang, wei, _he), rows = full
    with transaction():
        other = events.add_post(zebra.organiser, zebra.event_id, name="中医院路口")
        shift = db.session.get(SignUp, rows[0]).shift
        scheduling.generate(zebra.organiser, zebra.event_id, first=shift.day, last=shift.day)
    twin = next(s for s in zebra.shifts() if s.post_id == other.id and s.starts_at == shift.starts_at)
    with transaction():
        ask = handing.hand_over(huang, rows[0]).id
    with transaction():
        signing.sign_up(wei, twin.id, has_read_briefing=True)
    assert refused(lambda: handing.answer(wei, ask, accepts=True)) == "clash"
    assert status(rows[0]) is SignUpStatus.CONFIRMED


def test_answering_lapsing_leaving_and_calling_back_at_once_keeps_one_in_the_place(app, engine_name):
    zebra = builders.crossing(most=3)
    for shift_id in [s.id for s in zebra.shifts()[8 : 14 if engine_name == "postgresql" else 10]]:
        scrambled(app, shift_id)


def scrambled(app, shift_id):
    """Three who are in hand over to three who wait, and everybody does everything at the same moment."""
    actors = [builders.volunteer() for _ in range(7)]
    rows = []
    for actor in actors:
        with transaction():
            rows.append(signing.sign_up(actor, shift_id, has_read_briefing=True, wants_to_wait=True).id)
    asks = []
    for n in range(3):
        with transaction():
            ask = handing.hand_over(actors[n], rows[n])
            asks.append((ask.id, ask.to_person_id))
    by_person = {actor.person_id: actor for actor in actors}
    db.session.remove()
    deeds = [lambda a=a, p=p: handing.answer(by_person[p], a, accepts=True) for a, p in asks for _ in range(2)]
    deeds += [lambda: offers.withdraw(actors[0], rows[0]), lambda: handing.call_back(actors[1], rows[1]), lambda: offers.withdraw(actors[4], rows[4])]
    deeds += [handing.pass_due, handing.pass_due]
    outcomes = at_once(app, deeds)
    assert not any(":" in outcome for outcome in outcomes), outcomes
    assert hours.discrepancies() == []
    assert db.session.scalar(select(func.count()).select_from(SignUp).where(SignUp.shift_id == shift_id, SignUp.status.in_(HOLDING))) == 3
    assert db.session.scalar(select(func.count()).select_from(HandOver).where(HandOver.shift_id == shift_id, HandOver.status == AskStatus.TAKEN)) <= 3
    db.session.remove()


def test_on_the_pages_it_is_asked_answered_and_named(full, client):
    zebra, shift_id, (huang, wei, he), rows = full
    with transaction():
        ids = {a.person_id: db.session.get(SignUp, r).person.phone for a, r in zip((huang, wei, he), rows, strict=True)}
    client.sign_in(ids[huang.person_id])
    assert "转给候补的人" in client.get("/volunteering/mine").get_data(as_text=True)
    assert client.post(f"/volunteering/mine/{rows[0]}/handover").status_code == 303
    assert "正在转给别人" in client.get("/volunteering/mine").get_data(as_text=True)
    client.post("/identity/sign_out")
    client.token = ""
    client.sign_in(zebra.leader.phone)
    assert "正在转给魏建国" in client.get(f"/volunteering/lists/{shift_id}").get_data(as_text=True)
    answer = client.post(f"/volunteering/lists/{shift_id}/successor/{rows[0]}", data={"who": ids[he.person_id], "reason": ""})
    assert answer.status_code == 422
    assert client.post(f"/volunteering/lists/{shift_id}/successor/{rows[0]}", data={"who": "13000000000", "reason": "她会哑语"}).status_code == 422
    assert client.post(f"/volunteering/lists/{shift_id}/successor/{rows[0]}", data={"who": ids[he.person_id], "reason": "她会哑语"}).status_code == 303
    client.post("/identity/sign_out")
    client.token = ""
    client.sign_in(ids[he.person_id])
    page = client.get("/volunteering/mine").get_data(as_text=True)
    assert "有人来不了，想转给您" in page
    assert "黄素芬" not in page
    number = asked(rows[0]).id
    assert client.post(f"/volunteering/mine/asks/{number}/acceptance", data={"has_read_briefing": "y"}).status_code == 303
    assert status(rows[2]) is SignUpStatus.CONFIRMED


def test_the_clock_of_a_question_stands_still_at_night(full):
    _zebra, _shift, (huang, _wei, _he), rows = full
    clock.freeze(clock.local(clock.now()).replace(hour=21))
    with transaction():
        until = handing.hand_over(huang, rows[0]).until
    assert clock.local(until).hour == 10
    assert until - clock.now() > timedelta(hours=12)
