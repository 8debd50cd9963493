"""A draft is a thing at an address: its own, and of nobody else; and what is joined was offered to it."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from civic.core import clock, storage
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.honours import queries as roll
from civic.identity.permissions import NOBODY, Role
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, drafting, inquiring, protecting, submitting
from civic.nominations.models.cases import Draft, Nomination, Photo
from civic.nominations.models.voices import Voice
from civic.nominations.queries import cases
from civic.nominations.rules import links, telling
from tests.support import builders
from tests.support.client import strict_client
from tests.support.nominating import WHO, begin, prove, step, write
from tests.support.pictures import jpeg_with_place


@pytest.fixture
def town(app):
    return builders.city()


def count(table) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def seen(query):
    """What the requests before have left in the database."""
    db.session.rollback()
    return db.session.scalar(query)


def who(name: str) -> dict:
    return {**WHO, "nominee_name": name, "category": roll.category_by_code("ZRWL").id}


def test_a_new_draft_is_empty_of_the_one_before(client, town):
    write(client, town, photo=jpeg_with_place((600, 400)), name="陈桂兰", contact="13800004821", nominator_name="黄素芬")
    fresh = begin(client)
    assert "陈桂兰" not in client.get(f"{fresh}1").text
    assert step(client, fresh, 1, **who("韩大川")).status_code == 303
    assert 'checked' not in client.get(f"{fresh}2").text
    assert step(client, fresh, 2, region=town.line[2].id).status_code == 303
    third = client.get(f"{fresh}3").text
    assert "缝补摊" not in third
    assert "/nominations/photo/" not in third
    assert step(client, fresh, 3, headline="守桥三十年", story=builders.STORY).status_code == 303
    fourth = client.get(f"{fresh}4").text
    for words in ("13800004821", "黄素芬", "陈桂兰", "校门口缝补十二年"):
        assert words not in fourth


def test_two_tabs_are_two_people(client, town):
    one, two = begin(client), begin(client)
    step(client, one, 1, **who("陈桂兰"))
    step(client, two, 1, **who("韩大川"))
    step(client, one, 2, region=town.line[1].id)
    step(client, two, 2, region=town.other[2].id)
    step(client, two, 3, headline="守桥三十年", story=builders.STORY)
    step(client, one, 3, headline="校门口缝补十二年", story=builders.STORY)
    for draft, contact in ((two, "13800004822"), (one, "13800004821")):
        prove(client, step(client, draft, 4, nominator_name="黄素芬", contact=contact, truth="y"))
    db.session.rollback()
    found = db.session.execute(select(Nomination.nominee_name, Nomination.headline, Nomination.home_region_id)).all()
    assert {tuple(row) for row in found} == {
        ("陈桂兰", "校门口缝补十二年", town.line[1].id), ("韩大川", "守桥三十年", town.other[2].id)
    }  # fmt: skip


def test_both_tabs_end_on_a_page_of_their_own(client, town):
    answers = [prove(client, write(client, town, name=name, contact=contact)) for name, contact in (("陈桂兰", "13800004821"), ("韩大川", "13800004822"))]
    pages = [client.get(answer.headers["Location"]).text for answer in answers]
    assert "T2607-0001" in pages[0]
    assert "T2607-0002" in pages[1]


def test_the_first_page_sent_twice_at_once_begins_one_draft(app, client, town, engine_name):
    fresh = begin(client)
    key, ready = fresh.split("/")[3], Barrier(2)
    outcomes = []

    def send() -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    outcomes.append(drafting.keep(NOBODY, "holder", key, {"nominee_name": "陈桂兰"}).key)
            finally:
                db.session.remove()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [key, key]
    assert count(Draft) == 1


def test_what_lies_unfinished_is_listed_and_can_be_forgotten(client, town):
    drafts = [begin(client) for _ in range(2)]
    for draft, name in zip(drafts, ("陈桂兰", "韩大川"), strict=True):
        step(client, draft, 1, **who(name))
    step(client, drafts[0], 3, headline="好", story=builders.STORY, photos=[(BytesIO(jpeg_with_place((600, 400))), "a.jpg")], do="upload")
    key = seen(select(Photo.key))
    assert storage.is_kept(key)
    listed = client.get("/nominations/start").text
    assert "您有 2 份没写完的推荐" in listed
    # Whoever uses the device next learns no whole name.
    assert "陈桂兰" not in listed
    away = drafts[0].replace("step/", "removal")
    assert "找不回来" in client.get(away).text
    assert count(Draft) == 2
    assert client.post(away).status_code == 303
    assert (count(Draft), count(Photo)) == (1, 0)
    assert not storage.is_kept(key)
    # The address of what was forgotten begins from nothing.
    assert "陈桂兰" not in client.get(f"{drafts[0]}1").text


def test_the_old_addresses_lead_to_the_only_draft_or_to_the_choice(client, town):
    assert re.fullmatch(r"/nominations/drafts/[\w-]{43}/step/1", client.get("/nominations/start").headers["Location"])
    assert re.fullmatch(r"/nominations/drafts/[\w-]{43}/step/1", client.get("/nominations/step/1").headers["Location"])
    assert client.get("/nominations/step/3").headers["Location"] == "/nominations/start"
    draft = begin(client)
    step(client, draft, 1, **who("陈桂兰"))
    answer = client.post("/nominations/step/2", data={"region": town.line[1].id})
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{draft}2")
    step(client, begin(client), 1, **who("韩大川"))
    assert client.post("/nominations/step/2", data={"region": town.line[1].id}).headers["Location"] == "/nominations/start"


def others(app, town) -> list:
    """Somebody in another browser, and somebody signed in there."""
    with transaction():
        builders.account(email="other@civic.example")
    stranger, other = strict_client(app), strict_client(app)
    other.sign_in("other@civic.example")
    begin(stranger)
    return [stranger, other]


def test_nobody_else_opens_writes_or_removes_a_draft(app, client, town):
    draft = begin(client)
    write(client, town, draft=draft, photo=jpeg_with_place((600, 400)))
    thumbnail = seen(select(Photo.thumbnail_key))
    assert client.get(f"/nominations/photo/{thumbnail}").status_code == 200
    base = draft.removesuffix("step/")
    for other in others(app, town):
        for n in (1, 2, 3, 4):
            assert other.get(f"{draft}{n}").status_code == 404
            assert step(other, draft, n, **who("坏人")).status_code == 404
        assert other.post(f"{base}autosave/1", data=who("坏人")).status_code == 404
        assert other.get(f"{base}proof").status_code == 404
        assert other.post(f"{base}proof", data={"code": "000000"}).status_code == 404
        assert other.get(f"{base}removal").status_code == 404
        assert other.post(f"{base}removal").status_code == 404
        assert other.get(f"{base}done").status_code == 404
        assert other.get(f"/nominations/photo/{thumbnail}").status_code == 404
        assert "陈" not in client.words(other.get("/nominations/start?anew=1"))
    assert "陈桂兰" in client.get(f"{draft}4").text


def test_a_draft_of_an_account_follows_it_and_stays_behind_for_nobody(app, client, town):
    with transaction():
        builders.account(email="me@civic.example")
        builders.account(email="next@civic.example")
    draft = begin(client)
    step(client, draft, 1, **who("陈桂兰"))
    client.sign_in("me@civic.example")
    # Begun before signing in, taken along by going on.
    assert step(client, draft, 2, region=town.line[1].id).status_code == 303
    elsewhere = strict_client(app)
    elsewhere.sign_in("me@civic.example")
    assert "陈桂兰" in elsewhere.get("/nominations/start").text
    assert elsewhere.get(f"{draft}3").status_code == 200
    client.post("/identity/sign_out")
    assert client.get(f"{draft}3").status_code == 404
    client.sign_in("next@civic.example")
    assert client.get(f"{draft}3").status_code == 404


def test_on_a_shared_device_a_draft_is_gone_after_half_an_hour(client, town):
    draft = begin(client)
    step(client, draft, 1, **who("陈桂兰"), is_on_shared_device="y")
    assert "没写完的推荐" in client.get("/nominations/start").text
    clock.advance(timedelta(minutes=31))
    assert client.get(f"{draft}2").status_code == 404
    assert client.get("/nominations/start").status_code == 302
    with transaction():
        assert drafting.purge_old() == 1
    assert count(Draft) == 0


def test_who_wrote_does_not_wait_in_a_browser_that_nobody_signed_in_at(client, town):
    draft = begin(client)
    write(client, town, draft=draft, contact="13800004821")
    assert "13800004821" in client.get(f"{draft}4").text
    clock.advance(timedelta(minutes=31))
    fourth = client.get(f"{draft}4").text
    assert "13800004821" not in fourth
    assert "黄素芬" not in fourth
    assert "校门口缝补十二年" in fourth
    assert client.get(draft.replace("step/", "proof")).headers["Location"] == f"{draft}4"


def test_the_page_that_thanks_is_gone_after_half_an_hour(client, town):
    where = prove(client, write(client, town)).headers["Location"]
    assert "/track/t/" in client.get(where).text
    assert client.get(where).headers["Cache-Control"] == "no-store"
    clock.advance(timedelta(minutes=31))
    assert client.get(where).headers["Location"] == "/track"


def test_drafts_have_limits(client, town):
    for n in range(telling.DRAFTS_MOST):
        assert step(client, begin(client), 1, **who(f"好人{n}")).status_code == 303
    key = "x" * 43
    answer = client.post(f"/nominations/drafts/{key}/step/1", data=who("再一位"))
    assert answer.status_code == 409
    assert "再一位" in answer.text
    assert "已经有 5 份没写完的推荐" in answer.text
    assert count(Draft) == telling.DRAFTS_MOST
    assert "重新推荐一位" not in client.get("/nominations/start?anew=1").text


def test_a_draft_does_not_swell(client, town):
    draft = begin(client)
    step(client, draft, 1, **who("陈桂兰"))
    step(client, draft, 2, region=town.line[1].id)
    answer = step(client, draft, 3, headline="好", story="长" * 40_000)
    assert answer.status_code == 422
    assert "写得太长了" in answer.text
    assert "长长长" in answer.text
    assert len(seen(select(Draft)).answers) < 10_000


def test_one_phone_sends_so_many_a_day(client, town):
    with transaction():
        user = builders.account(phone="13800004821")
    client.sign_in("13800004821")
    for n in range(20):
        assert write(client, town, name=f"好人{n}").status_code == 303
    answer = write(client, town, name="第二十一位")
    assert answer.status_code == 422
    assert "试得太勤了" in answer.text
    assert count(Nomination) == 20
    assert user.phone == "13800004821"


# ---------------------------------------------------------------------------------------------------------------------
# Joining


def drafted(client, town, **changes) -> str:
    draft = begin(client)
    write(client, town, draft=draft, **changes)
    return draft


def send_joining(client, town, draft, case):
    return step(client, draft, 4, nominator_name="外人", contact="13800009999", truth="y", join=case)


@pytest.fixture
def not_offered(town) -> dict[str, int]:
    """Open cases that the answers of 陈桂兰's draft do not bring up."""
    made = {
        "another name": builders.voice(town.line[1], nominee_name="韩大川").nomination_id,
        "another community": builders.voice(town.other[2]).nomination_id,
        "another class": builders.voice(town.line[1], category_id=roll.category_by_code("XLAQ").id).nomination_id,
        "a child": builders.voice(town.line[1], nominee_is_minor=True).nomination_id,
        "protected": builders.voice(town.line[1], category_id=roll.category_by_code("JYYW").id).nomination_id,
        "nothing": 10**9,
    }
    with transaction():
        protecting.protect(town.actor(1), made["protected"], reason="报复过一次，要保护")
    return made


