"""Hours and days: over midnight, of their own for each day and each week, set by hand, called off and taken back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.outbox.models import Message
from civic.volunteering.actions import (
    attendance,
    cancelling,
    counting,
    events,
    guarding,
    offers,
    people,
    restoring,
    scheduling,
    signing,
)
from civic.volunteering.models.attendance import Direction, Hours
from civic.volunteering.models.events import Event, Pattern, Risk, Shift, SignUp
from civic.volunteering.rules import scheduling as rules
from civic.volunteering.rules import sheets
from civic.volunteering.states import EventStatus, Rhythm, ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.refusals import refused, refused_at

S = SignUpStatus


@pytest.fixture
def park(app):
    """A crossing's town with an event that stands at no road, without hours yet."""
    found = builders.crossing(risk=Risk.OUTDOOR)
    with transaction():
        for pattern in db.session.scalars(select(Pattern)).all():
            scheduling.end_pattern(found.organiser, pattern.id)
    assert found.shifts() == []
    return found


def hours(zebra, starts, ends, **more):
    values = {"name": "", "rhythm": Rhythm.DAILY, "least": 1, "normal": 2, "most": 2, **more}
    with transaction():
        return scheduling.add_pattern(zebra.organiser, zebra.event_id, starts=starts, ends=ends, **values).id


def generate(zebra, first, last=None, **more):
    with transaction():
        return scheduling.generate(zebra.organiser, zebra.event_id, first=first, last=last or first, **more)


def spans(zebra, day=None):
    db.session.rollback()
    db.session.expire_all()
    return [(f"{clock.local(s.starts_at):%d %H:%M}", f"{clock.local(s.ends_at):%d %H:%M}") for s in zebra.shifts() if day is None or s.day == day]


def fresh(row):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(type(row), row.id)


def take(actor, shift, **more):
    with transaction():
        return signing.sign_up(actor, shift.id, has_read_briefing=True, **more)


def in_days(n):
    return clock.today() + timedelta(days=n)


# Over midnight -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("ends", "minutes", "said"), [(time(2), 240, "次日2:00"), (time(0), 120, "24:00")])
def test_a_shift_reaches_or_crosses_midnight_and_counts_on_the_day_it_begins(park, client, ends, minutes, said):
    hours(park, time(22), ends)
    generate(park, in_days(3))
    (shift,) = park.shifts()
    assert (shift.day, shift.ends_at - shift.starts_at) == (in_days(3), timedelta(minutes=minutes))
    actor = builders.volunteer("黄素芬")
    row = take(actor, shift)
    client.sign_in(db.session.get_one(User, actor.user_id).phone)
    assert f"22:00–{said}" in client.words(client.get(f"/volunteering/events/{park.event_id}?day={in_days(3)}"))
    leader = builders.identity.actor_of(db.session.merge(park.leader))
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row.id, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    line = db.session.scalars(select(Hours)).one()
    assert (line.day, line.minutes) == (shift.day, minutes)


@pytest.mark.parametrize("typed", ["02:00", "00:00", "24:00"])
def test_the_desk_takes_an_end_on_the_next_day(park, client, typed):
    client.sign_in(db.session.get_one(User, park.organiser.user_id).phone)
    address = f"/volunteering/desk/events/{park.event_id}"
    answer = client.post(f"{address}/pattern", data={"pattern-starts": "22:00", "pattern-ends": typed, "pattern-least": 1, "pattern-most": 2})
    assert answer.status_code == 303
    assert f"22:00–{'次日02:00' if typed == '02:00' else '24:00'}" in client.words(client.get(address))


def test_two_times_that_were_mixed_up_are_no_night_watch(park):
    assert refused_at(lambda: scheduling.add_pattern(park.organiser, park.event_id, name="", starts=time(9), ends=time(8))) == ("hours_long", "ends")
    assert refused_at(lambda: scheduling.add_pattern(park.organiser, park.event_id, name="", starts=time(9), ends=time(9))) == ("hours_long", "ends")


def test_nobody_under_age_serves_into_the_night_because_two_is_less_than_nineteen(park):
    hours(park, time(18), time(2))
    generate(park, in_days(3))
    parent = builders.volunteer()
    with transaction():
        ward = people.add_ward(parent, name="小满", birth_date=date(2010, 5, 1)).person_id
    assert refused(lambda: signing.sign_up(parent, park.shifts()[0].id, person_id=ward, has_read_briefing=True)) == "too_late_for_minor"


