"""What kiosks say and hear: pairing, the roster and its deltas, scans and their answers, status."""

from __future__ import annotations

import hmac
from base64 import b32encode, b64decode, urlsafe_b64encode
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.models.devices import Kiosk
from civic.kiosk.models.scans import KitLine, Scan
from civic.kiosk.states import Scope
from civic.volunteering.actions import attendance, cancelling, counting, offers, signing
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import SignUp
from civic.volunteering.states import SignUpStatus
from tests.support import builders
from tests.support.counting import statements
from tests.support.tablets import PIN, Tablet, machine, place, tablet


@pytest.fixture
def zebra(app):
    return builders.crossing(most=4, kit="红马甲、小旗、哨")


@pytest.fixture
def first(app, zebra) -> Tablet:
    return tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)


@pytest.fixture
def held(zebra, first):
    """Sun Jun's place on tomorrow's first shift, at the moment it starts."""
    shift = zebra.shifts()[0]
    row = place(builders.volunteer("孙骏", phone="13900004821"), shift.id)
    clock.freeze(shift.starts_at)
    return row


def post(app, path, **more):
    return Context().run(machine(app).post, f"/api/kiosk/v1/{path}", **more)


def punches(row):
    db.session.rollback()
    return db.session.scalars(select(Punch).where(Punch.sign_up_id == row).order_by(Punch.id)).all()


# ── pairing and the key ──


def test_a_code_works_once_and_for_ten_minutes(app, zebra):
    with transaction():
        kiosk = enrolling.found(zebra.organiser, name="路口", place="", scope=Scope.EVENT, thing_id=zebra.event_id, until=clock.now() + timedelta(days=9), pin=PIN)
        _, code = enrolling.open_pairing(zebra.organiser, kiosk.id)
    asked = {"code": code.lower(), "app": "1", "name": "Chromium 156"}
    answer = post(app, "pair", json=asked)
    assert answer.status_code == 201
    assert answer.json["kiosk"] == {"id": kiosk.id, "name": "路口", "place": "", "scope": "event", "until": "2026-07-25T01:00:00.000Z"}
    assert post(app, "pair", json=asked).json["code"] == "code_used"
    assert post(app, "pair", json=asked | {"code": "NOTACODE"}).status_code == 404
    with transaction():
        _, code = enrolling.open_pairing(zebra.organiser, kiosk.id)
    clock.advance(timedelta(minutes=10))
    answer = post(app, "pair", json=asked | {"code": code})
    assert (answer.status_code, answer.json["code"]) == (410, "code_old")


def test_guessing_codes_is_stopped(app, zebra):
    answers = [post(app, "pair", json={"code": "NOTACODE", "app": "1", "name": "x"}) for _ in range(21)]
    assert {a.status_code for a in answers[:20]} == {404}
    assert (answers[20].status_code, answers[20].json["code"]) == (429, "too_often")


def test_without_a_key_and_after_a_revoke_nothing_is_told(app, zebra, first):
    stranger = Tablet(app, "no such key", 0)
    for path, method in (("roster", "GET"), ("scans", "POST"), ("status", "POST")):
        answer = stranger.ask(method, path, json={} if method == "POST" else None)
        assert (answer.status_code, answer.json["code"]) == (401, "unknown_kiosk")
    with transaction():
        enrolling.revoke(zebra.organiser, first.kiosk_id, reason="平板丢了")
    answer = first.roster()
    assert (answer.status_code, answer.json["code"]) == (401, "revoked")


def test_machines_neither_get_nor_use_a_cookie(app, first, client):
    answer = first.roster()
    assert "Set-Cookie" not in answer.headers
    builders_actor = builders.volunteer("x", email="resident@civic.example")
    assert builders_actor.user_id
    client.sign_in("resident@civic.example")
    assert client.get("/api/kiosk/v1/roster?text=large").status_code == 401


# ── the roster ──


