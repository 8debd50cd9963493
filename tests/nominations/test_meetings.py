"""A council's meeting adds up: everybody present has voted, on a phone or on paper, or stays out; the minutes say so by name."""

from __future__ import annotations

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.models import User
from civic.identity.permissions import Role
from civic.nominations.actions import councils, deciding, papers, rounds, settling, submitting
from civic.nominations.files import minutes
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import Choice, RecusalGround, Vote
from civic.nominations.models.levels import Council
from civic.nominations.queries import councils as seats
from civic.nominations.queries import rounds as queries
from tests.support import builders
from tests.support.client import question_of

LEVEL = 3


class Street:
    """A street's council of three on phones and two without an account, with cases that are ready."""

    def __init__(self, *names: str) -> None:
        self.town = builders.city()
        builders.by_round(LEVEL)
        self.place = self.town.line[LEVEL]
        self.phones = [u.id for u in builders.council(self.place, 3)]
        for name in ("王会计", "李老师"):
            with transaction():
                councils.name_member(
                    self.desk, db.session.merge(self.place), name=name, contact=None, standing="老党员", since=clock.today(), until=clock.today().replace(year=2028)
                )
        with transaction():
            self.clerk_id = builders.account(Role.REVIEWER, db.session.merge(self.place), email="clerk@civic.example", name="吕敏").id
        self.cases = [self.ready(name) for name in names or ("陈桂兰",)]
        self.round = builders.round_(self.town, LEVEL)

    @property
    def desk(self):
        return self.town.actor(LEVEL)

    @property
    def clerk(self):
        return identity.actor_of(db.session.get(User, self.clerk_id))

    def voter(self, at):
        return identity.actor_of(db.session.get(User, self.phones[at]))

    def members(self):
        return {m.name: m.id for m in queries.sitting(self.place.id, clock.today())}

    def ready(self, name):
        case = builders.climbed(self.town, LEVEL, nominee_name=name).id
        with transaction():
            deciding.pass_on(self.desk, case, expected=builders.version(case))
        return case

    def meets(self, *, secret=False, paper=False, **more):
        with transaction():
            return councils.open_meeting(self.desk, self.round, held_on=clock.today(), is_secret=secret, is_on_paper=paper, **more).id

    def vote(self, meeting, at, choice=Choice.YES, case=None):
        for each in [case] if case else self.cases:
            with transaction():
                councils.vote(self.voter(at), meeting, each, choice=choice)

    def enter(self, meeting, sheet):
        for who in ("desk", "clerk"):
            with transaction():
                papers.enter(getattr(self, who), meeting, sheet)

    def close(self, meeting):
        with transaction():
            return settling.close_meeting(self.desk, meeting)


@pytest.fixture
def street(app):
    return Street()


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code, caught.value.sentence
    return caught.value


def adds_up(meeting):
    db.session.rollback()
    db.session.expire_all()
    found = queries.meeting_by_id(meeting)
    for each in seats.sums_of(found):
        v = each.verdict
        assert each.present == each.recused + each.votes == each.recused + v.yes + v.no + v.abstain
        assert v.present == each.votes
    return found


def test_who_is_present_without_a_ballot_keeps_the_meeting_from_ending_and_is_named(street):
    meeting = street.meets()
    for at in range(3):
        street.vote(meeting, at)
    everybody = street.members()
    with transaction():
        councils.mark_present(street.desk, meeting, everybody.values())
    problem = refused("votes_missing", settling.close_meeting, street.desk, meeting)
    assert "应该有 5 票，现在 3 票，差王会计、李老师" in str(problem.sentence)
    # One of them was not there after all; the other voted on paper, read by two.
    with transaction():
        councils.mark_present(street.desk, meeting, [m for name, m in everybody.items() if name != "李老师"])
    wang = everybody["王会计"]
    sheet = papers.Sheet((wang,), choices={street.cases[0]: {wang: "no"}})
    with transaction():
        papers.enter(street.desk, meeting, sheet)
    refused("paper_entered_once", settling.close_meeting, street.desk, meeting)
    with transaction():
        papers.enter(street.clerk, meeting, sheet)
    assert street.close(meeting)[0].passed
    found = adds_up(meeting)
    verdict = queries.verdicts_of(meeting)[0]
    assert (len(found.attendances), verdict.yes, verdict.no) == (4, 3, 1)


