"""Who may do what, over the whole map of addresses: each POST and each GET by every role, for things of either branch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from civic.core import clock, crypto, storage
from civic.identity.permissions import TABLE, Permission, Role
from tests.conftest import KEYS, START, _empty
from tests.support import matrix, pristine, world
from tests.support.matrix import Asker

# What is written also for who is refused: tries that are counted.
NOT_DEEDS = {"attempt"}
# Anybody may do these to a thing anywhere in the city: that is what they are for.
FOR_EVERYBODY = {
    "nominations.objection": "whoever reads a public notice may object to it",
    "nominations.react_to_notice": "whoever reads a public notice may react",
    "nominations.react_to_story": "whoever reads a story may react",
    "volunteering.sign_up": "a volunteer serves wherever there is an event",
    "points.redeem": "points of one place are good in the whole city",
    "identity.residence": "whoever moves says where to",
}
# What nobody in this city can do just then, and where it is tried instead.
NOT_HERE = {
    "nominations.draft_autosave": "a draft has to be begun first: tests/nominations/test_drafts.py",
    "nominations.draft_removal": "likewise",
    "nominations.react_to_story": "nothing is published yet in the first ten minutes: tests/nominations/test_reactions.py",
    "pages.track": "a reference and the digits that belong to it: tests/nominations/test_views.py",
    "nominations.objection_again": "an objection that was answered: tests/nominations/test_second_looks.py",
}
OPEN_TO_READ: dict[str, str] = {}


@dataclass
class Stage:
    """The city, everybody in it, and what puts it back."""

    app: Flask
    world: world.World
    everybody: list[Asker]
    kept: pristine.Pristine
    forms: matrix.Forms
    now: datetime

    def deeds(self) -> list[str]:
        """The tables that were written since the last look, but for tries that are counted and refusals that are recorded."""
        written = self.kept.look()
        if all(any(isinstance(v, str) and "refus" in v for v in row) for row in written.get("audit_record", ())):
            written.pop("audit_record", None)
        return sorted(set(written) - NOT_DEEDS)

    def mentions_there(self, written: dict) -> list[str]:
        """The tables in which something was written about a thing of the other branch."""
        return sorted(name for name, rows in written.items() if name not in NOT_DEEDS and any(self._of_there(name, row) for row in rows))

    def _of_there(self, name: str, row: tuple) -> bool:
        # A new row's own number may by chance be one that something else has.
        own = (name, "there") in self.world.whose.get(row[0], ()) if isinstance(row[0], int) else False
        return own or any(isinstance(v, int) and self.world.is_there(v) for v in row[1:])


@pytest.fixture(scope="module")
def stage(whole_app) -> Iterator[Stage]:
    """The world, built once, and everybody signed in."""
    crypto.configure(KEYS)
    storage.configure(Path(whole_app.config["UPLOAD_FOLDER"]))
    clock.freeze(START)
    with whole_app.app_context():
        built = world.build(whole_app)
        everybody = matrix.askers(whole_app, built)
        with pristine.kept() as kept:
            yield Stage(whole_app, built, everybody, kept, matrix.Forms(whole_app, built, everybody), clock.now())
        _empty(whole_app)


@pytest.fixture(autouse=True)
def today(stage, time) -> None:
    time.freeze(stage.now)


def holds(asker: Asker) -> frozenset[Permission]:
    role = asker.name.split("-")[0]
    return TABLE[Role(role)] if role in {r.value for r in Role} else frozenset()


def test_nobody_writes_what_they_may_not_and_nothing_breaks(stage):
    faults, answers, done = [], Counter(), defaultdict(set)
    for target in matrix.targets(stage.app, stage.world, "POST"):
        if target.access in ("device", "keyless"):
            continue
        data = stage.forms.data_for(target)
        for asker in stage.everybody:
            if not matrix.is_worth_asking(asker, target, holds(asker)):
                continue
            answer = asker.do(target.path, data)
            written = stage.deeds()
            answers[answer.status_code] += 1
            what = f"{asker.name} POST {target.path} ({target.endpoint}): {answer.status_code}"
            if answer.status_code >= 500:
                faults.append(what)
            if answer.status_code < 400:
                done[target.endpoint].add(asker.name)
            if written and target.endpoint not in FOR_EVERYBODY and matrix.may_never(asker, target, holds(asker)):
                faults.append(f"{what}, wrote {written}")
    assert not faults, "\n".join(faults)
    never = {t.endpoint for t in matrix.targets(stage.app, stage.world, "POST") if t.access not in ("device", "keyless")} - set(done)
    assert never <= set(NOT_HERE), f"nobody could do these; let the world have what they need: {sorted(never - set(NOT_HERE))}"


def test_no_page_breaks_and_none_of_another_region_opens(stage):
    faults = [f"{endpoint}: {status}" for endpoint, status in stage.forms.opened.items() if status >= 500]
    for target in matrix.targets(stage.app, stage.world, "GET"):
        for asker in stage.everybody:
            if target.branch == "here" and asker.branch != "there":
                continue
            if not isinstance(target.access, Permission) or target.branch == asker.branch or asker.branch == "city":
                continue
            answer = asker.ask("GET", target.path)
            if answer.status_code >= 500 or (answer.status_code == 200 and target.is_known and target.endpoint not in OPEN_TO_READ):
                faults.append(f"{asker.name} GET {target.path} ({target.endpoint}): {answer.status_code}")
    assert not stage.kept.look(), "a GET wrote"
    assert not faults, "\n".join(faults)


def test_a_number_of_another_region_in_any_field_changes_nothing_there(stage):
    faults, tried = [], 0
    for asker, page, form in stage.forms.of:
        if asker.branch != "here":
            continue
        for name, offer in form.fields.items():
            # A pick of the queue is "number-version", a kiosk's thing "event:number".
            for given in {v for v in [offer.value, *offer.choices] if v and world.NUMBER.search(v)}:
                number = world.NUMBER.search(given)[0]
                for other in stage.world.others(int(number))[:3]:
                    tried += 1
                    sent = {**form.filled(), name: given.replace(number, str(other), 1)}
                    answer = asker.do(form.action, sent)
                    written = stage.kept.look()
                    what = f"{asker.name} on {page}: POST {form.action} {name}={sent[name]}: {answer.status_code}"
                    if answer.status_code >= 500:
                        faults.append(what)
                    if stage.mentions_there(written):
                        faults.append(f"{what}, wrote {stage.mentions_there(written)}: {[v for rows in written.values() for row in rows for v in row[1:] if isinstance(v, int) and stage.world.is_there(v)]}"[:600])
                    if any(s in answer.text for s in ("芦花社区", "河西街道")):
                        faults.append(f"{what}, told of there")
    assert tried > 20
    assert not faults, "\n".join(faults)