def test_the_roster_knows_people_only_by_alias_masked_name_and_digests(app, zebra, first, held):
    answer = first.roster()
    assert answer.status_code == 200
    body = answer.json
    assert body["whole"] is True
    key = b64decode(body["events"][0]["key"])
    assert len(key) == 32
    assert body["events"][0]["kit"] == ["红马甲", "小旗", "哨"]
    [line] = body["people"]
    assert (line["place"], line["name"], line["gone"], line["in"]) == (held, "孙＊", False, None)
    digest = urlsafe_b64encode(hmac.digest(key, b"tail:4821", "sha256")[:12]).decode()
    assert line["tail"] == digest
    assert line["card"] is line["pin"] is None
    assert line["next"] == 100
    words = answer.get_data(as_text=True)
    assert "13900004821" not in words
    assert "孙骏" not in words
    shift = next(s for s in body["shifts"] if s["id"] == line["shift"])
    assert shift["event"] == zebra.event_id


def test_the_pass_is_what_the_protocol_says(app, zebra, first, held):
    body = first.roster().json
    key, alias = b64decode(body["events"][0]["key"]), body["people"][0]["alias"]
    own = hmac.digest(key, f"pass:{alias}".encode(), "sha256")
    t = int(clock.now().timestamp()) // 30
    code = b32encode(hmac.digest(own, f"t:{t}".encode(), "sha256")).decode()[:10]
    assert rules.pass_text(zebra.event_id, key, alias, clock.now()) == f"HR1.{zebra.event_id}.{alias}.{code}"


def test_the_leaders_pin_can_be_checked_offline(app, first):
    leader = first.roster().json["leader"]
    assert rules.pin_digest(PIN, leader["salt"], leader["rounds"]) == leader["digest"]
    assert rules.pin_digest("0000", leader["salt"], leader["rounds"]) != leader["digest"]


def test_an_unchanged_roster_is_told_in_three_statements(app, first, held):
    etag = first.roster().headers["ETag"]
    with statements() as seen:
        answer = first.roster(etag=etag)
    assert answer.status_code == 304
    assert len(seen) == 3, seen


def test_a_delta_brings_what_changed_and_takes_off_who_left(app, zebra, first, held):
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at - timedelta(hours=14))
    comer = builders.volunteer("黄桂芬")
    with transaction():
        other = signing.sign_up(comer, shift.id, has_read_briefing=True).id
    clock.advance(timedelta(minutes=10))
    body = first.roster()
    cursor, etag = body.json["cursor"], body.headers["ETag"]
    clock.advance(timedelta(minutes=10))
    assert first.roster(cursor).json["people"] == []
    with transaction():
        offers.withdraw(builders.identity.actor_of(db.session.get(SignUp, other).person and _user_of(other)), other)
    answer = first.roster(cursor, etag)
    assert answer.status_code == 200
    assert [(p["place"], p["gone"]) for p in answer.json["people"]] == [(other, True)]
    assert answer.json["whole"] is False
    clock.freeze(shift.starts_at)
    assert first.upload(first.scan(held)) == ["in"]
    lines = first.roster(answer.json["cursor"]).json["people"]
    assert [(p["place"], p["in"]) for p in lines if not p["gone"]] == [(held, "2026-07-16T23:30:00.000Z")]


def _user_of(sign_up_id):
    from civic.identity.models import User

    return db.session.scalars(select(User).where(User.person_id == db.session.get(SignUp, sign_up_id).person_id)).one()


def test_a_transaction_that_ends_late_is_not_missed(app, zebra, first, held):
    """What it wrote has an earlier moment than the newest; the ETag and the overlap know it all the same."""
    before = clock.now()
    clock.advance(timedelta(seconds=60))
    answer = first.roster()
    with transaction():
        db.session.execute(SignUp.__table__.update().where(SignUp.id == held).values(touched_at=before - timedelta(seconds=20)))
    later = first.roster(answer.json["cursor"], answer.headers["ETag"])
    assert later.status_code == 200
    assert [p["place"] for p in later.json["people"]] == [held]


