"""The desk: kiosks are named, paired and revoked; what waits is decided by whoever it belongs to; cards and passes."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import Conflict, DomainError
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.kiosk.actions import cards, deciding, enrolling
from civic.kiosk.models.devices import Kiosk
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import conflicts, devices
from civic.kiosk.queries.roster import moment
from civic.kiosk.states import Decision, Scope
from civic.volunteering.actions import cancelling, counting, people, signing
from civic.volunteering.models.attendance import Attestation, Direction, Hours, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.queries import hours
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.papers import RARE
from tests.support.tablets import machine, place, tablet


@pytest.fixture
def zebra(app):
    crossing = builders.crossing(most=4)
    with transaction():
        builders.account(Role.ORGANISER, crossing.town.line[3], email="organiser@civic.example")
    return crossing


@pytest.fixture
def first(app, zebra):
    return tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)


@pytest.fixture
def held(zebra, first):
    shift = zebra.shifts()[0]
    row = place(builders.volunteer("孙骏", phone="13900004821"), shift.id)
    clock.freeze(shift.starts_at)
    return row


def only_scan(code):
    db.session.rollback()
    return db.session.scalars(select(Scan).where(Scan.code == code)).one()


def live(row):
    db.session.rollback()
    return {p.direction: p.at for p in db.session.scalars(select(Punch).where(Punch.sign_up_id == row, Punch.is_live))}


def settle(number, actor, how, **more):
    with transaction():
        return deciding.decide(actor, number, how, **more)


# ── kiosks ──


def test_an_organiser_names_pairs_and_ends_a_kiosk(app, client, zebra):
    client.sign_in("organiser@civic.example")
    assert "还没有签到台" in client.get("/kiosk/desk/").text
    page = client.get("/kiosk/desk/new").text
    assert f'value="event:{zebra.event_id}"' in page
    told = {"name": "育才小学路口", "place": "校门口", "thing": f"event:{zebra.event_id}", "until": "2026-09-30"}
    assert client.post("/kiosk/desk/new", data={**told, "until": "2020-01-01"}).status_code == 422
    assert client.post("/kiosk/desk/new", data=told).status_code == 303
    kiosk = db.session.scalars(select(Kiosk)).one()
    page = client.post(f"/kiosk/desk/{kiosk.id}/pairing").text
    code = "".join(re.search(r'pairing__code num"[^>]*>(\w{4}) (\w{4})<', page).groups())
    pin = "".join(re.search(r'pairing__pin num">(\d{3}) (\d{3})<', page).groups())
    answer = machine(app).post("/api/kiosk/v1/pair", json={"code": code, "app": "1", "name": "Chromium 156"})
    assert answer.status_code == 201
    db.session.rollback()
    from civic.kiosk import rules

    kiosk = db.session.scalars(select(Kiosk)).one()
    assert rules.pin_digest(pin, kiosk.pin_salt, kiosk.pin_rounds) == kiosk.pin_digest
    assert client.post(f"/kiosk/desk/{kiosk.id}/revocation", data={"reason": ""}).status_code == 422
    assert client.post(f"/kiosk/desk/{kiosk.id}/revocation", data={"reason": "平板丢了"}).status_code == 303
    assert "平板丢了" in client.get("/kiosk/desk/").text


def test_the_list_says_in_words_how_a_kiosk_is(app, client, zebra, first):
    first.behind = 12.0
    first.status(battery=0.81, queued=7, oldest_at="2026-07-16T00:48:00Z", roster_at="2026-07-16T00:55:00Z")
    client.sign_in("organiser@civic.example")
    words = client.words(client.get("/kiosk/desk/"))
    assert "7 条待上传，最早 12 分钟前" in words
    for said in ("81%", "慢 12 秒", "5 分钟前", "在线", "Chromium 156"):
        assert said in words
    clock.advance(timedelta(hours=3))
    assert "没连上" in client.words(client.get("/kiosk/desk/"))
    first.status(queued=1, oldest_at=moment(clock.now() - timedelta(seconds=2)))
    assert "都上传了" in client.words(client.get("/kiosk/desk/")), "it says what waits and sends it in the same breath"


def test_each_sees_and_tends_only_their_own(app, client, zebra, first, held):
    elsewhere = builders.crossing(town=builders.city(staffed=False))
    assert first.upload(first.scan(held), first.scan(code="x")) == ["in", "unknown_code"]
    number = only_scan("unknown_code").id
    assert [c.scan.id for c in conflicts.conflicts(zebra.organiser).items] == [number]
    assert [k.id for k in devices.kiosks_of(builders.identity.actor_of(zebra.leader))] == [first.kiosk_id]
    for actor in (elsewhere.organiser, builders.identity.actor_of(elsewhere.leader), builders.volunteer()):
        assert conflicts.conflicts(actor).items == []
        assert devices.kiosks_of(actor) == []
        for deed in (
            lambda actor=actor: enrolling.revoke(actor, first.kiosk_id, reason="不是我的"),
            lambda actor=actor: enrolling.open_pairing(actor, first.kiosk_id),
            lambda actor=actor: deciding.decide(actor, number, Decision.DROP),
        ):
            with pytest.raises(DomainError) as refusal, transaction():
                deed()
            assert refusal.value.status == 404
    with transaction():
        builders.account(email="resident@civic.example")
    client.sign_in("resident@civic.example")
    for address in ("/kiosk/desk/", "/kiosk/desk/conflicts", "/kiosk/desk/cards", "/kiosk/desk/new"):
        assert client.get(address).status_code == 404


def test_kit_that_is_out_stands_on_the_desk_until_it_is_back(app, client, zebra, first, held):
    vest = {"kind": "kit", "kit": "红马甲", "way": None}
    assert first.upload(first.scan(held, "out", **vest)) == ["kit"]
    client.sign_in("organiser@civic.example")
    words = client.words(client.get("/kiosk/desk/"))
    assert "领走还没还的" in words
    assert "红马甲" in words
    assert first.upload(first.scan(held, "in", **vest)) == ["kit"]
    assert "领走还没还的" not in client.get("/kiosk/desk/").text
    elsewhere = builders.crossing(town=builders.city(staffed=False))
    assert first.upload(first.scan(held, "out", **vest)) == ["kit"]
    assert [loan.item for loan in conflicts.loans(zebra.organiser)] == ["红马甲"]
    assert conflicts.loans(elsewhere.organiser) == []


# ── decisions ──


def test_the_first_of_two_counts_by_one_tap(app, client, zebra, first, held):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    one = first.scan(held)
    clock.advance(timedelta(minutes=22))
    assert first.upload(one) == ["in"]
    assert second.upload(second.scan(held)) == ["second_kiosk"]
    client.sign_in("organiser@civic.example")
    words = client.words(client.get("/kiosk/desk/conflicts"))
    for said in ("孙骏", "两处都记了", "算 7:30 那次", "算这一次 7:52", "第二台"):
        assert said in words
    number = only_scan("second_kiosk").id
    assert client.confirm(f"/kiosk/desk/conflicts/{number}/drop").status_code == 303
    assert "没有要裁定的" in client.get("/kiosk/desk/conflicts").text
    assert len(live(held)) == 1
    assert db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "scan.drop")).one().subject_id == number
    assert client.post(f"/kiosk/desk/conflicts/{number}/count").status_code == 409


def test_the_second_counts_instead(app, zebra, first, held):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    assert first.upload(first.scan(held)) == ["in"]
    clock.advance(timedelta(minutes=22))
    later = clock.now()
    assert second.upload(second.scan(held)) == ["second_kiosk"]
    scan = settle(only_scan("second_kiosk").id, zebra.organiser, Decision.COUNT)
    assert live(held) == {Direction.IN: later}
    assert db.session.get(Punch, scan.punch_id).kiosk_id == second.kiosk_id
    clock.advance(timedelta(minutes=1))
    assert first.upload(first.scan(held)) == ["second_kiosk"]


def test_another_time_needs_a_reason_and_may_not_lie_ahead(app, zebra, first, held):
    assert first.upload(first.scan(held, at=clock.now() + timedelta(minutes=5))) == ["clock_off"]
    number = only_scan("clock_off").id
    for more, code in (({}, "reason_missing"), ({"reason": "钟快了"}, "time_missing"), ({"reason": "钟快了", "at": clock.now() + timedelta(minutes=9)}, "time_ahead")):
        with pytest.raises(DomainError) as refusal:
            settle(number, zebra.organiser, Decision.COUNT_AT, **more)
        assert refusal.value.code == code
    settle(number, zebra.organiser, Decision.COUNT_AT, at=clock.now(), reason="机器的钟快了五分钟")
    assert live(held) == {Direction.IN: clock.now()}


def test_a_going_without_a_coming_counts_with_the_time_somebody_knows(app, zebra, first, held):
    start = clock.now()
    clock.advance(timedelta(minutes=80))
    assert first.upload(first.scan(held, "out")) == ["out_first"]
    number = only_scan("out_first").id
    with pytest.raises(DomainError) as refusal:
        settle(number, zebra.organiser, Decision.COUNT)
    assert refusal.value.code == "not_come"
    settle(number, zebra.organiser, Decision.COUNT_AT, at=start, reason="我看见他准点来的")
    assert live(held) == {Direction.IN: start, Direction.OUT: clock.now()}


def test_who_was_not_signed_up_gets_a_place_by_the_leaders_word(app, zebra, first, held):
    shift = zebra.shifts()[0]
    actor = builders.volunteer("黄桂芬")
    alias = devices.alias_of(actor.person_id, zebra.event_id)
    assert first.upload(first.scan(alias=alias, event=zebra.event_id)) == ["not_signed_up"]
    number = only_scan("not_signed_up").id
    leader = builders.identity.actor_of(zebra.leader)
    with pytest.raises(DomainError) as refusal:
        settle(number, leader, Decision.COUNT)
    assert refusal.value.code == "shift_missing"
    settle(number, leader, Decision.COUNT, shift_id=shift.id)
    row = db.session.scalars(select(SignUp).where(SignUp.person_id == actor.person_id)).one()
    assert list(live(row.id)) == [Direction.IN]
    assert hours.discrepancies() == []


def test_who_was_not_signed_up_is_counted_also_when_the_shift_is_over(app, zebra, first, held):
    shift = zebra.shifts()[0]
    actor = builders.volunteer("黄桂芬")
    alias = devices.alias_of(actor.person_id, zebra.event_id)
    scans = [first.scan(alias=alias, event=zebra.event_id), first.scan(alias=alias, event=zebra.event_id, direction="out", at=shift.ends_at)]
    clock.freeze(shift.ends_at + timedelta(hours=2))
    with transaction():
        counting.count_ended()
    assert first.upload(*scans) == ["not_signed_up", "not_signed_up"]
    for scan in db.session.scalars(select(Scan).where(Scan.code == "not_signed_up").order_by(Scan.id)).all():
        settle(scan.id, zebra.organiser, Decision.COUNT, shift_id=shift.id)
    row = db.session.scalars(select(SignUp).where(SignUp.person_id == actor.person_id)).one()
    assert row.status is SignUpStatus.CAME
    assert db.session.scalars(select(Hours.minutes)).one() == 90
    assert hours.discrepancies() == []


def test_a_code_that_nobody_knew_is_given_to_somebody_on_the_list(app, zebra, first, held):
    assert first.upload(first.scan(code="6901234567892", way="wedge")) == ["unknown_code"]
    number = only_scan("unknown_code").id
    with pytest.raises(DomainError) as refusal:
        settle(number, zebra.organiser, Decision.COUNT)
    assert refusal.value.code == "place_missing"
    settle(number, zebra.organiser, Decision.COUNT, place_id=held)
    assert list(live(held)) == [Direction.IN]


def test_who_came_though_the_shift_was_called_off(app, zebra, first, held):
    with transaction():
        cancelling.cancel_shift(zebra.organiser, zebra.shifts()[0].id, reason="下雨")
    assert first.upload(first.scan(held)) == ["cancelled"]
    settle(only_scan("cancelled").id, zebra.organiser, Decision.COUNT)
    assert db.session.get(SignUp, held).status is SignUpStatus.CAME
    assert db.session.scalars(select(Hours.how)).one() == "no_out"


def test_final_hours_are_filled_in_by_two_people_only(app, zebra, first, held):
    shift = zebra.shifts()[0]
    other = place_now(zebra, shift)
    assert first.upload(first.scan(other)) == ["in"]
    late = first.scan(held)
    builders.settled(shift)
    assert first.upload(late) == ["counted_already"]
    settle(only_scan("counted_already").id, zebra.organiser, Decision.COUNT)
    asked = db.session.scalars(select(Attestation)).one()
    assert (asked.minutes, asked.decided_at) == (90, None)
    assert live(held) == {}


def place_now(zebra, shift):
    comer = builders.volunteer()
    with transaction():
        return signing.sign_up_at_table(zebra.organiser, shift.id, comer.person_id).id


def test_an_undo_that_comes_after_counting_is_a_persons_to_accept(app, zebra, first, held):
    shift = zebra.shifts()[0]
    coming = first.scan(held)
    assert first.upload(coming) == ["in"]
    undo = first.undo(coming, at=clock.now() + timedelta(seconds=30))
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert first.upload(undo) == ["counted_already"]
    settle(only_scan("counted_already").id, zebra.organiser, Decision.COUNT)
    assert live(held) == {}
    assert db.session.scalars(select(Hours.minutes)).one() == 0


@pytest.mark.parametrize("whose", ["own", "child"])
@pytest.mark.parametrize("how", [Decision.COUNT, Decision.DROP])
def test_nobody_decides_about_themselves_or_their_child(whose, how, app, zebra, first):
    shift = zebra.shifts()[0]
    leader = builders.identity.actor_of(zebra.leader)
    with transaction():
        people.register(leader, birth_date=builders.BORN)
        row = signing.sign_up(leader, shift.id, has_read_briefing=True).id
        if whose == "child":
            child = people.add_ward(leader, name="季小满", birth_date=date(2010, 3, 1)).person_id
            row = signing.sign_up(leader, shift.id, person_id=child, has_read_briefing=True).id
    clock.freeze(shift.starts_at)
    assert first.upload(first.scan(row, at=clock.now() + timedelta(minutes=4))) == ["clock_off"]
    clock.advance(timedelta(minutes=10))
    with pytest.raises(DomainError) as refusal:
        settle(only_scan("clock_off").id, leader, how)
    assert refusal.value.code == "recused"


def test_decided_twice_is_a_conflict(app, zebra, first, held):
    assert first.upload(first.scan(code="x")) == ["unknown_code"]
    number = only_scan("unknown_code").id
    settle(number, zebra.organiser, Decision.DROP)
    with pytest.raises(Conflict):
        settle(number, zebra.organiser, Decision.DROP)


def test_what_waits_for_a_decision_is_paged_and_counted(client, zebra, first, monkeypatch):
    monkeypatch.setattr(conflicts, "SHOWN", 2)
    assert first.upload(*[first.scan(code=f"690123456789{n}", way="wedge") for n in range(5)]) == ["unknown_code"] * 5
    client.sign_in("organiser@civic.example")
    numbers, where = [], "/kiosk/desk/conflicts"
    while where:
        page = client.get(where).text
        assert "一共 5 条在等" in page
        numbers += re.findall(r'id="c(\d+)"', page)
        found = re.search(r'class="btn" href="(/kiosk/desk/conflicts\?after=[^"]+)"', page)
        where = found and found.group(1)
    assert numbers == sorted(set(numbers), key=int)
    assert len(numbers) == 5


# ── walk-ins ──


def test_somebody_joins_at_the_door(app, client, zebra, first, held):
    shift = zebra.shifts()[0]
    asked = {"scan_id": "w1", "shift": shift.id, "name": "季春生", "phone": "13812344821", "birth_date": "1960-05-01", "has_read_briefing": True, "at": "2026-07-16T23:30:00Z", "offset": 0.0}
    answer = first.ask("POST", "walk-ins", json=asked)
    assert (answer.status_code, answer.json["code"]) == (200, "in")
    person = answer.json["person"]
    assert (person["name"], person["shift"], person["in"]) == ("季＊生", shift.id, "2026-07-16T23:30:00.000Z")
    again = first.ask("POST", "walk-ins", json=asked).json
    assert (again["code"], again["person"]["place"]) == ("in", person["place"])
    assert first.ask("POST", "walk-ins", json=asked | {"name": "别人"}).json["code"] == "scan_id_reused"
    assert first.ask("POST", "walk-ins", json=asked | {"scan_id": "w2", "name": "别人"}).status_code == 409
    assert first.ask("POST", "walk-ins", json=asked | {"scan_id": "w3", "phone": "123"}).status_code == 422
    assert first.ask("POST", "walk-ins", json=asked | {"scan_id": "w4", "shift": 10**9}).status_code == 404
    bare = {key: value for key, value in asked.items() if key not in ("birth_date", "has_read_briefing")}
    for more, code in (({}, "birthday_unknown"), ({"birth_date": "1960-05-01"}, "briefing_unread"), ({"birth_date": "2013-05-01", "has_read_briefing": True}, "too_young")):
        refused = first.ask("POST", "walk-ins", json=bare | more | {"scan_id": f"w5{code}", "name": "白小树", "phone": "13812340000"})
        assert (refused.status_code, refused.json["code"]) == (409, code)
    assert first.ask("POST", "walk-ins", json=asked | {"scan_id": "w6", "birth_date": "1960-02-30"}).status_code == 422
    client.sign_in("organiser@civic.example")
    assert "季春生" not in client.get("/kiosk/desk/").text, "nothing is left to be added"


def test_a_birthday_added_on_the_desk_asks_the_rules_anew_and_says_so(app, client, zebra, first, held):
    """Whoever joined when the door did not ask it."""
    shift = zebra.shifts()[0]
    asked = {"scan_id": "w1", "shift": shift.id, "name": "季春生", "phone": "13812344821", "birth_date": "1960-05-01", "has_read_briefing": True, "at": "2026-07-16T23:30:00Z", "offset": 0.0}
    assert first.ask("POST", "walk-ins", json=asked).json["code"] == "in"
    with transaction():
        db.session.scalars(select(Person).where(Person.name == "季春生")).one().birth_date = None
    client.sign_in("organiser@civic.example")
    assert "季春生" in client.get("/kiosk/desk/").text
    number = db.session.scalars(select(Scan.id).where(Scan.kind == "walk_in")).one()
    assert client.post(f"/kiosk/desk/walk-ins/{number}/birth_date", data={"birth_date": "2013-05-01"}).status_code == 303
    page = client.get("/kiosk/desk/").text
    assert "1 处不合规矩：年龄不合适这一班" in page
    assert "季春生" not in page
    assert "季春生" in client.get("/volunteering/desk/rechecks").text


def test_a_full_shift_says_so_at_the_door(app, zebra, first, held):
    shift = zebra.shifts()[0]
    for _ in range(3):
        place_now(zebra, shift)
    asked = {"scan_id": "w1", "shift": shift.id, "name": "季春生", "phone": "13812344821", "birth_date": "1960-05-01", "has_read_briefing": True, "at": "2026-07-16T23:30:00Z", "offset": 0.0}
    answer = first.ask("POST", "walk-ins", json=asked)
    assert (answer.status_code, answer.json["code"]) == (409, "full")


# ── cards and passes ──


def test_a_card_is_printed_known_by_its_digest_and_worth_nothing_when_lost(app, client, zebra, first, held):
    team = zebra.shifts()[0].event.team
    person_id = db.session.get(SignUp, held).person_id
    with transaction():
        people.join(zebra.organiser, team, person_id)
    client.sign_in("organiser@civic.example")
    answer = client.post(f"/kiosk/desk/cards/sheet?team={team.id}", data={"person": [person_id]})
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    from civic.kiosk import rules
    from civic.kiosk.queries import cards as questions

    card = questions.card_of(person_id)
    body = first.roster().json
    from base64 import b64decode

    key, line = b64decode(body["events"][0]["key"]), body["people"][0]
    assert line["card"] == rules.digest_of(key, f"card:{card.token}")
    assert line["pin"] == rules.digest_of(key, f"pin:{line['alias']}:{card.pin}")
    assert first.upload(first.scan(code=f"HRK1.{card.token}", way="card")) == ["in"]
    db.session.rollback()
    assert db.session.scalars(select(Scan.raw)).one() is None
    cursor = body["cursor"]
    assert client.confirm(f"/kiosk/desk/cards/{card.id}/revocation?team={team.id}", data={"reason": "丢了"}).status_code == 303
    assert [p["card"] for p in first.roster(cursor).json["people"]] == [None]
    assert first.upload(first.scan(code=f"HRK1.{card.token}", way="card")) == ["unknown_code"]
    with transaction():
        [new] = cards.issue(zebra.organiser, cards.of_team(zebra.organiser, team.id), [person_id])
    assert new.token != card.token


def test_cards_are_for_ones_own_teams_members(app, zebra):
    elsewhere = builders.crossing(town=builders.city(staffed=False))
    team = zebra.shifts()[0].event.team
    stranger = builders.volunteer()
    for actor, person in ((elsewhere.organiser, zebra.leader.person_id), (zebra.organiser, stranger.person_id)):
        with pytest.raises(DomainError) as refusal, transaction():
            cards.issue(actor, cards.of_team(actor, team.id), [person])
        assert refusal.value.status == 404


def test_everybody_registered_prints_their_own_card_and_their_familys_and_nobody_elses(app, client, zebra):
    from civic.kiosk.queries import cards as questions

    me = builders.volunteer("孙骏", email="sun@civic.example")
    stranger = builders.volunteer("何平")
    with transaction():
        child = people.add_ward(me, name="孙小雨", birth_date=clock.today().replace(year=clock.today().year - 9)).person_id
    client.sign_in("sun@civic.example")
    page = client.get("/kiosk/card").get_data(as_text=True)
    assert "孙小雨" in page
    assert "还没有卡" in page
    for person_id in (me.person_id, child):
        answer = client.post(f"/kiosk/card/{person_id}/print")
        assert answer.data.startswith(b"%PDF")
        assert answer.headers["Cache-Control"] == "private, no-store"
    db.session.rollback()
    mine = questions.card_of(me.person_id)
    assert client.post(f"/kiosk/card/{me.person_id}/print").status_code == 200
    assert client.post(f"/kiosk/card/{stranger.person_id}/print").status_code == 404
    assert client.post(f"/kiosk/card/{stranger.person_id}/loss").status_code == 404
    assert client.post(f"/kiosk/card/{me.person_id}/melting").status_code == 404
    db.session.rollback()
    assert questions.card_of(me.person_id).id == mine.id
    assert client.confirm(f"/kiosk/card/{me.person_id}/loss").status_code == 303
    client.get("/kiosk/card")
    assert client.post(f"/kiosk/card/{me.person_id}/loss").status_code == 409
    db.session.rollback()
    assert questions.card_of(me.person_id) is None


def test_who_is_not_registered_is_led_to_it_first(app, client, zebra):
    with transaction():
        user = builders.account(name="路人", email="lu@civic.example")
    client.sign_in("lu@civic.example")
    assert "先登记成志愿者" in client.get("/kiosk/card").get_data(as_text=True)
    assert client.post(f"/kiosk/card/{user.person_id}/print").status_code == 404


def test_a_rare_surname_is_said_before_its_card_and_the_ticked_ones_go_along(app, client, zebra, held):
    person_id = db.session.get(SignUp, held).person_id
    with transaction():
        db.session.get(Person, person_id).name = f"{RARE}春生"
    client.sign_in("organiser@civic.example")
    address = f"/kiosk/desk/cards/sheet?event={zebra.event_id}"
    asked = client.post(address, data={"person": [person_id]})
    assert asked.status_code == 409
    assert f'action="{address}"' in asked.text
    assert f'name="person" value="{person_id}"' in asked.text
    assert client.post(address, data={"person": [person_id], "anyway": "1"}).data.startswith(b"%PDF")


def test_an_organiser_prints_cards_of_an_events_people_who_are_in_no_team(app, client, zebra, held):
    person_id = db.session.get(SignUp, held).person_id
    client.sign_in("organiser@civic.example")
    page = client.get(f"/kiosk/desk/cards?event={zebra.event_id}").get_data(as_text=True)
    assert f'value="{person_id}"' in page
    assert client.post(f"/kiosk/desk/cards/sheet?event={zebra.event_id}", data={"person": [person_id]}).data.startswith(b"%PDF")
    stranger = builders.volunteer("何平")
    assert client.post(f"/kiosk/desk/cards/sheet?event={zebra.event_id}", data={"person": [stranger.person_id]}).status_code == 404
    assert client.post(f"/kiosk/desk/cards/sheet?event={zebra.event_id}", data={}).status_code == 422
    elsewhere = builders.crossing(town=builders.city(staffed=False))
    assert client.get(f"/kiosk/desk/cards?event={elsewhere.event_id}").status_code == 404


def test_the_pass_changes_every_half_minute(app, client, zebra, first):
    shift = zebra.shifts()[0]
    actor = builders.volunteer("孙骏", email="sun@civic.example")
    row = place(actor, shift.id)
    clock.freeze(shift.starts_at)
    client.sign_in("sun@civic.example")
    seen = []
    for _ in range(3):
        page = client.get("/kiosk/pass")
        assert "孙骏" in page.text
        seen.append(re.search(r"<path class=\"qrline\"[^>]* d=\"([^\"]+)\"", page.text)[1])
        clock.advance(timedelta(seconds=15))
    assert seen[0] == seen[1] != seen[2]
    assert client.get(f"/kiosk/pass?place={row}").status_code == 200
    assert client.get(f"/kiosk/pass?place={row + 1}").status_code == 404
    clock.advance(timedelta(days=3))
    assert "今明两天没有您的班" in client.get("/kiosk/pass").text
