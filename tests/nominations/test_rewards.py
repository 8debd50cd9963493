"""Points for honours: nothing by default, once for each honour, back when it is revoked, and no caps of service touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.honours.models import HonourStatus
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, undoing
from civic.nominations.queries import cases
from civic.points import queries as ledger
from civic.points.actions import entries as points
from civic.points.actions import tariffs
from civic.points.models import Balance, Tariff
from civic.volunteering.actions import people
from tests.support import builders


def endorsed(town, case, level):
    with transaction():
        deciding.endorse(town.actor(level), case, expected=builders.version(case))


def nominated(town):
    """A resident who is signed in nominates somebody; both are registered volunteers."""
    with transaction():
        user = builders.account(name="黄素芬", phone="13900030001")
    actor = builders.identity.actor_of(user)
    voice = builders.voice(town.line[1], actor=actor, contact=Contact("phone", "13900030001"))
    registered(actor, actor.person_id, voice.nomination.nominee_id)
    return actor, voice


def registered(actor, *person_ids):
    with transaction():
        for person_id in person_ids:
            people.register(replace(actor, person_id=person_id), birth_date=builders.BORN)


def test_by_default_an_honour_brings_nothing(app):
    town = builders.city()
    tariffs.ensure_tariff(clock.today() - timedelta(days=9))
    actor, voice = nominated(town)
    endorsed(town, voice.nomination_id, 1)
    assert ledger.balance_of(actor.person_id) == 0
    assert ledger.balance_of(voice.nomination.nominee_id) == 0


def test_where_the_tariff_says_so_nominee_and_nominator_are_rewarded_once_for_each_honour(app):
    town = builders.city()
    with transaction():
        db.session.add(Tariff(since=clock.today() - timedelta(days=1), nominee_points=50, nominator_points=5))
    actor, voice = nominated(town)
    case, nominee = voice.nomination_id, voice.nomination.nominee_id
    endorsed(town, case, 1)
    assert (ledger.balance_of(nominee), ledger.balance_of(actor.person_id)) == (50, 5)
    endorsed(town, case, 2)
    assert (ledger.balance_of(nominee), ledger.balance_of(actor.person_id)) == (100, 10)
    first = roll.of_nomination(case)[0]
    with transaction():
        assert points.award_honour(actor, nominee, honour_id=first.id, words="被评为好人", day=clock.today()).points == 50
    assert ledger.balance_of(nominee) == 100
    assert ledger.earned_on(nominee, clock.today(), clock.today()) == 0
    assert ledger.discrepancies() == []
    with transaction():
        honours.change(town.actor(2), roll.of_nomination(case)[1].id, HonourStatus.REVOKED, reason="查实不符", document="云文明〔2026〕9号")
    assert (ledger.balance_of(nominee), ledger.balance_of(actor.person_id)) == (50, 5)
    assert ledger.discrepancies() == []


def test_who_is_no_registered_volunteer_earns_nothing_and_registering_later_changes_nothing(app):
    town = builders.city()
    with transaction():
        db.session.add(Tariff(since=clock.today() - timedelta(days=1), nominee_points=50, nominator_points=5))
        user = builders.account(name="黄素芬", phone="13900030001")
    actor = builders.identity.actor_of(user)
    voice = builders.voice(town.line[1], actor=actor, contact=Contact("phone", "13900030001"))
    nominee = voice.nomination.nominee_id
    endorsed(town, voice.nomination_id, 1)
    assert (ledger.balance_of(nominee), ledger.balance_of(actor.person_id)) == (0, 0)
    assert db.session.scalars(select(Balance)).all() == []
    registered(actor, actor.person_id)
    assert ledger.balance_of(actor.person_id) == 0
    endorsed(town, voice.nomination_id, 2)
    assert (ledger.balance_of(nominee), ledger.balance_of(actor.person_id)) == (0, 5)
    assert ledger.discrepancies() == []


def test_who_nominates_by_office_earns_nothing(app):
    town = builders.city()
    with transaction():
        db.session.add(Tariff(since=clock.today() - timedelta(days=1), nominee_points=50, nominator_points=5))
    desk = town.desk[3]
    voice = builders.voice(town.line[1], actor=town.actor(3), contact=Contact("phone", desk.phone))
    registered(town.actor(3), desk.person_id, voice.nomination.nominee_id)
    endorsed(town, voice.nomination_id, 1)
    assert ledger.balance_of(voice.nomination.nominee_id) == 50
    assert ledger.balance_of(desk.person_id) == 0


def test_a_step_undone_takes_its_points_back_and_done_again_gives_them_again(app):
    town = builders.city()
    with transaction():
        db.session.add(Tariff(since=clock.today() - timedelta(days=1), nominee_points=50))
    voice = builders.voice(town.line[1])
    registered(town.actor(1), voice.nomination.nominee_id)
    case, nominee = voice.nomination_id, voice.nomination.nominee_id
    endorsed(town, case, 1)
    with transaction():
        undoing.undo(town.actor(1), cases.last_decision(case).id)
    assert ledger.balance_of(nominee) == 0
    endorsed(town, case, 1)
    assert ledger.balance_of(nominee) == 50
    assert ledger.discrepancies() == []
