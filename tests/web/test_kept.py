"""An id from a form is no offer: keys of files, rows, rounds, people and cases that the page did not offer to this actor."""

from __future__ import annotations

import io
import re

import pytest

from civic.core import sheets, storage
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.core.images import blank_sheet
from civic.identity.models import ConsentMethod
from civic.identity.permissions import Role
from civic.nominations.actions import deciding, publishing, rounds
from civic.nominations.models.mentioned import Agreement, Mentioned
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.paper import PaperSheet
from tests.support import builders
from tests.support.pictures import jpeg_with_place


@pytest.fixture
def town(app):
    return builders.city()


def count(table) -> int:
    db.session.rollback()
    return db.session.query(table).count()


def test_a_paper_sheet_takes_no_key_that_was_not_handed_out_for_it(client, town):
    zebra = builders.crossing(town)
    shift, who = zebra.shifts()[0], builders.volunteer()
    from civic.core import clock
    from civic.volunteering.actions import signing

    with transaction():
        place = signing.sign_up(who, shift.id, has_read_briefing=True).id
    clock.freeze(shift.ends_at)
    foreign = storage.keep(blank_sheet(), "jpg")
    client.sign_in(zebra.leader.phone)
    where, lines = f"/volunteering/lists/{shift.id}/paper", {f"came-{place}": "7:25", f"went-{place}": "9点1刻半"}
    for key in (foreign, f"{foreign}~", f"{foreign}~{'0' * 40}", f"{foreign}~é"):
        answer = client.post(where, data={**lines, f"went-{place}": "9:00", "photo_key": key})
        assert answer.status_code == 422
        assert "请拍一张签到表" in answer.text
    assert count(PaperSheet) == 0
    answer = client.post(where, data={**lines, "photo": (io.BytesIO(jpeg_with_place((600, 400))), "a.jpg")}, content_type="multipart/form-data")
    key = re.search(r'name="photo_key" value="([^"]+)"', answer.text)[1]
    # What was handed out for one shift is nothing for another.
    other = zebra.shifts()[1]
    clock.freeze(other.ends_at)
    assert client.post(f"/volunteering/lists/{other.id}/paper", data={"photo_key": key}).status_code == 422
    assert client.post(where, data={**lines, f"went-{place}": "9:00", "photo_key": key}).status_code == 303


def test_a_sheet_of_places_is_read_from_no_key_of_another(client, town):
    with transaction():
        for who in ("one", "two"):
            builders.account(Role.REGION_ADMIN, db.session.merge(town.line[4]), email=f"{who}@civic.example")
    foreign = storage.keep(sheets.write("表", [("一", 10)], [["甲"]]), "xlsx")
    client.sign_in("one@civic.example")
    where = f"/regions/desk/sheet/{town.line[2].id}"
    for key in (foreign, f"{foreign}~{'0' * 40}"):
        answer = client.post(where, data={"kept": key})
        assert answer.status_code != 303
    assert storage.is_kept(foreign)


def test_a_row_of_another_case_is_not_changed(client, town):
    mine, other = (builders.climbed(town, 2, nominee_name=name).id for name in ("陈桂兰", "韩大川"))
    with transaction():
        row = publishing.record_mentioned(
            town.actor(2), other, name="李四", relation="邻居", is_recognisable=True, agreement=Agreement.AGREED, method=ConsentMethod.IN_PERSON
        ).id
        builders.account(Role.REVIEWER, db.session.merge(town.line[2]), email="desk@civic.example")
    client.sign_in("desk@civic.example")
    sent = {"who": "王五", "relation": "同事", "agreement": "agreed", "how": "in_person", "row": row}
    assert client.post(f"/nominations/desk/publication/{mine}/mentioned", data=sent).status_code == 404
    assert client.post(f"/nominations/desk/publication/{mine}/mentioned/{row}/removal").status_code == 404
    db.session.rollback()
    assert db.session.get(Mentioned, row).name == "李四"
    assert client.post(f"/nominations/desk/publication/{mine}/consent_withdrawal", data={"purpose": "everything"}).status_code == 404


def test_a_round_takes_back_only_what_stands_on_its_own_list(town):
    for level in (3, 4):
        builders.by_round(level, council=builders_council())
    case = builders.climbed(town, 3).id
    street, county = builders.round_(town, 3), builders.round_(town, 4)
    with transaction():
        deciding.pass_on(town.actor(3), case, expected=builders.version(case))
    builders.publishable(town, case, 3)
    with transaction():
        rounds.propose(town.actor(3), street, case, upward=True)
    with transaction(), pytest.raises(DomainError) as refusal:
        rounds.recall(town.actor(4), county, case, reason="手滑")
    assert refusal.value.code == "other_region"
    with transaction():
        rounds.recall(town.actor(3), street, case, reason="材料要再看")


def builders_council():
    from civic.nominations.models.levels import Council

    return Council.NONE


def test_who_runs_an_event_signs_up_on_its_page_only_the_family(client, town):
    zebra = builders.crossing(town)
    stranger = builders.volunteer("别人家的人")
    with transaction():
        builders.account(Role.ORGANISER, db.session.merge(town.line[3]), email="organiser@civic.example")
    client.sign_in("organiser@civic.example")
    answer = client.post(f"/volunteering/events/{zebra.event_id}", data={"shift": zebra.shifts()[0].id, "person": stranger.person_id, "has_read_briefing": "y"})
    assert answer.status_code == 404
    assert count(SignUp) == 0