def test_a_shift_that_comes_into_sight_brings_its_people(app, zebra, first):
    shift = zebra.shifts()[-1]
    row = place(builders.volunteer(), shift.id)
    clock.freeze(shift.starts_at - timedelta(hours=40))
    cursor = first.roster().json["cursor"]
    clock.advance(timedelta(hours=5))
    assert row in [p["place"] for p in first.roster(cursor).json["people"]]


def test_another_events_kiosk_sees_and_does_nothing_here(app, zebra, first, held):
    elsewhere = builders.crossing(town=_another_town())
    stranger = tablet(app, elsewhere.organiser, Scope.EVENT, elsewhere.event_id)
    body = stranger.roster().json
    assert held not in [p["place"] for p in body["people"]]
    assert zebra.event_id not in [e["id"] for e in body["events"]]
    alias = first.roster().json["people"][0]["alias"]
    assert stranger.upload(stranger.scan(held), stranger.scan(alias=alias), stranger.scan(alias=alias, event=zebra.event_id)) == ["not_yours"] * 3
    assert punches(held) == []


def _another_town():
    return builders.city(staffed=False)


def test_scopes_of_region_and_team_see_their_own(app, zebra, held):
    team_id = zebra.shifts()[0].event.team_id
    for scope, thing in ((Scope.REGION, zebra.town.line[3].id), (Scope.TEAM, team_id)):
        body = tablet(app, zebra.organiser, scope, thing).roster().json
        assert [p["place"] for p in body["people"]] == [held]
    elsewhere = tablet(app, zebra.organiser, Scope.REGION, zebra.town.line[1].id)
    assert elsewhere.roster().json["people"] == []


def test_many_people_are_read_in_a_constant_number_of_statements(app, zebra, first, held):
    with statements() as few:
        first.roster()
    for _ in range(3):
        clock.freeze(zebra.shifts()[0].starts_at - timedelta(days=1))
        place(builders.volunteer(), zebra.shifts()[0].id)
    with statements() as many:
        assert len(first.roster().json["people"]) == 4
    assert len(few) == len(many) <= 6


# ── scans ──


def test_in_and_out_are_punches_and_replays_get_the_same_answer(app, first, held):
    coming = first.scan(held)
    clock.advance(timedelta(minutes=80))
    going = first.scan(held, "out")
    assert first.upload(coming, going) == ["in", "out"]
    assert first.upload(coming, going, coming) == ["in", "out", "in"]
    kept = punches(held)
    assert [(p.direction, p.means, p.kiosk_id) for p in kept] == [(Direction.IN, "kiosk", first.kiosk_id), (Direction.OUT, "kiosk", first.kiosk_id)]
    assert first.upload(first.scan(held)) == ["again"]
    assert len(punches(held)) == 2


def test_another_scan_under_the_same_name_is_refused_and_kept(app, first, held):
    scan = first.scan(held)
    assert first.upload(scan) == ["in"]
    other = scan | {"direction": "out"}
    assert first.upload(other) == ["scan_id_reused"]
    assert first.upload(other, scan) == ["scan_id_reused", "in"]
    rows = db.session.scalars(select(Scan).order_by(Scan.id)).all()
    assert [r.code for r in rows] == ["in", "scan_id_reused"]


def test_the_logical_time_is_the_devices_time_and_its_offset(app, first, held):
    first.behind = 3600.0
    first.status()
    assert first.upload(first.scan(held)) == ["in"]
    [punch] = punches(held)
    assert punch.at == clock.now()
    assert punch.device_at == clock.now() - timedelta(hours=1)


def test_who_comes_alone_takes_three_statements_on_postgresql_and_a_handful_elsewhere(app, first, held, engine_name):
    scan = first.scan(held)
    with statements() as seen:
        assert first.upload(scan) == ["in"]
    assert len(seen) <= (3 if engine_name == "postgresql" else 8), seen


