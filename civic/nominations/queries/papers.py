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
    """One place where two clerks read the paper differently; `member_id` for presence, choices and scores, `case_id` for counts."""

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
    """An entry as the form shows it again: whose papers, counts, choices and scores, with numbers as keys."""
    kept = json.loads(entry.sheet) if entry is not None else {}
    return {
        "present": kept.get("present", []),
        "counts": {int(case): tuple(counts) for case, counts in kept.get("counts", {}).items()},
        "choices": {int(case): {int(m): c for m, c in given.items()} for case, given in kept.get("choices", {}).items()},
        "scores": {int(case): {int(m): s for m, s in given.items()} for case, given in kept.get("scores", {}).items()},
    }


def agreed_sheet(meeting_id: int) -> dict[str, Any]:
    """What two clerks read alike; empty while they do not."""
    entries = entries_of(meeting_id)
    return sheet_of(entries[0] if len({entry.sheet for entry in entries}) == 1 and len(entries) > 1 else None)


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
    for kind in ("choices", "scores"):
        for case in sorted(set(one[kind]) | set(two[kind])):
            first, second = one[kind].get(case, {}), two[kind].get(case, {})
            found += [
                Difference(case, m, first.get(m), second.get(m)) for m in sorted(set(first) | set(second)) if first.get(m) != second.get(m)
            ]
    return found
