"""Hearts: a kindness, once each, never for children, and nothing that decides reads them."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.models import User
from civic.nominations.actions import councils, deciding, noticing, reacting, rounds, settling
from civic.nominations.models.cases import Channel
from civic.nominations.models.councils import Choice
from civic.nominations.models.levels import Council
from civic.nominations.models.reactions import Reaction
from civic.nominations.queries import notices, reactions
from tests.support import builders
from tests.support.counting import statements

ROOT = Path(__file__).parents[2] / "civic"
LEVEL = 3


@pytest.fixture
def wall(app):
    """(town, case, item) of a name on the wall."""
    town = builders.city()
    builders.by_round(LEVEL, council=Council.NONE)
    case = builders.climbed(town, LEVEL).id
    with transaction():
        deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
    builders.publishable(town, case, LEVEL)
    round_id = builders.round_(town, LEVEL)
    with transaction():
        rounds.propose(town.actor(LEVEL), round_id, case, upward=False)
    with transaction():
        noticing.publish(town.actor(LEVEL), round_id)
    return town, case, notices.item_of(case).id


def hearts():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Reaction))


def test_one_heart_for_each_browser_and_account_and_the_label_says_what_it_is_worth(client, wall):
    _town, case, item = wall
    address = f"/nominations/notices/{item}"
    assert "只表示心意，不影响评选结果" in client.get(address).text
    for _ in range(3):
        assert client.post(f"{address}/reaction").status_code == 303
    assert hearts() == 1
    page = client.get(address).text
    assert "您表示过心意了" in page
    with transaction():
        builders.account(email="somebody@civic.example")
    client.sign_in("somebody@civic.example")
    client.post(f"{address}/reaction")
    assert hearts() == 2
    assert "2 位街坊表示了心意" in client.get(address).text
    # The table holds no account, and the same person at two cases cannot be told.
    assert {c.name for c in Reaction.__table__.columns} == {"id", "nomination_id", "who_digest", "at"}
    assert reactions.who(case, 1, "") != reactions.who(case + 1, 1, "")
    assert client.post("/nominations/notices/999/reaction").status_code == 404


def test_a_child_gets_none_and_shows_none(client, app):
    town = builders.city()
    from civic.nominations.rules.telling import GuardianWord

    word = GuardianWord("满爸爸", "13800001111", builders.guardian_method())
    case = builders.voice(town.line[2], nominee_name="小满", channel=Channel.SCHOOL, guardian=word).nomination_id
    minor = builders.voice(town.line[1], nominee_name="小禾", nominee_is_minor=True).nomination_id
    for number in (case, minor):
        with pytest.raises(DomainError) as caught, transaction():
            reacting.react(number, "x" * 64)
        assert caught.value.code == "reactions_off"
    assert hearts() == 0


def test_only_the_pages_of_hearts_import_the_table():
    allowed = {
        "nominations/models/__init__.py", "nominations/queries/reactions.py", "nominations/actions/reacting.py",
    }  # fmt: skip
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] + [a.name for a in node.names] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if any("models.reactions" in n or (n in ("Reaction", "reactions") and "models" in (getattr(node, "module", "") or "")) for n in names):
                found.add(str(path.relative_to(ROOT)))
    assert found == allowed
    readers = {str(p.relative_to(ROOT)) for p in ROOT.rglob("*.py") if "reactions." in p.read_text(encoding="utf-8")}
    assert not {r for r in readers if "/actions/" in r and not r.endswith("reacting.py")}


def test_no_statement_of_a_whole_round_reads_the_hearts(app):
    town = builders.city()
    builders.by_round(LEVEL)
    case = builders.climbed(town, LEVEL).id
    for number in range(3):
        with transaction():
            reacting.react(case, str(number) * 64)
    members = builders.council(town.line[LEVEL])
    with statements() as seen:
        with transaction():
            deciding.pass_on(town.actor(LEVEL), case, expected=builders.version(case))
        builders.publishable(town, case, LEVEL)
        round_id = builders.round_(town, LEVEL)
        with transaction():
            meeting = councils.open_meeting(town.actor(LEVEL), round_id, held_on=clock.today(), is_secret=False, is_on_paper=False).id
        for user in members:
            with transaction():
                councils.vote(identity.actor_of(db.session.get(User, user.id)), meeting, case, choice=Choice.YES)
        with transaction():
            settling.close_meeting(town.actor(LEVEL), meeting)
        with transaction():
            rounds.propose(town.actor(LEVEL), round_id, case, upward=True)
        with transaction():
            noticing.publish(town.actor(LEVEL), round_id)
        clock.advance(timedelta(days=10))
        with transaction():
            assert rounds.close(town.actor(LEVEL), round_id) == 1
    assert len(seen) > 50
    assert not [s for s in seen if "reaction" in s.lower()]
