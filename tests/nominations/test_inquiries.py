"""Visits, departments and clues: what has to be found out before a level may decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.permissions import Role
from civic.identity.queries import actor_of
from civic.nominations.actions import deciding, inquiring
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.inquiries import ClueStatus, OpinionRequest, Outcome
from civic.nominations.queries import inquiries
from civic.nominations.rules import climbing, links
from civic.nominations.states import Department
from civic.outbox.delivery import deliver_due
from civic.outbox.models import Message
from tests.support import builders
from tests.support.builders import version

REPORT = "问了门卫和三年级班主任，都说她缝了十二年，从不收钱。"


@pytest.fixture
def town(app):
    return builders.city()


def refused(code, act, /, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        act(*arguments, **words)
    assert caught.value.code == code


def colleague(town, level):
    with transaction():
        return actor_of(builders.account(Role.REVIEWER if level > 1 else Role.STEWARD, town.line[level], name="同事"))


def visited(actor, case, *, is_true=True, days_ago=0):
    with transaction():
        inquiring.sign_visit(
            actor, case, visited_on=clock.today() - timedelta(days=days_ago), companion="老周", witnesses=2, report=REPORT, is_true=is_true
        )


def test_what_came_from_outside_is_seen_before_it_climbs(town):
    case = builders.voice(town.line[1], channel=Channel.NETIZEN).nomination_id
    refused("visit_first", deciding.endorse, town.actor(1), case, expected=version(case))
    refused("witnesses_missing", inquiring.sign_visit, town.actor(1), case, visited_on=clock.today(), companion="老周", witnesses=1, report=REPORT, is_true=True)
    refused("companion_missing", inquiring.sign_visit, town.actor(1), case, visited_on=clock.today(), companion=" ", witnesses=2, report=REPORT, is_true=True)
    refused("visit_in_future", inquiring.sign_visit, town.actor(1), case, visited_on=clock.today() + timedelta(days=1), companion="老周", witnesses=2, report=REPORT, is_true=True)
    visited(town.actor(1), case)
    # Whoever went does not decide as well.
    refused("visited_oneself", deciding.endorse, town.actor(1), case, expected=version(case))
    other = colleague(town, 1)
    with transaction():
        deciding.endorse(other, case, expected=version(case))
    with transaction():
        deciding.endorse(town.actor(2), case, expected=version(case))
    clock.advance(timedelta(days=91))
    refused("visit_first", deciding.endorse, town.actor(3), case, expected=version(case))
    visited(colleague(town, 3), case)
    with transaction():
        deciding.endorse(town.actor(3), case, expected=version(case))


def test_an_untrue_visit_opens_nothing(town):
    builders.by_round(1, by_round=False, needs_visit=True)
    case = builders.voice(town.line[1]).nomination_id
    visited(colleague(town, 1), case, is_true=False)
    refused("visit_first", deciding.elect, town.actor(1), case, expected=version(case))


def test_which_departments_are_asked_follows_from_who_the_person_is():
    assert climbing.departments() == (Department.POLICE, Department.COURT)
    assert Department.DISCIPLINE in climbing.departments(is_party_member=True)
    assert Department.TAX in climbing.departments(is_business_person=True)
    assert set(climbing.departments(is_public_employee=True, is_head_of_enterprise=True)) == set(Department)


def asked(town, case):
    with transaction():
        return [r.id for r in inquiring.ask_departments(town.actor(1), case, {Department.POLICE: "police@city.example", Department.COURT: "court@city.example"})]


def test_silence_is_not_consent_and_one_link_answers_once(town, app, smtp):
    builders.by_round(1, by_round=False, needs_opinions=True)
    case = builders.voice(town.line[1]).nomination_id
    refused("opinions_first", deciding.endorse, town.actor(1), case, expected=version(case))
    police, court = asked(town, case)
    while deliver_due():
        pass
    assert len(smtp.to("police@city.example")) == 1
    refused("nobody_to_ask", inquiring.ask_departments, town.actor(1), case, {Department.POLICE: "police@city.example"})
    clock.advance(timedelta(days=6))
    with transaction():
        assert inquiring.chase_opinions() == 2
    with transaction():
        assert inquiring.chase_opinions() == 0
    clock.advance(timedelta(days=6))
    with transaction():
        assert inquiring.chase_opinions() == 2
    kinds = [m.kind for m in db.session.scalars(select(Message).where(Message.kind.startswith("opinion")))]
    assert sorted(kinds) == ["opinion_asked"] * 2 + ["opinion_overdue"] * 2 + ["opinion_reminder"] * 2
    refused("opinions_first", deciding.endorse, town.actor(1), case, expected=version(case))
    for number in (police, court):
        with transaction():
            inquiring.answer_opinion(links.opinion_token(number), outcome=Outcome.NO_OBJECTION, letter_number="汀公函〔2026〕7 号")
    refused("opinion_given", inquiring.answer_opinion, links.opinion_token(police), outcome=Outcome.OBJECTION, letter_number="")
    refused("not_found", inquiring.answer_opinion, f"{police}.{'0' * 40}", outcome=Outcome.OBJECTION, letter_number="")
    with transaction():
        deciding.endorse(town.actor(1), case, expected=version(case))


def test_facts_ask_further_departments_and_an_objection_stops(town):
    builders.by_round(1, by_round=False, needs_opinions=True)
    case = builders.voice(town.line[1]).nomination_id
    with transaction():
        inquiring.record_facts(town.actor(1), case, is_party_member=True)
    assert Department.DISCIPLINE in inquiries.departments_for(case)
    police, court = asked(town, case)
    with transaction():
        inquiring.answer_opinion(links.opinion_token(police), outcome=Outcome.OBJECTION, letter_number="")
    refused("department_objects", deciding.endorse, town.actor(1), case, expected=version(case))
    assert court


def test_a_department_answers_on_its_page(town, client):
    case = builders.voice(town.line[1]).nomination_id
    police, _court = asked(town, case)
    link = f"/nominations/opinion/{links.opinion_token(police)}"
    assert "公安" in client.get(link).text
    assert client.post(link, data={}).status_code == 422
    assert client.post(link, data={"outcome": "no_record", "letter_number": "1 号"}).status_code == 200
    assert client.post(link, data={"outcome": "objection"}).status_code == 409
    assert client.post(f"/nominations/opinion/{police}.{'0' * 40}", data={"outcome": "objection"}).status_code == 404
    db.session.rollback()
    assert db.session.get(OpinionRequest, police).outcome is Outcome.NO_RECORD
    assert len(db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "opinion.refused")).all()) == 2


def clue(**changes):
    with transaction():
        values = {"who": "陈桂兰", "place": "桥东街道", "category_id": roll.category_by_code("ZRWL").id, "deed": "校门口缝补十二年", "contact": "13912345678"}
        return inquiring.leave_clue(**{**values, **changes}).id


def test_a_clue_becomes_a_nomination_that_its_place_has_to_see(town):
    actor = town.actor(5)
    refused("deed_too_long", inquiring.leave_clue, who="陈", place="桥东", category_id=1, deed="长" * 71, contact="13912345678")
    number = clue()
    refused("not_permitted", inquiring.convert_clue, town.actor(1), number, town.line[2], story=builders.STORY)
    refused("not_here", inquiring.convert_clue, town.actor(4), number, town.other[4], story=builders.STORY)
    refused("not_found", inquiring.convert_clue, town.actor(4), number, town.line[2], story=builders.STORY)
    refused("story_too_short", inquiring.convert_clue, actor, number, town.line[2], story="太短")
    with transaction():
        inquiring.convert_clue(actor, number, town.line[2], story=builders.STORY)
    db.session.rollback()
    found = inquiries.clue_by_id(town.actor(5), number)
    case = db.session.get(Nomination, found.nomination_id)
    assert (found.status, case.channel, case.level, case.region_id) == (ClueStatus.CONVERTED, Channel.NETIZEN, 2, town.line[2].id)
    refused("clue_closed", inquiring.refuse_clue, actor, number, reason="重复")
    refused("visit_first", deciding.endorse, town.actor(2), case.id, expected=version(case.id))


def test_a_clue_about_a_known_person_joins_their_case_and_an_empty_one_is_refused(town):
    case = builders.voice(town.line[1]).nomination_id
    number = clue()
    assert [c.id for c in inquiries.cases_like(inquiries.clue_by_id(town.actor(5), number))] == [case]
    with transaction():
        inquiring.merge_clue(town.actor(5), number, case)
    db.session.expire_all()
    assert db.session.get(Nomination, case).voice_count == 2
    other = clue(who="不知道")
    refused("reason_missing", inquiring.refuse_clue, town.actor(5), other, reason=" ")
    with transaction():
        inquiring.refuse_clue(town.actor(5), other, reason="写不清是谁，电话也打不通")
    assert [c.id for c in inquiries.clues(town.actor(5), ClueStatus.REFUSED)] == [other]


def test_a_county_sees_its_own_clues_the_city_all_and_nobody_below_any(town):
    here, nowhere = clue(county=town.line[4]), clue(who="不知道在哪")
    elsewhere = clue(who="别处的", county=town.other[4])
    assert [c.id for c in inquiries.clues(town.actor(4), ClueStatus.NEW)] == [here]
    assert [c.id for c in inquiries.clues(town.actor(5), ClueStatus.NEW)] == [here, nowhere, elsewhere]
    assert inquiries.clues(town.actor(3), ClueStatus.NEW) == []
    assert inquiries.clue_by_id(town.actor(4), elsewhere) is None
    refused("not_found", inquiring.refuse_clue, town.actor(4), elsewhere, reason="不归我们")
    refused("not_permitted", inquiring.refuse_clue, town.actor(3), here, reason="不归我们")
    with transaction():
        inquiring.convert_clue(town.actor(4), here, town.line[2], story=builders.STORY)


def test_the_public_leaves_a_clue_and_the_desk_sends_it_down(town, client):
    answer = client.post("/nominations/clue", data={"who": "陈桂兰", "place": "桥东", "category": str(roll.category_by_code("ZRWL").id), "deed": "缝补十二年", "contact": "13912345678"})
    assert answer.status_code == 303
    assert client.post("/nominations/clue", data={"who": ""}).status_code == 422
    with transaction():
        builders.account(Role.REVIEWER, town.line[5], email="city@civic.example")
        builders.account(Role.REVIEWER, town.line[3], email="street@civic.example")
    client.sign_in("street@civic.example", builders.PASSWORD)
    assert client.get("/nominations/desk/clues").status_code == 403
    client.sign_in("city@civic.example", builders.PASSWORD)
    number = inquiries.clues(town.actor(5), ClueStatus.NEW)[0].id
    assert "139" in client.get(f"/nominations/desk/clues/{number}").text
    assert "13912345678" not in client.get(f"/nominations/desk/clues/{number}").text
    assert client.post(f"/nominations/desk/clues/{number}/conversion", data={"story": builders.STORY}).status_code == 422
    sent = client.confirm(f"/nominations/desk/clues/{number}/conversion?at={town.line[2].id}", data={"story": builders.STORY})
    assert sent.status_code == 303


def test_a_reviewer_writes_a_visit_on_the_page(town, client):
    case = builders.voice(town.line[2]).nomination_id
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", builders.PASSWORD)
    page = f"/nominations/desk/inquiries/{case}"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}/visit", data={"companion": ""}).status_code == 422
    form = {"visited_on": str(clock.today()), "companion": "老周", "witnesses": "2", "report": REPORT, "is_true": "yes"}
    assert client.post(f"{page}/visit", data=form).status_code == 303
    assert REPORT in client.get(page).text
    assert client.post(f"{page}/facts", data={"is_party_member": "y"}).status_code == 303
    assert "纪检监察" in client.get(page).text
    assert client.post(f"{page}/questions", data={"police": "不是邮箱"}).status_code == 422
    assert client.post(f"{page}/questions", data={"police": "police@city.example"}).status_code == 303