@pytest.mark.parametrize("which", ["another name", "another community", "another class", "a child", "protected", "nothing"])
def test_a_case_that_was_not_offered_is_not_joined(client, town, not_offered, which):
    voices = count(Voice)
    kind = "JYYW" if which == "protected" else "ZRWL"
    draft = drafted(client, town, kind=kind)
    answer = send_joining(client, town, draft, not_offered[which])
    assert answer.status_code == 422
    assert "是不是同一件事" in answer.text
    assert count(Voice) == voices
    # Also not by what was kept before, nor past the page.
    with transaction(), pytest.raises(DomainError) as refusal:
        submitting.submit(NOBODY, builders.answers(town.line[1], category_id=roll.category_by_code(kind).id), Contact("phone", "13800009999"), join_id=not_offered[which])
    assert refusal.value.code == "join_not_offered"
    assert count(Voice) == voices


def test_what_ended_since_it_was_offered_is_not_joined(client, town):
    first = builders.voice(town.line[1])
    draft = drafted(client, town)
    answer = send_joining(client, town, draft, first.nomination_id)
    assert answer.status_code == 303
    with transaction():
        submitting.withdraw(cases.voice_by_id(first.id))
    answer = prove(client, answer)
    assert answer.status_code == 409
    assert "另外推荐" in answer.text
    assert count(Voice) == 1


