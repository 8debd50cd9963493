"""The channel decides where a case begins and who owns it first; where the nominee lives stays where they live."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.models import ConsentMethod
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, inquiring
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.levels import LevelRule
from civic.nominations.rules import climbing, links
from civic.nominations.rules.telling import GuardianWord
from tests.support import builders
from tests.support.nominating import WHO, begin, step

WORD = GuardianWord("满爸爸", "13800001111", ConsentMethod.ON_PAPER)
# channel, where the nominee lives → the level that gets it first
FIRST = (
    (Channel.HOUSEHOLD, 1, 1), (Channel.HOUSEHOLD, 2, 2), (Channel.WORKPLACE, 1, 2), (Channel.WORKPLACE, 2, 2), (Channel.ORGANISATION, 1, 3),
    (Channel.ORGANISATION, 2, 3), (Channel.SCHOOL, 2, 2), (Channel.MEDIA, 1, 1), (Channel.NETIZEN, 2, 2),
)  # fmt: skip


@pytest.fixture
def town(app):
    return builders.city()


@pytest.mark.parametrize(("channel", "home", "first"), FIRST)
def test_each_channel_begins_at_its_own_desk(town, channel, home, first):
    more = {"guardian": WORD} if channel is Channel.SCHOOL else {}
    case = db.session.get(Nomination, builders.voice(town.line[home], channel=channel, **more).nomination_id)
    assert (case.level, case.region_id, case.desk_path) == (first, town.line[first].id, town.line[first].path)
    assert case.home_region_id == town.line[home].id
    assert case.rule_id == db.session.scalar(select(LevelRule.id).where(LevelRule.level == first).order_by(LevelRule.since.desc()))
    assert case.due_at > clock.now() + timedelta(days=1)


def test_every_channel_says_where_it_begins():
    assert set(climbing.ENTERS_AT) == {channel.value for channel in Channel}


def test_what_a_mass_organisation_sends_is_seen_on_the_spot_before_it_climbs(town):
    case = builders.voice(town.line[1], channel=Channel.ORGANISATION).nomination_id
    with transaction(), pytest.raises(DomainError) as refusal:
        deciding.endorse(town.actor(3), case, expected=builders.version(case))
    assert refusal.value.code == "visit_first"
    report = "问了门卫和班主任，都说她缝了十二年，从不收学生的钱。"
    with transaction():
        colleague = builders.identity.actor_of(builders.account(Role.REVIEWER, db.session.merge(town.line[3])))
        inquiring.sign_visit(colleague, case, visited_on=clock.today(), companion="老周", witnesses=2, report=report, is_true=True)
    with transaction():
        deciding.endorse(town.actor(3), case, expected=builders.version(case))
    assert db.session.get(Nomination, case).level == 4


def test_its_pages_open_where_it_begins_and_not_at_the_stairwell(client, town):
    voice = builders.voice(town.line[1], channel=Channel.ORGANISATION)
    with transaction():
        builders.account(Role.REVIEWER, db.session.merge(town.line[3]), email="street@civic.example")
    assert client.get(f"/track/t/{links.tracking_token(voice.id)}").status_code == 200
    client.sign_in("street@civic.example")
    page = client.get(f"/nominations/desk/queue?case={voice.nomination_id}").text
    assert "陈桂兰" in page
    assert f"/nominations/desk/cases/{voice.nomination_id}/" in page
    with transaction(), pytest.raises(DomainError):
        deciding.endorse(town.actor(1), voice.nomination_id, expected=builders.version(voice.nomination_id))


def test_the_form_says_who_looks_first(client, town):
    draft = begin(client)
    sent = {**WHO, "channel": "organisation", "nominee_name": "陈桂兰", "category": roll.category_by_code("ZRWL").id}
    assert step(client, draft, 1, **sent).status_code == 303
    assert "街道" in client.get(f"{draft}2?at={town.line[2].id}").text.split('class="route"')[1]
