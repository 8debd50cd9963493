"""Kinds of service: a list of the city's own, on events and shifts, in the list's filter, in the summary, in points."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.points import queries as ledger
from civic.points.actions import tariffs
from civic.volunteering.actions import attendance, categories, counting, events, scheduling, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.models.events import Event, Risk, ServiceCategory, Shift
from civic.volunteering.queries import categories as questions
from tests.support import builders
from tests.support.refusals import refused_at


@pytest.fixture
def zebra(app):
    return builders.crossing(most=2)


@pytest.fixture
def chief(zebra):
    with transaction():
        return builders.identity.actor_of(builders.account(Role.CITY_ADMIN, zebra.town.line[5], email="admin@civic.example"))


def park(zebra, code="green"):
    """Another event of the team, of another kind."""
    with transaction():
        team = db.session.get(Event, zebra.event_id).team
        details = events.Details(name="净园", subtitle="", description="捡一圈。", place="橘园", risk=Risk.OUTDOOR, category=code)
        event = events.begin(zebra.organiser, team, zebra.town.line[2], details)
        events.add_post(zebra.organiser, event.id, name="南门")
        scheduling.add_pattern(zebra.organiser, event.id, name="上午", starts=time(9), ends=time(10), least=1, normal=2, most=2)
        scheduling.generate(zebra.organiser, event.id, first=clock.today() + timedelta(days=1), last=clock.today() + timedelta(days=9))
        events.publish(zebra.organiser, event.id)
        return event.id


def kinds_of(event_id):
    return set(db.session.scalars(select(ServiceCategory.code).join(Shift, Shift.category_id == ServiceCategory.id).where(Shift.event_id == event_id)))


def test_the_usual_kinds_are_laid_in_once_and_a_city_adds_and_ends_its_own(zebra, chief, client):
    with transaction():
        categories.ensure_categories(clock.today())
    assert len(questions.every()) == len(categories.STANDARD)
    city = zebra.town.line[5]
    assert refused_at(lambda: categories.add(chief, city, code="R2", name="夜读", since=clock.today())) == ("category_code", "code")
    assert refused_at(lambda: categories.add(chief, city, code="reading", name="文明交通", since=clock.today())) == ("category_known", "name")
    assert refused_at(lambda: categories.add(zebra.organiser, city, code="reading", name="夜读", since=clock.today()))[0] == "not_permitted"
    client.sign_in("admin@civic.example")
    client.get("/volunteering/desk/categories")
    assert client.post("/volunteering/desk/categories", data={"name": "夜读", "code": "reading", "since": clock.today().isoformat()}).status_code == 303
    mine = next(c for c in questions.every() if c.code == "reading")
    assert client.post(f"/volunteering/desk/categories/{mine.id}/end", data={"until": clock.today().isoformat()}).status_code == 303
    assert "夜读" in client.get("/volunteering/desk/categories").get_data(as_text=True)
    clock.advance(timedelta(days=1))
    db.session.rollback()
    assert "reading" not in {c.code for c in questions.in_use(clock.today())}


def test_an_event_names_its_kind_and_its_shifts_follow(zebra):
    assert kinds_of(zebra.event_id) == {"traffic"}
    with transaction():
        now = db.session.get(Event, zebra.event_id)
        details = {name: getattr(now, name) for name in events.Details.__dataclass_fields__ if name != "category"}
        events.change(zebra.organiser, zebra.event_id, events.Details(**details, category="manners"))
    db.session.expire_all()
    assert kinds_of(zebra.event_id) == {"manners"}
    with transaction():
        scheduling.generate(zebra.organiser, zebra.event_id, first=clock.today() + timedelta(days=15), last=clock.today() + timedelta(days=20))
    assert kinds_of(zebra.event_id) == {"manners"}
    team = db.session.get(Event, zebra.event_id).team
    assert refused_at(lambda: events.begin(zebra.organiser, team, zebra.town.line[2], replace(events.CROSSING, category="nothing"))) == ("category_unknown", "category")


def test_a_kind_that_ended_stays_with_its_events_and_is_offered_to_no_other(zebra, chief, client):
    with transaction():
        traffic = next(c for c in questions.every() if c.code == "traffic")
        categories.end(chief, zebra.town.line[5], traffic.id, until=clock.today())
    clock.advance(timedelta(days=1))
    client.sign_in(contact_of(zebra.organiser))
    page = client.get(f"/volunteering/desk/events/{zebra.event_id}/words").get_data(as_text=True)
    assert '<option selected value="traffic">' in page
    assert 'value="traffic"' not in client.get("/volunteering/desk/events/begin").get_data(as_text=True)
    with transaction():
        now = db.session.get(Event, zebra.event_id)
        details = {name: getattr(now, name) for name in events.Details.__dataclass_fields__ if name != "category"}
        events.change(zebra.organiser, zebra.event_id, events.Details(**details, category="traffic"))


def contact_of(actor):
    from civic.identity.models import User

    user = db.session.get(User, actor.user_id)
    return user.phone or user.email


def test_the_list_shows_one_kind_when_asked_and_says_when_there_is_none(zebra, client):
    park(zebra)
    both = client.get("/volunteering/").get_data(as_text=True)
    assert "净园" in both
    assert "礼让斑马线" in both
    green = client.get("/volunteering/?kind=green").get_data(as_text=True)
    assert "净园" in green
    assert "礼让斑马线" not in green
    assert "眼下没有要人的班次" in client.get("/volunteering/?kind=health").get_data(as_text=True)
    assert "文明交通" in client.get(f"/volunteering/events/{zebra.event_id}").get_data(as_text=True)


def test_points_follow_the_kinds_factor_of_the_day_and_old_lines_keep_theirs(zebra, chief, client):
    actor = builders.volunteer("黄素芬", phone="13900020008")
    first = zebra.shifts()[0]
    later = next(s for s in zebra.shifts() if s.day > first.day)
    rates = tariffs.Rates(per_hour=10, most_a_day=80, most_a_month=600, lasts_days=365, factors={"guide": 150}, category_factors={"traffic": 80, "green": 100})
    wrong = replace(rates, category_factors={"traffic": 900})
    assert refused_at(lambda: tariffs.change_tariff(chief, zebra.town.line[5], since=later.day, rates=wrong)) == ("factor_wrong", "category_traffic")
    with transaction():
        tariffs.change_tariff(chief, zebra.town.line[5], since=later.day, rates=rates)
    leader = builders.identity.actor_of(zebra.leader)
    for shift in (first, later):
        with transaction():
            row = signing.sign_up(actor, shift.id, has_read_briefing=True)
        for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            clock.freeze(moment)
            with transaction():
                attendance.tick(leader, row.id, direction)
        clock.freeze(shift.ends_at + timedelta(hours=1))
        with transaction():
            counting.count_ended()
    clock.advance(timedelta(days=12))
    with transaction():
        counting.settle_due()
    # 90 minutes at 10 an hour; then at 150 and 80 percent.
    assert {e.day: e.points for e in ledger.ledger_of(actor.person_id)} == {first.day: 15, later.day: 18}
    assert [(s.name, s.events, s.shifts, s.people, s.minutes) for s in questions.served([zebra.town.line[5].path], first.day, later.day)] == [("文明交通", 1, 2, 1, 180)]
    assert questions.served([zebra.town.line[5].path], later.day + timedelta(days=1), later.day + timedelta(days=9)) == []
    client.sign_in("admin@civic.example")
    assert "文明交通 80%" in client.get("/volunteering/desk/rules").get_data(as_text=True)


def test_the_tariffs_form_has_a_field_for_each_kind(zebra, chief, client):
    client.sign_in("admin@civic.example")
    assert 'name="tariff-category_green"' in client.get("/volunteering/desk/rules").get_data(as_text=True)
    since = (clock.today() + timedelta(days=20)).isoformat()
    form = {f"tariff-factor_{role}": 100 for role in ("guide", "cycles", "yielding", "leader", "recorder", "station", "general")}
    form |= {"tariff-per_hour": 8, "tariff-most_a_day": 60, "tariff-most_a_month": 500, "tariff-lasts_days": 730, "tariff-nominee_points": 0,
             "tariff-nominator_points": 0, "tariff-since": since, "tariff-category_green": 120}  # fmt: skip
    assert client.post("/volunteering/desk/rules/tariff", data=form | {"tariff-category_green": 999}).status_code == 422
    assert client.post("/volunteering/desk/rules/tariff", data=form).status_code == 303
    db.session.rollback()
    assert [(f.kind.value, f.code, f.percent) for f in ledger.tariffs()[0].factors] == [("category", "green", 120)]