def test_time_over_midnight_is_not_counted_twice(park):
    hours(park, time(22), time(0, 30))
    hours(park, time(0, 30), time(2))
    generate(park, in_days(3), in_days(4))
    by_span = {(s.day, clock.local(s.starts_at).hour): s for s in park.shifts()}
    late, early = by_span[in_days(3), 22], by_span[in_days(4), 0]
    actor, leader = builders.volunteer(), builders.identity.actor_of(db.session.merge(park.leader))
    rows = [take(actor, shift).id for shift in (late, early)]
    clock.freeze(late.starts_at)
    with transaction():
        attendance.tick(leader, rows[0], Direction.IN)
    clock.freeze(early.starts_at)
    with transaction():
        attendance.tick(leader, rows[1], Direction.IN)
    clock.freeze(early.starts_at + timedelta(minutes=30))
    with transaction():
        attendance.tick(leader, rows[0], Direction.OUT)
        attendance.tick(leader, rows[1], Direction.OUT)
    clock.freeze(early.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert sum(line.minutes for line in db.session.scalars(select(Hours))) <= 180


@settings(deadline=None)
@given(starts=st.times(), minutes=st.integers(15, 16 * 60), after=st.integers(-120, 120), at_end=st.booleans())
def test_a_time_on_paper_means_the_moment_near_the_shift(starts, minutes, after, at_end):
    begin = datetime.combine(date(2026, 7, 20), starts.replace(second=0, microsecond=0), tzinfo=clock.zone())
    end = begin + timedelta(minutes=minutes)
    meant = (end if at_end else begin) + timedelta(minutes=after)
    found = sheets.moment_of(meant.time(), begin, end)
    assert found.time() == meant.time()
    assert begin - sheets.AROUND <= found <= end + sheets.AROUND


# Hours of their own --------------------------------------------------------------------------------


def test_each_day_of_an_event_has_hours_of_its_own(park):
    hours(park, time(9), time(12), first=in_days(12))
    hours(park, time(14), time(17), first=in_days(13))
    assert generate(park, in_days(10), in_days(15)).made == 2
    assert spans(park, in_days(12)) == [(f"{in_days(12):%d} 09:00", f"{in_days(12):%d} 12:00")]
    assert spans(park, in_days(13)) == [(f"{in_days(13):%d} 14:00", f"{in_days(13):%d} 17:00")]


def test_one_rule_is_every_saturday_and_a_wider_run_fills_no_weekday(park):
    hours(park, time(9), time(11), rhythm=Rhythm.WEEKLY, weekdays=[5])
    generate(park, in_days(1), in_days(60))
    days = [s.day for s in park.shifts()]
    assert len(days) >= 8
    assert {day.weekday() for day in days} == {5}
    assert generate(park, in_days(1), in_days(90)).removed == 0
    assert {s.day.weekday() for s in park.shifts()} == {5}


def test_two_hours_of_one_beginning_are_two_shifts(park):
    hours(park, time(8), time(9))
    hours(park, time(8), time(12))
    assert generate(park, in_days(3)).made == 2
    assert len(spans(park)) == 2
    assert generate(park, in_days(3)) == scheduling.Generated(0, 0, 0, 0)


def test_of_two_rules_for_one_hour_the_one_that_names_its_days_more_closely_says_how_many(park):
    hours(park, time(8), time(9), most=4, normal=4)
    hours(park, time(8), time(9), rhythm=Rhythm.WEEKLY, weekdays=[in_days(3).weekday()], most=6, normal=6)
    hours(park, time(8), time(9), first=in_days(4), most=8, normal=8)
    generate(park, in_days(2), in_days(4))
    assert [s.most for s in park.shifts()] == [4, 6, 8]


def test_the_same_hours_on_other_days_are_other_hours_and_the_same_rule_is_not_two(park):
    hours(park, time(8), time(9))
    hours(park, time(8), time(9), rhythm=Rhythm.WORKDAYS)
    hours(park, time(8), time(9), first=in_days(4), last=in_days(5))
    for again in ({}, {"rhythm": Rhythm.WORKDAYS}, {"first": in_days(4), "last": in_days(5)}):
        values = {"name": "", "rhythm": Rhythm.DAILY, **again}
        assert refused(lambda v=values: scheduling.add_pattern(park.organiser, park.event_id, starts=time(8), ends=time(9), **v)) == "pattern_known"


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"rhythm": Rhythm.WEEKLY}, "weekdays_missing", "weekdays"),
        ({"rhythm": Rhythm.WORKDAYS, "weekdays": [5]}, "weekdays_unclear", "rhythm"),
        ({"last": date(2026, 8, 1)}, "days_half", "first"),
        ({"first": date(2026, 8, 2), "last": date(2026, 8, 1)}, "days_order", "last"),
        ({"least": 3, "normal": 2}, "numbers_order", "most"),
    ],
)
def test_a_rule_that_says_two_things_is_refused_at_its_field(park, wrong, code, field):
    assert refused_at(lambda: scheduling.add_pattern(park.organiser, park.event_id, name="", starts=time(8), ends=time(9), **wrong)) == (code, field)


