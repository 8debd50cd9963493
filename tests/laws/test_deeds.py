"""Every deed is on the list, and what cannot be taken back is written with the one mechanism and has its scene."""

from __future__ import annotations

import inspect

from tests.laws.deeds import DEEDS, Slip
from tests.web.test_deeds import PROVED_ELSEWHERE, SCENES

ASKS = sorted(name for name, (slip, _why) in DEEDS.items() if slip is Slip.ASKS)


def changing(app):
    return [rule for rule in app.url_map.iter_rules() if rule.methods & {"POST", "PUT", "PATCH", "DELETE"}]


def test_every_deed_is_on_the_list_and_nothing_else(whole_app):
    known, real = {name.partition(":")[0] for name in DEEDS}, {rule.endpoint for rule in changing(whole_app)}
    assert not real - known, (
        f"say in tests/laws/deeds.py what becomes of a slip of the finger at {sorted(real - known)}; "
        "what cannot be taken back uses civic.web.asking and gets a scene in tests/web/test_deeds.py"
    )
    assert not known - real, f"these are gone, take them off tests/laws/deeds.py: {sorted(known - real)}"


def test_what_is_said_to_ask_is_written_with_the_one_mechanism(whole_app):
    for name in ASKS:
        view = whole_app.view_functions[name.partition(":")[0]]
        source = inspect.getsource(inspect.unwrap(view))
        assert "ask(" in source or "ask_of(" in source or "rehears" in source or "PROOF" in source, f"{name} asks nothing: use civic.web.asking"


def test_everything_that_asks_has_a_scene():
    assert set(ASKS) == set(SCENES) | set(PROVED_ELSEWHERE), f"write a scene for {sorted(set(ASKS) - set(SCENES) - set(PROVED_ELSEWHERE))}"