def test_a_vote_is_cast_once_on_the_phone_or_on_paper(street):
    meeting = street.meets()
    case, everybody = street.cases[0], street.members()
    first, wang = everybody["评议员1"], everybody["王会计"]
    street.vote(meeting, 0)
    refused("voted_on_phone", papers.enter, street.desk, meeting, papers.Sheet((first, wang), choices={case: {first: "no", wang: "no"}}))
    second = everybody["评议员2"]
    street.enter(meeting, papers.Sheet((second, wang), choices={case: {second: "yes", wang: "yes"}}))
    refused("voted_already", councils.vote, street.voter(1), meeting, case, choice=Choice.NO)
    # A clerk who corrects a sheet takes its votes back until both agree again.
    with transaction():
        papers.enter(street.desk, meeting, papers.Sheet((wang,), choices={case: {wang: "yes"}}))
    assert db.session.query(Vote).filter_by(meeting_id=meeting).count() == 1
    refused("paper_differs", settling.close_meeting, street.desk, meeting)


def test_papers_that_do_not_add_up_are_refused_with_the_case_named(street):
    meeting, secret_case = street.meets(secret=True, paper=True), street.cases[0]
    here = tuple(street.members().values())
    for counts, code in (((4, 0, 0), "votes_do_not_add_up"), ((5, 1, 0), "more_votes_than_people"), ((-1, 6, 0), "more_votes_than_people")):
        problem = refused(code, papers.enter, street.desk, meeting, papers.Sheet(here, {secret_case: counts}))
        assert "陈桂兰" in str(problem.sentence)
    street.enter(meeting, papers.Sheet(here, {secret_case: (3, 1, 1)}))
    with transaction():
        settling.close_meeting(street.desk, meeting, minutes_key="minutes/1.jpg")
    adds_up(meeting)
    assert {v.choice for v in db.session.query(Vote).filter_by(meeting_id=meeting)} == {None}


def test_a_secret_ballot_counts_phones_and_papers_together(street):
    meeting = street.meets(secret=True)
    case, everybody = street.cases[0], street.members()
    for at, choice in enumerate((Choice.YES, Choice.NO, Choice.ABSTAIN)):
        street.vote(meeting, at, choice)
    street.enter(meeting, papers.Sheet((everybody["王会计"], everybody["李老师"]), {case: (2, 0, 0)}))
    verdict = street.close(meeting)[0]
    assert (verdict.yes, verdict.no, verdict.abstain, verdict.present, verdict.passed) == (3, 1, 1, 5, True)
    adds_up(meeting)
    assert not minutes.minutes_of(queries.meeting_by_id(meeting))["votes"], "a secret ballot has no names"


def test_a_panel_on_phones_and_paper_is_one_mean(app):
    street = Street()
    with transaction():
        db.session.get(type(queries.held(street.round)), street.round).rule.council = Council.PANEL
    meeting = street.meets()
    everybody, case = street.members(), street.cases[0]
    for at, score in enumerate((60, 80, 90)):
        with transaction():
            councils.vote(street.voter(at), meeting, case, score=score)
    wang = everybody["王会计"]
    refused("votes_do_not_add_up", papers.enter, street.desk, meeting, papers.Sheet((wang,)))
    street.enter(meeting, papers.Sheet((wang,), scores={case: {wang: 90}}))
    assert street.close(meeting)[0].score == 8000


