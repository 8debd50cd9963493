"""A brave deed may have to stay unknown: judged and recorded, never put up, seen only where it is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.honours.models import Visibility
from civic.nominations import files
from civic.nominations.actions import deciding, noticing, protecting, publishing, reacting, rounds
from civic.nominations.models.cases import Nomination
from civic.nominations.models.levels import Council
from civic.nominations.models.rounds import Round
from civic.nominations.queries import cases, desk, notices
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Status
from tests.support import builders

LEVEL = 4


@pytest.fixture
def town(app):
    found = builders.city()
    builders.by_round(LEVEL, council=Council.NONE)
    return found


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def brave(town, level=LEVEL, **changes):
    return builders.climbed(town, level, **{"category_id": roll.category_by_code("JYYW").id, **changes}).id


def ready(town, case):
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))


def protected(town, case, level=LEVEL):
    with transaction():
        protecting.protect(town.actor(level), case, reason="嫌疑人的同伙还没抓到，怕报复")


def test_only_a_brave_deed_with_a_reason_before_it_hangs(town):
    kind = builders.climbed(town, LEVEL).id
    refused("not_brave", protecting.protect, town.actor(LEVEL), kind, reason="怕报复怕报复")
    case = brave(town, nominee_name="乔雪")
    refused("reason_missing", protecting.protect, town.actor(LEVEL), case, reason=" ")
    refused("not_here", protecting.protect, town.actor(3), case, reason="怕报复怕报复")
    protected(town, case)
    refused("protected_already", protecting.protect, town.actor(LEVEL), case, reason="怕报复怕报复")


def test_who_may_see_it_is_narrowed_to_the_desk_that_holds_it(town):
    case = brave(town)
    protected(town, case)
    assert cases.in_reach_of(town.actor(LEVEL), case).id == case
    for level in (5,):
        with pytest.raises(DomainError) as caught:
            cases.in_reach_of(town.actor(level), case)
        assert caught.value.code == "not_found"
    with transaction():
        auditor = builders.account(builders.Role.AUDITOR, db.session.merge(town.line[5]))
    from civic.identity import queries as identity

    with pytest.raises(DomainError):
        cases.in_reach_of(identity.actor_of(auditor), case)
    clock.advance(timedelta(days=60))
    from civic.nominations.actions import timing

    with transaction():
        timing.raise_overdue()
    assert fresh(case).raised_path is not None
    assert desk.waiting_at((town.line[5].path,), lane="raised").items == []


def test_no_notice_nothing_public_still_elected_and_recorded(town, client):
    case, open_one = brave(town), builders.climbed(town, LEVEL, nominee_name="韩大川").id
    builders.publishable(town, case, LEVEL)
    ready(town, case)
    ready(town, open_one)
    protected(town, case)
    builders.publishable(town, open_one, LEVEL)
    refused("protected_not_public", publishing.record_consent, town.actor(LEVEL), case, [], None)
    round_id = builders.round_(town, LEVEL)
    for number in (case, open_one):
        with transaction():
            rounds.propose(town.actor(LEVEL), round_id, number, upward=False)
    round_ = db.session.get(Round, round_id)
    assert [row.case.id for row in queries.list_of(round_)] == [open_one]
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    assert fresh(case).status is Status.PROPOSED
    assert [item.nomination_id for item in notices.hanging()] == [open_one]
    assert "陈桂兰" not in client.get("/nominations/notices").text
    assert "陈桂兰" not in str(files.summary_of(queries.in_reach_of(town.actor(LEVEL), round_id)))
    clock.advance(timedelta(days=10))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 2
    found = fresh(case)
    assert found.status is Status.ELECTED
    honour = roll.of_nomination(case)[-1]
    assert (honour.level, honour.visibility, honour.shown_name, honour.story) == (LEVEL, Visibility.HIDDEN, None, None)
    assert {h.visibility for h in roll.of_nomination(case)} == {Visibility.HIDDEN}
    with pytest.raises(DomainError) as caught, transaction():
        reacting.react(case, "x" * 64)
    assert caught.value.code == "reactions_off"


def test_what_is_not_protected_never_skips_the_wall(town):
    case = brave(town)
    ready(town, case)
    builders.publishable(town, case, LEVEL)
    round_id = builders.round_(town, LEVEL)
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=False)
    refused("not_put_up", rounds.close, town.actor(LEVEL), round_id)
    with pytest.raises(DomainError) as caught, transaction():
        deciding.confirm(town.actor(LEVEL), cases.held(case))
    assert caught.value.code == "not_put_up"


def test_a_brave_deed_on_the_wall_hangs_seven_days_and_cannot_be_hidden_any_more(town):
    builders.by_round(LEVEL, council=Council.NONE, notice_days=3, notice_in_working_days=False)
    case, other = brave(town), builders.climbed(town, LEVEL, nominee_name="韩大川").id
    for number in (case, other):
        ready(town, number)
        builders.publishable(town, number, LEVEL)
    round_id = builders.round_(town, LEVEL)
    for number in (case, other):
        with transaction():
            rounds.propose(town.actor(LEVEL), round_id, number, upward=False)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    refused("on_the_wall", protecting.protect, town.actor(LEVEL), case, reason="怕报复怕报复")
    clock.advance(timedelta(days=4))
    with transaction():
        assert rounds.close(town.actor(LEVEL), round_id) == 1
    assert (fresh(case).status, fresh(other).status) == (Status.NOTICED, Status.ELECTED)
    clock.advance(timedelta(days=4))
    with transaction():
        rounds.confirm_late()
    assert fresh(case).status is Status.ELECTED


def test_the_desk_protects_on_the_inquirys_page(client, town):
    case = brave(town)
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[LEVEL]), email="county@civic.example")
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[5]), email="city@civic.example")
    client.sign_in("county@civic.example")
    page = f"/nominations/desk/inquiries/{case}"
    assert "保护当事人" in client.get(page).text
    assert client.post(f"{page}/protection", data={"reason": ""}).status_code == 422
    assert client.confirm(f"{page}/protection", data={"reason": "嫌疑人的同伙还没抓到"}).status_code == 303
    assert "嫌疑人的同伙还没抓到" in client.get(page).text
    assert "保护件" in client.get(f"/nominations/desk/queue?case={case}").text
    client.sign_in("city@civic.example")
    assert client.get(page).status_code == 404


def test_whoever_writes_the_same_name_does_not_learn_of_it(town):
    from civic.nominations.actions import inquiring
    from civic.nominations.queries import inquiries

    case = brave(town)
    kind = roll.category_by_code("JYYW").id
    with transaction():
        clue = inquiring.leave_clue(who="陈桂兰", place="桥东", category_id=kind, deed="跳进河里救人", contact="13912345678").id
    found = inquiries.clue_by_id(town.actor(5), clue)
    assert [c.id for c in cases.same_deed("陈桂兰", kind, town.line[1])] == [case]
    assert [c.id for c in inquiries.cases_like(found)] == [case]
    protected(town, case)
    assert cases.same_deed("陈桂兰", kind, town.line[1]) == []
    assert inquiries.cases_like(found) == []