def test_the_desk_writes_a_weekly_rule_and_reads_it_back(park, client):
    client.sign_in(db.session.get_one(User, park.organiser.user_id).phone)
    address = f"/volunteering/desk/events/{park.event_id}"
    data = {"pattern-starts": "9:00", "pattern-ends": "11:00", "pattern-least": 1, "pattern-most": 2, "pattern-rhythm": "weekly", "pattern-weekdays": ["5", "6"]}
    assert client.post(f"{address}/pattern", data={**data, "pattern-rhythm": "workdays"}).status_code == 422
    assert client.post(f"{address}/pattern", data=data).status_code == 303
    assert client.post(f"{address}/pattern", data={**data, "pattern-rhythm": "daily", "pattern-weekdays": [], "pattern-first": in_days(9)}).status_code == 303
    words = client.words(client.get(address))
    assert "每周六、周日" in words
    assert "只有7月25日" in words


@settings(deadline=None)
@given(day=st.dates(date(2026, 1, 1), date(2026, 12, 31)), marks=st.text("01", min_size=7, max_size=7))
def test_a_weekly_rule_falls_on_the_days_it_marks(day, marks):
    said = rules.falls_on(day, rhythm=Rhythm.WEEKLY, weekdays=marks, first=None, last=None, is_working_day=False)
    assert said == (marks[day.weekday()] == "1")


# Generated and set by hand ---------------------------------------------------------------------------


def test_what_was_set_by_hand_is_not_set_back_by_generating_and_can_be_undone(park):
    hours(park, time(8), time(12))
    generate(park, in_days(3), in_days(4))
    shift = park.shifts()[0]
    with transaction():
        scheduling.resize(park.organiser, shift.id, most=5, ends=time(11))
    made = generate(park, in_days(3), in_days(4))
    assert (made.made, made.changed, made.by_hand) == (0, 0, 1)
    shift = fresh(shift)
    assert (shift.most, f"{clock.local(shift.ends_at):%H:%M}") == (5, "11:00")
    with transaction():
        scheduling.undo_by_hand(park.organiser, shift.id)
    shift = fresh(shift)
    assert (shift.most, f"{clock.local(shift.ends_at):%H:%M}", shift.hand_most, shift.hand_ends_at) == (2, "12:00", None, None)
    assert refused(lambda: scheduling.undo_by_hand(park.organiser, shift.id)) == "not_by_hand"


def test_only_the_end_set_by_hand_leaves_the_numbers_to_the_rule(park):
    hours(park, time(8), time(12))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    with transaction():
        scheduling.resize(park.organiser, shift.id, most=shift.most, ends=time(11))
    assert (fresh(shift).hand_most, fresh(shift).hand_ends_at is not None) == (None, True)


def test_a_shift_is_not_made_longer_under_those_who_are_in(park):
    hours(park, time(8), time(12))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    with transaction():
        scheduling.resize(park.organiser, shift.id, most=2, ends=time(11))
    take(builders.volunteer(), shift)
    assert refused(lambda: scheduling.undo_by_hand(park.organiser, shift.id)) == "ends_later"
    assert refused_at(lambda: scheduling.resize(park.organiser, shift.id, most=2, ends=time(7))) == ("hours_order", "ends")


def test_one_shift_cannot_be_given_the_hours_of_another_at_its_post(park):
    hours(park, time(8), time(9))
    hours(park, time(8), time(12))
    generate(park, in_days(3))
    longer = next(s for s in park.shifts() if s.ends_at - s.starts_at == timedelta(hours=4))
    assert refused_at(lambda: scheduling.resize(park.organiser, longer.id, most=2, ends=time(9))) == ("same_hours", "ends")


