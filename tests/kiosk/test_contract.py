"""The API against its own description."""

from __future__ import annotations

import pytest

from civic.kiosk.states import Scope
from tests.support import builders
from tests.support.fuzzing import fuzz
from tests.support.tablets import machine, place, tablet


@pytest.fixture
def first(app):
    zebra = builders.crossing(most=4, kit="红马甲、小旗、哨")
    place(builders.volunteer("孙骏", phone="13900004821"), zebra.shifts()[0].id)
    return tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)


def test_the_document_is_openapi_3_1_and_names_every_error(app):
    found = machine(app).get("/api/openapi.json").json
    assert found["openapi"].startswith("3.1")
    assert sorted(found["paths"]) == [f"/api/kiosk/v1/{name}" for name in ("pair", "roster", "scans", "status", "walk-ins")]
    for path, methods in found["paths"].items():
        for operation in methods.values():
            assert "422" in operation["responses"]
            assert ("401" in operation["responses"]) == (not path.endswith("/pair"))
            assert "default" not in operation["responses"]


def test_hundreds_of_made_up_cases_are_answered_as_described(app, first):
    seen = fuzz(app, first.key, each=60)
    assert sum(seen.values()) >= 300
    assert not [label for label in seen if label[-3] == "5"]
    assert {label.split()[1] for label in seen if label.endswith(" 200")} >= {f"/api/kiosk/v1/{name}" for name in ("roster", "scans", "status")}
