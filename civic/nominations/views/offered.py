"""What the four steps have offered to choose from: of ids that come back, only these are believed."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectField

from civic.core import typed
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases
from civic.nominations.rules import climbing
from civic.nominations.states import OPEN
from civic.regions import queries as regions
from civic.regions.models import Region

KEPT_NOT = ("csrf_token", "photos", "truth")
NOT_THE_SAME = "none"


def chosen(form: Any) -> dict[str, Any]:
    """What a step brings, by field name: all that was typed, and of what is chosen only what there was to choose."""
    return {f.name: f.data for f in form if f.name not in KEPT_NOT and _is_offered(f)}


def _is_offered(field: Any) -> bool:
    if field.name == "region":
        return place(field.data) is not None
    if field.name == "join":
        return not field.data or field.data == NOT_THE_SAME or typed.whole_number(field.data) is not None
    if isinstance(field, RadioField | SelectField):
        return not field.data or field.data in {choice.value for choice in field.choices}
    return True


def place(number: object) -> Region | None:
    """A place where a nomination can begin; none where the number is made up."""
    known = typed.whole_number(number or "")
    found = regions.by_id(known) if known else None
    return found if found is not None and not found.is_retired and climbing.enters_at(found.level) else None


def same(answers: dict[str, Any]) -> list[Nomination]:
    """What may be the same deed as a draft tells of; children's cases are shown to no stranger."""
    where, category = place(answers.get("region")), typed.whole_number(answers.get("category") or "")
    if where is None or category is None:
        return []
    found = cases.same_deed(answers.get("nominee_name") or "", category, where)
    return [case for case in found if not case.is_of_a_child]


def is_joinable(choice: object, answers: dict[str, Any]) -> bool:
    """Whether the choice of "the same deed" is one that the page offered."""
    if not choice or choice == NOT_THE_SAME:
        return True
    return typed.whole_number(choice) in {case.id for case in same(answers) if case.status in OPEN}


def joined(answers: dict[str, Any]) -> int | None:
    """The case that the nominator says is the same deed."""
    return typed.whole_number(answers.get("join") or "")