def test_hours_written_later_that_a_shift_set_by_hand_has_taken_are_said_and_not_made_twice(park):
    hours(park, time(8), time(12))
    generate(park, in_days(3))
    with transaction():
        scheduling.resize(park.organiser, park.shifts()[0].id, most=2, ends=time(9))
    hours(park, time(8), time(9))
    made = generate(park, in_days(3))
    assert (made.made, made.by_hand) == (0, 2)
    assert len(park.shifts()) == 1


def test_a_shift_over_midnight_ends_earlier_on_the_next_day(park):
    hours(park, time(22), time(2))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    with transaction():
        scheduling.resize(park.organiser, shift.id, most=2, ends=time(1))
    assert fresh(shift).ends_at - shift.starts_at == timedelta(hours=3)
    with transaction():
        scheduling.resize(park.organiser, shift.id, most=2, ends=time(23))
    assert fresh(shift).ends_at - shift.starts_at == timedelta(hours=1)


# Called off and taken back ---------------------------------------------------------------------------


def test_a_day_called_off_by_mistake_stands_again_and_who_was_in_is_asked(park, client):
    hours(park, time(8), time(9))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    first, second, third = (builders.volunteer() for _ in range(3))
    rows = [take(first, shift), take(second, shift), take(third, shift, wants_to_wait=True)]
    with transaction():
        cancelling.cancel_day(park.organiser, park.event_id, in_days(3), reason="写错了日子")
    client.sign_in(db.session.get_one(User, park.organiser.user_id).phone)
    address = f"/volunteering/desk/events/{park.event_id}"
    page = client.get(address)
    assert "照旧办" in page.text
    assert client.post(f"{address}/restoration", data={"day": in_days(3)}).status_code == 303
    shift = fresh(shift)
    assert (shift.status, shift.taken, shift.waiting, shift.cancelled_for, shift.called_off_at) == (ShiftStatus.OPEN, 2, 1, None, None)
    assert [fresh(row).status for row in rows] == [S.OFFERED, S.OFFERED, S.WAITING]
    assert {m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "shift_restored"))} == {a.user_id for a in (first, second, third)}
    with transaction():
        offers.answer(first, rows[0].id, accepts=True)
    assert fresh(rows[0]).status is S.CONFIRMED
    clock.freeze(fresh(rows[1]).offer_until)
    with transaction():
        offers.lapse_due()
    assert [fresh(row).status for row in rows] == [S.CONFIRMED, S.LAPSED, S.OFFERED]
    assert client.post(f"{address}/restoration", data={"day": in_days(3)}).status_code == 409


def test_generating_the_one_day_lets_it_stand_again_a_longer_run_leaves_it_off(park, client):
    hours(park, time(8), time(9))
    generate(park, in_days(3), in_days(5))
    with transaction():
        cancelling.cancel_day(park.organiser, park.event_id, in_days(4), reason="大雨")
    made = generate(park, in_days(3), in_days(5))
    assert (made.made, made.kept, made.called_off) == (0, 0, 1)
    client.sign_in(db.session.get_one(User, park.organiser.user_id).phone)
    address = f"/volunteering/desk/events/{park.event_id}"
    client.get(address)
    answer = client.post(f"{address}/generation", data={"generation-first": in_days(4), "generation-last": in_days(4)})
    assert answer.status_code == 303
    words = client.words(client.get(address))
    assert "新排 1 班" in words
    assert "有人报名的 0 班没有动" in words
    db.session.rollback()
    db.session.expire_all()
    assert {s.status for s in park.shifts()} == {ShiftStatus.OPEN}


def test_who_has_other_plans_meanwhile_is_told_and_keeps_no_place(park):
    hours(park, time(8), time(9))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    actor = builders.volunteer()
    row = take(actor, shift)
    with transaction():
        cancelling.cancel_shift(park.organiser, shift.id, reason="大雨")
    hours(park, time(8, 30), time(10))
    with transaction():
        scheduling.generate(park.organiser, park.event_id, first=in_days(3), last=in_days(4))
    other = next(s for s in park.shifts() if s.status is ShiftStatus.OPEN and s.day == in_days(3))
    take(actor, other)
    with transaction():
        assert restoring.restore_shift(park.organiser, shift.id) == 1
    assert (fresh(row).status, fresh(shift).taken) == (S.CANCELLED, 0)
    assert db.session.scalars(select(Message).where(Message.kind == "shift_restored")).one()
    with transaction():
        offers.withdraw(actor, db.session.scalars(select(SignUp).where(SignUp.shift_id == other.id)).one().id)
    assert take(actor, shift).status is S.CONFIRMED


