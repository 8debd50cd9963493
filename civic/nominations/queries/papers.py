"""Questions about paper ballots: what each clerk entered, and where two of them differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from civic.core.db import db
from civic.nominations.models.councils import PaperEntry


@dataclass(frozen=True)
class Difference:
    """One place where two clerks read the paper differently; `member_id` for presence and scores, `case_id` for counts."""

    case_id: int | None
    member_id: int | None
    first: Any
    second: Any


def entries_of(meeting_id: int) -> list[PaperEntry]:
    """The clerks' entries, the earlier clerk first."""
    return list(
        db.session.scalars(
            select(PaperEntry).where(PaperEntry.meeting_id == meeting_id).options(joinedload(PaperEntry.clerk)).order_by(PaperEntry.id)
        )
    )


def sheet_of(entry: PaperEntry | None) -> dict[str, Any]:
    """An entry as the form shows it again: present, counts and scores with numbers as keys."""
    if entry is None:
        return {"present": [], "counts": {}, "scores": {}}
    kept = json.loads(entry.sheet)
    return {
        "present": kept["present"],
        "counts": {int(case): tuple(counts) for case, counts in kept["counts"].items()},
        "scores": {int(case): {int(m): s for m, s in given.items()} for case, given in kept["scores"].items()},
    }


def differences(entries: Sequence[PaperEntry]) -> list[Difference]:
    """Where two entries do not say the same; nothing while there is only one, so that nobody reads the other's first."""
    if len(entries) < 2:
        return []
    one, two = (sheet_of(entry) for entry in entries[:2])
    found = [Difference(None, m, m in one["present"], m in two["present"]) for m in sorted(set(one["present"]) ^ set(two["present"]))]
    for case in sorted(set(one["counts"]) | set(two["counts"])):
        first, second = one["counts"].get(case), two["counts"].get(case)
        if first != second:
            found.append(Difference(case, None, first, second))
    for case in sorted(set(one["scores"]) | set(two["scores"])):
        first, second = one["scores"].get(case, {}), two["scores"].get(case, {})
        found += [
            Difference(case, m, first.get(m), second.get(m)) for m in sorted(set(first) | set(second)) if first.get(m) != second.get(m)
        ]
    return found
