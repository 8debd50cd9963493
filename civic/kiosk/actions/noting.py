"""Writing what scans came to: punches, scans with their answers, places that changed, records. All or, where somebody else
wrote the same meanwhile, Overtaken.

On PostgreSQL one statement does it: whoever stands at the door waits for the ways to the database more than for anything
else. Elsewhere the same is written set by set.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text, update

from civic.audit import actions as audit
from civic.audit import contents
from civic.core import alone, clock
from civic.core.db import db, insert_or_leave
from civic.kiosk.queries import scans
from civic.volunteering.models.attendance import Direction, Means, Punch
from civic.volunteering.models.events import SignUp


class Overtaken(Exception):
    """Another transaction wrote the same punch or the same scan; begin again and see what it did."""


@dataclass(frozen=True)
class Note:
    """A scan's row, and what is written beside it."""

    row: dict[str, Any]
    punches: bool  # somebody came or went by it
    touches: bool  # the place looks different on rosters, or to the next scan
    verb: str | None  # of its record
    path: str | None = None

    @property
    def is_named(self) -> bool:
        """Scans without a name of their own may be written before; all others are new."""
        return not self.row["scan_id"].startswith("?")


def noted(notes: Sequence[Note]) -> Sequence[Row]:
    """Write; the rows of the scans as they are known from now on."""
    at_once = db.session.get_bind().dialect.name == "postgresql"
    found = _at_once(notes) if at_once else _in_turn(notes)
    if len(found) < len({note.row["scan_id"] for note in notes if note.is_named}):
        raise Overtaken
    return found


def punched(rows: list[dict[str, Any]]) -> dict[tuple[int, Direction], int]:
    """The ids of punches just written, all of them; else somebody was faster."""
    found = db.session.execute(insert_or_leave(Punch.__table__, "id", "sign_up_id", "direction"), rows).all()
    if len(found) < len(rows):
        raise Overtaken
    return {(row.sign_up_id, row.direction): row.id for row in found}


def punch(kiosk_id: int, place_id: int, direction: Direction, at: datetime, device_at: datetime | None) -> dict[str, Any]:
    """The row of a punch by a kiosk."""
    return {
        "sign_up_id": place_id, "direction": direction, "at": at, "recorded_at": clock.now(), "device_at": device_at, "means": Means.KIOSK,
        "kiosk_id": kiosk_id, "is_live": True,
    }  # fmt: skip


def _record(note: Note) -> tuple[None, str, tuple[str, int], str | None, dict[str, object]]:
    return None, f"punch.{note.verb}", ("sign_up", note.row["place_id"]), note.path, _facts(note)


def _facts(note: Note) -> dict[str, object]:
    facts: dict[str, object] = {"means": Means.KIOSK.value, "kiosk": note.row["kiosk_id"]}
    if note.punches:
        # The one statement that writes it names the punch only within the database, so its mark stands in its record.
        facts["mark"] = contents.mark_of("punch", [note.row[name] for name in ("place_id", "direction", "at", "device_at", "kiosk_id")])
    return facts


def _in_turn(notes: Sequence[Note]) -> Sequence[Row]:
    new = [note.row for note in notes if note.punches]
    if new:
        ids = punched([punch(r["kiosk_id"], r["place_id"], r["direction"], r["at"], r["device_at"]) for r in new])
        for row in new:
            row["punch_id"] = ids[row["place_id"], row["direction"]]
    found = db.session.execute(insert_or_leave(scans.TABLE, *(column.name for column in scans.SCAN)), [note.row for note in notes]).all()
    touched = {note.row["place_id"] for note in notes if note.touches}
    if touched:
        db.session.execute(update(SignUp.__table__).where(SignUp.__table__.c.id.in_(touched)).values(touched_at=clock.now()))
    audit.record_all([_record(note) for note in notes if note.verb])
    return found


