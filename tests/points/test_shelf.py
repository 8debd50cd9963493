"""The shelf put right: a good that was written wrong, one taken down with what was exchanged, and points whose day has passed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.identity.permissions import MACHINE, Role
from civic.outbox import delivery
from civic.outbox.models import Message
from civic.points import queries
from civic.points.actions import entries, goods, tariffs
from civic.points.models import Entry, EntryKind, Good, Redemption, RedemptionStatus
from tests.support import builders
from tests.support.refusals import refused, refused_at


@pytest.fixture
def shop(app):
    """(who runs the shelf, somebody with 300 points, 电饭锅 at 10 points by mistake)."""
    town = builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
        organiser = builders.identity.actor_of(builders.account(Role.ORGANISER, town.line[3], email="organiser@civic.example"))
        good = goods.offer_good(organiser, town.line[3], name="电饭锅", donor="青松超市", counter="服务台", points=10, count=5).id
    actor = builders.volunteer("黄素芬", email="huang@civic.example")
    earned(actor, 300)
    return organiser, actor, good


def earned(actor, points, *, day=None, source="hours:1"):
    """Points from one day's service each, for the day has its cap."""
    day = day or clock.today()
    with transaction():
        for n in range(0, points, 80):
            entries.award(MACHINE, actor.person_id, minutes=min(80, points - n) * 6, role="guide", source=f"{source}.{n}", words="服务", day=day - timedelta(days=n // 80))


def redeem(actor, good, request="a"):
    with transaction():
        return goods.redeem(actor, good, request=request).id


def fresh(kind, key):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(kind, key)


def test_a_price_written_wrong_is_put_right_and_who_exchanged_keeps_theirs(shop, client):
    _organiser, actor, good = shop
    held = redeem(actor, good)
    client.sign_in("organiser@civic.example")
    address = f"/points/desk/goods/{good}"
    assert "换了还没领的 1 份" in client.words(client.get(address))
    data = {"name": "电饭锅", "donor": "青松超市", "counter": "服务台二楼", "points": 1000, "count": 3}
    assert client.post(address, data=data).status_code == 303
    row = fresh(Good, good)
    assert (row.points, row.counter, row.received, row.stock) == (1000, "服务台二楼", 3, 2)
    assert fresh(Redemption, held).points == 10
    assert refused_at(lambda: goods.correct_good(shop[0], good, name="电饭锅", donor="x", counter="x", points=10, received=0)) == ("below_given", "count")
    assert client.post(address, data={**data, "points": 0}).status_code == 422
    assert queries.discrepancies() == []


def test_what_is_taken_down_is_offered_to_nobody_and_still_fetched(shop, client):
    organiser, actor, good = shop
    held = redeem(actor, good)
    client.sign_in("organiser@civic.example")
    address = f"/points/desk/goods/{good}"
    client.get(address)
    assert client.post(f"{address}/removal", data={"down-held": "keep", "down-reason": ""}).status_code == 422
    assert client.post(f"{address}/removal", data={"down-held": "keep", "down-reason": "分数写错了"}).status_code == 303
    assert queries.goods() == []
    assert refused(lambda: goods.redeem(actor, good, request="b")) == "good_over"
    assert refused(lambda: goods.take_down(organiser, good, reason="x", gives_back=False)) == "taken_down_already"
    with transaction():
        assert goods.hand_over(organiser, held).status is RedemptionStatus.HANDED
    assert "分数写错了" in client.words(client.get("/points/desk/goods"))
    assert client.post(f"{address}/return").status_code == 303
    assert [g.id for g in queries.goods()] == [good]
    assert client.post(f"{address}/return").status_code == 409


def test_what_is_taken_down_can_be_given_back_to_everybody_who_has_not_fetched_it_and_they_are_told(shop, client):
    organiser, actor, good = shop
    other = builders.volunteer("魏建国")
    earned(other, 80, source="hours:2")
    first, second, third = redeem(actor, good), redeem(other, good), redeem(actor, good, "b")
    with transaction():
        goods.hand_over(organiser, third)
    client.sign_in("organiser@civic.example")
    client.get(f"/points/desk/goods/{good}")
    answer = client.post(f"/points/desk/goods/{good}/removal", data={"down-held": "give_back", "down-reason": "分数写错了"})
    assert answer.status_code == 303
    assert [fresh(Redemption, n).status for n in (first, second, third)] == [RedemptionStatus.CANCELLED, RedemptionStatus.CANCELLED, RedemptionStatus.HANDED]
    assert [queries.balance_of(a.person_id) for a in (actor, other)] == [290, 80]
    assert queries.discrepancies() == []
    letters = db.session.scalars(select(Message).where(Message.kind == "good_taken_down").order_by(Message.id)).all()
    assert {m.recipient_id for m in letters} == {actor.user_id, other.user_id}
    read = delivery.read(next(m for m in letters if m.recipient_id == actor.user_id))
    assert read is not None
    assert "10 分退回去了" in read[2]
    assert "分数写错了" in read[2]


def test_nobody_elsewhere_touches_a_good(shop, client):
    _organiser, _actor, good = shop
    with transaction():
        place = builders.region(None, 5, "别的市")
        elsewhere = builders.account(Role.ORGANISER, builders.region(builders.region(place, 4, "别的区"), 3, "别的街道"), email="else@civic.example")
        actor = builders.identity.actor_of(elsewhere)
    for deed in (
        lambda: goods.take_down(actor, good, reason="x", gives_back=True), lambda: goods.put_back(actor, good),
        lambda: goods.correct_good(actor, good, name="x", donor="x", counter="x", points=1, received=9),
    ):  # fmt: skip
        assert refused(deed) == "not_here"
    client.sign_in("else@civic.example")
    assert client.get(f"/points/desk/goods/{good}").status_code == 404
    client.get("/points/desk/goods")
    assert client.post(f"/points/desk/goods/{good}/removal", data={"down-reason": "x"}).status_code == 404


def test_two_at_one_good_tell_each_other(shop, client, app):
    from tests.support.client import strict_client
    from tests.volunteering.test_versions import fields

    _organiser, _actor, good = shop
    other = strict_client(app)
    for one in (client, other):
        one.sign_in("organiser@civic.example")
    address = f"/points/desk/goods/{good}"
    mine, theirs = (fields(c.get(address).text, 'name="donor"') for c in (client, other))
    assert other.post(address, data={**theirs, "points": "1000"}).status_code == 303
    answer = client.post(address, data={**mine, "counter": "二楼"})
    assert answer.status_code == 409
    assert "“要多少分”改成了“1000”，这里已经换上。" in client.words(answer)
    assert client.post(address, data=fields(answer.text, 'name="donor"')).status_code == 303
    assert (fresh(Good, good).points, fresh(Good, good).counter) == (1000, "二楼")


# Row 28 ------------------------------------------------------------------------------------------------


def test_points_that_come_back_after_their_day_are_said_to_be_gone_and_not_shown_as_ones_own(app, client, time):
    town = builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
        organiser = builders.identity.actor_of(builders.account(Role.ORGANISER, town.line[3]))
        cheap = goods.offer_good(organiser, town.line[3], name="手帕", donor="青松超市", counter="服务台", points=9, count=5).id
        dear = goods.offer_good(organiser, town.line[3], name="环保袋", donor="青松超市", counter="服务台", points=29, count=5).id
    actor = builders.volunteer("黄素芬", email="huang@civic.example")
    lasts = queries.tariff_on(clock.today()).lasts_days
    start = clock.now()
    earned(actor, 9)
    time.advance(timedelta(days=40))
    earned(actor, 20, source="hours:2")
    # The evening of the last day of the nine.
    clock.freeze(start.replace(hour=10) + timedelta(days=lasts))
    held = redeem(actor, cheap)
    clock.advance(timedelta(hours=16))
    client.sign_in("huang@civic.example")
    page = client.get(f"/points/redemptions/{held}")
    question = client.post(f"/points/redemptions/{held}/cancellation")
    assert "其中 9 分已经到期，退回来也不能用了。" in client.words(question)
    assert page.status_code == 200
    from tests.volunteering.test_versions import fields

    assert client.post(f"/points/redemptions/{held}/cancellation", data=fields(question.text, 'name="asked"')).status_code == 303
    words = client.words(client.get("/points/"))
    assert "其中 9 分已经到期，清零了" in words
    assert queries.spendable_of(actor.person_id) == queries.balance_of(actor.person_id) == 20
    shelf = client.get("/points/goods")
    assert "您有 20 分" in client.words(shelf)
    assert f"/points/goods/{dear}/redemption" not in shelf.text
    assert f"/points/goods/{cheap}/redemption" in shelf.text
    assert queries.discrepancies() == []


def test_what_expired_is_not_shown_as_spendable_before_the_job_comes_by(app, client, time):
    builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
    actor = builders.volunteer("黄素芬", email="huang@civic.example")
    earned(actor, 9)
    time.advance(timedelta(days=queries.tariff_on(clock.today()).lasts_days + 1))
    assert (queries.balance_of(actor.person_id), queries.spendable_of(actor.person_id)) == (9, 0)
    client.sign_in("huang@civic.example")
    assert "您有 0 分" in client.words(client.get("/points/goods"))
    with transaction():
        entries.expire_due()
    assert queries.balance_of(actor.person_id) == 0
    assert [e.kind for e in db.session.scalars(select(Entry).order_by(Entry.id))] == [EntryKind.EARN, EntryKind.EXPIRE]
    assert db.session.get_one(User, actor.user_id)


def test_the_months_cap_holds_over_days_and_a_new_month_begins_anew(app):
    """Remove the cap of the month and this fails."""
    builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
    actor = builders.volunteer()
    tariff = queries.tariff_on(clock.today())
    first = clock.today().replace(day=1)
    with transaction():
        for n in range(12):
            entries.award(MACHINE, actor.person_id, minutes=480, role="guide", source=f"hours:{n}", words="服务", day=first + timedelta(days=n))
    assert queries.balance_of(actor.person_id) == tariff.most_a_month == 600
    with transaction():
        assert entries.award(MACHINE, actor.person_id, minutes=60, role="guide", source="hours:99", words="服务", day=first + timedelta(days=20)) is None
        entries.award(MACHINE, actor.person_id, minutes=60, role="guide", source="hours:100", words="服务", day=first + timedelta(days=32))
    assert queries.balance_of(actor.person_id) == 610


def test_the_days_cap_holds_over_shifts(app):
    builders.city(staffed=False)
    with transaction():
        tariffs.ensure_tariff(clock.today() - timedelta(days=400))
    actor = builders.volunteer()
    with transaction():
        for n in range(3):
            entries.award(MACHINE, actor.person_id, minutes=240, role="guide", source=f"hours:{n}", words="服务", day=clock.today())
    assert queries.balance_of(actor.person_id) == queries.tariff_on(clock.today()).most_a_day == 80
