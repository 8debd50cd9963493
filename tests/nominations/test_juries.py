"""The drawn jury: a draw that anybody can repeat, answers, secret scores, and what panel and jury say together."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.actions import accounts
from civic.identity.models import Kinship, User
from civic.identity.rules import Contact
from civic.nominations.actions import councils, deciding, juries, rounds, settling
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.juries import Juror, JurorMark, JurorStatus, JuryScore
from civic.nominations.models.levels import Council
from civic.nominations.queries import juries as questions
from civic.nominations.rules import panels, telling
from civic.nominations.states import Status
from civic.outbox.models import Message
from tests.support import builders

LEVEL = 4


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


@pytest.fixture
def county(app):
    """A county whose rule has a panel and a jury of five; six attested residents; two cases ready."""
    return a_county()


class County:
    def __init__(self, town, residents, cases, round_id, panel):
        self.town, self.residents, self.cases, self.round_id, self.panel = town, residents, cases, round_id, panel

    @property
    def desk(self):
        return self.town.actor(LEVEL)


def a_county(**more):
    town = builders.city()
    builders.by_round(LEVEL, council=Council.PANEL, jury_size=5)
    residents = builders.residents(town, 6)
    cases = [builders.climbed(town, LEVEL, nominee_name=name, **more).id for name in ("陈桂兰", "韩大川")]
    for case in cases:
        with transaction():
            deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
        builders.publishable(town, case, LEVEL)
    panel = builders.council(town.line[LEVEL])
    return County(town, residents, cases, builders.round_(town, LEVEL), panel)


def actor(user_id):
    return identity.actor_of(db.session.get(User, user_id))


def drawn(county, seed="2026-11-24"):
    with transaction():
        return juries.draw(county.desk, county.round_id, seed=seed).id


def jurors(jury):
    db.session.rollback()
    db.session.expire_all()
    return list(questions.jurors_of(jury))


def everybody_comes(jury):
    for juror in jurors(jury):
        with transaction():
            juries.accept(actor(juror.user_id), jury)


def everybody_scores(jury, case, scores):
    for juror, value in zip(jurors(jury), scores, strict=True):
        with transaction():
            juries.score(actor(juror.user_id), jury, case, value)


def test_a_draw_is_an_order_by_hash_that_any_language_can_repeat():
    listed = [7, 3, 11, 5]
    assert panels.drawn(listed, "0") == sorted(listed, key=lambda n: sha256(f"0:{n}".encode()).hexdigest())
    assert panels.drawn([11, 5, 3, 7], "0") == panels.drawn(listed, "0")
    assert {tuple(panels.drawn(listed, str(seed))) for seed in range(40)} != {tuple(panels.drawn(listed, "0"))}
    assert panels.list_digest(listed) == sha256(b"3,5,7,11").hexdigest()


def test_seed_and_list_give_the_same_jury_again(county):
    jury = questions.by_id(drawn(county))
    asked = [j.user_id for j in jurors(jury.id)]
    assert asked == panels.drawn(county.residents, "2026-11-24")[:5]
    assert jury.list_digest == panels.list_digest(county.residents)
    assert questions.is_repeatable(jury)
    with transaction():
        questions.by_id(jury.id).seed = "other"
    db.session.expire_all()
    assert not questions.is_repeatable(questions.by_id(jury.id))
    assert sorted(db.session.scalars(select(Message.recipient_id).where(Message.kind == "jury_asked"))) == sorted(asked)


def test_only_grown_attested_residents_without_office_are_on_the_list(county):
    town = county.town
    with transaction():
        unseen = builders.account(name="没核实的")
        unseen.person.region_id = town.line[1].id
        away = builders.account(name="住别处的", phone="13900007777")
        child = builders.account(name="小满", phone="13900007778")
    with transaction():
        place = db.session.merge(town.other[4])
        stairs = builders.region(place, 3, "别处街道")
        accounts.attest(town.actor(5), Contact("phone", "13900007777"), name="住别处的", region=stairs)
        accounts.attest(town.actor(5), Contact("phone", "13900007778"), name="小满", region=db.session.merge(town.line[1]))
        db.session.get(User, child.id).person.is_minor = True
    from civic.nominations.queries.rounds import in_reach_of

    assert questions.residents(in_reach_of(county.desk, county.round_id)) == county.residents
    refused("name_differs", accounts.attest, town.actor(2), Contact("phone", "13900007777"), name="别的名字", region=town.line[2])
    refused("not_here", accounts.attest, town.actor(2), Contact("phone", "13900007777"), name="住别处的", region=town.other[4])
    refused("no_such_account", accounts.attest, town.actor(2), Contact("phone", "13900000000"), name="谁", region=town.line[2])
    assert away.id not in county.residents


def test_too_few_residents_no_text_or_no_case_draw_nothing(county):
    with transaction():
        case = db.session.get(Nomination, county.cases[0])
        case.public_approved_at = case.public_approved_by_id = None
    refused("text_first", juries.draw, county.desk, county.round_id)
    with transaction():
        for user in county.residents[:2]:
            person = db.session.get(User, user).person
            person.attested_at = person.attested_by_id = None
            db.session.flush()
        case = db.session.get(Nomination, county.cases[0])
        case.public_approved_at, case.public_approved_by_id = clock.now(), county.town.desk[4].id
    refused("too_few_residents", juries.draw, county.desk, county.round_id)
    refused("not_permitted", juries.draw, actor(county.residents[0]), county.round_id)


def test_who_declines_or_stays_silent_makes_room_for_the_next_drawn(county):
    jury = drawn(county)
    refused("jury_open", juries.draw, county.desk, county.round_id)
    order = panels.drawn(county.residents, "2026-11-24")
    first = jurors(jury)[0]
    refused("may_still_answer", juries.replace, county.desk, jury, first.id)
    with transaction():
        juries.decline(actor(first.user_id), jury)
    assert [j.user_id for j in jurors(jury)] == order
    refused("answered_already", juries.accept, actor(first.user_id), jury)
    clock.advance(timedelta(days=8))
    silent = jurors(jury)[1]
    with transaction():
        # The list is used up: nobody is asked, and the page says how many there are.
        assert juries.replace(county.desk, jury, silent.id) is None
    refused("not_a_juror", juries.accept, actor(silent.user_id), jury)
    assert [j.status for j in jurors(jury)[:2]] == [JurorStatus.DECLINED, JurorStatus.REPLACED]


def letters_of(kind):
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def test_the_clock_reminds_once_and_then_the_next_drawn_takes_the_seat(county):
    county.residents += builders.residents(county.town, 3)
    jury = drawn(county)
    order = panels.drawn(sorted(county.residents), "2026-11-24")
    everybody = jurors(jury)
    with transaction():
        assert juries.chase_silent() == 0
        juries.accept(actor(everybody[0].user_id), jury)
    clock.freeze(everybody[1].remind_at)
    for _ in range(2):
        with transaction():
            juries.chase_silent()
    assert [m.fact("juror") for m in letters_of("jury_reminder")] == [j.id for j in everybody[1:]]
    clock.freeze(everybody[1].answer_by)
    with transaction():
        assert juries.chase_silent() == 4
    with transaction():
        assert juries.chase_silent() == 0
    now = jurors(jury)
    assert [j.user_id for j in now] == order[:9][: len(now)]
    assert [(j.position, j.instead_of.position) for j in now if j.instead_of] == [(6, 2), (7, 3), (8, 4), (9, 5)]
    assert [j.status for j in now[1:5]] == [JurorStatus.REPLACED] * 4
    assert questions.is_repeatable(questions.by_id(jury))
    records = db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "jury.replace").order_by(AuditRecord.id)).all()
    assert [(json.loads(r.facts)["position"], json.loads(r.facts)["following"], r.actor_id) for r in records] == [(2, 6, None), (3, 7, None), (4, 8, None), (5, 9, None)]
    # The nine are used up: whoever drew is told once, however many fall out after that.
    clock.freeze(now[-1].answer_by)
    with transaction():
        juries.chase_silent()
    assert len(letters_of("jury_short")) == 1


def test_a_worker_that_slept_replaces_by_the_true_day_and_sends_no_late_reminder(county):
    jury = drawn(county)
    last = jurors(jury)[0].answer_by
    clock.freeze(last + timedelta(days=3))
    with transaction():
        # One more is on the list; the others' seats stay empty, and that is told.
        assert juries.chase_silent() == 5
    assert not letters_of("jury_reminder")
    assert len(letters_of("jury_short")) == 1
    refused("jury_sitting", rounds.cancel, county.desk, county.round_id, reason="不办了")
    with transaction():
        juries.call_off(county.desk, jury, reason="来的人不够")
    assert len(letters_of("jury_off")) == 1, "the one who was asked last; who was replaced before is not written to again"
    with transaction():
        rounds.cancel(county.desk, county.round_id, reason="不办了")
    clock.advance(timedelta(days=30))
    with transaction():
        assert juries.chase_silent() == 0, "a round that is over asks nobody"


def test_kin_of_a_nominee_stay_out_and_others_may_say_so(county):
    jury = drawn(county)
    nominee = db.session.get(Nomination, county.cases[0]).nominee_id
    first, second = jurors(jury)[:2]
    with transaction():
        db.session.add(Kinship(person_id=first.person_id, kin_id=nominee, relation="child", declared_at=clock.now()))
    everybody_comes(jury)
    refused("recused", juries.score, actor(first.user_id), jury, county.cases[0], 90)
    with transaction():
        juries.stay_out(actor(second.user_id), jury, county.cases[0])
    refused("recused", juries.score, actor(second.user_id), jury, county.cases[0], 90)
    refused("not_on_agenda", juries.score, actor(second.user_id), jury, 999, 90)


def test_a_score_is_given_once_and_belongs_to_nobody(county):
    jury = drawn(county)
    one = jurors(jury)[0]
    refused("answered_already", juries.score, actor(one.user_id), jury, county.cases[0], 90)
    everybody_comes(jury)
    refused("score_missing", juries.score, actor(one.user_id), jury, county.cases[0], None)
    refused("score_missing", juries.score, actor(one.user_id), jury, county.cases[0], 101)
    refused("not_a_juror", juries.score, county.desk, jury, county.cases[0], 90)
    everybody_scores(jury, county.cases[0], (10, 80, 80, 80, 100))
    refused("voted_already", juries.score, actor(one.user_id), jury, county.cases[0], 90)
    refused("scored_already", juries.decline, actor(one.user_id), jury)
    # The mark seals the score on its own row: a mark elsewhere would tell by its order whose score it was.
    assert {c.name for c in JuryScore.__table__.columns} == {"id", "jury_id", "nomination_id", "score", "mark"}
    assert {c.name for c in JurorMark.__table__.columns} == {"id", "juror_id", "nomination_id", "ground"}
    ids = [row.id for row in db.session.scalars(select(JuryScore))]
    assert min(ids) > 1000


def test_panel_and_jury_together_decide_and_ties_are_stated(county):
    jury = drawn(county)
    everybody_comes(jury)
    for case in county.cases:
        everybody_scores(jury, case, (30, 40, 50, 60, 90))
    with transaction():
        meeting = councils.open_meeting(county.desk, county.round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    for user in county.panel:
        for case, score in zip(county.cases, (70, 70), strict=True):
            with transaction():
                councils.vote(actor(user.id), meeting, case, score=score)
    with transaction():
        settling.close_meeting(county.desk, meeting)
    refused("jury_first", rounds.propose, county.desk, county.round_id, county.cases[0], upward=False)
    with transaction():
        rows = juries.close(county.desk, jury)
        assert [(r.given, r.score, r.is_conflicting) for r in rows] == [(5, 5000, True)] * 2
    # 60 parts of 70 and 40 parts of 50 are 62: enough, and both alike.
    assert panels.combined(7000, 5000, 60) == 6200
    assert panels.ties({1: 6200, 2: 6200, 3: 100}) == frozenset({1, 2})
    with transaction():
        rounds.propose(county.desk, county.round_id, county.cases[0], upward=False)
    db.session.rollback()
    assert db.session.get(Nomination, county.cases[0]).status is Status.PROPOSED


def test_a_jury_that_thinks_otherwise_outweighs_a_lukewarm_panel(county):
    jury = drawn(county)
    everybody_comes(jury)
    for case in county.cases:
        everybody_scores(jury, case, (20, 20, 20, 20, 20))
    with transaction():
        juries.close(county.desk, jury)
    with transaction():
        meeting = councils.open_meeting(county.desk, county.round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
    for user in county.panel:
        with transaction():
            for case in county.cases:
                councils.vote(actor(user.id), meeting, case, score=70)
    with transaction():
        settling.close_meeting(county.desk, meeting)
    refused("council_said_no", rounds.propose, county.desk, county.round_id, county.cases[0], upward=False)
    refused("jury_closed", juries.score, actor(county.residents[0]), jury, county.cases[0], 1)


def test_a_jury_is_not_closed_with_too_few(county):
    jury = drawn(county)
    refused("no_quorum", juries.close, county.desk, jury)
    everybody_comes(jury)
    refused("scores_missing", juries.close, county.desk, jury)


def test_children_are_not_scored_by_neighbours(app):
    word = telling.GuardianWord("满爸爸", "13800001111", builders.guardian_method())
    town = builders.city()
    builders.by_round(LEVEL, council=Council.PANEL, jury_size=5)
    case = builders.voice(town.line[2], nominee_name="小满", channel=Channel.SCHOOL, guardian=word).nomination_id
    for level in (2, 3):
        with transaction():
            deciding.endorse(town.actor(level), case, expected=builders.version(case))
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    builders.residents(town, 6)
    round_id = builders.round_(town, LEVEL)
    refused("nothing_ready", juries.draw, town.actor(LEVEL), round_id)


def test_the_rule_takes_a_jury_only_beside_a_panel_high_up(app):
    from civic.nominations.actions import timing

    town = builders.city()
    with transaction():
        admin = builders.account(builders.Role.CITY_ADMIN, db.session.merge(town.line[5])).id
    words = {"since": clock.today(), "city_path": town.line[5].path}
    refused("jury_needs_panel", timing.change_level_rule, actor(admin), level=3, jury_size=5, council=Council.PANEL, **words)
    refused("jury_needs_panel", timing.change_level_rule, actor(admin), level=4, jury_size=5, council=Council.COUNCIL, **words)
    refused("jury_size_out_of_range", timing.change_level_rule, actor(admin), level=4, jury_size=2, **words)
    with transaction():
        rule = timing.change_level_rule(actor(admin), level=4, jury_size=9, panel_weight=70, **words)
    assert (rule.jury_size, rule.panel_weight) == (9, 70)


def test_desk_and_juror_go_the_whole_way_on_their_pages(client, county):
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(county.town.line[LEVEL]), email="county@civic.example")
    client.sign_in("county@civic.example")
    address = f"/nominations/desk/rounds/{county.round_id}/jury"
    assert "现在可以抽的有 6 位" in client.get(address).text
    assert client.confirm(f"{address}/draw", data={"seed": "2026-11-24"}).status_code == 303
    page = client.get(address).text
    assert "2026-11-24" in page
    assert panels.list_digest(county.residents) in page
    assert "一样" in page
    answer = client.post(f"{address}/closing")
    assert answer.status_code == 409
    assert "不能结束" in answer.text
    db.session.rollback()
    juror = db.session.scalars(select(Juror).order_by(Juror.position)).first()
    user = db.session.get(User, juror.user_id)
    client.sign_in(user.phone)
    assert f"/nominations/jury/{juror.jury_id}" in client.get("/me").text
    page = client.get(f"/nominations/jury/{juror.jury_id}")
    assert "抽到您当群众评审" in page.text
    assert builders.STORY not in page.text
    assert client.post(f"/nominations/jury/{juror.jury_id}/acceptance").status_code == 303
    case = county.cases[0]
    assert "陈桂兰" not in client.get(f"/nominations/jury/{juror.jury_id}").text
    answer = client.post(f"/nominations/jury/{juror.jury_id}/{case}/score", data={"score": "101"})
    assert answer.status_code == 422
    assert 'value="101"' in answer.text
    assert client.post(f"/nominations/jury/{juror.jury_id}/{case}/score", data={"score": "88"}).status_code == 303
    page = client.get(f"/nominations/jury/{juror.jury_id}").text
    assert "打过了" in page
    assert "88" not in page.split("<main")[1].split("</main")[0]
    assert client.confirm(f"/nominations/jury/{juror.jury_id}/{county.cases[1]}/recusal").status_code == 303
    outsider = next(u for u in county.residents if u not in {j.user_id for j in jurors(juror.jury_id)})
    client.sign_in(db.session.get(User, outsider).phone)
    assert client.get(f"/nominations/jury/{juror.jury_id}").status_code == 404
