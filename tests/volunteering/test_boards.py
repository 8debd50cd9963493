"""Boards of teams: only who asks to, by nickname, ties said, reversals taken off; children never; nothing city-wide."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.volunteering.actions import attendance, boards, counting, people, signing
from civic.volunteering.models.attendance import Direction
from civic.volunteering.queries import boards as questions
from civic.volunteering.queries import hours
from civic.volunteering.rules.boards import Placed, placed
from tests.support import builders
from tests.support.counting import statements
from tests.support.refusals import refused


@pytest.fixture
def served(app):
    """Huang and Wei served 90 minutes each, He 180; all settled."""
    zebra = builders.crossing(most=3)
    leader = builders.identity.actor_of(zebra.leader)
    actors = [builders.volunteer(name, phone=f"1390004000{n}") for n, name in enumerate(("黄素芬", "魏建国", "何秀英"))]
    first, second = zebra.shifts()[:2]
    for shift, who in ((first, actors), (second, actors[2:])):
        rows = []
        for actor in who:
            with transaction():
                rows.append(signing.sign_up(actor, shift.id, has_read_briefing=True).id)
        for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            clock.freeze(moment)
            for row in rows:
                with transaction():
                    attendance.tick(leader, row, direction)
    clock.freeze(second.ends_at + timedelta(hours=1))
    with transaction():
        counting.count_ended()
    clock.advance(timedelta(days=8))
    with transaction():
        counting.settle_due()
    return zebra, first.event.team_id, actors, first.day


def names(team, day, by="hours"):
    db.session.rollback()
    return [(r.place, r.is_tied, r.nickname, r.value) for r in questions.board(team, day, day + timedelta(days=1), by=by)]


def test_nobody_stands_there_who_did_not_ask_to(served):
    _zebra, team, (huang, wei, he), day = served
    assert names(team, day) == []
    with transaction():
        boards.stand(he, team, nickname="河边的何姐")
        boards.stand(huang, team, nickname="早班的老黄")
        boards.stand(wei, team, nickname="路口老魏")
    assert names(team, day) == [(1, False, "河边的何姐", 180), (2, True, "早班的老黄", 90), (2, True, "路口老魏", 90)]
    assert names(team, day, "points") == [(1, False, "河边的何姐", 30), (2, True, "早班的老黄", 15), (2, True, "路口老魏", 15)]
    with transaction():
        boards.leave(he, team)
    assert names(team, day) == [(1, True, "早班的老黄", 90), (1, True, "路口老魏", 90)]
    assert names(team, day + timedelta(days=2)) == []


def test_hours_taken_back_are_off_the_board(served):
    zebra, team, (_huang, _wei, he), day = served
    with transaction():
        boards.stand(he, team, nickname="河边的何姐")
    with transaction():
        counting.reverse(zebra.organiser, hours.hours_of(he.person_id).items[0].id, reason="记错了人")
    assert names(team, day) == [(1, False, "河边的何姐", 90)]
    assert names(team, day, "points") == [(1, False, "河边的何姐", 15)]


def test_real_names_numbers_other_peoples_nicknames_and_strangers_are_refused_by_name(served):
    _zebra, team, (huang, wei, _he), _day = served
    stranger = builders.volunteer("陌生人")
    with transaction():
        boards.stand(huang, team, nickname="早班的老黄")
    assert refused(lambda: boards.stand(wei, team, nickname="早班的老黄")) == "nickname_taken"
    assert refused(lambda: boards.stand(wei, team, nickname=" 魏建国 ")) == "nickname_real"
    assert refused(lambda: boards.stand(wei, team, nickname="魏13900040001")) == "nickname_digits"
    assert refused(lambda: boards.stand(wei, team, nickname="魏")) == "nickname_length"
    assert refused(lambda: boards.stand(stranger, team, nickname="路过的人")) == "not_of_team"
    assert refused(lambda: boards.stand(wei, 99999, nickname="路口老魏")) == "not_found"
    with transaction():
        boards.stand(huang, team, nickname="晚班的老黄")
        db.session.get(Person, wei.person_id).birth_date = date(clock.today().year - 15, 1, 1)
    assert refused(lambda: boards.stand(wei, team, nickname="路口老魏")) == "too_young"


def test_ties_share_a_place_and_nought_has_none():
    assert placed([("甲", 5), ("乙", 9), ("丙", 5), ("丁", 0), ("戊", 1)]) == [
        Placed(1, False, "乙", 9), Placed(2, True, "丙", 5), Placed(2, True, "甲", 5), Placed(4, False, "戊", 1)
    ]  # fmt: skip


def test_the_page_says_as_of_and_ties_and_costs_the_same_however_long(served, client):
    _zebra, team, actors, _day = served
    client.sign_in("13900040000")
    assert "榜上还没有人" in client.get(f"/volunteering/board/{team}?span=year").get_data(as_text=True)
    assert client.post(f"/volunteering/board/{team}/standing", data={"nickname": "黄素芬"}).status_code == 422
    assert client.post(f"/volunteering/board/{team}/standing", data={"nickname": "早班的老黄"}).status_code == 303
    with statements() as few:
        client.get(f"/volunteering/board/{team}?span=year")
    for n, actor in enumerate(actors[1:]):
        with transaction():
            boards.stand(actor, team, nickname=f"第{n}个人")
    with statements() as many:
        words = client.get(f"/volunteering/board/{team}?span=year").get_data(as_text=True)
    assert len(few) == len(many)
    assert "并列第 2" in words
    assert "1 小时 30 分" in words
    assert "一分钟不差才算并列" in words
    assert "截至" in words
    assert "黄素芬" not in words.split("<main")[1]
    assert client.post(f"/volunteering/board/{team}/leaving").status_code == 303
    assert "早班的老黄" not in client.get(f"/volunteering/board/{team}?span=year").get_data(as_text=True)
    assert f"/volunteering/board/{team}" in client.get("/volunteering/hours").get_data(as_text=True)


def test_another_teams_shifts_do_not_count_here(served):
    zebra, _team, (huang, *_), day = served
    with transaction():
        other = people.found_team(zebra.organiser, zebra.town.line[3], name="橘园服务队")
        people.join(zebra.organiser, other, huang.person_id)
        boards.stand(huang, other.id, nickname="橘园的老黄")
    assert names(other.id, day) == []
