"""Limits, terms and warnings of points; each test fails where its limit is taken away. And the command that proves the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import MACHINE, Role
from civic.outbox.models import Message
from civic.points import queries, rules
from civic.points.actions import entries, goods, tariffs
from civic.points.jobs import JOBS
from civic.points.models import Balance, Good, Redemption, RedemptionStatus
from tests.support import builders
from tests.support.refusals import refused


@pytest.fixture
def shop(app):
    """(who runs the shelf, somebody with 80 points, a good of 10)."""
    town = builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
        organiser = builders.identity.actor_of(builders.account(Role.ORGANISER, town.line[3], email="organiser@civic.example"))
        good = goods.offer_good(organiser, town.line[3], name="雨伞", donor="青松超市", counter="服务台", points=10, count=5, until=clock.today() + timedelta(days=30)).id
    actor = builders.volunteer("黄素芬", email="huang@civic.example")
    with transaction():
        entries.award(MACHINE, actor.person_id, minutes=480, role="guide", source="hours:1", words="服务", day=clock.today())
    return organiser, actor, good


def redeem(actor, good, request="a"):
    with transaction():
        return goods.redeem(actor, good, request=request).id


def test_codes_are_not_guessed_at_the_counter(shop, client):
    client.sign_in("organiser@civic.example")
    client.get("/points/desk/counter")
    codes = [client.post("/points/desk/counter", data={"code": f"{n:06d}"}).status_code for n in range(61)]
    assert codes == [404] * 60 + [429]
    clock.advance(timedelta(minutes=11))
    assert client.post("/points/desk/counter", data={"code": "000000"}).status_code == 404


@pytest.mark.parametrize(("after", "code"), [(timedelta(hours=24), None), (timedelta(hours=24, seconds=1), "cancel_too_late")])
def test_an_exchange_is_taken_back_within_a_day(shop, after, code):
    _organiser, actor, good = shop
    held = redeem(actor, good)
    clock.advance(after)
    if code is None:
        with transaction():
            goods.cancel(actor, held)
        assert queries.balance_of(actor.person_id) == 80
    else:
        assert refused(lambda: goods.cancel(actor, held)) == code


def test_what_nobody_fetches_in_a_week_goes_back_and_not_before(shop):
    _organiser, actor, good = shop
    held = redeem(actor, good)
    clock.advance(rules.HELD_FOR)
    with transaction():
        assert goods.lapse_due() == 0
    clock.advance(timedelta(seconds=1))
    with transaction():
        assert goods.lapse_due() == 1
    assert db.session.get_one(Redemption, held).status is RedemptionStatus.LAPSED
    assert (queries.balance_of(actor.person_id), db.session.get_one(Good, good).stock) == (80, 5)


def test_a_good_has_its_term(shop):
    _organiser, actor, good = shop
    clock.advance(timedelta(days=30))
    assert [g.id for g in queries.goods()] == [good]
    redeem(actor, good)
    clock.advance(timedelta(days=1))
    assert queries.goods() == []
    assert refused(lambda: goods.redeem(actor, good, request="b")) == "good_over"


def test_nobody_gets_what_is_gone_or_what_they_have_no_points_for(shop):
    _organiser, actor, good = shop
    with transaction():
        db.session.execute(update(Good).values(points=81))
    assert refused(lambda: goods.redeem(actor, good, request="a")) == "points_short"
    with transaction():
        db.session.execute(update(Good).values(points=1))
    for n in range(5):
        redeem(actor, good, str(n))
    assert refused(lambda: goods.redeem(actor, good, request="z")) == "good_gone"


def test_points_expire_the_day_after_their_last_and_their_owner_is_warned_sixty_thirty_and_seven_days_before(shop):
    _organiser, actor, _good = shop
    lasts = queries.tariff_on(clock.today()).lasts_days
    last = clock.today() + timedelta(days=lasts)
    warned = []
    clock.advance(timedelta(days=lasts - 61))
    for _ in range(62):
        with transaction():
            if entries.warn_due():
                warned.append((last - clock.today()).days)
        with transaction():
            assert entries.expire_due() == 0
        clock.advance(timedelta(days=1))
    assert warned == [60, 30, 7]
    assert len(db.session.scalars(select(Message).where(Message.kind == "points_expiring")).all()) == 3
    with transaction():
        assert entries.expire_due() == 1
    assert queries.balance_of(actor.person_id) == 0


def test_the_clock_does_each_of_its_deeds_of_points(shop):
    assert {job.key for job in JOBS} == {"points.expire", "points.lapse", "points.warn"}
    for job in JOBS:
        job.run()
    assert queries.discrepancies() == []


def test_the_command_proves_the_ledger_and_names_what_was_changed_by_hand(shop, app):
    _organiser, actor, _good = shop
    fine = app.test_cli_runner().invoke(args=["points", "verify"])
    assert (fine.exit_code, "账目一致" in fine.output) == (0, True)
    with transaction():
        db.session.execute(update(Balance).where(Balance.person_id == actor.person_id).values(points=90))
    wrong = app.test_cli_runner().invoke(args=["points", "verify"])
    assert (wrong.exit_code, f"person {actor.person_id}: entries 80, balance 90, lots 80" in wrong.output) == (1, True)
