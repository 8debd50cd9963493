"""Lists that say how many more there are."""

from __future__ import annotations

from sqlalchemy import select

from civic.core import listing
from civic.core.db import transaction
from civic.identity import queries as identity
from civic.identity.permissions import Role
from civic.regions.models import Region
from tests.support import builders


def test_a_list_says_how_many_it_does_not_show(app):
    town = builders.city(staffed=False)
    with transaction():
        for number in range(7):
            builders.region(town.line[2], 1, f"{number}号楼")
    query = select(Region).where(Region.parent_id == town.line[2].id).order_by(Region.id)
    some = listing.some(query, 5)
    assert (len(some), some.more) == (5, 4)
    assert listing.some(query, 9).more == 0


def test_every_role_is_reached_by_pages_or_by_a_name(app, client):
    town = builders.city()
    with transaction():
        for number in range(230):
            builders.account(Role.STEWARD, town.other[1], name=f"同志·{number}号")
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
    paths, seen, after = (town.line[5].path,), [], None
    for _ in range(9):
        page, count = identity.grants_within(paths, after=after)
        seen += [grant.id for grant in page.items]
        after = page.next_key
        if after is None:
            break
    assert len(seen) == len(set(seen)) == count == 236
    assert [grant.user.person.name for grant in identity.grants_within(paths, search="同志•77 号")[0].items] == ["同志·77号"]
    client.sign_in("admin@civic.example")
    words = client.words(client.get("/identity/desk/grants"))
    assert "一共 236 条，这一页 100 条" in words
    assert "下一页" in words
    assert "同志·77号" in client.words(client.get("/identity/desk/grants?search=77号"))
