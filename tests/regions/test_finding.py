"""Places found as people write them."""

from __future__ import annotations

import pytest

from civic.core.db import db, transaction
from civic.regions import queries, rules
from civic.regions.models import Region
from tests.support import builders


@pytest.fixture
def town(app):
    return builders.city(staffed=False)


@pytest.mark.parametrize("words", ["梧桐里", "梧桐里社区", "桥东街道梧桐里社区", "桥东梧桐里", "汀南区桥东街道梧桐里社区", "云汀市汀南区桥东街道梧桐里", "桥东街道 · 梧桐里社区", "梧桐\u200b里", "汀南/桥东/梧桐⾥".replace("/", " ")])
def test_a_place_is_found_by_its_line_with_or_without_endings(town, words):
    found, count = queries.found_by_name(words)
    assert town.line[2].id in {place.id for place in found}
    assert count == len(found)


@pytest.mark.parametrize("words", ["里", "白塔街道梧桐里社区", "没有这里", "%", "__", "\u3164\u3164"])
def test_what_is_no_place_is_not_found(town, words):
    assert queries.found_by_name(words) == ([], 0)


def test_a_search_that_finds_more_than_it_shows_says_how_many_and_how_to_see_them(town, client):
    with transaction():
        for number in range(25):
            builders.region(town.line[3], 2, f"梧桐{number}号社区")
        builders.account(email="resident@civic.example")
    found, count = queries.found_by_name("梧桐")
    assert (len(found), count) == (20, 27)
    client.sign_in("resident@civic.example")
    for page in ("/identity/residence?search=梧桐",):
        words = client.words(client.get(page))
        assert "还有 7 处没列出来" in words
        assert "桥东街道梧桐里" in words


def test_another_name_is_found_at_once(town):
    with transaction():
        db.session.get(Region, town.line[2].id).name = "香樟⾥社区"
    assert [place.id for place in queries.found_by_name("香樟里")[0]] == [town.line[2].id]


def test_a_name_of_two_characters_keeps_its_ending():
    assert [rules.short_of(name) for name in ("西区", "东市街道", "村", "梧桐里居委会")] == ["西区", "东市", "村", "梧桐里"]