def test_a_malformed_scan_is_refused_for_good_and_sinks_no_other(app, first, held):
    good = first.scan(held)
    bad = [
        {"scan_id": "a"}, first.scan(held, extra=1), first.scan(held, direction="up"), first.scan(None), first.scan(held, counter="1"),
        first.scan(held) | {"at": "yesterday"}, first.scan(held, kind="undo"),
    ]  # fmt: skip
    assert first.upload(*bad[:3], good, *bad[3:]) == ["malformed"] * 3 + ["in"] + ["malformed"] * 4
    answer = first.ask("POST", "scans", json={"scans": [{"x": 1}]}).json["answers"][0]
    assert (answer["scan_id"], answer["code"]) == (None, "malformed")
    assert first.upload(*bad[:3]) == ["malformed"] * 3
    assert len(db.session.scalars(select(Scan).where(Scan.code == "malformed")).all()) == 8
    for whole in ({}, {"scans": []}, {"scans": [1]}, {"scans": [good], "more": 1}, {"scans": [good] * 501}):
        assert first.ask("POST", "scans", json=whole).status_code == 422
    assert first.ask("POST", "scans", data="{", content_type="application/json").status_code == 400


def test_two_kiosks_make_one_punch_and_one_decision(app, zebra, first, held):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    one = first.scan(held)
    clock.advance(timedelta(minutes=22))
    two = second.scan(held)
    assert first.upload(one) == ["in"]
    assert second.upload(two) == ["second_kiosk"]
    assert second.upload(two) == ["second_kiosk"]
    assert len(punches(held)) == 1


def test_a_leaders_tick_is_the_other_side_of_a_decision(app, zebra, first, held):
    with transaction():
        attendance.tick(builders.identity.actor_of(zebra.leader), held, Direction.IN)
    clock.advance(timedelta(minutes=5))
    assert first.upload(first.scan(held)) == ["second_kiosk"]


def test_a_going_before_its_coming_decides_itself(app, zebra, first, held):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    coming = first.scan(held)
    clock.advance(timedelta(minutes=80))
    going = second.scan(held, "out")
    assert second.upload(going) == ["out_first"]
    assert second.upload(second.scan(held, "out")) == ["again"]
    assert first.upload(coming) == ["in"]
    assert [(p.direction, p.kiosk_id) for p in punches(held)] == [(Direction.IN, first.kiosk_id), (Direction.OUT, second.kiosk_id)]
    waited = db.session.scalars(select(Scan).where(Scan.code == "out_first")).one()
    assert (waited.decision, waited.punch_id) == ("resolved", punches(held)[1].id)
    assert second.upload(going) == ["out_first"]


def test_cancelled_and_given_up_places_wait_for_a_decision(app, zebra, first, held):
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at - timedelta(hours=14))
    other = place(builders.volunteer(), shift.id)
    with transaction():
        offers.withdraw(builders.identity.actor_of(_user_of(other)), other)
        cancelling.cancel_shift(zebra.organiser, shift.id, reason="下雨")
    clock.freeze(shift.starts_at)
    assert first.upload(first.scan(held), first.scan(other)) == ["cancelled", "cancelled"]
    assert punches(held) == []


def test_who_withdrew_or_is_not_known_waits_for_a_decision(app, zebra, first, held):
    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at - timedelta(hours=14))
    other = place(builders.volunteer(), shift.id)
    with transaction():
        offers.withdraw(builders.identity.actor_of(_user_of(other)), other)
    clock.freeze(shift.starts_at)
    from civic.kiosk.queries import devices

    stranger = devices.alias_of(builders.volunteer().person_id, zebra.event_id)
    codes = first.upload(first.scan(other), first.scan(alias=stranger, event=zebra.event_id), first.scan(code="6901234567892"), first.scan(alias="A" * 26))
    assert codes == ["not_signed_up", "not_signed_up", "unknown_code", "unknown_code"]


