"""From the whole story to a public one: nothing private slips through, and whoever can be recognised is asked first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.actions import consents
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Role
from civic.nominations.actions import publishing
from civic.nominations.models.cases import Nomination
from civic.nominations.models.mentioned import Agreement
from civic.nominations.queries import mentions
from tests.support import builders
from tests.support.builders import PASSWORD, STORY, version


@pytest.fixture
def case(app):
    """(town, number) of a case that the community elected, with the nominee's consent."""
    town = builders.city()
    found = builders.climbed(town, 3).id
    clock.advance(timedelta(minutes=20))
    with transaction():
        publishing.record_consent(town.actor(2), found, [Purpose.NAME, Purpose.STORY], ConsentMethod.IN_PERSON)
    return town, found


def written(town, case, story, *, has_checked=False):
    with transaction():
        publishing.edit_text(town.actor(2), case, headline="校门口缝补十二年", story=story, expected=version(case))
    with transaction():
        publishing.approve(town.actor(2), case, expected=version(case), has_checked=has_checked)


def refused(code, deed, *arguments, **words):
    """`deed` brings its own transactions."""
    with pytest.raises(DomainError) as caught:
        deed(*arguments, **words)
    assert caught.value.code == code
    return str(caught.value.sentence)


def mention(town, case, agreement=Agreement.NOT_ASKED, method=None, **changes):
    with transaction():
        return publishing.record_mentioned(
            town.actor(2), case, agreement=agreement, method=method,
            **{"name": "王奶奶", "relation": "邻居", "is_recognisable": True, **changes},
        ).id  # fmt: skip


def public(case):
    db.session.rollback()
    db.session.expire_all()
    return [h.story for h in roll.shown(2).items if h.nomination_id == case]


@pytest.mark.parametrize("private", ["电话13812345678", "住3栋2单元501室", "身份证110101198506070054", "生于1985年6月7日"])
def test_numbers_doors_and_birthdays_are_never_approved(case, private):
    town, number = case
    words = refused("private_in_text", written, town, number, f"{STORY}{private}。", has_checked=True)
    assert "不能公开" in words
    assert public(number) == []


def test_what_only_looks_private_needs_one_who_has_looked(case):
    town, number = case
    refused("private_unchecked", written, town, number, f"{STORY}她自己得过肿瘤。")
    written(town, number, f"{STORY}她自己得过肿瘤。", has_checked=True)
    assert public(number) == [f"{STORY}她自己得过肿瘤。"]


def test_whoever_can_be_recognised_agrees_first_and_takes_the_page_down_later(case):
    town, number = case
    story = f"{STORY}王奶奶的裤子也是她补的。"
    row = mention(town, number)
    assert "王奶奶认得出来" in refused("mentioned_not_agreed", written, town, number, story)
    refused("asked_how", mention, town, number, Agreement.AGREED)
    mention(town, number, Agreement.AGREED, ConsentMethod.BY_PHONE, row_id=row)
    written(town, number, story)
    assert public(number) == [story]
    kept = mentions.of_case(number)[0]
    assert (kept.wording, kept.recorded_by_id) == (consents.WORDING, town.desk[2].id)
    mention(town, number, Agreement.REFUSED, ConsentMethod.IN_PERSON, row_id=row)
    assert public(number) == []
    assert db.session.get(Nomination, number).public_approved_at is None


def test_somebody_nobody_recognises_or_who_is_no_longer_mentioned_stands_in_nobodys_way(case):
    town, number = case
    row = mention(town, number, Agreement.REFUSED, ConsentMethod.IN_PERSON)
    refused("mentioned_not_agreed", written, town, number, STORY)
    with transaction():
        publishing.forget_mentioned(town.actor(2), number, row)
    mention(town, number, name="一位邻居", is_recognisable=False)
    written(town, number, STORY)
    assert public(number) == [STORY]
    refused("not_found", publishing.forget_mentioned, town.actor(2), number, row)


def test_the_credit_record_is_agreed_to_or_waived_never_both(case):
    town, number = case
    person = db.session.get(Nomination, number).nominee_id
    refused("credit_both", publishing.record_consent, town.actor(2), number, [Purpose.CREDIT, Purpose.CREDIT_WAIVED], ConsentMethod.ON_PAPER)
    for purpose in (Purpose.CREDIT, Purpose.CREDIT_WAIVED):
        with transaction():
            publishing.record_consent(town.actor(2), number, [purpose], ConsentMethod.ON_PAPER)
        assert consents.running(person) & {Purpose.CREDIT, Purpose.CREDIT_WAIVED} == {purpose}
    rows = [(c.purpose, c.wording, c.withdrawn_at is not None) for c in consents.history(person)[:2]]
    assert rows == [(Purpose.CREDIT_WAIVED, consents.WORDING, False), (Purpose.CREDIT, consents.WORDING, True)]


def test_the_page_marks_both_texts_and_asks_for_the_tick(case, client):
    town, number = case
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    where = f"/nominations/desk/publication/{number}"
    data = {"headline": "一句话", "story": f"{STORY}婆婆王秀兰瘫痪了。", "version": version(number), "do": "approve"}
    answer = client.post(f"{where}/text", data=data)
    assert answer.status_code == 422
    assert '<mark class="private" title="病情">瘫痪</mark>' in answer.text
    assert "王秀兰" in answer.text
    assert "都看过" in answer.text
    assert client.post(f"{where}/mentioned", data={"who": "王秀兰", "relation": "婆婆", "is_recognisable": "y", "agreement": "not_asked", "how": ""}).status_code == 303
    answer = client.post(f"{where}/text", data={**data, "version": version(number), "has_checked": "y"})
    assert "王秀兰认得出来" in answer.text
    db.session.rollback()
    row = mentions.of_case(number)[0].id
    asked = {"row": row, "who": "王秀兰", "relation": "婆婆", "is_recognisable": "y", "agreement": "agreed", "how": "in_person"}
    assert client.post(f"{where}/mentioned", data=asked).status_code == 303
    db.session.rollback()
    answer = client.post(f"{where}/text", data={**data, "version": version(number), "has_checked": "y"})
    assert answer.status_code == 303
    assert public(number) == [data["story"]]
    assert client.post(f"{where}/mentioned", data={"who": "", "relation": ""}).status_code == 422
