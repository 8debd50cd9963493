"""The chain's arithmetic: the canonical form of a record or a row's content, and what is set under it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from enum import Enum
from hashlib import sha256
from typing import NamedTuple

from civic.core import crypto

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
    """The mark over the seal before, this link's number and the record: who has the database and not the key cannot set it."""
    return crypto.mark(json.dumps(["record", previous, number, *map(plain, content)], ensure_ascii=False))


def plain(value: object) -> object:
    """A value as it stands under a seal, the same from either engine and from memory."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def content_digest(kind: str, row_id: int | None, salt: str, values: Sequence[object]) -> str:
    """The keyed, salted digest of a row's content. Without the salt it says nothing of what the row held."""
    return crypto.mark(json.dumps(["content", kind, row_id, salt, *map(plain, values)], ensure_ascii=False))


def batch_digest(lines: Sequence[tuple[int, str, int, str]]) -> str:
    """One digest over many content seals: (number, kind, row, digest) of each."""
    return sha256(json.dumps(list(map(list, lines))).encode()).hexdigest()