def test_who_signed_up_after_the_roster_was_made_is_found_by_alias(app, zebra, first, held):
    from civic.kiosk.queries import devices

    shift = zebra.shifts()[0]
    clock.freeze(shift.starts_at - timedelta(hours=1))
    actor = builders.volunteer()
    row = place(actor, shift.id)
    clock.freeze(shift.starts_at)
    alias = devices.alias_of(actor.person_id, zebra.event_id)
    assert first.upload(first.scan(alias=alias, event=zebra.event_id), first.scan(code=f"HR1.{zebra.event_id}.{alias}.AAAAAAAAAA")) == ["in", "again"]
    assert len(punches(row)) == 1


def test_what_lies_outside_the_shift_waits_for_a_decision(app, zebra, first, held):
    shift = zebra.shifts()[0]
    early, late = first.scan(held, at=shift.starts_at - timedelta(minutes=121)), first.scan(held, at=shift.ends_at + timedelta(seconds=1))
    clock.freeze(shift.ends_at + timedelta(minutes=1))
    assert first.upload(early, late) == ["outside_window", "outside_window"]


def test_a_clock_that_cannot_be_right_waits_for_a_decision(app, zebra, first, held):
    ahead = first.scan(held, at=clock.now() + timedelta(minutes=3))
    assert first.upload(ahead) == ["clock_off"]
    first.status()
    assert first.upload(first.scan(held, offset=200.0, at=clock.now() - timedelta(seconds=200))) == ["clock_off"]
    # The clock was set meanwhile: the difference before is known, too.
    first.behind = 600.0
    first.status()
    assert first.upload(first.scan(held, offset=0.5)) == ["clock_off"], "who did not watch their clock cannot tell"
    assert first.upload(first.scan(held, offset=0.5, sure=True)) == ["in"]


def test_undo_within_two_minutes_names_the_scan(app, zebra, first, held):
    coming = first.scan(held)
    clock.advance(timedelta(seconds=100))
    undo = first.undo(coming)
    assert first.upload(coming, undo) == ["in", "undone"]
    assert [p.is_live for p in punches(held)] == [False, False]
    assert punches(held)[1].undoes_id == punches(held)[0].id
    assert first.upload(undo, coming, first.undo(coming)) == ["undone", "in", "undone"]
    again = first.scan(held)
    assert first.upload(again) == ["in"]
    clock.advance(timedelta(seconds=121))
    assert first.upload(first.undo(again), first.undo({"scan_id": "never"})) == ["undo_too_late", "undo_unknown"]
    assert [p.is_live for p in punches(held)] == [False, False, True]


def test_undo_of_what_waits_for_a_decision_takes_it_off_the_desk(app, zebra, first, held):
    second = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id, name="第二台")
    assert first.upload(first.scan(held)) == ["in"]
    clock.advance(timedelta(minutes=3))
    wrong = second.scan(held)
    assert second.upload(wrong, second.undo(wrong)) == ["second_kiosk", "undone"]
    assert db.session.scalars(select(Scan.decision).where(Scan.code == "second_kiosk")).one() == "undone"
    assert second.upload(second.undo(first.scan(held))) == ["undo_unknown"]


def test_kit_goes_out_and_comes_back(app, zebra, first, held):
    vest = {"kind": "kit", "kit": "红马甲", "way": None}
    lent, back = first.scan(held, "out", **vest), first.scan(held, "in", **vest)
    assert first.upload(lent, back, lent) == ["kit", "kit", "kit"]
    slip = first.scan(held, "out", **vest)
    assert first.upload(slip, first.undo(slip)) == ["kit", "undone"]
    assert db.session.scalars(select(KitLine.count).order_by(KitLine.id)).all() == [1, -1, 1, -1]


# ── scans that come when the shift has been counted ──


