"""Lists that show so many rows and say how many more there are: nothing is cut off in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, func, select

from civic.core.db import db

Row = TypeVar("Row")
# As many as a page takes that somebody asked to list everything.
ALL = 5000


class Some(list[Row]):
    """The first rows of a list; `more` is how many follow, for the page to say."""

    def __init__(self, rows: Iterable[Row] = (), more: int = 0) -> None:
        super().__init__(rows)
        self.more = more


def first_of(rows: Sequence[Row], limit: int) -> Some[Row]:
    """The first `limit` of rows that are all at hand."""
    return Some(rows[:limit], max(0, len(rows) - limit))


def some_rows(query: Select[Any], limit: int) -> Some[Any]:
    """The first `limit` rows of a query of columns, as tuples; counted only where there are more."""
    rows = [tuple(row) for row in db.session.execute(query.limit(limit + 1))]
    if len(rows) <= limit:
        return Some(rows)
    count = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return Some(rows[:limit], count - limit)


def some(query: Select[Any], limit: int) -> Some[Any]:
    """The first `limit` rows of a query of one entity. They are counted only where there are more."""
    rows = db.session.scalars(query.limit(limit + 1)).all()
    if len(rows) <= limit:
        return Some(rows)
    count = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return Some(rows[:limit], count - limit)
