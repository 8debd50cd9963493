"""Told and written down: two people, two roles; the teller gets the number, the enterer does not decide."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, entering, timing
from civic.nominations.models.voices import ToldHow, Voice
from civic.nominations.queries import cases, rounds
from civic.outbox.models import Message
from tests.support import builders
from tests.support.pictures import jpeg_with_place


@pytest.fixture
def town(app):
    return builders.city()


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


def told(town, level=1, contact=None, place=None, **changes):
    with transaction():
        return entering.enter(
            town.actor(level), builders.answers(place or town.line[1], nominator_name="邵奶奶", **changes), contact, how=ToldHow.PHONE
        )


def test_teller_and_enterer_are_kept_apart_and_a_phone_gets_the_letter(town):
    voice = told(town, contact=Contact("phone", "13800004821"))
    assert voice.name == "邵奶奶"
    assert voice.user_id is None
    assert voice.entered_by_id == town.desk[1].id
    assert cases.voice_for(voice.nomination.reference, "4821").id == voice.id
    assert [m.recipient_id for m in db.session.scalars(select(Message).where(Message.kind == "received"))] == [voice.id]


def test_somebody_without_a_phone_gets_no_letter_and_nothing_breaks(town):
    voice = told(town)
    case = voice.nomination_id
    with transaction():
        deciding.hand_over(town.actor(1), case, expected=builders.version(case), reason="我录的")
    with transaction():
        deciding.endorse(town.actor(2), case, expected=builders.version(case))
    assert db.session.scalars(select(Message).where(Message.recipient_kind == "voice")).all() == []


def test_who_entered_it_does_not_decide_and_sits_out_in_the_council(town):
    case = told(town).nomination_id
    refused("recused", deciding.endorse, town.actor(1), case, expected=builders.version(case))
    with transaction():
        from civic.nominations.models.councils import Member

        user, place = town.desk[1], town.line[1]
        from civic.core import clock

        db.session.add(
            Member(region_id=place.id, region_path=place.path, person_id=user.person_id, name="楼长", standing="楼长", since=clock.today(), until=clock.today(), named_by_id=user.id)
        )
    members = rounds.sitting(town.line[1].id, clock.today())
    assert [g.value for g in rounds.grounds(members, cases.voice_by_id(1).nomination).values()] == ["nominator"]


def test_a_city_may_say_that_the_enterer_decides(town):
    builders.by_round(1, by_round=False, enterer_recused=False)
    case = told(town).nomination_id
    with transaction():
        deciding.endorse(town.actor(1), case, expected=builders.version(case))


def test_only_at_ones_own_place_and_paper_with_its_photograph(town):
    refused("not_here", entering.enter, town.actor(1), builders.answers(town.other[1]), None, how=ToldHow.PHONE)
    refused("sheet_missing", entering.enter, town.actor(1), builders.answers(town.line[1]), None, how=ToldHow.PAPER)
    told(town, 3, place=town.line[1])


def test_the_page_loses_nothing_keeps_the_sheet_and_prints_the_slip(client, town):
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[2]), email="other@civic.example")
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[3]), email="street@civic.example")
    client.sign_in("street@civic.example")
    assert f"at={town.line[2].id}" in client.get("/nominations/desk/entry").text
    client.sign_in("desk@civic.example")
    typed = {
        "told_how": "paper", "nominator_name": "邵奶奶", "contact": "", "relation": "neighbour", "nominee_name": "陈桂兰", "nominee_sex": "",
        "category": roll.category_by_code("ZRWL").id, "channel": "household", "region": town.line[2].id, "headline": "缝补十二年", "story": builders.STORY,
    }  # fmt: skip
    answer = client.post("/nominations/desk/entry", data=typed)
    assert answer.status_code == 422
    assert "请拍一张" in answer.text
    assert "邵奶奶" in answer.text
    sheet = {"sheet": (BytesIO(jpeg_with_place((600, 400))), "a.jpg")}
    answer = client.post("/nominations/desk/entry", data={**typed, **sheet}, content_type="multipart/form-data")
    assert answer.status_code == 303
    db.session.rollback()
    voice = db.session.scalars(select(Voice)).one()
    page = client.get(answer.headers["Location"]).text
    assert voice.nomination.reference in page
    assert "没有留手机" in page
    slip = client.post(f"/nominations/desk/entry/{voice.id}/receipt")
    assert slip.data.startswith(b"%PDF")
    picture = client.get(f"/nominations/desk/entry/{voice.id}/sheet")
    assert picture.mimetype == "image/jpeg"
    assert b"GPS" not in picture.data
    # A colleague decides it, sees the sheet, but does not print the teller's own code.
    client.sign_in("other@civic.example")
    assert "邵＊奶说" in client.get(f"/nominations/desk/queue?case={voice.nomination_id}").text
    assert client.get(f"/nominations/desk/entry/{voice.id}/sheet").status_code == 200
    assert client.post(f"/nominations/desk/entry/{voice.id}/receipt").status_code == 404


def test_the_slip_says_what_the_row_says(town):
    from io import BytesIO as File

    import pypdf

    from civic.core import pdf
    from civic.nominations import files
    from civic.nominations.rules import links

    voice = cases.voice_by_id(told(town).id)
    words = "".join(p.extract_text() for p in pypdf.PdfReader(File(pdf.printed("receipt", files.receipt_of(voice, links.tracking_token(voice.id))))).pages)
    for expected in ("推荐回执", voice.nomination.reference, "邵奶奶", "陈桂兰", "3栋2单元"):
        assert expected in "".join(words.split())


def test_a_rule_of_the_city_can_be_changed_with_the_others(town):
    from civic.identity import queries as identity

    with transaction():
        admin = builders.account(builders.Role.CITY_ADMIN, db.session.merge(town.line[5]))
    from civic.core import clock

    with transaction():
        rule = timing.change_level_rule(identity.actor_of(admin), level=1, since=clock.today(), city_path=town.line[5].path, enterer_recused=False, deed_years=3)
    assert (rule.enterer_recused, rule.deed_years) == (False, 3)
    refused("years_out_of_range", timing.change_level_rule, identity.actor_of(admin), level=1, since=clock.today(), city_path=town.line[5].path, deed_years=0)
