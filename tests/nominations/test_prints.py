"""Paper says what the rows say: the text is taken out of each PDF again and compared."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from civic.audit.models import AuditRecord
from civic.core import clock, pdf
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.nominations import files
from civic.nominations.actions import councils, deciding, noticing, rounds, settling
from civic.nominations.files import minutes
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases
from civic.nominations.queries import rounds as queries
from tests.support import builders
from tests.support.builders import PASSWORD
from tests.support.papers import RARE


@pytest.fixture
def street(app):
    """A street whose council met on paper and whose list hangs: (town, round, meeting, case)."""
    town = builders.city()
    builders.by_round(3)
    case = builders.climbed(town, 3, story="“引号”与#井号、[方括号]、*星号*、$美元$：" + builders.STORY).id
    with transaction():
        deciding.pass_on(town.actor(3), case, expected=builders.version(case))
    builders.council(town.line[3])
    round_id = builders.round_(town, 3)
    with transaction():
        meeting = councils.open_meeting(town.actor(3), round_id, held_on=clock.today(), is_secret=True, is_on_paper=True).id
    builders.on_paper(town, 3, meeting, {case: (3, 1, 1)})
    with transaction():
        settling.close_meeting(town.actor(3), meeting, minutes_key="00/" + "a" * 30 + ".jpg")
    builders.publishable(town, case, 3)
    with transaction():
        rounds.propose(town.actor(3), round_id, case, upward=True)
    with transaction():
        noticing.publish(town.actor(3), round_id)
    return town, round_id, meeting, case


def words_in(data):
    if isinstance(data, dict):
        return [w for key, value in data.items() if key != "qr" for w in words_in(value)]
    if isinstance(data, list):
        return [w for part in data for w in words_in(part)]
    return [] if isinstance(data, bool) else [str(data)]


def squeezed(words):
    return "".join(words.split())


def same_on_paper(kind, data):
    reader = PdfReader(BytesIO(pdf.printed(kind, data)))
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    missing = [w for w in words_in(data) if squeezed(w) not in text]
    assert not missing
    return reader, text


def test_every_print_says_what_the_rows_say(street):
    town, round_id, meeting, case = street
    actor = town.actor(3)
    reader, text = same_on_paper("recommendation", files.recommendation_of(cases.in_reach_of(actor, case)))
    assert len(reader.pages) == 2
    assert "☑同意公开姓名" in text
    same_on_paper("notice", files.notice_of(queries.in_reach_of(actor, round_id)))
    same_on_paper("summary", files.summary_of(queries.in_reach_of(actor, round_id)))
    same_on_paper("consultation", files.consultation_of(cases.in_reach_of(actor, case)))
    assert len(same_on_paper("slip", files.slip_of(town.line[1]))[0].pages) == 1
    same_on_paper("minutes", minutes.minutes_of(queries.meeting_by_id(meeting)))


def test_the_notice_names_no_door_and_no_phone(street):
    town, round_id, _meeting, _case = street
    _reader, text = same_on_paper("notice", files.notice_of(queries.in_reach_of(town.actor(3), round_id)))
    assert "3栋2单元" not in text
    assert "138" not in text


def test_a_long_story_runs_on_and_loses_no_word(street):
    town, *_rest, case = street
    data = files.recommendation_of(cases.in_reach_of(town.actor(3), case))
    data["story"] = [f"第{n}段。" + builders.STORY for n in range(1, 30)]
    reader, text = same_on_paper("recommendation", data)
    assert len(reader.pages) > 2
    assert f"共{len(reader.pages)}页" in text


def test_whoever_takes_paper_is_on_the_record(street, client):
    town, round_id, meeting, case = street
    clock.advance(timedelta(seconds=1))
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
        builders.account(Role.REVIEWER, town.other[3], email="other@civic.example")
    client.sign_in("desk@civic.example", PASSWORD)
    for path in (f"recommendation/{case}", f"notice/{round_id}", f"summary/{round_id}", f"minutes/{meeting}", f"consultation/{case}"):
        answer = client.post(f"/nominations/desk/prints/{path}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), path
        assert answer.data.startswith(b"%PDF")
    db.session.rollback()
    taken = set(db.session.scalars(select(AuditRecord.verb).where(AuditRecord.verb.startswith("print."))))
    assert taken == {"print.recommendation", "print.notice", "print.summary", "print.minutes", "print.consultation"}
    assert client.get(f"/nominations/slip?at={town.line[1].id}").data.startswith(b"%PDF")
    client.sign_in("other@civic.example", PASSWORD)
    assert client.post(f"/nominations/desk/prints/recommendation/{case}").status_code == 404
    assert db.session.get(Nomination, case) is not None


def test_signs_that_no_font_has_are_said_before_printing_and_only_paper_is_recorded(street, client):
    town, *_rest, case = street
    with transaction():
        builders.account(Role.REVIEWER, town.line[3], email="desk@civic.example")
        found = db.session.get(Nomination, case)
        found.nominee.name = found.nominee_name = f"陈{RARE}兰"
    client.sign_in("desk@civic.example", PASSWORD)
    for kind, verb, sent in (("recommendation", "print.recommendation", {}), ("dossier", "sheet.download", {"purpose": "check"})):
        address, record = f"/nominations/desk/prints/{kind}/{case}", select(func.count()).where(AuditRecord.verb == verb)
        asked = client.post(address, data=sent)
        assert asked.status_code == 409, kind
        assert f"“{RARE}”打印不出来" in client.words(asked)
        assert all(f'name="{name}" value="{value}"' in asked.text for name, value in sent.items())
        assert db.session.scalar(record) == 0
        assert client.post(address, data={**sent, "anyway": "1"}).data.startswith(b"%PDF")
        db.session.rollback()
        assert db.session.scalar(record) == 1
