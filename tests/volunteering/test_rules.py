"""Rules as versions: never into the past, old lines keep theirs; flags by name; shortfalls somebody decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.points import queries as ledger
from civic.points.actions import goods, tariffs
from civic.points.models import Shortfall, Tariff
from civic.volunteering.actions import attendance, attesting, cancelling, counting, policies, scheduling, signing
from civic.volunteering.actions import flags as looking
from civic.volunteering.models.attendance import Attestation, Direction, HoursPolicy, StarRule
from civic.volunteering.queries import flags
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules import flags as rules
from tests.support import builders
from tests.support.refusals import refused_at

NUMBERS = {"least_minutes": 20, "most_a_day": 400, "grace_minutes": 10, "missing_out_percent": 40, "objection_days": 5, "leader_days": 5}


@pytest.fixture
def zebra(app):
    found = builders.crossing(most=2)
    with transaction():
        builders.account(Role.CITY_ADMIN, found.town.line[5], email="admin@civic.example")
    return found


def admin(zebra):
    from civic.identity.models import Grant

    grant = db.session.scalars(select(Grant).where(Grant.role == Role.CITY_ADMIN)).one()
    return builders.identity.actor_of(grant.user)


def served(zebra, actor, shift):
    """Somebody serves a shift to its end, and it is settled."""
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    leader = builders.identity.actor_of(zebra.leader)
    for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
        clock.freeze(moment)
        with transaction():
            attendance.tick(leader, row.id, direction)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    return row


def settled():
    clock.advance(timedelta(days=12))
    with transaction():
        counting.settle_due()


def test_a_rule_never_begins_in_the_past_and_old_lines_keep_theirs(zebra, client):
    city, chief = zebra.town.line[5], admin(zebra)
    tomorrow = clock.today() + timedelta(days=1)
    rates = tariffs.Rates(per_hour=20, most_a_day=80, most_a_month=600, lasts_days=365, factors={"guide": 150, "recorder": 100})
    for since in (clock.today(), clock.today() - timedelta(days=1)):
        assert refused_at(lambda s=since: policies.change_policy(chief, city, since=s, name="新", numbers=NUMBERS)) == ("since_past", "since")
        assert refused_at(lambda s=since: policies.change_stars(chief, city, since=s, hours={n: n * 10 for n in range(1, 6)})) == ("since_past", "since")
        assert refused_at(lambda s=since: tariffs.change_tariff(chief, city, since=s, rates=rates)) == ("since_past", "since")
    actor = builders.volunteer("黄素芬", phone="13900020008")
    first = zebra.shifts()[0]
    later = next(s for s in zebra.shifts() if s.day > first.day)
    with transaction():
        policies.change_policy(chief, city, since=later.day, name="新", numbers=NUMBERS)
        tariffs.change_tariff(chief, city, since=later.day, rates=rates)
    served(zebra, actor, first)
    served(zebra, actor, later)
    settled()
    db.session.expire_all()
    lines = {h.day: h for h in questions.hours_of(actor.person_id).items}
    old, new = db.session.get(HoursPolicy, lines[first.day].policy_id), db.session.get(HoursPolicy, lines[later.day].policy_id)
    assert (old.name, new.name, new.since) == ("按签到签退计", "新", later.day)
    entries = {e.day: e for e in ledger.ledger_of(actor.person_id)}
    assert {day: e.points for day, e in entries.items()} == {first.day: 15, later.day: 45}
    client.sign_in("13900020008")
    for address in ("/points/", "/volunteering/hours"):
        words = client.get(address).get_data(as_text=True)
        assert f"按 {later.day.month}月{later.day.day}日 的规则" in words
    assert tomorrow <= later.day


def test_numbers_that_cannot_be_are_refused_beside_their_field(zebra):
    city, chief = zebra.town.line[5], admin(zebra)
    since = clock.today() + timedelta(days=3)
    assert refused_at(lambda: policies.change_policy(chief, city, since=since, name="新", numbers={**NUMBERS, "most_a_day": 9999})) == ("number_wrong", "most_a_day")
    assert refused_at(lambda: policies.change_stars(chief, city, since=since, hours={1: 10, 2: 20, 3: 20, 4: 40, 5: 50})) == ("stars_order", "star_3")
    for changes, field in (({"per_hour": 2000}, "per_hour"), ({"most_a_month": 1}, "most_a_month"), ({"nominee_points": -1}, "nominee_points"), ({"factors": {"guide": 900}}, "factor_guide")):
        numbers = {"per_hour": 10, "most_a_day": 80, "most_a_month": 600, "lasts_days": 365, **changes}
        assert refused_at(lambda n=numbers: tariffs.change_tariff(chief, city, since=since, rates=tariffs.Rates(**n)))[1] == field
    assert refused_at(lambda: policies.change_policy(zebra.organiser, city, since=since, name="新", numbers=NUMBERS))[0] == "not_permitted"
    with transaction():
        policies.change_policy(chief, city, since=since, name="新", numbers=NUMBERS)
    assert refused_at(lambda: policies.change_policy(chief, city, since=since, name="再", numbers=NUMBERS)) == ("since_taken", "since")


def test_the_desk_makes_a_version_of_each_and_loses_nothing_that_was_wrong(zebra, client):
    client.sign_in("admin@civic.example")
    page = client.get("/volunteering/desk/rules").get_data(as_text=True)
    assert "正在用" in page
    since = (clock.today() + timedelta(days=20)).isoformat()
    policy = {f"policy-{name}": value for name, value in NUMBERS.items()} | {"policy-since": since, "policy-name": "秋天起"}
    answer = client.post("/volunteering/desk/rules/policy", data={**policy, "policy-least_minutes": 999})
    assert answer.status_code == 422
    assert 'value="999"' in answer.get_data(as_text=True)
    assert client.post("/volunteering/desk/rules/policy", data=policy).status_code == 303
    stars = {f"stars-star_{n}": n * 50 for n in range(1, 6)} | {"stars-since": since}
    assert client.post("/volunteering/desk/rules/stars", data=stars).status_code == 303
    tariff = {f"tariff-factor_{role}": 100 for role in ("guide", "cycles", "yielding", "leader", "recorder", "station", "general")}
    tariff |= {"tariff-per_hour": 8, "tariff-most_a_day": 60, "tariff-most_a_month": 500, "tariff-lasts_days": 730, "tariff-nominee_points": 50,
               "tariff-nominator_points": 5, "tariff-since": since, "tariff-factor_recorder": 125}  # fmt: skip
    assert client.post("/volunteering/desk/rules/tariff", data=tariff).status_code == 303
    db.session.rollback()
    newest = db.session.scalars(select(Tariff).order_by(Tariff.since.desc()).limit(1)).one()
    assert (newest.per_hour, newest.nominee_points, [(f.code, f.percent) for f in newest.factors]) == (8, 50, [("recorder", 125)])
    assert db.session.scalar(select(StarRule.hours).where(StarRule.stars == 5).order_by(StarRule.since.desc()).limit(1)) == 250
    assert "还没开始" in client.get("/volunteering/desk/rules").get_data(as_text=True)


def test_back_fill_for_oneself_or_a_shift_that_never_was_is_refused_by_name(zebra):
    leader = builders.identity.actor_of(zebra.leader)
    with transaction():
        from civic.volunteering.actions import people

        people.register(leader, birth_date=builders.BORN)
    actor = builders.volunteer()
    first, second = zebra.shifts()[:2]
    rows = []
    for who, shift in ((leader, first), (actor, second)):
        with transaction():
            rows.append(signing.sign_up(who, shift.id, has_read_briefing=True).id)
    clock.freeze(first.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
        cancelling.cancel_shift(zebra.organiser, second.id, reason="大雨")
    evidence = "照片里有他，交警也看见了"
    assert refused_at(lambda: attesting.request_attestation(leader, rows[0], minutes=60, evidence=evidence))[0] == "backfill_self"
    assert refused_at(lambda: attesting.request_attestation(leader, rows[1], minutes=60, evidence=evidence))[0] == "backfill_never_held"


def test_the_same_two_are_named_by_rule_and_others_are_not():
    assert rules.same_two({(1, 2): 4, (2, 1): 3, (3, 4): 1}) == [(1, 2, 7)]
    assert rules.same_two({(1, 2): 4}) == []
    assert rules.same_two({(1, 2): 5, (1, 3): 5, (1, 4): 5}) == []
    assert rules.same_two({(1, 2): 8, (1, 3): 2}) == [(1, 2, 8)]


def test_flags_show_pairs_and_bursts_and_punish_nobody(zebra, client):
    shift = zebra.shifts()[0]
    with transaction():
        scheduling.resize(zebra.organiser, shift.id, most=12)
    rows, names = [], []
    for _ in range(11):
        actor = builders.volunteer()
        names.append(actor.name)
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True).id)
    with transaction():
        other = builders.account(Role.ORGANISER, zebra.town.line[3], name="鲁大海", email="lu@civic.example")
    second = builders.identity.actor_of(other)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    for row in rows:
        with transaction():
            asked = attesting.request_attestation(zebra.organiser, row, minutes=60, evidence="全队合影里有他").id
        with transaction():
            attesting.decide_attestation(second, asked, confirms=True)
    found = {flag.rule: flag for flag in flags.flags([zebra.town.line[3].path])}
    assert set(found) == {"same_two", "burst"}
    assert found["burst"].count == 11
    assert flags.flags([zebra.town.other[3].path]) == []
    client.sign_in("lu@civic.example")
    words = client.get("/volunteering/desk/flags").get_data(as_text=True)
    assert "总是同样两个人互相确认补记" in words
    assert "鲁大海" in words
    # Who is to ask needs to see what: every one of the times, by name, with its evidence.
    for flag in found.values():
        page = client.get(f"/volunteering/desk/flags/{flag.key}").get_data(as_text=True)
        assert page.count("全队合影里有他") == 11
        assert all(name in page for name in names)
    assert client.get("/volunteering/desk/flags/burst-1-20200101").status_code == 404
    assert db.session.scalars(select(Attestation).where(Attestation.is_confirmed)).all()


def test_what_stood_out_is_put_aside_with_a_word_and_comes_back_when_it_happens_again(zebra, client):
    shifts = zebra.shifts()
    first, later = shifts[0], shifts[-1]
    with transaction():
        for shift in (first, later):
            scheduling.resize(zebra.organiser, shift.id, most=12)
    rows = []
    for shift in (first,) * 6 + (later,):
        actor = builders.volunteer()
        with transaction():
            rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True).id)
    with transaction():
        other = builders.account(Role.ORGANISER, zebra.town.line[3], email="lu@civic.example")
        third = builders.account(Role.ORGANISER, zebra.town.line[3], email="luo@civic.example")
        wide = builders.identity.actor_of(builders.account(Role.ORGANISER, zebra.town.line[5]))
    second, eye = builders.identity.actor_of(other), builders.identity.actor_of(third)

    def filled_in(row):
        with transaction():
            asked = attesting.request_attestation(zebra.organiser, row, minutes=60, evidence="全队合影里有他").id
        with transaction():
            attesting.decide_attestation(second, asked, confirms=True)

    clock.freeze(first.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    for row in rows[:6]:
        filled_in(row)
    here, city = [zebra.town.line[3].path], [zebra.town.line[5].path]
    key = flags.standing(here).open[0].key
    for who, words, code in ((second, "抽了三条，都对得上", "recused"), (eye, "好", "reason_missing")):
        assert refused_at(lambda w=who, s=words: looking.look(w, key, reason=s))[0] == code
    client.sign_in("luo@civic.example")
    client.get("/volunteering/desk/flags")
    assert client.post(f"/volunteering/desk/flags/{key}", data={"reason": "看"}).status_code == 422
    assert client.post("/volunteering/desk/flags/same_two-1-2-3", data={"reason": "抽了三条，都对得上"}).status_code == 404
    assert client.post(f"/volunteering/desk/flags/{key}", data={"reason": "抽了三条，照片都对得上"}).status_code == 303
    assert "抽了三条，照片都对得上" in client.get("/volunteering/desk/flags").get_data(as_text=True)
    db.session.rollback()
    assert refused_at(lambda: looking.look(eye, key, reason="再看一遍也对")) == ("seen_already", None)
    assert flags.standing(here).open == []
    assert [f.key for f in flags.standing(city).open] == [key]
    with transaction():
        looking.look(wide, key, reason="区里也抽过，没问题")
    assert flags.standing(city).open == []
    assert [r.verb for r in db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "flag.look"))] == ["flag.look"] * 2
    clock.freeze(later.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    filled_in(rows[6])
    assert [(f.key, f.count) for f in flags.standing(here).open] == [(key, 7)]
    assert [(f.key, f.count) for f in flags.standing(city).open] == [(key, 7)]


def test_a_leader_who_always_says_the_same_person_stayed_is_shown(zebra):
    actor, leader = builders.volunteer(), builders.identity.actor_of(zebra.leader)
    for shift in [s for s in zebra.shifts() if clock.local(s.starts_at).hour == 7][:4]:
        with transaction():
            row = signing.sign_up(actor, shift.id, has_read_briefing=True)
        clock.freeze(shift.starts_at)
        with transaction():
            attendance.tick(leader, row.id, Direction.IN)
        clock.freeze(shift.ends_at + timedelta(hours=1))
        with transaction():
            counting.count_ended()
        draft = questions.hours_of(actor.person_id).items[0]
        with transaction():
            counting.settle_word(leader, draft.id, stayed=True)
    assert [(f.rule, f.count, f.person_id) for f in flags.flags([zebra.town.line[3].path])] == [("stayed_again", 4, actor.person_id)]


def test_a_shortfall_is_decided_by_somebody_with_a_word(zebra, client):
    actor = builders.volunteer("黄素芬")
    served(zebra, actor, zebra.shifts()[0])
    settled()
    with transaction():
        umbrella = goods.offer_good(zebra.organiser, zebra.town.line[3], name="雨伞", donor="百货", counter="服务台", points=10, count=1).id
    with transaction():
        goods.redeem(actor, umbrella, request="a")
        wrong = questions.hours_of(actor.person_id).items[0].id
        counting.reverse(zebra.organiser, wrong, reason="记错了人")
    client.sign_in("admin@civic.example")
    page = client.get("/points/desk/shortfalls").get_data(as_text=True)
    assert "还差 10 分" in page
    assert "黄素芬" not in page
    short = db.session.scalars(select(Shortfall.id)).one()
    assert client.post(f"/points/desk/shortfalls/{short}", data={"decision": " "}).status_code == 422
    assert client.confirm(f"/points/desk/shortfalls/{short}", data={"decision": "数目小，不再追"}).status_code == 303
    assert client.post(f"/points/desk/shortfalls/{short}", data={"decision": "再定一次"}).status_code == 409
    assert "数目小，不再追" in client.get("/points/desk/shortfalls").get_data(as_text=True)
