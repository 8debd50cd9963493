"""Names as they are compared: what the desk searches, and what is asked about the same deed."""

from __future__ import annotations

import pytest

from civic.core.db import db, transaction
from civic.honours.queries import category_by_code
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases, desk, likenesses
from tests.support import builders

WRITTEN = ["阿迪力·买买提", "阿迪力•买买提", "阿迪力∙买买提", "阿迪力・买买提", "阿迪力．买买提", "阿迪力 买买提", "阿迪力买买提", "阿迪力\u200b买买提"]


@pytest.fixture
def town(app):
    return builders.city()


@pytest.mark.parametrize("words", WRITTEN)
def test_the_desk_finds_a_name_whichever_point_was_typed(town, words):
    case = builders.voice(town.line[1], nominee_name="阿迪力·买买提").nomination_id
    actor = town.actor(1)
    found = desk.waiting_at(actor.paths_for("nomination.review"), actor_id=actor.user_id, search=words)
    assert [row.id for row in found.items] == [case]


def test_the_desk_finds_pieces_of_characters_and_words_of_the_headline(town):
    case = builders.voice(town.line[1], nominee_name="⾼兰", headline="校门口 缝补 十二年").nomination_id
    actor = town.actor(1)
    for words in ("高兰", "⾼兰", "高 兰", "缝补十二年", "缝补 十二年"):
        found = desk.waiting_at(actor.paths_for("nomination.review"), actor_id=actor.user_id, search=words)
        assert [row.id for row in found.items] == [case], words


@pytest.mark.parametrize("words", WRITTEN)
def test_the_same_deed_is_asked_about_however_the_name_was_written(town, words):
    case = builders.voice(town.line[1], nominee_name="阿迪力•买买提").nomination_id
    assert [n.id for n in cases.same_deed(words, category_by_code("ZRWL").id, town.line[1])] == [case]


def test_the_same_person_is_asked_about_however_the_name_was_written(town):
    one = builders.voice(town.line[1], nominee_name="⾼・兰").nomination_id
    other = builders.voice(town.line[1], nominee_name="高兰").nomination_id
    found = likenesses.questions_of(town.actor(2), db.session.get(Nomination, one))
    assert [question.other.id for question in found] == [other]


def test_a_name_put_right_is_found_by_the_new_one(town):
    case = builders.voice(town.line[1], nominee_name="陈桂兰").nomination_id
    with transaction():
        row = db.session.get(Nomination, case)
        row.nominee_name, row.headline = "陈⾼兰", "另一句话"
    row = db.session.get(Nomination, case)
    assert (row.normal_name, row.normal_headline) == ("陈高兰", "另一句话")
