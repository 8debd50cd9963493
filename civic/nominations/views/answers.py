"""What has been typed into a draft, step by step, read as a nomination's answers."""

from __future__ import annotations

from typing import Any

from civic.core.text import length_in_characters
from civic.identity.models import ConsentMethod, PersonKind, Sex
from civic.nominations.models.cases import Channel
from civic.nominations.models.voices import Relation
from civic.nominations.rules import telling
from civic.nominations.rules.telling import Answers, GuardianWord


def first_open(kept: dict[str, Any]) -> int:
    """The step where something is still missing."""
    if not (kept.get("nominee_name") and kept.get("category") and kept.get("relation")):
        return 1
    if not kept.get("region"):
        return 2
    return 3 if length_in_characters(kept.get("story") or "") < telling.STORY_LEAST or not kept.get("headline") else 4


def guardian_from(kept: dict[str, Any]) -> GuardianWord | None:
    """What was typed about a guardian; nothing typed is nobody."""
    name, contact, method = (kept.get(f"guardian_{part}") or "" for part in ("name", "contact", "method"))
    if not (name or contact):
        return None
    return GuardianWord(name, contact, ConsentMethod(method) if method in set(ConsentMethod) else None)


def answers_from(kept: dict[str, Any]) -> Answers:
    """The finished answers, as a case is made of them."""
    return Answers(
        category_id=int(kept["category"]),
        channel=Channel(kept.get("channel") or "household"),
        relation=Relation(kept["relation"]),
        nominee_kind=PersonKind(kept.get("nominee_kind") or "individual"),
        nominee_name=kept["nominee_name"],
        nominee_sex=Sex(kept["nominee_sex"]) if kept.get("nominee_sex") else None,
        nominee_is_minor=bool(kept.get("nominee_is_minor")),
        nominee_is_deceased=bool(kept.get("nominee_is_deceased")),
        nominee_phone=None,
        work_unit=None,
        region_id=int(kept["region"]),
        headline=kept["headline"],
        summary=kept.get("summary") or "",
        story=kept["story"],
        may_tell_nominee=not kept.get("keep_quiet"),
        nominator_name=kept.get("nominator_name") or "",
        deed_on=telling.day_from(kept.get("deed_on") or ""),
        guardian=guardian_from(kept),
    )
