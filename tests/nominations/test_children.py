"""Children: the school's channel opens with a guardian's word, nobody is ever named, and the word can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.models import ConsentMethod
from civic.nominations.actions import deciding, guarding, noticing, publishing, rounds
from civic.nominations.models.cases import Channel, Nomination
from civic.nominations.models.guardians import Guardian
from civic.nominations.models.levels import Council
from civic.nominations.queries import notices
from civic.nominations.rules import links
from civic.nominations.rules.telling import GuardianWord
from civic.nominations.states import Status
from civic.outbox.models import Message
from tests.support import builders
from tests.support.nominating import begin

WORD = GuardianWord("满爸爸", "13800001111", ConsentMethod.ON_PAPER)
DEED = "这位同学每天放学给楼上的奶奶念报纸，念了三年，一天也没有断过。奶奶说比电视好听，听完才吃饭。"


@pytest.fixture
def town(app):
    return builders.city()


def refused(code, deed, *arguments, **words):
    with pytest.raises(DomainError) as caught, transaction():
        deed(*arguments, **words)
    assert caught.value.code == code


def fresh(case):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Nomination, case)


def pupil(town, **changes):
    return builders.voice(town.line[2], **{"nominee_name": "小满", "channel": Channel.SCHOOL, "guardian": WORD, **changes}).nomination_id


def approved(town, case, level=2):
    with transaction():
        publishing.edit_text(town.actor(level), case, headline="给奶奶念报纸三年", story=DEED, expected=builders.version(case))
        publishing.approve(town.actor(level), case, expected=builders.version(case))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"guardian": None}, "guardian_missing"),
        ({"guardian": GuardianWord("", "13800001111", ConsentMethod.ON_PAPER)}, "guardian_name_missing"),
        ({"guardian": GuardianWord("满爸爸", "我不记得", ConsentMethod.ON_PAPER)}, "guardian_contact_unclear"),
        ({"guardian": GuardianWord("满爸爸", "13800001111", None)}, "guardian_method_missing"),
        ({"region_id": 0}, "region_unknown"),
    ],
)
def test_the_schools_channel_opens_only_with_a_guardians_word(town, changes, code):
    with pytest.raises(DomainError) as caught:
        pupil(town, **changes)
    assert caught.value.code == code
    with pytest.raises(DomainError) as caught:
        builders.voice(town.line[1], channel=Channel.SCHOOL, guardian=WORD)
    assert caught.value.code == "school_enters_community"
    db.session.rollback()
    assert db.session.scalar(select(Guardian)) is None


def test_the_word_is_kept_with_way_time_and_version_and_the_guardian_is_told(town):
    case = pupil(town)
    word = db.session.get(Guardian, case)
    assert (word.method, word.wording, word.recorded_by_id) == (ConsentMethod.ON_PAPER, guarding.WORDING, None)
    assert word.given_at <= clock.now()
    assert fresh(case).nominee.is_minor
    assert db.session.scalars(select(Message.recipient_id).where(Message.kind == "guardian_agreed")).all() == [case]


def test_a_pupil_is_put_up_and_honoured_without_any_name(client, town):
    builders.by_round(2, council=Council.NONE)
    case = pupil(town)
    with transaction():
        deciding.pass_on(town.actor(2), case, expected=builders.version(case))
    refused("name_in_text", publishing.edit_text, town.actor(2), case, headline="小满念报纸", story=DEED, expected=builders.version(case))
    approved(town, case)
    round_id = builders.round_(town, 2)
    with transaction():
        rounds.propose(town.actor(2), round_id, case, upward=False)
    with transaction():
        noticing.publish(town.actor(2), round_id)
    item = notices.hanging()[0]
    assert (item.shown_name, item.shown_sex, item.headline) == ("一名同学", None, "给奶奶念报纸三年")
    page = client.get(f"/nominations/notices/{item.id}").text
    assert "一名同学" in page
    assert "小满" not in page
    clock.advance(timedelta(days=10))
    with transaction():
        assert rounds.close(town.actor(2), round_id) == 1
    honour = roll.of_nomination(case)[0]
    assert (honour.shown_name, honour.headline, honour.story) == ("一名同学", None, None)
    for address in ("/roll?level=2", f"/story/{honour.id}", "/"):
        assert "小满" not in client.get(address).text, address
    # The guardian changes their mind: gone at once, the history stays.
    with transaction():
        guarding.withdraw(links.guardian_token(case))
    db.session.expire_all()
    assert roll.of_nomination(case)[0].shown_name is None
    assert client.get(f"/story/{honour.id}").status_code == 404


def test_a_guardian_who_says_no_ends_the_case_and_the_nominator_is_told(client, town):
    case = pupil(town)
    token = links.guardian_token(case)
    assert "小满" in client.get(f"/nominations/guardian/{token}").text
    assert client.get("/nominations/guardian/1.forged").status_code == 404
    assert client.confirm(f"/nominations/guardian/{token}/withdrawal").status_code == 303
    assert fresh(case).status is Status.WITHDRAWN
    assert db.session.scalar(select(Message).where(Message.kind == "withdrawn")) is not None
    # Pressed twice it stays as it is.
    assert client.confirm(f"/nominations/guardian/{token}/withdrawal").status_code == 303


def test_without_a_standing_word_a_pupils_case_goes_nowhere(town):
    case = pupil(town)
    with transaction():
        db.session.get(Guardian, case).withdrawn_at = clock.now()
    refused("guardian_first", deciding.endorse, town.actor(2), case, expected=builders.version(case))


def test_a_minor_of_any_channel_waits_for_the_desk_to_ask_the_guardian(client, town):
    case = builders.voice(town.line[1], nominee_name="小满", nominee_is_minor=True).nomination_id
    with transaction():
        deciding.elect(town.actor(1), case, expected=builders.version(case))
    approved(town, case)
    assert roll.of_nomination(case)[0].shown_name is None
    with transaction():
        builders.account(builders.Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
    client.sign_in("desk@civic.example")
    assert "监护人的同意" in client.get(f"/nominations/desk/publication/{case}").text
    answer = client.post(f"/nominations/desk/publication/{case}/guardian", data={"guardian_name": "满妈妈"})
    assert answer.status_code == 422
    assert 'value="满妈妈"' in answer.text
    filled = {"guardian_name": "满妈妈", "guardian_contact": "mama@civic.example", "guardian_method": "by_phone"}
    assert client.post(f"/nominations/desk/publication/{case}/guardian", data=filled).status_code == 303
    db.session.expire_all()
    assert roll.of_nomination(case)[0].shown_name == "一名同学"
    adult = builders.voice(town.line[1]).nomination_id
    refused("not_a_minor", guarding.record_at_desk, town.actor(2), adult, WORD)


def test_the_form_asks_the_guardian_in_the_first_step(client, town):
    draft = begin(client)
    who = {"nominee_name": "小满", "relation": "neighbour", "category": roll.category_by_code("ZRWL").id, "nominee_kind": "individual", "channel": "school"}
    answer = client.post(f"{draft}1", data=who)
    assert answer.status_code == 422
    assert "要先问过监护人" in answer.text
    answer = client.post(f"{draft}1", data={**who, "guardian_name": "满爸爸", "guardian_contact": "12", "guardian_method": "on_paper"})
    assert answer.status_code == 422
    assert 'value="满爸爸"' in answer.text
    assert client.post(f"{draft}1", data={**who, "guardian_name": "满爸爸", "guardian_contact": "13800001111", "guardian_method": "on_paper"}).status_code == 303
    assert client.post(f"{draft}2", data={"region": town.line[1].id}).status_code == 422
    assert client.post(f"{draft}2", data={"region": town.line[2].id}).status_code == 303
