"""Nominating and tracking without JavaScript, through the strict client."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from civic.core.db import db, transaction
from civic.identity.rules import Contact
from civic.nominations.models.cases import Nomination, Photo
from civic.nominations.models.voices import Voice
from civic.nominations.rules import links
from tests.support import builders
from tests.support.nominating import WHO, begin, code, prove, step, write
from tests.support.pictures import jpeg_with_place


@pytest.fixture
def town(app):
    return builders.city()


def count(table) -> int:
    db.session.rollback()  # look with fresh eyes: SQLite keeps showing what a transaction first saw
    return db.session.scalar(select(func.count()).select_from(table))


def test_a_phone_and_a_code_are_enough(client, town):
    answer = write(client, town, photo=jpeg_with_place((600, 400)))
    where = answer.headers["Location"]
    assert where.endswith("/proof")
    assert client.post(where, data={"code": "000000", "do": "submit"}).status_code == 422
    assert count(Nomination) == 0
    answer = prove(client, answer)
    assert answer.headers["Location"] == where.replace("/proof", "/done")
    assert "T2607-0001" in client.get(answer.headers["Location"]).text
    assert (count(Nomination), count(Voice), count(Photo)) == (1, 1, 1)


def test_sending_the_last_page_twice_makes_one_case(client, town):
    answer = write(client, town)
    right = code()
    for _ in range(2):
        client.post(answer.headers["Location"], data={"code": right, "do": "submit"})
    assert (count(Nomination), count(Voice)) == (1, 1)


def test_what_was_typed_is_kept_when_something_is_missing(client, town):
    answer = step(client, begin(client), 1, **{**WHO, "relation": "", "nominee_name": "缝补摊的陈阿姨"})
    assert answer.status_code == 422
    assert "缝补摊的陈阿姨" in answer.text
    assert "还有 2 处要补一下" in answer.text
    assert "有 2 处要补：" in re.search(r"<title>(.*?)</title>", answer.text)[1]
    goes_on = re.search(r'href="(/nominations/drafts/[^"]+/step/1)"', client.get("/nominations/start").text)[1]
    assert "缝补摊的陈阿姨" in client.get(goes_on).text


def test_a_wrong_code_five_times_uses_it_up(client, town):
    where = write(client, town).headers["Location"]
    right = code()
    for _ in range(5):
        client.post(where, data={"code": "000000", "do": "submit"})
    answer = client.post(where, data={"code": right, "do": "submit"})
    assert answer.status_code == 422
    assert "错了好几次" in answer.text
    assert count(Nomination) == 0


def test_a_neighbours_case_is_shown_and_joined(client, town):
    first = builders.voice(town.line[1])
    draft = begin(client)
    write(client, town, draft=draft)
    assert "已经有 1 位邻居推荐过" in client.get(f"{draft}4").text
    prove(client, write(client, town, contact="13800004822", join=first.nomination_id, draft=draft))
    assert (count(Nomination), count(Voice)) == (1, 2)


def test_a_file_that_lies_is_refused_and_nothing_is_stored(client, town):
    draft = begin(client)
    write(client, town, draft=draft)
    answer = step(client, draft, 3, headline="好", story=builders.STORY, summary="", do="next", photos=[(BytesIO(b"GIF89a no photo"), "a.jpg")])
    assert answer.status_code == 422
    assert "这不是我们能打开的照片" in answer.text
    assert "校门口有个缝补摊" in answer.text
    assert count(Photo) == 0


def test_unknown_reference_and_wrong_digits_get_the_same_answer(client, town):
    voice = builders.voice(town.line[1], contact=Contact("phone", "13800004821"))
    reference = db.session.get(Nomination, voice.nomination_id).reference
    answers = [
        client.words(client.post("/track", data={"reference": r, "tail": t})).replace(r, "")
        for r, t in ((reference, "9999"), ("T2607-9999", "4821"))
    ]
    assert answers[0] == answers[1]
    right = client.post("/track", data={"reference": reference.lower().replace("-", " "), "tail": "4821"})
    assert right.headers["Location"] == f"/track/t/{links.tracking_token(voice.id)}"
    assert "陈桂兰" in client.get(right.headers["Location"]).text
    assert client.get("/track/t/1.made-up").status_code == 404


def test_guessing_is_slowed_down(client, town):
    answers = [client.post("/track", data={"reference": "T2607-0001", "tail": f"{n:04d}"}).status_code for n in range(10)]
    assert answers == [422] * 8 + [429] * 2


def test_a_link_shows_the_case_to_its_nominator_only(client, town):
    one, two = builders.voice(town.line[1]), builders.voice(town.line[1], nominee_name="韩大川")
    assert "韩大川" not in client.get(f"/track/t/{links.tracking_token(one.id)}").text
    forged = links.tracking_token(one.id).replace(f"{one.id}.", f"{two.id}.")
    assert client.get(f"/track/t/{forged}").status_code == 404


def test_withdrawing_is_asked_twice_and_only_the_first_voice_may(client, town):
    one = builders.voice(town.line[1])
    two = builders.voice(town.line[1], join=one.nomination_id)
    mine, neighbours = (f"/nominations/withdraw/{links.tracking_token(voice.id)}" for voice in (one, two))
    assert (client.get(mine).status_code, client.get(neighbours).status_code) == (200, 200)
    assert client.post(neighbours).status_code == 409
    assert client.confirm(mine).status_code == 303


def test_a_complaint_is_received_and_answered(client, town):
    from civic.identity.permissions import Role

    client.get("/complaint")
    answer = client.post("/complaint", data={"words": "字太小", "about": "/roll", "contact": ""})
    where = answer.headers["Location"]
    assert "收到了" in client.get(where).text
    with transaction():
        builders.account(Role.CITY_ADMIN, town.line[5], email="admin@civic.example")
    client.sign_in("admin@civic.example")
    assert client.post("/desk/complaints/1", data={"answer": "大字版在右上角"}).status_code == 303
    assert client.post("/desk/complaints/1", data={"answer": "又答一次"}).status_code == 409
    assert "大字版在右上角" in client.get(where).text
