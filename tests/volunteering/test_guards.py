"""What the law asks of an event holds also when it is changed later: cover for every shift, no child at a carriageway; and
hours that were written wrong can be taken away without touching shifts that people hold."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.volunteering.actions import events, offers, people, scheduling, signing
from civic.volunteering.models.events import Event, Pattern, Post, Risk, Shift
from tests.support import builders
from tests.support.refusals import refused_in_words


def pupil(mother, born=date(2010, 3, 1)):
    with transaction():
        return people.add_ward(mother, name="季小满", birth_date=born).person_id


def test_no_shift_is_made_beyond_the_cover_of_a_published_roadside_event(app):
    zebra = builders.crossing(days=5)
    end = db.session.get(Event, zebra.event_id).insured_until
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, insured_until=clock.today() + timedelta(days=30)))
    later = clock.today() + timedelta(days=40)
    assert refused_in_words(lambda: scheduling.generate(zebra.organiser, zebra.event_id, first=later, last=later + timedelta(days=3)))[0] == "not_covered"
    with transaction():
        events.change(zebra.organiser, zebra.event_id, builders.details_of(zebra.event_id, insured_until=end))
        assert scheduling.generate(zebra.organiser, zebra.event_id, first=later, last=later + timedelta(days=3)).made > 0


def test_a_post_is_not_moved_to_the_carriageway_under_a_minor(app):
    zebra = builders.crossing(most=3)
    mother = builders.volunteer("季春生")
    shift, child = zebra.shifts()[0], pupil(mother)
    with transaction():
        row = signing.sign_up(mother, shift.id, person_id=child, has_read_briefing=True)
    post = db.session.get(Post, shift.post_id)
    same = {"name": post.name, "corner": post.corner, "role": post.role, "x": post.x, "y": post.y}
    code, words = refused_in_words(lambda: events.change_post(zebra.organiser, post.id, **same, is_on_carriageway=True))
    assert code == "minors_in"
    assert "7月17日" in words
    with transaction():
        events.change_post(zebra.organiser, post.id, **same, is_on_carriageway=False)
        offers.withdraw(mother, row.id)
        events.change_post(zebra.organiser, post.id, **same, is_on_carriageway=True)


@pytest.mark.parametrize(("risk", "born", "code"), [(Risk.ROAD, date(2014, 3, 1), "minors_in"), (Risk.ROAD, date(2010, 3, 1), None), (Risk.HIGH, date(2010, 3, 1), "minors_in")])
def test_an_event_does_not_become_more_dangerous_under_a_minor(app, risk, born, code):
    park = builders.crossing(most=3, risk=Risk.OUTDOOR)
    mother = builders.volunteer("季春生")
    shift, child = park.shifts()[0], pupil(mother, born)
    with transaction():
        signing.sign_up(mother, shift.id, has_read_briefing=True)
        signing.sign_up(mother, shift.id, person_id=child, has_read_briefing=True)
    if code:
        assert refused_in_words(lambda: events.change(park.organiser, park.event_id, builders.details_of(park.event_id, risk=risk)))[0] == code
    else:
        with transaction():
            events.change(park.organiser, park.event_id, builders.details_of(park.event_id, risk=risk))


def test_hours_that_were_written_wrong_are_taken_away_but_for_shifts_that_people_hold(app, client):
    zebra = builders.crossing(most=3)
    volunteer = builders.volunteer()
    wrong = db.session.scalars(select(Pattern).where(Pattern.event_id == zebra.event_id).order_by(Pattern.starts)).first()
    theirs = [s for s in zebra.shifts() if s.pattern_id == wrong.id]
    held, pattern_id, others = theirs[0].id, wrong.id, len(zebra.shifts()) - len(theirs)
    with transaction():
        signing.sign_up(volunteer, held, has_read_briefing=True)
    stranger = builders.volunteer()
    assert refused_in_words(lambda: scheduling.end_pattern(stranger, pattern_id))[0] == "not_permitted"
    client.sign_in(db.session.get(User, zebra.organiser.user_id).phone)
    assert "不要这个时段了" in client.words(client.get(f"/volunteering/desk/events/{zebra.event_id}"))
    assert client.post(f"/volunteering/desk/patterns/{pattern_id}/removal").status_code == 303
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get(Pattern, pattern_id) is None
    assert len(zebra.shifts()) == others + 1
    left = db.session.get(Shift, held)
    assert (left.pattern_id, left.taken) == (None, 1)
    # The right hours may be written in its place, and nothing is doubled where somebody stands.
    with transaction():
        scheduling.add_pattern(zebra.organiser, zebra.event_id, name="早高峰", starts=time(7, 30), ends=time(9, 0), least=1, normal=3, most=3)
        scheduling.generate(zebra.organiser, zebra.event_id, first=clock.today() + timedelta(days=1), last=clock.today() + timedelta(days=14))
    assert len([s for s in zebra.shifts() if s.starts_at == left.starts_at and s.post_id == left.post_id]) == 1