def test_an_event_called_off_takes_place_after_all_but_not_on_the_days_of_rain(park, client):
    hours(park, time(8), time(9))
    generate(park, in_days(3), in_days(5))
    rainy, dry = park.shifts()[:2]
    row = take(builders.volunteer(), dry)
    with transaction():
        cancelling.cancel_day(park.organiser, park.event_id, rainy.day, reason="大雨")
    clock.advance(timedelta(hours=1))
    client.sign_in(db.session.get_one(User, park.organiser.user_id).phone)
    address = f"/volunteering/desk/events/{park.event_id}"
    client.get(address)
    assert client.post(f"{address}/cancellation", data={"cancellation-reason": "台风"}).status_code == 303
    assert "活动取消了，通知了 1 个人（1 班）。" in client.words(client.get(address))
    assert fresh(row).status is S.CANCELLED
    assert refused(lambda: cancelling.cancel_event(park.organiser, park.event_id, reason="台风")) == "event_over"
    assert refused(lambda: restoring.restore_shift(park.organiser, rainy.id)) == "event_over"
    assert client.post(f"{address}/reinstatement").status_code == 303
    event = fresh(db.session.get_one(Event, park.event_id))
    assert (event.status, event.called_off_at) == (EventStatus.PUBLISHED, None)
    assert [s.status for s in park.shifts()] == [ShiftStatus.CANCELLED, ShiftStatus.OPEN, ShiftStatus.OPEN]
    assert fresh(row).status is S.OFFERED
    assert client.post(f"{address}/reinstatement").status_code == 409


def test_what_has_begun_is_not_taken_back(park):
    hours(park, time(8), time(9))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    with transaction():
        cancelling.cancel_shift(park.organiser, shift.id, reason="大雨")
    clock.freeze(shift.starts_at)
    assert refused(lambda: restoring.restore_shift(park.organiser, shift.id)) == "nothing_to_restore"


def test_nobody_elsewhere_takes_a_calling_off_back(park):
    hours(park, time(8), time(9))
    generate(park, in_days(3))
    (shift,) = park.shifts()
    with transaction():
        cancelling.cancel_event(park.organiser, park.event_id, reason="大雨")
        elsewhere = builders.identity.actor_of(builders.account(builders.Role.ORGANISER, db.session.merge(park.town.other[3])))
    for deed in (
        lambda: restoring.restore_event(elsewhere, park.event_id), lambda: restoring.restore_day(elsewhere, park.event_id, shift.day),
        lambda: restoring.restore_shift(elsewhere, shift.id), lambda: scheduling.undo_by_hand(elsewhere, shift.id),
    ):  # fmt: skip
        assert refused(deed) == "not_here"
    assert fresh(shift).status is ShiftStatus.CANCELLED
    assert db.session.get(Shift, shift.id + 999) is None


# Sign-up that ends before it begins ------------------------------------------------------------------


def test_an_event_whose_sign_up_ends_before_it_begins_is_not_published_nor_made_so(park):
    impossible = builders.details_of(park.event_id, opens_days=1, closes_hours=24)
    assert refused_at(lambda: events.change(park.organiser, park.event_id, impossible)) == ("closes_before_opens", "closes_hours")
    with transaction():
        team = db.session.get_one(Event, park.event_id).team
        draft = events.begin(park.organiser, team, db.session.merge(park.town.line[3]), impossible).id
        events.add_post(park.organiser, draft, name="东门")
        scheduling.add_pattern(park.organiser, draft, name="", starts=time(8), ends=time(9))
        scheduling.generate(park.organiser, draft, first=in_days(3), last=in_days(9))
    assert refused_at(lambda: events.publish(park.organiser, draft)) == ("closes_before_opens", "closes_hours")
    with transaction():
        events.change(park.organiser, draft, builders.details_of(draft, closes_hours=23))
        assert events.publish(park.organiser, draft).status is EventStatus.PUBLISHED
    assert guarding.CLOSES_BEFORE_OPENS
