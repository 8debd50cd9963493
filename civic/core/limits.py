"""Rate limits that hold across processes and machines, because they are counted in the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock, crypto
from civic.core.db import Key, Model, UtcDateTime, db, rows_changed
from civic.core.errors import TooMany


class Attempt(Model):
    """One try at something that is limited. The key (address, account, phone) is kept as a digest."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    key_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_attempt_window", "kind", "key_digest", "at"),)


def spend(kind: str, key: str, *, allowed: int, per: timedelta) -> None:
    """Count one try, or refuse with TooMany when `allowed` were made within the last `per`.

    Call it in a transaction of its own: the try counts even when what is tried is refused. Refused tries are not
    counted, so that whoever goes on trying is let in again when the window has passed.
    """
    now = clock.now()
    mark = crypto.digest(f"attempt:{kind}", key)
    mine = (Attempt.kind == kind, Attempt.key_digest == mark, Attempt.at > now - per)
    if db.session.scalar(select(func.count()).select_from(Attempt).where(*mine)) >= allowed:
        first = db.session.scalar(select(func.min(Attempt.at)).where(*mine))
        wait = int((first + per - now).total_seconds()) + 1 if first else int(per.total_seconds())
        raise TooMany("too_many_attempts", _l("试得太勤了，请过一会儿再试。"), wait=wait)
    db.session.add(Attempt(kind=kind, key_digest=mark, at=now))


def purge(older_than: timedelta = timedelta(days=2)) -> int:
    """Forget old tries; how many were forgotten."""
    return rows_changed(delete(Attempt).where(Attempt.at < clock.now() - older_than))
