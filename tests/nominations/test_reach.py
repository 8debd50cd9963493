"""Every list of a desk stops at its own regions: two cities, both filled alike, and each reads its own names only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import queries as roll
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, inquiring, noticing, rounds, second_looks
from civic.nominations.models.levels import Council
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.queries import cases, notices
from tests.support import builders

# What has to stand on which list, as a word behind the city's own sign; a list that is new is walked all the same.
SHOWN = {
    "nominations.desk.queue": "审核中",
    "nominations.desk.rounds": "一期",
    "nominations.desk.clues": "线索",
    "nominations.desk.objections": "公示",
    "nominations.desk.second_looks": "复看",
    "nominations.desk.published": "审核中",
    "honours.desk.honours": "公示",
}
ROLES = ((Role.REVIEWER, 3), (Role.REVIEWER, 4), (Role.REGION_ADMIN, 3), (Role.ORGANISER, 3), (Role.AUDITOR, 3))


def act(deed, /, *arguments, **words):
    with transaction():
        return deed(*arguments, **words)


def filled(sign):
    """A city in which every list of a desk has a line whose name begins with the city's own sign."""
    town = builders.city()
    builders.crossing(town)  # what the desks of volunteering and points need to open at all
    builders.by_round(3, council=Council.NONE)
    builders.climbed(town, 3, nominee_name=f"{sign}审核中")
    up = builders.climbed(town, 3, nominee_name=f"{sign}公示").id
    act(deciding.pass_on, town.actor(3), up, expected=builders.version(up))
    round_id = builders.round_(town, 3, name=f"{sign}一期")
    builders.publishable(town, up, 3)
    act(rounds.propose, town.actor(3), round_id, up, upward=True)
    act(noticing.publish, town.actor(3), round_id)
    item = next(i for i in notices.hanging() if i.nomination_id == up).id
    act(noticing.object_to, item, kind=ObjectionKind.UNTRUE, words="那天她不在校门口", name="", contact="")
    no = builders.climbed(town, 3, nominee_name=f"{sign}复看").id
    act(deciding.decline, town.actor(3), no, expected=builders.version(no), reason="走访和材料对不上")
    with transaction():
        second_looks.ask(cases.voice_by_id(cases.voices_of(no)[0].id), words="三楼的王姐亲眼看见过")
    kind = roll.category_by_code("ZRWL").id
    act(inquiring.leave_clue, who=f"{sign}线索", place="桥东", category_id=kind, deed="缝补十二年", contact="13912345678", county=town.line[4])
    with transaction():
        for role, level in ROLES:
            builders.account(role, db.session.merge(town.line[level]), email=f"{role.value}{level}-{ord(sign)}@civic.example")
    clock.advance(timedelta(minutes=20))
    return town


def lists(app):
    """The lists of all desks: every address below a desk that asks for nothing."""
    return sorted(
        rule.endpoint for rule in app.url_map.iter_rules() if ".desk." in rule.endpoint and "GET" in rule.methods and not rule.arguments
    )


@pytest.mark.parametrize("page", ["", "?page=1"])
def test_each_reads_the_names_of_their_own_regions_only(app, client, page):
    mine, theirs = "甲", "乙"
    filled(mine)
    filled(theirs)
    seen: dict[str, str] = {}
    with app.test_request_context():
        addresses = {name: url_for(name) for name in lists(app)}
    for own, other in ((mine, theirs), (theirs, mine)):
        for role, level in ROLES:
            client.get("/complaint")
            client.post("/identity/sign_out")
            client.sign_in(f"{role.value}{level}-{ord(own)}@civic.example")
            for name, address in addresses.items():
                answer = client.get(address + page)
                if answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                words = client.words(answer)
                for word in set(SHOWN.values()):
                    assert f"{other}{word}" not in words, f"{name} shows {role.value} of one region the {word} of another"
                seen[name] = seen.get(name, "") + words
    if not page:
        for name, word in SHOWN.items():
            for own in (mine, theirs):
                assert f"{own}{word}" in seen.get(name, ""), f"{name} does not show its own {word}: the test walks past an empty list"
    assert len(seen) > 12


def test_what_hangs_on_notice_is_counted_whole_and_all_to_be_seen(app, client, monkeypatch):
    monkeypatch.setattr(notices, "HANGING", 1)
    town = builders.city()
    builders.by_round(3, council=Council.NONE)
    round_id = builders.round_(town, 3)
    for number in range(3):
        case = builders.climbed(town, 3, nominee_name=f"好人{number}号").id
        act(deciding.pass_on, town.actor(3), case, expected=builders.version(case))
        builders.publishable(town, case, 3)
        act(rounds.propose, town.actor(3), round_id, case, upward=False)
    act(noticing.publish, town.actor(3), round_id)
    page = client.get("/nominations/notices").text
    assert "3 条" in page
    assert "还有 2 条没列出来" in page
    assert page.count("#one") == 1
    everything = client.get("/nominations/notices?all=1").text
    assert everything.count("#one") == 3
    assert "没列出来" not in everything


def test_a_list_that_is_cut_says_how_many_are_left_and_shows_them_all(app, client, monkeypatch):
    from civic.nominations.queries import rounds as held
    from civic.nominations.queries import second_looks as looks

    monkeypatch.setattr(held, "MANY", 1)
    monkeypatch.setattr(looks, "MANY", 1)
    town = builders.city()
    builders.by_round(3, council=Council.NONE)
    for number in range(3):
        case = builders.climbed(town, 3, nominee_name=f"好人{number}号").id
        act(deciding.decline, town.actor(3), case, expected=builders.version(case), reason="走访和材料对不上")
        with transaction():
            second_looks.ask(cases.voice_by_id(cases.voices_of(case)[0].id), words="三楼的王姐亲眼看见过")
        round_id = builders.round_(town, 3, name=f"第{number}期")
        act(rounds.cancel, town.actor(3), round_id, reason="不办了")
    with transaction():
        builders.account(Role.REVIEWER, db.session.merge(town.line[4]), email="desk@civic.example")
    client.sign_in("desk@civic.example")
    for address, words in (("rounds", [f"第{n}期" for n in range(3)]), ("second_looks", [f"好人{n}号" for n in range(3)])):
        page = client.words(client.get(f"/nominations/desk/{address}"))
        assert "还有 2 条没列出来" in page, address
        assert sum(word in page for word in words) == 1
        everything = client.words(client.get(f"/nominations/desk/{address}?all=1"))
        assert all(word in everything for word in words), address
        assert "没列出来" not in everything
