"""Paper ballots and scores: entered twice by two clerks, each alone; only what agrees counts."""

from __future__ import annotations

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.models import User
from civic.nominations.actions import councils, deciding, papers
from civic.nominations.actions.papers import Sheet
from civic.nominations.models.cases import Council
from civic.nominations.models.councils import Verdict
from civic.nominations.queries import papers as written
from civic.nominations.queries import rounds as queries
from tests.support import builders

LEVEL = 3


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


@pytest.fixture
def sat(app):
    """(town, meeting, case, seats, the second clerk) of a council on paper."""
    return meeting_on_paper(Council.COUNCIL)


def meeting_on_paper(council):
    town = builders.city()
    builders.by_round(LEVEL, council=council)
    case = builders.climbed(town, LEVEL).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    builders.council(town.line[LEVEL])
    round_id = builders.round_(town, LEVEL)
    with transaction():
        meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=True, is_on_paper=True).id
        other = builders.account(builders.Role.REVIEWER, db.session.merge(town.line[LEVEL])).id
    seats = tuple(m.id for m in queries.sitting(town.line[LEVEL].id, clock.today()))
    return town, meeting, case, seats, identity.actor_of(db.session.get(User, other))


def enter(clerk, meeting, sheet):
    with transaction():
        papers.enter(clerk, meeting, sheet)


def verdict_of(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Verdict).filter_by(nomination_id=case).one()


def test_one_clerk_alone_counts_nothing(sat):
    town, meeting, case, seats, _other = sat
    enter(town.actor(LEVEL), meeting, Sheet(seats, {case: (4, 1, 0)}))
    assert verdict_of(case).yes == 0
    assert written.differences(written.entries_of(meeting)) == []
    refused("paper_entered_once", councils.close_meeting, town.actor(LEVEL), meeting, minutes_key="m.jpg")
    # The same person twice is still one clerk.
    enter(town.actor(LEVEL), meeting, Sheet(seats, {case: (4, 1, 0)}))
    refused("paper_entered_once", councils.close_meeting, town.actor(LEVEL), meeting, minutes_key="m.jpg")


def test_two_that_differ_are_shown_and_count_only_when_they_agree(sat):
    town, meeting, case, seats, other = sat
    enter(town.actor(LEVEL), meeting, Sheet(seats, {case: (4, 1, 0)}))
    enter(other, meeting, Sheet(seats[:4], {case: (3, 1, 0)}))
    found = written.differences(written.entries_of(meeting))
    assert [(d.case_id, d.member_id, d.first, d.second) for d in found] == [(None, seats[4], True, False), (case, None, (4, 1, 0), (3, 1, 0))]
    refused("paper_differs", councils.close_meeting, town.actor(LEVEL), meeting, minutes_key="m.jpg")
    assert verdict_of(case).yes == 0
    enter(other, meeting, Sheet(seats, {case: (4, 1, 0)}))
    assert (verdict_of(case).yes, verdict_of(case).no) == (4, 1)
    # Changed again by one of them, it is no count any more.
    enter(other, meeting, Sheet(seats, {case: (2, 3, 0)}))
    assert verdict_of(case).yes == 0
    enter(other, meeting, Sheet(seats, {case: (4, 1, 0)}))
    with transaction():
        assert councils.close_meeting(town.actor(LEVEL), meeting, minutes_key="m.jpg")[0].passed


def test_a_third_clerk_a_stranger_and_an_online_meeting_are_refused(sat):
    town, meeting, case, seats, other = sat
    sheet = Sheet(seats, {case: (4, 1, 0)})
    enter(town.actor(LEVEL), meeting, sheet)
    enter(other, meeting, sheet)
    refused("two_clerks_already", papers.enter, town.actor(4), meeting, sheet)
    refused("not_permitted", papers.enter, town.actor(1), meeting, sheet)
    refused("on_paper", councils.mark_present, town.actor(LEVEL), meeting, seats)
    refused("not_a_member", papers.enter, other, meeting, Sheet((*seats, 999), {case: (4, 1, 0)}))


def test_scores_of_a_panel_come_on_paper_too(app):
    town, meeting, case, seats, other = meeting_on_paper(Council.PANEL)
    with transaction():
        councils.stay_out(town.actor(LEVEL), meeting, case, member_id=seats[0])
    refused("score_of_absent", papers.enter, other, meeting, Sheet(seats, {}, {case: {seats[0]: 90}}))
    refused("score_missing", papers.enter, other, meeting, Sheet(seats, {}, {case: {seats[1]: 101}}))
    scores = dict(zip(seats[1:], (70, 80, 90, 100), strict=True))
    enter(town.actor(LEVEL), meeting, Sheet(seats, {}, {case: scores}))
    enter(other, meeting, Sheet(seats, {}, {case: {**scores, seats[4]: 10}}))
    assert [(d.member_id, d.first, d.second) for d in written.differences(written.entries_of(meeting))] == [(seats[4], 100, 10)]
    enter(other, meeting, Sheet(seats, {}, {case: scores}))
    with transaction():
        verdict = councils.close_meeting(town.actor(LEVEL), meeting, minutes_key="m.jpg")[0]
        assert (verdict.score, verdict.passed) == (8500, True)


def test_the_page_shows_a_clerk_only_their_own_sheet_until_both_are_in(client, sat):
    town, meeting, case, seats, _other = sat
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[LEVEL]), email="clerk@civic.example")
    enter(town.actor(LEVEL), meeting, Sheet(seats, {case: (4, 1, 0)}))
    client.sign_in("clerk@civic.example")
    page = client.get(f"/nominations/desk/meetings/{meeting}").text
    assert "两个人各录一遍" in page
    assert f'name="yes_{case}" inputmode="numeric" size="3" value=""' in page
    assert "checked" not in page
    typed = {"member": [str(s) for s in seats[:4]], f"yes_{case}": "9"}
    answer = client.post(f"/nominations/desk/meetings/{meeting}/paper", data=typed)
    assert answer.status_code == 422
    assert 'value="9"' in answer.text
    assert answer.text.count("checked") == 4
    assert client.post(f"/nominations/desk/meetings/{meeting}/paper", data={**typed, f"yes_{case}": "三"}).status_code == 422
    assert client.post(f"/nominations/desk/meetings/{meeting}/paper", data={**typed, f"yes_{case}": "4"}).status_code == 303
    page = client.get(f"/nominations/desk/meetings/{meeting}").text
    assert "哪里不一样" in page
