"""What changes about a shift that people hold is told to them; what cannot change is refused with who is in."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.outbox.delivery import deliver_due, read
from civic.outbox.models import Message
from civic.volunteering.actions import cancelling, events, offers, people, scheduling, signing
from civic.volunteering.models.events import Post
from tests.support import builders
from tests.support.refusals import refused_in_words


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3, posts=("育才小学路口", "中医院路口"))


@pytest.fixture
def held(zebra):
    """Two volunteers on the first shift, one of them also on a later one of another post; one who withdrew."""
    huang, wei, gone = (builders.volunteer(name, email=f"{box}@civic.example") for name, box in (("黄素芬", "huang"), ("魏建国", "wei"), ("何秀英", "he")))
    first = zebra.shifts()[0]
    later = next(s for s in zebra.shifts() if s.post_id != first.post_id and s.day > first.day)
    with transaction():
        for actor, shift in ((huang, first), (wei, first), (wei, later), (gone, first)):
            row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    with transaction():
        offers.withdraw(gone, row.id)
    return first, later


@pytest.fixture
def told(smtp):
    """Whom the letters that went out since the last look tell of a change: a name for each letter, however many shifts it tells."""

    def look(saying=""):
        while deliver_due():
            pass
        found, smtp.letters = smtp.letters, []
        bodies = [one.get_content() for one in found if "有变动" in str(one["Subject"])]
        return sorted(body.partition("，您好")[0].strip() for body in bodies if saying in body)

    return look


def test_another_place_is_told_once_to_each_who_is_in(zebra, held, told):
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, description="照旧"))
    assert told() == []
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, place="解放路沿线"))
    assert told(saying="解放路沿线") == ["魏建国", "黄素芬"]


def test_a_post_of_another_name_is_told_to_who_stands_there(zebra, held, told):
    _first, later = held
    post = db.session.get(Post, later.post_id)
    same = {"role": post.role, "is_on_carriageway": False, "x": 10, "y": 10, "corner": "人多"}
    with transaction():
        events.change_post(zebra.organiser, post.id, name=post.name, **same)
    assert told() == []
    with transaction():
        events.change_post(zebra.organiser, post.id, name="中医院北门", **same)
    assert told() == ["魏建国"]


def test_an_earlier_end_is_told_and_a_later_one_refused(zebra, held, told):
    first, _later = held
    assert refused_in_words(lambda: scheduling.resize(zebra.organiser, first.id, most=3, ends=time(20, 0)))[0] == "ends_later"
    with transaction():
        scheduling.resize(zebra.organiser, first.id, most=3, ends=time(8, 30))
    assert told() == ["魏建国", "黄素芬"]


def test_a_shift_made_smaller_than_those_who_are_in_is_refused_with_their_names(zebra, held):
    first, _later = held
    code, words = refused_in_words(lambda: scheduling.resize(zebra.organiser, first.id, most=1))
    assert code == "below_taken"
    assert "黄素芬" in words
    assert "魏建国" in words
    assert "何秀英" not in words


def test_what_is_over_is_told_to_nobody(zebra, held, told):
    _first, later = held
    clock.freeze(later.ends_at)
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, place="解放路沿线"))
    assert told() == []


def test_who_has_no_account_hears_on_the_number_they_gave_that_a_shift_is_called_off(zebra):
    leader = builders.identity.actor_of(db.session.merge(zebra.leader))
    with transaction():
        guest = people.guest(leader, name="季春生", phone="13812344821")
        elder = people.guest(leader, name="季大海", phone="13812344821", is_of_household=True)
        later = zebra.shifts()[4]
        for person in (guest, elder):
            signing.sign_up_at_table(leader, later.id, person.id)
    with transaction():
        cancelling.cancel_shift(leader, later.id, reason="大雨")
    letters = [read(m) for m in db.session.scalars(select(Message).where(Message.kind == "shift_cancelled").order_by(Message.id))]
    assert [(a.channel, a.value) for a, _subject, _body in letters] == [("sms", "13812344821")] * 2
    for _address, subject, body in letters:
        assert "不办了" in subject
        # A text message: the occasion and the way in, no names; and a way that needs no account.
        assert body.strip().endswith(f"/volunteering/events/{zebra.event_id}")
    assert letters[1][1].startswith("家里人")