def test_a_scan_that_comes_a_day_late_is_counted_all_the_same(app, zebra, first, held):
    shift = zebra.shifts()[0]
    coming, going = first.scan(held, at=shift.starts_at), first.scan(held, "out", at=shift.ends_at)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert db.session.get(SignUp, held).status is SignUpStatus.MISSED
    clock.advance(timedelta(hours=22))
    assert first.upload(coming, going) == ["in", "out"]
    db.session.rollback()
    assert db.session.get(SignUp, held).status is SignUpStatus.CAME
    draft = db.session.scalars(select(Hours)).one()
    assert (draft.minutes, draft.how, draft.final_at) == (90, "full", None)
    assert first.upload(coming, going) == ["in", "out"]


def test_a_going_that_comes_late_replaces_the_half_shift(app, zebra, first, held):
    shift = zebra.shifts()[0]
    assert first.upload(first.scan(held)) == ["in"]
    going = first.scan(held, "out", at=shift.ends_at)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert db.session.scalars(select(Hours.minutes)).one() == 45
    assert first.upload(going) == ["out"]
    db.session.rollback()
    assert db.session.scalars(select(Hours.minutes)).one() == 90


def test_hours_that_are_final_are_a_persons_to_change(app, zebra, first, held):
    shift = zebra.shifts()[0]
    assert first.upload(first.scan(held)) == ["in"]
    going = first.scan(held, "out", at=shift.ends_at)
    builders.settled(shift)
    assert first.upload(going) == ["counted_already"]
    assert db.session.scalars(select(Hours.minutes)).one() == 45


def test_a_slip_that_was_undone_offline_counts_nothing_when_it_comes_late(app, zebra, first, held):
    shift = zebra.shifts()[0]
    coming = first.scan(held, at=shift.starts_at)
    undo = first.undo(coming, at=shift.starts_at + timedelta(seconds=30))
    clock.freeze(shift.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    assert first.upload(coming, undo) == ["in", "undone"]
    db.session.rollback()
    assert db.session.get(SignUp, held).status is SignUpStatus.MISSED
    assert db.session.scalars(select(Hours)).all() == []
    assert [p.is_live for p in punches(held)] == [False, False]


# ── the desk's view of the device ──


def test_status_is_kept_as_the_device_tells_it(app, first):
    first.behind = 12.5
    answer = first.status(battery=0.81, queued=7, oldest_at="2026-07-16T00:48:00Z", roster_at="2026-07-16T00:00:00+08:00")
    assert answer.json == {"now": "2026-07-16T01:00:00.000Z", "until": "2026-09-14T01:00:00.000Z", "newest_app": "1"}
    db.session.rollback()
    kiosk = db.session.get(Kiosk, first.kiosk_id)
    assert (kiosk.battery, kiosk.queued, kiosk.drift) == (0.81, 7, 12.5)
    assert clock.now() - kiosk.oldest_at == timedelta(minutes=12)
    assert first.status(queued=-1).status_code == 422
    assert first.status(battery=2).status_code == 422


def test_what_the_database_refuses_sinks_no_other(app, zebra, first, held, engine_name):
    """The set-based write fails: each scan is then written in a savepoint of its own, and the bad one is refused for good."""

    def refuse(_connection, _cursor, statement, parameters, _context, _many):
        if "INSERT INTO scan" in statement and "poison" in repr(parameters) and "recorded" in repr(parameters):
            raise _refusal(engine_name)

    scans = [first.scan(held), first.scan(held, "out", scan_id="poison"), first.scan(code="123")]
    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        assert first.upload(*scans) == ["in", "malformed", "unknown_code"]
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert first.upload(*scans) == ["in", "malformed", "unknown_code"]
    assert [p.direction for p in punches(held)] == [Direction.IN]


def _refusal(engine_name):
    import sqlite3

    import psycopg

    return psycopg.IntegrityError("refused") if engine_name == "postgresql" else sqlite3.IntegrityError("refused")
