"""Qualifications: a city's kinds, given by an organiser, asked for by a post on the day of the shift, told of before they end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import User
from civic.identity.permissions import Role
from civic.outbox.models import Message
from civic.volunteering.actions import qualifications, signing
from civic.volunteering.models.events import Post
from civic.volunteering.models.qualifications import Qualification
from civic.volunteering.queries import qualifications as questions
from civic.volunteering.queries import rechecks
from civic.volunteering.rules.signing import months_later
from tests.support import builders, letters
from tests.support.refusals import refused, refused_at, refused_in_words

COURSE = "红十字会初级救护，考试合格"


@pytest.fixture
def zebra(app):
    return builders.crossing(most=3, days=20)


@pytest.fixture
def chief(zebra):
    return builders.chief(zebra.town)


@pytest.fixture
def kind(zebra, chief):
    with transaction():
        return qualifications.add_kind(chief, zebra.town.line[5], name="急救员", course=COURSE, months=24)


@pytest.fixture
def team(zebra):
    return zebra.shifts()[0].event.team_id


def asked_for(shift, kind) -> None:
    with transaction():
        db.session.get_one(Post, shift.post_id).needs_id = kind.id


def phone_of(actor) -> str:
    return db.session.get_one(User, actor.user_id).phone


def told(kind: str) -> list[str]:
    rows = db.session.scalars(select(Message).where(Message.kind == kind))
    return [letters.whole(message) for message in rows]


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [("2026-07-16", 24, "2028-07-15"), ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-12-01", 1, "2026-12-31"), ("2024-02-29", 12, "2025-02-28"), ("2026-08-31", 120, "2036-08-30")],
)
def test_so_many_months_end_on_the_day_before(since, months, until):
    assert months_later(date.fromisoformat(since), months) == date.fromisoformat(until)


def test_a_post_asks_for_it_on_the_day_of_the_shift_not_on_the_day_of_signing_up(zebra, kind, team):
    soon, later = zebra.shifts()[0], zebra.shifts()[-1]
    asked_for(soon, kind)
    actor = builders.volunteer()
    code, words = refused_in_words(lambda: signing.sign_up(actor, soon.id, has_read_briefing=True))
    assert (code, "急救员" in words) == ("not_qualified", True)
    with transaction():
        qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today() - timedelta(days=9), until=soon.day)
    with transaction():
        signing.sign_up(actor, soon.id, has_read_briefing=True)
    assert refused(lambda: signing.sign_up(actor, later.id, has_read_briefing=True)) == "not_qualified"


def test_giving_asks_who_may_what_and_since_when(zebra, kind, team):
    actor, own = builders.volunteer(), zebra.organiser
    today = clock.today()
    stranger = builders.volunteer()
    assert refused(lambda: qualifications.give(stranger, team, actor.person_id, kind.id, since=today)) == "not_found"
    with transaction():
        elsewhere = builders.identity.actor_of(builders.account(Role.ORGANISER, zebra.town.other[3]))
    assert refused(lambda: qualifications.give(elsewhere, team, actor.person_id, kind.id, since=today)) == "not_found"
    assert refused(lambda: qualifications.give(own, team, own.person_id, kind.id, since=today)) == "recused"
    assert refused_at(lambda: qualifications.give(own, team, actor.person_id, 999, since=today)) == ("qualification_unknown", "kind")
    assert refused_at(lambda: qualifications.give(own, team, actor.person_id, kind.id, since=today + timedelta(days=1))) == ("since_ahead", "since")
    assert refused_at(lambda: qualifications.give(own, team, actor.person_id, kind.id, since=today - timedelta(days=800))) == ("over_already", "since")
    with transaction():
        given = qualifications.give(own, team, actor.person_id, kind.id, since=today)
    assert given.until == months_later(today, 24)
    assert refused_at(lambda: qualifications.give(own, team, actor.person_id, kind.id, since=today)) == ("qualification_given", "who")
    assert "急救员" in told("qualification_given")[0]


def test_revoked_it_no_longer_opens_a_post_and_who_stands_there_is_asked_about(zebra, kind, team):
    shift, actor = zebra.shifts()[0], builders.volunteer()
    asked_for(shift, kind)
    with transaction():
        given = qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today())
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    assert refused_at(lambda: qualifications.revoke(zebra.organiser, given.id, reason=" ")) == ("reason_missing", "reason")
    with transaction():
        assert qualifications.revoke(zebra.organiser, given.id, reason="证是假的") == [row.id]
    assert [recheck.code for recheck in rechecks.open_of_person(actor.person_id)] == ["not_qualified"]
    assert "证是假的" in told("qualification_revoked")[0]
    assert refused(lambda: qualifications.revoke(zebra.organiser, given.id, reason="证是假的")) == "revoked_already"


def test_who_has_one_that_ends_is_told_once_a_month_before(zebra, kind, team):
    actor = builders.volunteer()
    until = clock.today() + timedelta(days=45)
    with transaction():
        qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today(), until=until)
        assert qualifications.warn_ending() == 0
    clock.advance(timedelta(days=16))
    with transaction():
        assert qualifications.warn_ending() == 1
    with transaction():
        assert qualifications.warn_ending() == 0
    (letter,) = told("qualification_ending")
    assert COURSE in letter


def test_a_kind_that_ends_is_not_given_any_more_and_goes_on_holding(zebra, chief, kind, team):
    shift, actor, other = zebra.shifts()[0], builders.volunteer(), builders.volunteer()
    asked_for(shift, kind)
    with transaction():
        qualifications.give(zebra.organiser, team, actor.person_id, kind.id, since=clock.today())
        qualifications.end_kind(chief, zebra.town.line[5], kind.id)
    clock.advance(timedelta(hours=16))
    assert clock.today() > kind.until
    assert refused(lambda: qualifications.give(zebra.organiser, team, other.person_id, kind.id, since=clock.today())) == "qualification_unknown"
    assert questions.lacking(actor.person_id, db.session.get_one(Post, shift.post_id), shift.day) is None
    assert refused_at(lambda: qualifications.add_kind(chief, zebra.town.line[5], name="急救员", course="别的", months=None)) == ("qualification_known", "name")
    assert refused(lambda: qualifications.add_kind(zebra.organiser, zebra.town.line[5], name="讲解员", course="培训", months=None)) == "not_permitted"


def test_the_desk_gives_takes_back_and_ones_own_page_shows_it(zebra, kind, team, client):
    actor = builders.volunteer("黄素芬", phone="13900020008")
    client.sign_in(phone_of(zebra.organiser))
    form = {"giving-who": "139 0002 0008", "giving-kind": kind.id, "giving-team": team, "giving-since": clock.today().isoformat()}
    assert client.post("/volunteering/desk/qualifications", data=form | {"giving-who": "13900029999"}).status_code == 422
    assert client.post("/volunteering/desk/qualifications", data=form).status_code == 303
    page = client.get("/volunteering/desk/qualifications").text
    assert "黄素芬" in page
    assert "添一个资格" not in page, "kinds are the city's"
    db.session.rollback()
    number = db.session.scalars(select(Qualification.id)).one()
    client.sign_in("13900020008")
    assert "有效" in client.get("/volunteering/mine").text.split('id="quals"')[1]
    client.sign_in(phone_of(zebra.organiser))
    assert client.confirm(f"/volunteering/desk/qualifications/{number}/revocation").status_code == 422
    assert client.confirm(f"/volunteering/desk/qualifications/{number}/revocation", reason="证不对").status_code == 303
    client.sign_in("13900020008")
    assert "撤回了：证不对" in client.get("/volunteering/mine").text
    assert actor.person_id


def test_the_city_adds_a_kind_on_its_page_and_a_post_asks_for_it(zebra, chief, client):
    client.sign_in(phone_of(chief))
    assert client.post("/volunteering/desk/qualifications/kinds", data={"kind-name": "", "kind-course": COURSE}).status_code == 422
    assert client.post("/volunteering/desk/qualifications/kinds", data={"kind-name": "急救员", "kind-course": COURSE, "kind-months": "24"}).status_code == 303
    db.session.rollback()
    found = questions.kinds()[0]
    shift = zebra.shifts()[0]
    client.sign_in(phone_of(zebra.organiser))
    where = f"/volunteering/desk/posts/{shift.post_id}"
    assert "急救员" in client.get(where).text
    assert client.post(where, data={"name": shift.post.name, "role": "guide", "needs": found.id}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Post, shift.post_id).needs_id == found.id
    assert "急救员" in client.get(f"/volunteering/events/{zebra.event_id}").text
    client.sign_in(phone_of(chief))
    assert client.confirm(f"/volunteering/desk/qualifications/kinds/{found.id}/end").status_code == 303
