"""One letter for each person and deed: of ten shifts taken, called off, changed or settled; and nobody is told and reminded in one second."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message
from civic.volunteering.actions import attendance, cancelling, counting, events, offers, restoring, scheduling, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Pattern, Risk, SignUp
from civic.volunteering.states import Rhythm, ShiftStatus
from tests.support import builders


@pytest.fixture
def fair(app):
    """An event with five hours on each of two days."""
    found = builders.crossing(risk=Risk.OUTDOOR, name="庙会", subtitle="")
    with transaction():
        for pattern in db.session.scalars(select(Pattern)).all():
            scheduling.end_pattern(found.organiser, pattern.id)
        for hour in (9, 10, 11, 13, 14):
            scheduling.add_pattern(found.organiser, found.event_id, name="", starts=time(hour), ends=time(hour, 50), rhythm=Rhythm.DAILY, first=clock.today() + timedelta(days=7), last=clock.today() + timedelta(days=8))
        scheduling.generate(found.organiser, found.event_id, first=clock.today() + timedelta(days=7), last=clock.today() + timedelta(days=8))
    assert len(found.shifts()) == 10
    return found


def resident(client, email="huang@civic.example"):
    with transaction():
        user = builders.account(name="黄素芬", email=email)
        actor = builders.identity.actor_of(user)
        builders.people.register(actor, birth_date=builders.BORN)
    client.sign_in(email)
    return actor


def sent(smtp):
    while deliver_due():
        pass
    found, smtp.letters = smtp.letters, []
    return found


def choose(client, fair, shifts):
    address = f"/volunteering/events/{fair.event_id}"
    client.get(f"{address}?day={shifts[0].day}")
    return client.post(address, data={"shift": [s.id for s in shifts], "has_read_briefing": "y"})


def everything(fair, actor):
    rows = []
    for shift in fair.shifts():
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True, is_one_of_many=True))
    return rows


def test_ten_shifts_taken_on_one_page_are_one_letter_even_where_the_worker_comes_by_in_between(fair, client, smtp, time):
    resident(client)
    assert choose(client, fair, fair.shifts()[:1]).status_code == 303
    assert len(sent(smtp)) == 1
    assert choose(client, fair, fair.shifts()[1:]).status_code == 303
    assert sent(smtp) == []
    time.advance(timedelta(seconds=6))
    (letter,) = sent(smtp)
    assert "报上名了：庙会 9 班" in str(letter["Subject"])
    body = letter.get_content()
    assert [f"\n{n}. " in body for n in (1, 9, 10)] == [True, True, False]
    assert (str(letter["Subject"]) + body).count("庙会") <= 2


def test_an_event_called_off_is_one_letter_and_so_is_its_way_back(fair, client, smtp, time):
    actor = resident(client)
    rows = everything(fair, actor)
    time.advance(timedelta(seconds=6))
    assert len(sent(smtp)) == 1
    with transaction():
        assert cancelling.cancel_event(fair.organiser, fair.event_id, reason="台风") == cancelling.Told(1, 10)
    (letter,) = sent(smtp)
    assert "不办了：庙会 10 班" in str(letter["Subject"])
    assert "台风" in letter.get_content()
    with transaction():
        assert restoring.restore_event(fair.organiser, fair.event_id) == 1
    (letter,) = sent(smtp)
    assert "照旧办了：庙会 10 班" in str(letter["Subject"])
    assert letter.get_content().count("名额给您留到") == 10
    assert len(rows) == 10


def test_what_changed_of_all_shifts_is_one_letter_with_each_of_them(fair, client, smtp, time):
    everything(fair, resident(client))
    time.advance(timedelta(seconds=6))
    sent(smtp)
    with transaction():
        events.change(fair.organiser, fair.event_id, builders.details_of(fair.event_id, place="文化宫东门"))
    (letter,) = sent(smtp)
    assert letter.get_content().count("文化宫东门") == 10


def test_the_shifts_of_a_day_are_one_reminder_and_what_was_given_back_is_not_in_it(fair, client, smtp, time):
    actor = resident(client)
    rows = everything(fair, actor)
    time.advance(timedelta(seconds=6))
    sent(smtp)
    with transaction():
        offers.withdraw(actor, rows[0].id)
    local = clock.local(fair.shifts()[0].starts_at) - timedelta(days=1)
    clock.freeze(local.replace(hour=18, minute=0))
    (letter,) = sent(smtp)
    assert "有 4 班" in str(letter["Subject"])
    assert "9:00 到" not in letter.get_content()


@pytest.mark.parametrize(("before", "kinds"), [(timedelta(hours=2), {"signed_up"}), (timedelta(hours=15), {"signed_up"}), (timedelta(days=3), {"signed_up", "shift_reminder"})])
def test_nobody_hears_twice_in_the_same_second(fair, client, before, kinds):
    actor, shift = resident(client), fair.shifts()[0]
    clock.freeze(shift.starts_at - before)
    with transaction():
        signing.sign_up(actor, shift.id, has_read_briefing=True)
    told = db.session.scalars(select(Message)).all()
    assert {m.kind for m in told} == kinds
    assert len({m.due_at for m in told}) == len(told)


def test_who_accepts_a_place_on_the_day_is_not_reminded_at_once(fair, client):
    shift = fair.shifts()[0]
    held = [builders.volunteer() for _ in range(shift.most)]
    for one in held:
        with transaction():
            signing.sign_up(one, shift.id, has_read_briefing=True)
    actor = resident(client)
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True, wants_to_wait=True).id
    clock.freeze(shift.starts_at - timedelta(hours=14))
    with transaction():
        offers.withdraw(held[0], db.session.scalars(select(SignUp).where(SignUp.person_id == held[0].person_id)).one().id)
    with transaction():
        offers.answer(actor, row, accepts=True)
    kinds = {m.kind for m in db.session.scalars(select(Message).where(Message.recipient_id == actor.user_id))}
    assert kinds == {"waiting", "place_offered", "signed_up"}


def test_hours_settled_together_are_one_letter(fair, client, smtp, time):
    actor = resident(client)
    rows = everything(fair, actor)
    leader = builders.identity.actor_of(db.session.merge(fair.leader))
    for row, shift in list(zip(rows, fair.shifts(), strict=True))[:3]:
        for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            clock.freeze(moment)
            with transaction():
                attendance.tick(leader, row.id, direction)
    clock.freeze(fair.shifts()[2].ends_at + timedelta(minutes=31))
    sent(smtp)
    with transaction():
        counting.count_ended()
    (letter,) = sent(smtp)
    assert "请看一眼您的时长：3 班" in str(letter["Subject"])
    time.advance(timedelta(days=9))
    with transaction():
        counting.settle_due()
    letters = [one for one in sent(smtp) if "入账" in str(one["Subject"])]
    assert len(letters) == 1
    assert letters[0].get_content().count("50 分钟入账了") == 3
    assert {s.status for s in fair.shifts()[:3]} == {ShiftStatus.SETTLED}
    assert db.session.get_one(User, actor.user_id)
