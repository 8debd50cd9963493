"""Laws of the templates: all parse, every status, deed and letter has its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from civic.nominations.states import Status, Verb
from civic.outbox.delivery import known_kinds

ROOT = Path(__file__).parents[2] / "templates"
NEVER_IN_HISTORY = {Verb.SUBMIT}


@pytest.mark.parametrize("path", sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.*")))
def test_every_template_parses(whole_app: Flask, path: str) -> None:
    whole_app.jinja_env.get_template(path)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_template(status: Status) -> None:
    assert (ROOT / f"nominations/status/{status.value}.html").exists()


@pytest.mark.parametrize("verb", sorted(set(Verb) - NEVER_IN_HISTORY))
def test_every_deed_has_its_line_in_the_log(verb: Verb) -> None:
    assert (ROOT / f"nominations/timeline/{verb.value}.html").exists()


def test_every_letter_has_its_template(whole_app: Flask) -> None:
    missing = [kind for kind in known_kinds() if not (ROOT / f"letters/{kind}.txt").exists()]
    assert not missing, f"write templates/letters/<kind>.txt for {missing}"


def test_nothing_stands_inline() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {mark}"
        for path in ROOT.rglob("*.html")
        for mark in (' style="', "<style", " onclick=", " onchange=")
        if mark in path.read_text(encoding="utf-8")
    ]
    assert not faults, f"the content policy forbids inline styles and scripts: {faults}"
