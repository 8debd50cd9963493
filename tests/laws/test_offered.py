"""Law of ids in forms: what a browser sends back for an id is believed only where it is asked again, and this list says where."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CIVIC = Path(__file__).parents[2] / "civic"
READERS = {"sent_number", "sent_numbers"}
# "file name" → who asks again, on the server and inside the transaction, whether this actor was offered this id.
ASKED_AGAIN = {
    "nominations/forms/nominating.py region": "views/offered.place: a place where a nomination can begin",
    "nominations/forms/nominating.py join": "views/offered.is_joinable, and submitting._joined again under the lock",
    "nominations/forms/nominating.py version": "compared with the case's own version",
    "nominations/views/writing.py drop": "drafting.drop_photo: of this draft only",
    "nominations/desk/publication.py row": "publishing._mentioned: of this case only",
    "honours/desk.py level": "queries.register: a filter within the actor's own regions",
    "nominations/desk/meetings.py member": "councils.mark_present, papers._fits, stay_out: who sits in this meeting",
    "nominations/desk/meetings.py paper": "papers._fits: who sits in this meeting",
    "nominations/desk/rounds.py again": "councils._agenda: only cases that were judged in this round",
    "identity/views.py region": "a place that is not retired; everybody may live anywhere",
    "identity/forms.py next": "views._safe: an address of this house",
    "kiosk/desk/cards.py person": "cards.issue: the people of this circle",
    "kiosk/forms.py shift": "deciding._place: a shift that the scan may have meant",
    "kiosk/forms.py place_id": "deciding._place: a place on such a shift",
    "volunteering/forms/teams.py region": "people.found_team: a place where the actor runs events",
    "volunteering/forms/teams.py parent": "people._parent: a team the actor runs",
    "volunteering/forms/taking.py person": "views/taking.sign_up: oneself or the family; signing.sign_up again",
    "volunteering/forms/events.py team": "events.begin: a team where the actor runs events",
    "volunteering/forms/events.py category": "events._category: a kind of service in use",
    "volunteering/forms/events.py needs": "events._known: a kind of qualification of the city",
    "volunteering/forms/qualifications.py kind": "qualifications.give: a kind that is given today",
    "volunteering/forms/qualifications.py team": "qualifications.give: a team where the actor runs events",
    "volunteering/views/papers.py right": "paper.confirm: only lines of this sheet count",
    "volunteering/views/taking.py shift": "signing.sign_up: all the rules of the shift",
    "points/forms.py request": "goods.redeem: looked up among one's own exchanges",
    "pages/forms.py about": "words about a page, cut to 200 characters, never followed",
    "web/versions.py seen": "compared with what the thing says now",
}


def believed(source: str) -> set[str]:
    """The names of fields and arguments in a file that bring an id back, or whose choice nobody checks."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            call = node.value
            kind = call.func.id if isinstance(call.func, ast.Name) else ""
            unchecked = any(k.arg == "validate_choice" and isinstance(k.value, ast.Constant) and not k.value.value for k in call.keywords)
            if kind == "HiddenField" or unchecked:
                found.add(node.targets[0].id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS and node.args:
            name = node.args[0]
            found.add(name.value if isinstance(name, ast.Constant) else "?")
    return found


def test_every_id_that_comes_back_is_asked_again():
    seen = {
        f"{path.relative_to(CIVIC).as_posix()} {name}"
        for path in sorted(CIVIC.rglob("*.py"))
        if path.relative_to(CIVIC).as_posix() != "web/arguments.py"
        for name in believed(path.read_text(encoding="utf-8"))
    }
    new = sorted(seen - set(ASKED_AGAIN))
    assert not new, f"ask the action whether the page offered these ids to this actor, test it, and say here where: {new}"


@pytest.mark.parametrize("line", ["key = HiddenField()", "team = SelectField('队', validate_choice=False)", "arguments.sent_number('case')"])
def test_the_law_sees_what_comes_back(line):
    assert believed(line)