def test_a_childs_or_a_protected_case_is_shown_to_no_stranger(client, town, not_offered):
    for kind in ("ZRWL", "JYYW"):
        assert "位邻居推荐过" not in client.get(f"{drafted(client, town, kind=kind)}4").text


def test_only_the_first_voice_supplements_and_withdraws(client, town):
    first = builders.voice(town.line[1])
    second = builders.voice(town.line[1], join=first.nomination_id)
    with transaction():
        deciding.return_for_supplement(town.actor(1), first.nomination_id, reason="请补一件具体的事", expected=builders.version(first.nomination_id))
    link = links.tracking_token(second.id)
    page = client.get(f"/track/t/{link}").text
    assert "/nominations/supplement/" not in page
    assert "/nominations/withdraw/" not in page
    assert client.get(f"/nominations/supplement/{link}").headers["Location"] == f"/track/t/{link}"
    assert client.post(f"/nominations/supplement/{link}", data={"story": "改" * 80, "version": 2}).status_code == 302
    with transaction(), pytest.raises(DomainError) as refusal:
        submitting.resubmit(cases.voice_by_id(second.id), story="改" * 80, words="")
    assert refusal.value.code == "not_first_voice"
    assert db.session.get(Nomination, first.nomination_id).story == builders.STORY
    assert client.get(f"/nominations/supplement/{links.tracking_token(first.id)}").status_code == 200


def test_a_tip_joins_only_what_its_reader_may_triage(town):
    case = builders.voice(town.line[1]).nomination_id
    with transaction():
        clue = inquiring.leave_clue(who="陈桂兰", place="桥东", category_id=roll.category_by_code("ZRWL").id, deed="缝补十二年", contact="13800001234").id
        triager = builders.identity.actor_of(builders.account(Role.REVIEWER, db.session.merge(town.other[4])))
    for number in (case, 10**9):
        with transaction(), pytest.raises(DomainError) as refusal:
            inquiring.merge_clue(town.actor(5), clue, number) if number != case else inquiring.merge_clue(triager, clue, number)
        assert refusal.value.status == 404
    with transaction():
        inquiring.merge_clue(town.actor(5), clue, case)
    assert count(Voice) == 2
