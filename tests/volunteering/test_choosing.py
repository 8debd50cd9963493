"""What one says about oneself: when one is free, how one wants to hear; and where a post stands on the map."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.actions import accounts
from civic.identity.models import LetterWay, Person
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message
from civic.outbox.rules import next_polite
from civic.points.actions import entries as points
from civic.volunteering.actions import cancelling, events, offers, people, signing
from civic.volunteering.models.events import Role as Work
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import shifts
from civic.volunteering.rules.signing import free_spans
from tests.support import builders

ZONE = ZoneInfo("Asia/Shanghai")


def at(hour, minute=0, day=17):
    return datetime(2026, 7, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "first", "last", "expected"),
    [
        (at(12), 20, 8, at(12)), (at(21), 20, 8, at(8, day=18)), (at(6, 30), 20, 8, at(8)), (at(13), 12, 14, at(14)), (at(15), 12, 14, at(15)),
        (at(2), 0, 6, at(6)), (at(23), 9, 9, at(23)), (at(20), 20, 8, at(8, day=18)), (at(8), 20, 8, at(8)),
    ],
)  # fmt: skip
def test_quiet_hours_end_when_they_were_said_to(moment, first, last, expected):
    assert next_polite(moment, time(first), time(last)) == expected


def test_free_spans_join_neighbours_and_keep_to_their_days():
    monday_all_day_and_friday_evening = "111" + "000" * 3 + "001" + "000" * 2
    spans = free_spans(monday_all_day_and_friday_evening, date(2026, 7, 16), ZONE)
    assert spans[0] == (at(17), at(0, day=18))
    assert spans[1] == (at(0, day=20), at(0, day=21))
    assert all(begin < end for begin, end in spans)


def test_only_what_one_has_time_for_is_shown_and_one_tap_shows_all(app, client):
    zebra = builders.crossing(most=2)
    with transaction():
        user = builders.account(name="黄素芬", phone="13900050001")
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
    client.sign_in("13900050001")
    everything = client.get("/volunteering/").get_data(as_text=True)
    assert "7:30–9:00" in everything
    assert "17:00–18:30" in everything
    client.get("/volunteering/free")
    assert client.post("/volunteering/free", data={"free": [f"{day}-2" for day in range(7)]}).status_code == 303
    mine = client.get("/volunteering/").get_data(as_text=True)
    assert "7:30–9:00" not in mine
    assert "17:00–18:30" in mine
    assert "7:30–9:00" in client.get("/volunteering/?times=all").get_data(as_text=True)
    assert 'value="3-2" checked' in client.get("/volunteering/free").get_data(as_text=True)
    assert client.post("/volunteering/free", data={"free": ["0-0"]}).status_code == 303
    only_mondays = client.get("/volunteering/").get_data(as_text=True)
    assert {s.day.weekday() for s in shifts.coming(free=free_spans("1" + "0" * 20, clock.today(), ZONE)).items} == {0}
    assert "7:30–9:00" in only_mondays
    assert client.post("/volunteering/free", data={"free": ["9-9", "x"]}).status_code == 303
    db.session.rollback()
    assert db.session.get(Volunteer, user.person_id).free_times is None
    assert zebra.event_id


def test_why_one_cannot_take_a_shift_stands_beside_it(app, client):
    zebra = builders.crossing(most=2, opens_days=3)
    with transaction():
        user = builders.account(name="小黄", phone="13900050002")
        people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
        db.session.get(Person, user.person_id).birth_date = date(clock.today().year - 13, 1, 1)
    client.sign_in("13900050002")
    words = client.get("/volunteering/").get_data(as_text=True)
    assert "路口的活动要满 14 岁" in words
    assert "开始报名" in words
    assert "路口的活动要满 14 岁" in client.get(f"/volunteering/events/{zebra.event_id}").get_data(as_text=True)


def signed_up(user, shift):
    with transaction():
        return signing.sign_up(builders.identity.actor_of(user), shift.id, has_read_briefing=True)


def letters(smtp, address):
    while deliver_due():
        pass
    return [str(letter["Subject"]).split("：")[0] for letter in smtp.to(address)]


def evening_before(shift):
    return datetime.combine(shift.day - timedelta(days=1), time(19), tzinfo=ZONE)


@pytest.fixture
def four(app):
    """Four who are in for a shift in a week, with mailboxes."""
    zebra = builders.crossing(most=6)
    shift = next(s for s in zebra.shifts() if s.day >= clock.today() + timedelta(days=5))
    users = []
    for name in ("huang", "wei", "he", "zhao"):
        with transaction():
            user = builders.account(name=name, email=f"{name}@civic.example")
            people.register(builders.identity.actor_of(user), birth_date=builders.BORN)
        users.append(user)
    return zebra, shift, users


def test_who_is_reminded_is_asked_when_the_reminder_goes_out(four, smtp):
    zebra, shift, (huang, wei, he, zhao) = four
    rows = {user.id: signed_up(user, shift).id for user in (huang, wei, he)}
    with transaction():
        accounts.choose_letters(he.id, way=LetterWay.AUTO, quiet_from=20, quiet_until=8, wants_reminders=False)
        offers.withdraw(builders.identity.actor_of(wei), rows[wei.id])
    clock.freeze(evening_before(shift))
    assert len(letters(smtp, "huang@civic.example")) == 2
    assert letters(smtp, "wei@civic.example") == []
    kinds = dict(db.session.execute(select(Message.recipient_id, Message.problem).where(Message.kind == "shift_reminder")).all())
    assert kinds == {huang.id: None, wei.id: "no_longer_due", he.id: "no_longer_due"}
    assert zhao.id not in kinds
    assert zebra.event_id


def test_reminders_of_a_cancelled_event_are_not_sent(four, smtp):
    zebra, shift, (huang, wei, *_) = four
    for user in (huang, wei):
        signed_up(user, shift)
    with transaction():
        cancelling.cancel_event(zebra.organiser, zebra.event_id, reason="台风")
    clock.freeze(evening_before(shift))
    letters(smtp, "huang@civic.example")
    found = db.session.execute(select(Message.kind, Message.status, Message.problem).where(Message.kind.in_(("shift_reminder", "shift_cancelled")))).all()
    assert sorted((kind, status.value, problem) for kind, status, problem in found) == [
        ("shift_cancelled", "sent", None), ("shift_cancelled", "sent", None),
        ("shift_reminder", "dropped", "no_longer_due"), ("shift_reminder", "dropped", "no_longer_due"),
    ]  # fmt: skip


def test_ones_own_quiet_hours_move_a_letter_but_never_past_the_shift(four, smtp):
    _zebra, shift, (huang, wei, *_) = four
    with transaction():
        accounts.choose_letters(huang.id, way=LetterWay.AUTO, quiet_from=17, quiet_until=7, wants_reminders=True)
        accounts.choose_letters(wei.id, way=LetterWay.AUTO, quiet_from=17, quiet_until=10, wants_reminders=True)
    for user in (huang, wei):
        signed_up(user, shift)
    clock.freeze(evening_before(shift))
    letters(smtp, "huang@civic.example")
    rows = {m.recipient_id: m for m in db.session.scalars(select(Message).where(Message.kind == "shift_reminder"))}
    assert (rows[huang.id].status.value, clock.local(rows[huang.id].due_at).hour, rows[huang.id].attempts) == ("waiting", 7, 0)
    # In the morning it would be too late for him: rather in his quiet hours than after the shift began.
    assert rows[wei.id].status.value == "sent"


def test_points_that_expire_are_not_told_at_night(four, smtp):
    zebra, _shift, (huang, wei, *_) = four
    day = clock.today() + timedelta(days=60 - 1096)
    with transaction():
        accounts.choose_letters(wei.id, way=LetterWay.AUTO, quiet_from=23, quiet_until=7, wants_reminders=True)
        for user in (huang, wei):
            points.award(zebra.organiser, user.person_id, minutes=60, role="guide", source=f"test:{user.id}", words="服务", day=day)
    clock.freeze(at(22, day=clock.today().day))
    with transaction():
        assert points.warn_due() == 2
    letters(smtp, "wei@civic.example")
    found = {m.recipient_id: m for m in db.session.scalars(select(Message).where(Message.kind == "points_expiring"))}
    assert (found[huang.id].status.value, clock.local(found[huang.id].due_at).hour) == ("waiting", 8)
    assert found[wei.id].status.value == "sent"


def test_a_way_without_an_address_is_refused_and_a_chosen_one_is_used(app, client):
    from civic.identity.letters import address_of

    with transaction():
        user = builders.account(name="黄素芬", phone="13900050003")
    client.sign_in("13900050003")
    client.get("/identity/letter_choice")
    answer = client.post("/identity/letter_choice", data={"way": "email", "quiet_from": 22, "quiet_until": 7, "wants_reminders": "y"})
    assert answer.status_code == 422
    assert 'value="22"' in answer.get_data(as_text=True)
    assert client.post("/identity/letter_choice", data={"way": "sms", "quiet_from": 24, "quiet_until": 7}).status_code == 422
    assert client.post("/identity/letter_choice", data={"way": "sms", "quiet_from": 22, "quiet_until": 7}).status_code == 303
    words = client.get("/identity/settings").get_data(as_text=True)
    assert "22 点到 7 点不打扰" in words
    assert "不提醒" in words
    with transaction():
        accounts.change_contact(user.id, builders.Contact("email", "huang@civic.example"))
    message = Message(recipient_id=user.id)
    assert address_of(message).channel == "sms"
    with transaction():
        accounts.choose_letters(user.id, way=LetterWay.AUTO, quiet_from=20, quiet_until=8, wants_reminders=True)
    assert address_of(message).channel == "email"


def test_a_post_stands_on_the_map_by_two_numbers_or_not_at_all(app, client):
    zebra = builders.crossing()
    with transaction():
        builders.account(builders.Role.ORGANISER, zebra.town.line[3], email="luo@civic.example")
    client.sign_in("luo@civic.example")
    post = zebra.shifts()[0].post_id
    assert client.get(f"/volunteering/desk/posts/{post}").status_code == 200
    words = {"name": "育才小学路口", "role": "guide", "x": 120}
    assert client.post(f"/volunteering/desk/posts/{post}", data=words).status_code == 422
    assert client.post(f"/volunteering/desk/posts/{post}", data={**words, "y": 900}).status_code == 422
    assert client.post(f"/volunteering/desk/posts/{post}", data={**words, "y": 300}).status_code == 303
    assert 'cx="120" cy="300"' in client.get(f"/volunteering/events/{zebra.event_id}").get_data(as_text=True)
    assert client.get("/volunteering/desk/posts/99999").status_code == 404
    new = {"post-name": "菜市口路口", "post-role": "guide", "post-x": 10, "post-y": 20}
    assert client.post(f"/volunteering/desk/events/{zebra.event_id}/post", data=new).status_code == 303
    assert 'cx="10" cy="20"' in client.get(f"/volunteering/events/{zebra.event_id}").get_data(as_text=True)
    stranger = builders.volunteer()
    with pytest.raises(DomainError), transaction():
        events.change_post(stranger, post, name="别处", corner="", role=Work.GUIDE, is_on_carriageway=False, x=None, y=None)