def test_open_minutes_name_every_vote_and_every_reason_to_stay_out(street):
    meeting, everybody = street.meets(), street.members()
    refused("reason_missing", councils.stay_out, street.desk, meeting, street.cases[0], member_id=everybody["王会计"])
    with transaction():
        councils.stay_out(street.desk, meeting, street.cases[0], member_id=everybody["王会计"], words="是她的房东")
    for at, choice in enumerate((Choice.YES, Choice.YES, Choice.NO)):
        street.vote(meeting, at, choice)
    li = everybody["李老师"]
    street.enter(meeting, papers.Sheet((li, everybody["王会计"]), choices={street.cases[0]: {li: "abstain"}}))
    street.close(meeting)
    found = adds_up(meeting)
    paper = minutes.minutes_of(found)
    line = paper["cases"][0]
    assert (line["present"], line["out"], line["votes"], line["yes"], line["no"], line["abstain"]) == (5, 1, 4, 2, 1, 1)
    assert line["recused"] == "王会计（是她的房东）"
    assert sorted(paper["votes"][0]["lines"]) == ["李老师：弃权", "王会计：回避", "评议员1：同意", "评议员2：同意", "评议员3：不同意"]


def test_what_was_judged_is_judged_again_for_a_reason_and_both_verdicts_are_shown(street, client):
    meeting, everybody, case = street.meets(), street.members(), street.cases[0]
    with transaction():
        councils.stay_out(street.voter(0), meeting, case, words="我们一起长大的")
    for at in (1, 2):
        street.vote(meeting, at, Choice.NO)
    li, wang = everybody["李老师"], everybody["王会计"]
    street.enter(meeting, papers.Sheet((li, wang), choices={case: {li: "no", wang: "yes"}}))
    assert street.close(meeting)[0].passed is False
    refused("all_judged", councils.open_meeting, street.desk, street.round, held_on=clock.today(), is_secret=False, is_on_paper=False)
    refused("again_reason_missing", councils.open_meeting, street.desk, street.round, held_on=clock.today(), is_secret=False, is_on_paper=False, again=[case], reason=" ")
    refused("not_judged_yet", councils.open_meeting, street.desk, street.round, held_on=clock.today(), is_secret=False, is_on_paper=False, again=[999], reason="x")
    other = street.ready("韩大川")
    with transaction():
        first = councils.open_meeting(street.desk, street.round, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    assert [v.nomination_id for v in queries.verdicts_of(first)] == [other], "what was judged stays judged"
    with transaction():
        settling.call_off(street.desk, first, reason="人不够")
    again = street.meets(again=[case], reason="学校送来了新材料")
    assert {v.nomination_id for v in queries.verdicts_of(again)} == {case, other}
    kept = queries.recusals_of(again)[case, everybody["评议员1"]]
    assert (kept.ground, kept.words) == (RecusalGround.DECLARED, "我们一起长大的")
    street.vote(again, 0, case=other)
    for at in (1, 2):
        street.vote(again, at, Choice.YES, case=case)
        street.vote(again, at, Choice.YES, case=other)
    street.enter(again, papers.Sheet((li,), choices={case: {li: "yes"}, other: {li: "yes"}}))
    street.close(again)
    found = adds_up(again)
    paper = minutes.minutes_of(found)
    assert paper["why"] == ["评过的再评一次：学校送来了新材料"]
    line = next(c for c in paper["cases"] if c["name"] == "陈桂兰")
    assert line["result"].startswith("通过\n以前：")
    assert line["result"].endswith("不通过")
    client.sign_in("clerk@civic.example")
    page = client.words(client.get(f"/nominations/desk/meetings/{again}"))
    assert "学校送来了新材料" in page
    assert "评过一次：同意 1，不同意 3，弃权 0，没通过" in page
    assert "评议员2：同意" in page
    round_page = client.get(f"/nominations/desk/rounds/{street.round}").text
    assert f"/meetings/{meeting}" in round_page
    assert f"/meetings/{first}" in round_page


def test_seats_do_not_move_under_a_meeting_and_old_minutes_keep_who_sat_then(street, client):
    meeting, everybody = street.meets(), street.members()
    refused("meeting_sitting", councils.end_member, street.desk, everybody["王会计"], reason="搬走了")
    refused(
        "meeting_sitting", councils.name_member, street.desk, db.session.merge(street.place), name="新来的", contact=None, standing="", since=clock.today(),
        until=clock.today(),
    )  # fmt: skip
    for at in range(3):
        street.vote(meeting, at)
    wang = everybody["王会计"]
    street.enter(meeting, papers.Sheet((wang,), choices={street.cases[0]: {wang: "yes"}}))
    street.close(meeting)
    client.sign_in("clerk@civic.example")
    where = f"/nominations/desk/seats/{wang}/end"
    asked = client.post(where)
    assert "请王会计离开评议会" in client.words(asked)
    assert "王会计" in street.members()
    db.session.rollback()
    assert client.post(where, data={**question_of(asked), "reason": "搬走了"}).status_code == 303
    db.session.rollback()
    assert "王会计" not in street.members()
    assert "王会计" in {m.name for m in seats.seats_of(queries.meeting_by_id(meeting))}


def test_what_is_withdrawn_while_the_council_sits_is_judged_by_nobody(app):
    street = Street("陈桂兰", "韩大川")
    meeting = street.meets()
    gone, stays = street.cases
    for at in range(3):
        street.vote(meeting, at, case=stays)
    street.enter(meeting, papers.Sheet((), choices={}))
    with transaction():
        councils.mark_present(street.desk, meeting, [m for name, m in street.members().items() if name.startswith("评议员") or name == "王会计"])
    wang = street.members()["王会计"]
    street.enter(meeting, papers.Sheet((wang,), choices={stays: {wang: "yes"}, gone: {wang: "yes"}}))
    with transaction():
        submitting.withdraw(db.session.get(Nomination, gone).voices[0])
    verdicts = {v.nomination_id: v.passed for v in street.close(meeting)}
    assert verdicts == {stays: True, gone: None}
    assert rounds.unjudged(db.session.get(type(queries.held(street.round)), street.round)) == []


def test_the_desk_ends_a_mixed_meeting_on_its_pages_and_is_asked_before(street, client):
    meeting, case = street.meets(), street.cases[0]
    for at in range(3):
        street.vote(meeting, at)
    everybody = street.members()
    li = everybody["李老师"]
    at = f"/nominations/desk/meetings/{meeting}"
    db.session.rollback()
    with transaction():
        builders.account(Role.REVIEWER, db.session.merge(street.place), email="desk@civic.example")
    client.sign_in("desk@civic.example")
    assert "没有账号，在纸上投" in client.words(client.get(at))
    assert client.post(f"{at}/presence", data={"presence": "1", "member": [str(m) for m in everybody.values()]}).status_code == 303
    assert "还差 王会计、李老师" in client.words(client.get(at))
    short = client.post(f"{at}/closing")
    assert short.status_code == 409
    assert "差王会计、李老师" in client.words(short)
    assert client.post(f"{at}/presence", data={"presence": "1", "member": [str(m) for name, m in everybody.items() if name != "王会计"]}).status_code == 303
    sheet = {"sheet": "1", "paper": str(li), f"choice_{case}_{li}": "abstain"}
    assert client.post(f"{at}/paper", data=sheet).status_code == 303
    client.sign_in("clerk@civic.example")
    page = client.get(at).text
    assert "selected>弃权" not in page, "nobody reads the other's sheet first"
    assert client.post(f"{at}/paper", data={**sheet, f"choice_{case}_{li}": "yes"}).status_code == 303
    assert "两遍录得不一样" in client.words(client.get(at))
    assert client.post(f"{at}/paper", data=sheet).status_code == 303
    asked = client.post(f"{at}/closing")
    assert "到会 4 人，1 件，票都齐了" in client.words(asked)
    assert 'type="file"' in asked.text
    db.session.rollback()
    assert queries.open_meeting(street.round) is not None
    assert client.post(f"{at}/closing", data=question_of(asked)).status_code == 303
    page = client.words(client.get(at))
    assert "到会 4，回避 0，同意 3，不同意 0，弃权 1 通过" in page
    assert client.post(f"/nominations/desk/prints/minutes/{meeting}").status_code == 200
