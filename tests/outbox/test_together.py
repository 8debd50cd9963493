"""One letter for each person and deed: rows of a group go out as one, what is no longer due drops out alone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select

from civic.core.db import db, deed, transaction
from civic.identity.rules import Contact
from civic.nominations.actions import deciding, undoing
from civic.outbox import actions as outbox
from civic.outbox import delivery
from civic.outbox.delivery import Address, Kind, deliver_due
from civic.outbox.models import Message, MessageStatus
from tests.support import builders

pytestmark = pytest.mark.usefixtures("app")


def rows():
    db.session.expire_all()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def endorse(town, case, level):
    with transaction():
        return deciding.endorse(town.actor(level), case, expected=builders.version(case)).id


def climbing_case():
    town = builders.city()
    voice = builders.voice(town.line[1], contact=Contact("email", "huang@civic.example"))
    deliver_due()
    return town, voice.nomination_id


def test_a_case_that_climbs_fast_brings_one_letter(smtp, time):
    town, case = climbing_case()
    for level in (1, 2, 3):
        endorse(town, case, level)
        time.advance(timedelta(seconds=1))
    time.advance(timedelta(minutes=12))
    while deliver_due():
        pass
    _received, climb = smtp.letters
    assert "走了 3 步" in str(climb["Subject"])
    body = climb.get_content()
    assert [body.count(f"{n}. ") for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    told = [row for row in rows() if row.kind == "endorsed"]
    assert {row.status for row in told} == {MessageStatus.SENT}
    assert [row.sent_with_id for row in told] == [None, told[0].id, told[0].id]


def test_a_step_waits_for_the_next_of_the_same_half_hour_but_no_longer(smtp, time):
    town, case = climbing_case()
    endorse(town, case, 1)
    time.advance(timedelta(minutes=8))
    endorse(town, case, 2)
    time.advance(timedelta(minutes=4))  # the first is due, the second not yet
    assert deliver_due() == 0
    time.advance(timedelta(minutes=8))
    assert deliver_due() == 2
    endorse(town, case, 3)
    time.advance(timedelta(minutes=35))
    endorse(town, case, 4)
    assert deliver_due() == 1
    assert len(smtp.letters) == 3


def test_a_step_taken_back_is_not_among_those_that_are_told(smtp, time):
    town, case = climbing_case()
    endorse(town, case, 1)
    step = endorse(town, case, 2)
    with transaction():
        undoing.undo(town.actor(2), step)
    time.advance(timedelta(minutes=15))
    while deliver_due():
        pass
    assert "通过了" in str(smtp.letters[-1]["Subject"])
    assert Counter(row.status for row in rows() if row.kind == "endorsed") == {MessageStatus.SENT: 1, MessageStatus.DROPPED: 1}


@pytest.fixture
def bulletins(app, monkeypatch):
    """A kind of letter whose rows are told together."""
    kind = Kind(
        still_due=lambda m: m.fact("part") != "gone",
        address=lambda m: Address("email", f"{m.recipient_id}@civic.example", ""),
        context=lambda m: {"part": m.fact("part")},
        hearer=lambda m: None,
    )
    known = delivery._kinds
    monkeypatch.setattr(delivery, "_kinds", {**known, "bulletin": kind})
    texts = {
        "letters/bulletin.txt": "主题：一个\n\n{{ part }}",
        "letters/together/bulletin.txt": "主题：{{ rows | length }} 个\n\n{% for row in rows %}{{ row.part }};{% endfor %}",
    }
    env = app.jinja_env
    monkeypatch.setattr(env, "loader", ChoiceLoader([DictLoader(texts), env.loader]))


def tell(*parts, to=1):
    for part in parts:
        outbox.enqueue("bulletin", f"{deed()}:{part}:{to}", ("user", to), group=outbox.of_this_deed("bulletin"), part=part)


@pytest.mark.usefixtures("bulletins")
def test_ten_rows_of_one_deed_are_one_letter_for_each_person(smtp):
    with transaction():
        tell(*"abcdefghij")
        tell("a", to=2)
    while deliver_due():
        pass
    assert [(m["To"].addresses[0].addr_spec, str(m["Subject"]).strip()) for m in smtp.letters] == [
        ("1@civic.example", "10 个"), ("2@civic.example", "一个"),
    ]  # fmt: skip
    assert smtp.letters[0].get_content().strip() == "a;b;c;d;e;f;g;h;i;j;"


@pytest.mark.usefixtures("bulletins")
def test_two_deeds_are_two_letters_and_what_is_over_is_not_listed(smtp):
    for part in ("first", "second"):
        with transaction():
            tell(part, "gone", "more")
    while deliver_due():
        pass
    assert [m.get_content().strip() for m in smtp.letters] == ["first;more;", "second;more;"]
    assert Counter(row.status for row in rows()) == {MessageStatus.SENT: 4, MessageStatus.DROPPED: 2}


@pytest.mark.usefixtures("bulletins")
def test_a_letter_of_many_that_fails_is_tried_again_as_one(smtp, time):
    with transaction():
        tell("a", "b")
    smtp.refuse = 1
    assert deliver_due() == 0
    assert {(row.status, row.attempts, row.problem) for row in rows()} == {(MessageStatus.WAITING, 1, "refused_451")}
    time.advance(timedelta(minutes=2))
    assert deliver_due() == 2
    assert len(smtp.letters) == 1


def test_every_family_has_the_template_that_tells_several(app):
    """Whoever writes a group writes its letter: `letters/together/<family>.txt`."""
    root = Path(app.root_path)
    source = "\n".join(p.read_text(encoding="utf-8") for p in root.rglob("*.py"))
    families = set(re.findall(r'of_this_deed\("(\w+)"\)', source)) | set(re.findall(r'\bgroup\s*=\s*f?"(\w+):', source))
    assert "climb" in families
    missing = [name for name in families if not (root.parent / f"templates/letters/together/{name}.txt").exists()]
    assert not missing, f"write templates/letters/together/<family>.txt for {missing}"
