"""Signing up, waiting, offers, withdrawing, cancelling: the rules one by one, and the letters that follow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.outbox.models import Message
from civic.volunteering.actions import cancelling, events, offers, people, scheduling, signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.queries import hours
from civic.volunteering.states import SignUpStatus, Verb, after
from tests.support import builders
from tests.support.refusals import refused

S = SignUpStatus


def take(actor, shift, **more):
    with transaction():
        return signing.sign_up(actor, shift.id, has_read_briefing=True, **more)


def status(row):
    db.session.expire_all()
    return db.session.get(SignUp, row.id).status


@pytest.fixture
def zebra(app):
    return builders.crossing(most=2)


def test_a_full_shift_says_so_and_lets_people_wait_in_the_order_they_came(zebra):
    shift = zebra.shifts()[0]
    first, second, third, fourth = (builders.volunteer() for _ in range(4))
    assert take(first, shift).status is S.CONFIRMED
    assert take(second, shift).status is S.CONFIRMED
    assert refused(lambda: signing.sign_up(third, shift.id, has_read_briefing=True)) == "full"
    assert take(third, shift, wants_to_wait=True).status is S.WAITING
    assert take(fourth, shift, wants_to_wait=True).status is S.WAITING
    assert hours.discrepancies() == []


def test_a_double_click_is_one_place(zebra):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    assert take(actor, shift).id == take(actor, shift).id
    assert zebra.shifts()[0].taken == 1


def test_a_place_that_falls_free_is_offered_held_and_passed_on(zebra):
    shift = zebra.shifts()[4]
    crowd = [builders.volunteer() for _ in range(4)]
    rows = [take(actor, shift, wants_to_wait=True) for actor in crowd]
    with transaction():
        offers.withdraw(crowd[0], rows[0].id)
    assert status(rows[2]) is S.OFFERED
    # The place is held: whoever comes now waits, although somebody left.
    comer = builders.volunteer()
    assert refused(lambda: signing.sign_up(comer, shift.id, has_read_briefing=True)) == "full"
    clock.advance(timedelta(hours=2, minutes=1))
    with transaction():
        assert offers.lapse_due() == 1
    assert (status(rows[2]), status(rows[3])) == (S.LAPSED, S.OFFERED)
    assert refused(lambda: offers.answer(crowd[2], rows[2].id, accepts=True)) == "offer_over"
    with transaction():
        offers.answer(crowd[3], rows[3].id, accepts=True)
    assert status(rows[3]) is S.CONFIRMED
    assert hours.discrepancies() == []
    assert zebra.shifts()[4].taken == 2


def test_a_declined_offer_without_anybody_waiting_frees_the_place(zebra):
    shift = zebra.shifts()[4]
    crowd = [builders.volunteer() for _ in range(3)]
    rows = [take(actor, shift, wants_to_wait=True) for actor in crowd]
    with transaction():
        offers.withdraw(crowd[0], rows[0].id)
    with transaction():
        offers.answer(crowd[2], rows[2].id, accepts=False)
    assert zebra.shifts()[4].taken == 1
    # Whoever withdrew may come back, once, in the same row.
    assert take(crowd[0], shift).id == rows[0].id
    assert hours.discrepancies() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [("unread", "briefing_unread"), ("stranger", "not_registered"), ("early", "too_early"), ("late", "too_late"), ("clash", "clash"), ("closed", "shift_closed")],
)
def test_every_no_has_a_name(zebra, name, code):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    if name == "unread":
        assert refused(lambda: signing.sign_up(actor, shift.id)) == code
        return
    if name == "stranger":
        with transaction():
            actor = builders.identity.actor_of(builders.account())
    if name == "early":
        with transaction():
            zebra.shifts()[0].event.opens_days = 1
        shift = zebra.shifts()[-1]
    if name == "late":
        clock.advance(timedelta(days=2))
    if name == "clash":
        with transaction():
            events.add_post(zebra.organiser, zebra.event_id, name="中医院路口")
            scheduling.generate(zebra.organiser, zebra.event_id, first=clock.today() + timedelta(days=1), last=clock.today() + timedelta(days=14))
        pair = [s for s in zebra.shifts() if s.starts_at == shift.starts_at]
        take(actor, pair[0])
        shift = pair[1]
    if name == "closed":
        with transaction():
            events.close(zebra.organiser, zebra.event_id)
    assert refused(lambda: signing.sign_up(actor, shift.id, has_read_briefing=True)) == code


def test_a_month_has_a_limit_for_each_so_that_others_get_a_turn(app):
    zebra = builders.crossing(most_a_month=2)
    actor = builders.volunteer()
    july = [s for s in zebra.shifts() if s.day.month == 7]
    for shift in july[:2]:
        take(actor, shift)
    assert refused(lambda: signing.sign_up(actor, july[2].id, has_read_briefing=True)) == "limit_reached"


def test_withdrawing_ends_at_the_events_deadline(zebra):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    row = take(actor, shift)
    clock.advance(timedelta(hours=14))
    assert refused(lambda: offers.withdraw(actor, row.id)) == "withdraw_too_late"
    with transaction():
        offers.withdraw(zebra.organiser, row.id)
    assert status(row) is S.WITHDRAWN


def test_a_strangers_place_is_nobodys_business(zebra):
    row, stranger = take(builders.volunteer(), zebra.shifts()[0]), builders.volunteer()
    assert refused(lambda: offers.withdraw(stranger, row.id)) == "not_found"
    assert refused(lambda: signing.sign_up(stranger, zebra.shifts()[1].id, person_id=row.person_id, has_read_briefing=True)) == "not_yours"


@pytest.mark.parametrize(
    ("born", "evening", "code"),
    [(date(2010, 5, 1), False, None), (date(2013, 5, 1), False, "too_young"), (date(2010, 5, 1), True, None)],
)
def test_children_by_their_age(zebra, born, evening, code):
    parent = builders.volunteer()
    with transaction():
        child = people.add_ward(parent, name="黄小满", birth_date=born)
    shift = zebra.shifts()[1 if evening else 0]
    deed = lambda: signing.sign_up(parent, shift.id, person_id=child.person_id, has_read_briefing=True)  # noqa: E731
    if code:
        assert refused(deed) == code
    else:
        with transaction():
            assert deed().status is S.CONFIRMED


def test_a_child_of_ten_needs_the_parent_on_the_same_shift(app):
    park = builders.crossing(name="公园拾捡", risk=events.Risk.OUTDOOR)
    parent = builders.volunteer()
    with transaction():
        child = people.add_ward(parent, name="黄小满", birth_date=date(2016, 5, 1))
    shift = park.shifts()[0]
    assert refused(lambda: signing.sign_up(parent, shift.id, person_id=child.person_id)) == "guardian_first"
    take(parent, shift)
    assert take(parent, shift, person_id=child.person_id).status is S.CONFIRMED


def test_under_eight_nobody_is_registered(app):
    parent = builders.volunteer()
    assert refused(lambda: people.add_ward(parent, name="黄小满", birth_date=date(2020, 5, 1))) == "too_young"


def test_a_rain_day_is_called_off_in_one_act_and_everybody_is_told(zebra):
    day = zebra.shifts()[0].day
    rows = [take(builders.volunteer(), shift, wants_to_wait=True) for shift in zebra.shifts()[:2] for _ in range(3)]
    with transaction():
        assert cancelling.cancel_day(zebra.organiser, zebra.event_id, day, reason="大雨") == cancelling.Told(6, 6)
    assert {status(row) for row in rows} == {S.CANCELLED}
    told = db.session.query(Message).filter_by(kind="shift_cancelled").count()
    assert told == 6
    assert refused(lambda: cancelling.cancel_day(zebra.organiser, zebra.event_id, day, reason="大雨")) == "nothing_to_cancel"


def test_generating_again_leaves_alone_what_people_hold(zebra):
    held = zebra.shifts()[0]
    take(builders.volunteer(), held)
    first, last = clock.today() + timedelta(days=1), clock.today() + timedelta(days=14)
    with transaction():
        again = scheduling.generate(zebra.organiser, zebra.event_id, first=first, last=last, skip=[held.day, zebra.shifts()[2].day])
    assert (again.made, again.removed) == (0, 3)
    assert held.id in [s.id for s in zebra.shifts()]


@pytest.mark.parametrize("field", ["insurance_number", "insured_from", "insured_until", "briefing", "police_contact", "emergency_contact"])
def test_a_roadside_event_without_its_guards_is_not_published(app, field):
    with pytest.raises(DomainError) as caught:
        builders.crossing(**{field: None})
    assert caught.value.code == f"{field}_missing"


def test_shifts_outside_the_insurance_are_not_published(app):
    with pytest.raises(DomainError) as caught:
        builders.crossing(insured_until=clock.today() + timedelta(days=3))
    assert caught.value.code == "not_covered"


def test_a_shift_is_not_made_smaller_than_those_who_are_in(zebra):
    shift = zebra.shifts()[0]
    for _ in range(2):
        take(builders.volunteer(), shift)
    assert refused(lambda: scheduling.resize(zebra.organiser, shift.id, most=1)) == "below_taken"


def test_a_larger_shift_is_offered_to_those_who_wait(zebra):
    shift = zebra.shifts()[0]
    rows = [take(builders.volunteer(), shift, wants_to_wait=True) for _ in range(4)]
    with transaction():
        scheduling.resize(zebra.organiser, shift.id, most=3)
    assert [status(row) for row in rows] == [S.CONFIRMED, S.CONFIRMED, S.OFFERED, S.WAITING]
    assert hours.discrepancies() == []


def test_an_arranged_person_decides_alone_and_a_no_leaves_only_a_free_place(zebra):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    with transaction():
        row = offers.arrange(zebra.organiser, shift.id, actor.person_id, is_working_time=True)
    assert (row.status, zebra.shifts()[0].taken) == (S.OFFERED, 1)
    with transaction():
        offers.answer(actor, row.id, accepts=False)
    assert zebra.shifts()[0].taken == 0


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("at", [None, *SignUpStatus])
def test_the_table_knows_each_step_and_no_other(verb, at):
    lawful = {
        (None, "sign"), (None, "wait"), (None, "offer"), ("withdrawn", "sign"), ("withdrawn", "wait"), ("withdrawn", "offer"),
        ("lapsed", "sign"), ("lapsed", "wait"), ("lapsed", "offer"), ("waiting", "sign"), ("waiting", "offer"), ("waiting", "withdraw"),
        ("waiting", "lapse"), ("waiting", "cancel"), ("offered", "accept"), ("offered", "decline"), ("offered", "lapse"),
        ("offered", "cancel"), ("confirmed", "withdraw"), ("confirmed", "cancel"), ("confirmed", "attend"), ("confirmed", "miss"),
        ("missed", "attend"), ("cancelled", "attend"), ("cancelled", "sign"), ("cancelled", "wait"), ("cancelled", "offer"),
    }  # fmt: skip
    from civic.volunteering.states import NotLawful

    if (at.value if at else None, verb.value) in lawful:
        after(at, verb)
    else:
        with pytest.raises(NotLawful):
            after(at, verb)
