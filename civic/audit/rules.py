"""The chain's arithmetic: the canonical form of a record and its seal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

FIRST = ""  # what stands before the first seal


class Content(NamedTuple):
    """Everything of a record that the seal covers."""

    id: int
    at: datetime
    actor_id: int | None
    verb: str
    subject_kind: str
    subject_id: int | None
    region_path: str | None
    facts: str


def seal_of(previous: str, number: int, content: Content) -> str:
    """SHA-256 over the seal before, this link's number and the record, 64 hexadecimal characters."""
    values = [v.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(v, datetime) else v for v in content]
    return sha256(json.dumps([previous, number, *values], ensure_ascii=False).encode()).hexdigest()
