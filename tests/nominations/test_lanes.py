"""The lists of a desk: each goes on past its first page without gap or repetition, and one works through it in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import transaction
from civic.identity.permissions import Role
from civic.nominations.actions import deciding
from civic.nominations.queries import desk
from tests.support import builders
from tests.support.counting import statements

QUEUE = "/nominations/desk/queue"


@pytest.fixture
def town(app):
    return builders.city()


def arrived(town, count):
    return [builders.voice(town.line[2], nominee_name=f"好人{n:02d}").nomination_id for n in range(count)]


def walked(town, lane, limit):
    """Every page of a list, and the statements each took."""
    actor, after, found, costs = town.actor(2), None, [], []
    paths = (town.line[2].path,)
    for _ in range(20):
        with statements() as seen:
            page = desk.waiting_at(paths, lane=lane, actor_id=actor.user_id, after=after, limit=limit)
        costs.append(len(seen))
        found += [row.id for row in page.items]
        after = page.next_key
        if after is None:
            return found, costs
    raise AssertionError("no end")


def test_what_was_returned_goes_on_past_the_first_page(town):
    ids = arrived(town, 7)
    for case in ids:
        with transaction():
            deciding.return_for_supplement(town.actor(2), case, expected=1, reason="请补一张近照")
    found, costs = walked(town, "returned", 3)
    assert found == ids
    assert costs == [1, 1, 1]


def test_what_one_has_decided_comes_newest_first_and_each_case_once(town):
    ids = arrived(town, 7)
    for case in ids[:6]:
        with transaction():
            deciding.endorse(town.actor(2), case, expected=1)
        clock.advance(timedelta(minutes=1))
    with transaction():
        deciding.decline(town.actor(2), ids[6], expected=1, reason="和往年重复")
    # Who stands in at the street as well says their word on one case twice.
    with transaction():
        both = builders.account(Role.REVIEWER, builders.db.session.merge(town.line[3]))
        builders.db.session.add(builders.Grant(user_id=town.desk[2].id, role=Role.REVIEWER, region_id=town.line[3].id, region_path=town.line[3].path, level=3, since=clock.today(), granted_at=clock.now()))
    assert both
    clock.advance(timedelta(minutes=1))
    with transaction():
        deciding.endorse(town.actor(2), ids[2], expected=builders.version(ids[2]))
    found, costs = walked(town, "done", 3)
    assert found == [ids[2], ids[6], ids[5], ids[4], ids[3], ids[1], ids[0]]
    assert costs == [1, 1, 1]


def test_a_made_up_key_opens_the_first_page(town):
    arrived(town, 2)
    for lane in ("waiting", "returned", "done"):
        assert desk.waiting_at((town.line[2].path,), lane=lane, after="bm9uc2Vuc2U").is_first


def test_after_a_deed_the_next_case_of_the_list_is_open(town, client):
    ids = arrived(town, 60)
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", builders.PASSWORD)
    page = client.get(f"{QUEUE}?case={ids[3]}").text
    assert f"next={ids[4]}" in page
    where = client.post(f"/nominations/desk/cases/{ids[3]}/endorsement?lane=waiting&next={ids[4]}", data={"version": "1"}).headers["Location"]
    assert f"next={ids[4]}" in where
    assert "好人04 <small>" in client.get(where).text
    # At the end of a page one stays on it, and where the page is empty one is back at the first.
    after = desk.waiting_at((town.line[2].path,), limit=58).next_key
    last = ids[59]
    page = client.get(QUEUE, query_string={"after": after, "case": last}).text
    assert "从头看" in page
    where = client.post(f"/nominations/desk/cases/{last}/endorsement", query_string={"after": after}, data={"version": "1"}).headers["Location"]
    assert "好人00" in client.get(where).text
    # What is not in the list is not opened because an address says so.
    assert "好人00 <small>" in client.get(f"{QUEUE}?next={ids[3]}").text


def test_searching_keeps_the_filters_and_filtering_keeps_the_search(town, client):
    arrived(town, 2)
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", builders.PASSWORD)
    page = client.get(f"{QUEUE}?channel=household&search=好人01").text
    search = page.split('role="search"')[1].split("</form>")[0]
    assert 'name="channel" value="household"' in search
    assert 'name="search" value="好人01"' in page.split('class="q-filters"')[1].split("</form>")[0]
