"""A certificate that was revoked says so wherever anybody can still see it: on paper, on the page of its number, in a letter."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from civic.core.db import db, transaction
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import Role
from civic.outbox.models import Message
from civic.volunteering.actions import certificates
from tests.support import builders
from tests.support.papers import RARE
from tests.support.refusals import refused
from tests.volunteering.test_attendance import settled


@pytest.fixture
def issued(app):
    """(the volunteer, the number, an organiser of the city)"""
    zebra = builders.crossing()
    actor = builders.volunteer("季春生", email="chunsheng@civic.example")
    shift = zebra.shifts()[0]
    settled(zebra, actor, shift)
    with transaction():
        number = certificates.issue(actor, first=shift.day, last=shift.day).number
        above = identity.actor_of(builders.account(Role.ORGANISER, db.session.merge(zebra.town.line[5])))
    return actor, number, above


def words_on(answer):
    return "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


def test_a_valid_one_says_nothing_of_revoking(issued, client):
    _actor, number, _above = issued
    client.sign_in("chunsheng@civic.example")
    assert "撤" not in words_on(client.get(f"/volunteering/certificates/{number}.pdf"))
    assert "有效" in client.words(client.get(f"/volunteering/verify/{number}"))


def test_a_revoked_one_says_so_on_paper_on_its_page_and_in_a_letter(issued, client):
    actor, number, above = issued
    assert refused(lambda: certificates.revoke(above, number, reason=" ")) == "reason_missing"
    with transaction():
        certificates.revoke(above, number, reason="代别人签到")
    assert refused(lambda: certificates.revoke(above, number, reason="再撤")) == "revoked_already"
    # Whoever has the paper asks without an account.
    page = client.words(client.get(f"/volunteering/verify/{number}"))
    assert "不再有效" in page
    assert "季春生" not in page
    client.sign_in("chunsheng@civic.example")
    paper = words_on(client.get(f"/volunteering/certificates/{number}.pdf"))
    assert "已撤销，不再有效" in paper
    assert "代别人签到" in paper
    assert "已 撤 销" in paper or "已撤销" in paper.replace("已撤销，不再有效", "", 1)
    letter = db.session.scalars(select(Message).where(Message.kind == "certificate_revoked")).one()
    assert letter.recipient_id == actor.user_id


def test_nobody_revokes_who_is_no_organiser_of_the_city_or_holds_it(issued):
    actor, number, _above = issued
    assert refused(lambda: certificates.revoke(actor, number, reason="不要了")) == "recused"
    stranger = builders.volunteer("路人")
    assert refused(lambda: certificates.revoke(stranger, number, reason="不要了")) == "not_permitted"


def test_a_name_that_no_font_has_is_said_before_the_certificate_and_printed_all_the_same(issued, client):
    actor, number, _above = issued
    with transaction():
        db.session.get(Person, actor.person_id).name = f"季{RARE}生"
    client.sign_in("chunsheng@civic.example")
    address = f"/volunteering/certificates/{number}.pdf"
    asked = client.get(address)
    assert (asked.status_code, asked.mimetype) == (409, "text/html")
    assert f"“{RARE}”打印不出来" in client.words(asked)
    assert f"季{RARE}生" in client.words(asked), "the screen may lack the sign too, so its neighbours are shown"
    assert 'method="get"' in asked.text
    assert 'name="anyway"' in asked.text
    paper = client.get(f"{address}?anyway=1")
    assert paper.data.startswith(b"%PDF")
    assert "生" in words_on(paper)
    assert "cannot be printed" in client.words(client.get(f"{address}?lang=en"))