_TYPES = {
    "kiosk_id": "bigint", "scan_id": "text", "content": "text", "kind": "text", "counter": "bigint", "device_at": "timestamptz", "offset": "float8",
    "at": "timestamptz", "received_at": "timestamptz", "event_id": "bigint", "place_id": "bigint", "alias": "text", "direction": "text", "way": "text",
    "raw": "text", "undoes": "text", "kit": "text", "outcome": "text", "code": "text", "punch_id": "bigint",
}  # fmt: skip
_PLAIN = [name for name in _TYPES if name != "punch_id"]
_MORE = {"punches": "boolean", "verb": "text", "path": "text", "facts": "text"}


def _quoted(name: str) -> str:
    # OFFSET is a word of SQL.
    return f'"{name}"'


# All of them, or what a unique index does not know yet.
_MANY = text(
    f"""
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(CAST(:notes AS jsonb)) AS r({", ".join(f"{_quoted(name)} {kind}" for name, kind in {**_TYPES, **_MORE}.items())})
), punched AS (
    INSERT INTO punch (sign_up_id, direction, at, recorded_at, device_at, means, kiosk_id, is_live)
    SELECT place_id, direction, at, received_at, device_at, 'kiosk', kiosk_id, true FROM sent WHERE punches
    ON CONFLICT DO NOTHING RETURNING id, sign_up_id, direction
), noted AS (
    INSERT INTO scan ({", ".join(map(_quoted, _PLAIN))}, punch_id)
    SELECT {", ".join(f"s.{_quoted(name)}" for name in _PLAIN)}, coalesce(s.punch_id, p.id)
    FROM sent AS s LEFT JOIN punched AS p ON s.punches AND p.sign_up_id = s.place_id AND p.direction = s.direction
    WHERE NOT s.punches OR p.id IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING {", ".join(column.name for column in scans.SCAN)}
), touched AS (
    UPDATE sign_up SET touched_at = CAST(:now AS timestamptz) WHERE id = ANY(CAST(:touched AS bigint[]))
), recorded AS (
    INSERT INTO audit_record (at, verb, subject_kind, subject_id, region_path, facts)
    SELECT received_at, 'punch.' || verb, 'sign_up', place_id, path, facts FROM sent WHERE verb IS NOT NULL
)
SELECT * FROM noted
"""
).columns(*scans.SCAN)

# One punch of a place that nobody changed since it was seen; what a unique index knows fails, and with it all the rest.
_ALONE = text(
    f"""
WITH touched AS (
    UPDATE sign_up SET touched_at = :received_at WHERE id = :place_id AND xmin = CAST(:seen AS xid) RETURNING id
), punched AS (
    INSERT INTO punch (sign_up_id, direction, at, recorded_at, device_at, means, kiosk_id, is_live)
    SELECT id, :direction, :at, :received_at, :device_at, 'kiosk', :kiosk_id, true FROM touched RETURNING id
), noted AS (
    INSERT INTO scan ({", ".join(map(_quoted, _PLAIN))}, punch_id)
    SELECT {", ".join(f":{name}" for name in _PLAIN)}, id FROM punched RETURNING 1
)
INSERT INTO audit_record (at, verb, subject_kind, subject_id, region_path, facts)
SELECT :received_at, :verb, 'sign_up', :place_id, :path, :facts FROM noted
"""
)


def noted_alone(note: Note, version: str) -> bool:
    """Write a punch outside any transaction; only if the place's row has this version still and the scan is new."""
    more = {"seen": version, "verb": f"punch.{note.verb}", "path": note.path, "facts": audit.facts_of(_facts(note))}
    return bool(alone.written(_ALONE, note.row | more))


def _at_once(notes: Sequence[Note]) -> Sequence[Row]:
    lines = [
        {**note.row, "punches": note.punches, "verb": note.verb, "path": note.path, "facts": audit.facts_of(_facts(note))} for note in notes
    ]
    # As a list of numbers, not out of the notes: how many notes there are the planner can only guess, and read all places.
    where = {"now": clock.now(), "touched": [note.row["place_id"] for note in notes if note.touches]}
    return db.session.connection().execute(_MANY, {"notes": json.dumps(lines, default=_written)} | where).all()


def _written(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
