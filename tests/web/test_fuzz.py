"""A short form of `python -m benchmarks.fuzz`: every route, as everybody, with what no page expects. The long one is in `make prove`."""

from __future__ import annotations

import pytest

from civic.core.db import transaction
from civic.identity.permissions import Role
from tests.support import builders
from tests.support.everywhere import Everywhere

SEED = 13
CASES = 600


@pytest.fixture
def people(app):
    """A small city with a case at each desk, an event, and somebody of each role."""
    town = builders.city()
    for level in (1, 2, 3):
        builders.climbed(town, level)
    builders.crossing(most=4)
    roles = {"reviewer": (Role.REVIEWER, 2), "organiser": (Role.ORGANISER, 3), "admin": (Role.CITY_ADMIN, 5), "auditor": (Role.AUDITOR, 5)}
    with transaction():
        builders.account(email="resident@civic.example")
        for name, (role, level) in roles.items():
            builders.account(role, town.line[level], email=f"{name}@civic.example")
    before, app.config["WTF_CSRF_ENABLED"] = app.config.get("WTF_CSRF_ENABLED"), False
    yield {name: f"{name}@civic.example" for name in ("resident", *roles)}
    app.config["WTF_CSRF_ENABLED"] = True if before is None else before


def test_no_input_of_anybody_is_a_failure_of_ours_and_every_refusal_says_why(app, people):
    everywhere = Everywhere(app, people, seed=SEED, password=builders.PASSWORD)
    everywhere.enter()
    everywhere.look_around()
    everywhere.sweep(each=2)
    everywhere.go(CASES)
    assert not everywhere.faults, "\n".join(everywhere.faults)
    assert len(everywhere.touched) > len(everywhere.rules) * 0.9
