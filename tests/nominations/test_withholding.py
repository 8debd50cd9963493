"""Somebody takes their word back while the name hangs on notice: the street reads no more of it, the row stays."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from civic.audit.models import AuditRecord
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Role
from civic.nominations import files
from civic.nominations.actions import deciding, noticing, publishing, rounds
from civic.nominations.models.mentioned import Agreement
from civic.nominations.models.notices import NoticeItem, Withheld
from civic.nominations.queries import notices
from civic.nominations.queries import rounds as queries
from tests.support import builders
from tests.support.builders import PASSWORD

LEVEL = 3
GONE = "本人撤回同意，内容已撤下"
NAME, DEED = "陈桂兰", "校门口缝补十二年"


@pytest.fixture
def wall(app):
    """(town, round, case): one name hangs at the street."""
    town = builders.city()
    builders.by_round(LEVEL, council="none")
    case = builders.climbed(town, LEVEL, nominee_name=NAME).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    round_id = builders.round_(town, LEVEL)
    builders.publishable(town, case, LEVEL)
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=True)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    return town, round_id, case


def item():
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(NoticeItem)).one()


def taken_back(wall, purpose):
    with transaction():
        publishing.withdraw_consent(wall[0].actor(LEVEL), wall[2], purpose)


def page(client):
    return client.get(f"/nominations/notices/{item().id}").get_data(as_text=True), client.get("/nominations/notices").get_data(as_text=True)


def on_paper(wall):
    return files.notice_of(queries.in_reach_of(wall[0].actor(LEVEL), wall[1]))["items"][0]


def test_without_the_story_the_name_stays_and_the_words_are_gone_on_screen_and_paper(wall, client):
    frozen = item().words
    assert DEED in page(client)[0]
    taken_back(wall, Purpose.STORY)
    for shown in page(client):
        assert GONE in shown
        assert NAME in shown
        assert DEED not in shown
        assert frozen[:20] not in shown
    paper = on_paper(wall)
    assert (paper["name"], paper["words"]) == (NAME, f"{GONE}。")
    assert (item().words, item().headline, item().withheld) == (frozen, DEED, Withheld.STORY)


def test_without_the_name_neither_name_nor_place_nor_words_stay_but_the_inside_reads_on(wall, client):
    taken_back(wall, Purpose.NAME)
    assert client.post(f"/nominations/notices/{item().id}/reaction").status_code == 404
    for shown in page(client):
        assert GONE in shown
        assert "姓名已撤下" in shown
        assert NAME not in shown
        assert item().place not in shown
    paper = on_paper(wall)
    assert (paper["name"], paper["sex"], paper["place"]) == ("（已撤下）", "", "")
    with transaction():
        builders.account(Role.REVIEWER, wall[0].line[LEVEL], email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    inside = client.get(f"/nominations/desk/rounds/{wall[1]}").get_data(as_text=True)
    assert NAME in inside
    assert "公众看不到" in inside
    assert {"notice.withhold"} <= set(db.session.scalars(select(AuditRecord.verb)))


def test_a_word_given_again_puts_it_back_and_the_same_twice_is_once(wall, client):
    taken_back(wall, Purpose.NAME)
    taken_back(wall, Purpose.NAME)
    assert len(db.session.scalars(select(AuditRecord).where(AuditRecord.verb == "notice.withhold")).all()) == 1
    with transaction():
        publishing.record_consent(wall[0].actor(LEVEL), wall[2], [Purpose.NAME], ConsentMethod.IN_PERSON)
    assert item().withheld is None
    assert DEED in page(client)[0]


def test_whoever_the_words_tell_of_takes_them_down_too_and_a_later_wording_does_not_put_them_back(wall, client):
    town, _round, case = wall
    with transaction():
        row = publishing.record_mentioned(
            town.actor(LEVEL), case, name="三楼的王姐", relation="邻居", is_recognisable=True, agreement=Agreement.REFUSED,
            method=ConsentMethod.IN_PERSON,
        ).id  # fmt: skip
    assert item().withheld is Withheld.MENTIONED
    shown = page(client)[0]
    assert "文字里提到的人没有同意" in shown
    assert DEED not in shown
    with transaction():
        publishing.forget_mentioned(town.actor(LEVEL), case, row)
        publishing.record_consent(town.actor(LEVEL), case, [Purpose.NAME], ConsentMethod.IN_PERSON)
    assert item().withheld is Withheld.MENTIONED


def test_a_story_taken_back_before_is_not_put_up(app):
    town = builders.city()
    builders.by_round(LEVEL, council="none")
    case = builders.climbed(town, LEVEL, nominee_name=NAME).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    round_id = builders.round_(town, LEVEL)
    builders.publishable(town, case, LEVEL)
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=True)
        publishing.withdraw_consent(town.actor(LEVEL), case, Purpose.STORY)
    assert [row.problem for row in queries.list_of(queries.in_reach_of(town.actor(LEVEL), round_id))] == ["story"]
    with pytest.raises(DomainError) as caught, transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    assert caught.value.code == "list_not_ready"


def test_what_is_withheld_still_ends_on_its_day(wall):
    before = item().ends_at
    taken_back(wall, Purpose.NAME)
    assert item().ends_at == before
    assert notices.hanging()
