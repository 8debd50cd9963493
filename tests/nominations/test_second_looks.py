"""请再看一遍: once, by the level above; a no may be set aside, an answer to an objection turned round."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.honours.models import HonourStatus
from civic.nominations.actions import deciding, noticing, rounds, second_looks
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases, journeys, notices
from civic.nominations.rules import links
from civic.nominations.states import Status, Verb
from civic.outbox.models import Message
from tests.support import builders

LEVEL = 3


@pytest.fixture
def town(app):
    return builders.city()


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def declined(town, level=2):
    case = builders.climbed(town, level).id
    with transaction():
        deciding.decline(town.actor(level), case, expected=builders.version(case), reason="走访和材料对不上")
    return case


def asked(case, words="三楼的王姐亲眼看见过"):
    with transaction():
        return second_looks.ask(fresh_voice(case), words=words).id


def fresh_voice(case):
    return db.session.get(Voice, cases.voices_of(case)[0].id)


def test_a_no_is_looked_at_again_by_the_level_above_and_may_stand(town):
    case = declined(town)
    look = asked(case)
    assert db.session.scalars(select(Message.recipient_id).where(Message.kind == "second_look_waits")).all() == [town.desk[3].id]
    refused("not_found", second_looks.answer, town.actor(2), look, changes=False, words="看过了")
    refused("answer_missing", second_looks.answer, town.actor(3), look, changes=False, words=" ")
    with transaction():
        second_looks.answer(town.actor(3), look, changes=False, words="又走访了两户，还是对不上。")
    assert fresh(case).status is Status.DECLINED
    assert db.session.scalar(select(Message).where(Message.kind == "second_look_answered")) is not None
    refused("asked_already", second_looks.ask, fresh_voice(case), words="再看一次吧求求")
    refused("answered_already", second_looks.answer, town.actor(3), look, changes=True, words="改了")


def test_a_late_one_is_reminded_once_and_then_the_level_above_them_is_told(town):
    look = asked(declined(town))

    def told(kind):
        db.session.rollback()
        return sorted(db.session.scalars(select(Message.recipient_id).where(Message.kind == kind)))

    clock.advance(timedelta(days=24, hours=23))
    with transaction():
        assert second_looks.chase() == 0
    clock.advance(timedelta(hours=2))
    for _ in range(2):
        with transaction():
            second_looks.chase()
    assert told("second_look_reminder") == [town.desk[3].id]
    clock.advance(timedelta(days=8))
    for _ in range(2):
        with transaction():
            second_looks.chase()
    assert told("second_look_overdue") == sorted([town.desk[3].id, town.desk[4].id])
    # The level above them may answer itself; a late answer is still an answer, and ends the chase.
    with transaction():
        second_looks.answer(town.actor(4), look, changes=False, words="看过了，对不上。")
        assert second_looks.chase() == 0


def test_or_be_set_aside_and_the_case_goes_on_at_their_desk(town):
    case = declined(town)
    look = asked(case)
    with transaction():
        second_looks.answer(town.actor(3), look, changes=True, words="走访漏了三楼，请接着办。")
    found = fresh(case)
    assert (found.status, found.level, found.desk_path) == (Status.SUBMITTED, 2, town.line[3].path)
    assert found.decided_at is None
    assert found.due_at is not None
    refused("not_here", deciding.endorse, town.actor(2), case, expected=builders.version(case))
    with transaction():
        deciding.endorse(town.actor(3), case, expected=builders.version(case))
    assert fresh(case).level == 3
    rows = db.session.scalars(select(Decision).where(Decision.nomination_id == case).order_by(Decision.number)).all()
    assert [r.verb for r in rows][-3:] == [Verb.DECLINE, Verb.REOPEN, Verb.ENDORSE]
    with_all = cases.in_reach_of(town.actor(3), case)
    assert [s.state for s in journeys.journey(with_all)][:3] == ["pass", "pass", "doing"]


def test_fifteen_days_to_ask_with_words_and_only_of_a_no(town):
    case = declined(town)
    refused("words_missing", second_looks.ask, fresh_voice(case), words="看")
    clock.advance(timedelta(days=15, hours=1))
    refused("too_late_to_ask", second_looks.ask, fresh_voice(case), words="三楼的王姐看见过")
    other = builders.voice(town.line[1], nominee_name="乔雪").nomination_id
    refused("not_declined", second_looks.ask, fresh_voice(other), words="三楼的王姐看见过")


def test_over_the_city_there_is_nobody_so_another_of_the_city_looks(town):
    case = declined(town, 5)
    look = asked(case)
    refused("handled_before", second_looks.answer, town.actor(5), look, changes=True, words="改了")
    from civic.identity import queries as identity

    with transaction():
        other = builders.account(builders.Role.REVIEWER, db.session.merge(town.line[5]))
    with transaction():
        second_looks.answer(identity.actor_of(other), look, changes=True, words="请接着办")
    assert fresh(case).status is Status.SUBMITTED


def on_the_wall(town):
    builders.by_round(LEVEL, council=Council.NONE)
    case = builders.climbed(town, LEVEL).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    builders.publishable(town, case, LEVEL)
    round_id = builders.round_(town, LEVEL)
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=False)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    with transaction():
        objection = noticing.object_to(notices.item_of(case).id, kind=ObjectionKind.UNTRUE, words="那年冬天她不在", name="", contact="a@civic.example").id
    with transaction():
        noticing.take_up(town.actor(4), objection)
    with transaction():
        noticing.reject(town.actor(4), objection, finding="查了", answer="问过门卫，她在")
    return case, round_id, objection


@pytest.fixture
def county_colleague(town):
    from civic.identity import queries as identity

    with transaction():
        user = builders.account(builders.Role.REVIEWER, db.session.merge(town.line[4]))
    return identity.actor_of(user)


def test_an_answer_to_an_objection_is_looked_at_again_while_the_days_stand_still(town, county_colleague):
    case, round_id, objection = on_the_wall(town)
    assert fresh(case).status is Status.NOTICED
    with transaction():
        look = second_looks.ask_about(objection, words="门卫那年还没来上班").id
    assert fresh(case).status is Status.HELD
    assert notices.item_of(case).ends_at is None
    refused("asked_already", second_looks.ask_about, objection, words="门卫那年还没来上班")
    refused("handled_before", second_looks.answer, town.actor(4), look, changes=False, words="看过了")
    # Nothing moves up while one is open.
    clock.advance(timedelta(days=10))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 0
    with transaction():
        second_looks.answer(county_colleague, look, changes=False, words="又问了两个人，她在。")
    assert fresh(case).status is Status.NOTICED
    clock.advance(timedelta(days=10))
    with transaction():
        rounds.confirm_late()
    assert fresh(case).status is Status.ELECTED


def test_turned_round_it_takes_the_name_down_or_suspends_the_honour(town, county_colleague):
    case, _round, objection = on_the_wall(town)
    with transaction():
        look = second_looks.ask_about(objection, words="门卫那年还没来上班").id
    with transaction():
        second_looks.answer(county_colleague, look, changes=True, words="您说得对。")
    assert fresh(case).status is Status.DECLINED
    assert notices.item_of(case) is None


def test_after_the_honour_was_given_it_is_suspended(town, county_colleague):
    case, round_id, objection = on_the_wall(town)
    clock.advance(timedelta(days=8))
    with transaction():
        rounds.close(town.actor(LEVEL), round_id)
    with transaction():
        rounds.confirm_late()
    assert fresh(case).status is Status.ELECTED
    with transaction():
        look = second_looks.ask_about(objection, words="门卫那年还没来上班").id
    with transaction():
        second_looks.answer(county_colleague, look, changes=True, words="您说得对。")
    assert roll.of_nomination(case)[-1].status is HonourStatus.SUSPENDED


def test_the_nominator_asks_on_their_page_and_the_desk_answers(client, town):
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[3]), email="street@civic.example")
    case = declined(town)
    token = links.tracking_token(cases.voices_of(case)[0].id)
    # Within the ten minutes in which the desk may take it back, nobody is asked to object to it.
    assert f"/nominations/again/{token}" not in client.get(f"/track/t/{token}").text
    clock.advance(timedelta(minutes=11))
    assert f"/nominations/again/{token}" in client.get(f"/track/t/{token}").text
    page = client.get(f"/nominations/again/{token}").text
    assert "走访和材料对不上" in page
    answer = client.post(f"/nominations/again/{token}", data={"words": "看"})
    assert answer.status_code == 422
    assert ">看</textarea>" in answer.text.replace("\r\n", "").replace("\n", "")
    assert client.post(f"/nominations/again/{token}", data={"words": "三楼的王姐亲眼看见过"}).status_code == 303
    assert "已经请上一级再看" in client.get(f"/track/t/{token}").text
    assert client.get(f"/nominations/again/{token}").status_code == 302
    client.sign_in("street@civic.example")
    assert "没有通过" in client.get("/nominations/desk/second_looks").text
    db.session.rollback()
    from civic.nominations.models.second_looks import SecondLook

    look = db.session.scalars(select(SecondLook.id)).one()
    assert "三楼的王姐" in client.get(f"/nominations/desk/second_looks/{look}").text
    assert client.post(f"/nominations/desk/second_looks/{look}", data={"answer": "请接着办"}).status_code == 422
    assert client.confirm(f"/nominations/desk/second_looks/{look}", data={"answer": "请接着办", "outcome": "changed"}).status_code == 303
    assert fresh(case).status is Status.SUBMITTED
    assert "接着往下办" in client.get(f"/track/t/{token}").text


def test_who_objected_asks_by_their_own_link(client, town):
    _case, _round, objection = on_the_wall(town)
    token = links.objection_token(objection)
    assert "觉得答得不对" in client.get(f"/nominations/objection/{token}").text
    assert client.post(f"/nominations/objection/{token}/again", data={"words": ""}).status_code == 422
    assert client.post(f"/nominations/objection/{token}/again", data={"words": "门卫那年还没来上班"}).status_code == 303
    assert "已经请上一级再看" in client.get(f"/nominations/objection/{token}").text
    assert client.post("/nominations/objection/1.forged/again", data={"words": "门卫那年还没来上班"}).status_code == 404


def test_what_stands_beside_a_case_follows_a_place_that_moved(town):
    from civic.nominations.actions import inquiring, timing
    from civic.nominations.models.inquiries import Clue
    from civic.nominations.models.rounds import Round
    from civic.nominations.models.second_looks import SecondLook

    look = asked(declined(town))
    round_id = builders.round_(town, LEVEL)
    with transaction():
        clue = inquiring.leave_clue(who="陈", place="桥东", category_id=1, deed="扫雪", contact="13912345678", county=town.line[4]).id
    old, new = town.line[4].path, f"{town.line[5].path}999."
    with transaction():
        timing.repath(old, new)
    for table, number in ((SecondLook, look), (Round, round_id), (Clue, clue)):
        assert db.session.get(table, number).region_path.startswith(new), table
