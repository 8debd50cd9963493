"""Keyset paging: the next page begins after the last row seen, so page 40,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, tuple_

from civic.core import typed

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. `next_key` opens the next one; `first` says that nothing comes before."""

    items: Sequence[Row]
    next_key: str | None = None
    is_first: bool = True
    previous_key: str | None = None


def cursor(*values: object) -> str:
    """The key of a row as one opaque word for an address."""
    plain = [v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def values_of(word: str | None, kinds: Sequence[type]) -> tuple[Any, ...] | None:
    """The values in a cursor, None where there is none or somebody made it up."""
    if not word:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            return None
        found = tuple(datetime.fromisoformat(v) if k is datetime else v for v, k in zip(values, kinds, strict=True))
        if any(not isinstance(v, k) or isinstance(v, bool) for v, k in zip(found, kinds, strict=True)):
            return None
        return found if all(map(_fits, found)) else None
    except (ValueError, binascii.Error, TypeError, RecursionError, OverflowError):
        return None


def _fits(value: Any) -> bool:
    """Whether a database can compare with it: who makes up a cursor gets the first page, not a failure."""
    if isinstance(value, datetime):
        return value.tzinfo is not None and value.astimezone(UTC) is not None  # at either end of time this runs over
    if isinstance(value, int):
        return -typed.LARGEST <= value <= typed.LARGEST
    return not isinstance(value, str) or ("\0" not in value and value == value.encode(errors="replace").decode())


def after(columns: Sequence[Any], values: tuple[Any, ...], *, descending: bool = False) -> ColumnElement[bool]:
    """The rows that come after these values in the order of the columns; one comparison of tuples, one index range."""
    mine = tuple_(*columns)
    yours = tuple_(*(_literal(c, v) for c, v in zip(columns, values, strict=True)))
    return mine < yours if descending else mine > yours


def _literal(column: Any, value: Any) -> Any:
    from sqlalchemy import literal

    return literal(value, column.type)


def cut(rows: Sequence[Row], limit: int, key: Any, *, is_first: bool) -> Page[Row]:
    """A page from `limit + 1` rows asked for: the extra one only tells that there is more."""
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(shown, cursor(*key(shown[-1])) if more and shown else None, is_first)
