"""Rate limits that hold across processes and machines, because they are counted in the database."""

from __future__ import annotations

import unicodedata
from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock, crypto
from civic.core.db import Key, Model, UtcDateTime, db, rows_changed
from civic.core.errors import TooMany

WIDER = 40  # how many times as many, from an address that was let in


class Attempt(Model):
    """One try at something that is limited. The key (address, account, phone) is kept as a digest."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    key_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_attempt_window", "kind", "key_digest", "at"),)


class LetIn(Model):
    """An address from which many come today: a school, a community hall. An organiser there said so."""

    __tablename__ = "let_in"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    address_digest: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(Key)

    __table_args__ = (Index("ix_let_in_address", "address_digest", "until"),)


def _mark(kind: str, key: str) -> str:
    # Spellings of one thing are one thing: full width, case and spaces give nobody another guess.
    return crypto.digest(f"attempt:{kind}", "".join(unicodedata.normalize("NFKC", key).casefold().split()))


def spend(kind: str, key: str, *, allowed: int, per: timedelta, words: object = _l("试得太勤了，请过一会儿再试。")) -> None:
    """Count one try, or refuse with TooMany when `allowed` were made within the last `per`.

    Call it in a transaction of its own: the try counts even when what is tried is refused. Refused tries are not
    counted, so that whoever goes on trying is let in again when the window has passed. What must count failures only is
    counted first and given back when it was none: so many at once count as many.
    """
    now = clock.now()
    mark = _mark(kind, key)
    mine = (Attempt.kind == kind, Attempt.key_digest == mark, Attempt.at > now - per)
    if db.session.get_bind().dialect.name == "postgresql":
        # One after the other, else twenty at once all find nine. SQLite's writer is alone already.
        db.session.execute(select(func.pg_advisory_xact_lock(int(mark[:15], 16))))
    if db.session.scalar(select(func.count()).select_from(Attempt).where(*mine)) >= allowed:
        first = db.session.scalar(select(func.min(Attempt.at)).where(*mine))
        wait = int((first + per - now).total_seconds()) + 1 if first else int(per.total_seconds())
        raise TooMany("too_many_attempts", words, wait=wait)
    db.session.add(Attempt(kind=kind, key_digest=mark, at=now))


def give_back(kind: str, key: str) -> None:
    """What was tried came right: the newest try of this key counts no more."""
    newest = select(Attempt.id).where(Attempt.kind == kind, Attempt.key_digest == _mark(kind, key)).order_by(Attempt.id.desc()).limit(1)
    db.session.execute(delete(Attempt).where(Attempt.id.in_(newest.scalar_subquery())).execution_options(synchronize_session=False))


def spend_at(kind: str, address: str, *, allowed: int, per: timedelta) -> None:
    """Count one try from a network address. Behind one address may stand a school or half a city: see `let_in`."""
    words = _l("从这个网络来的太多了，请过一会儿再试。人多的地方（学校、大厅），请志愿服务组织者放行一天。")
    spend(kind, address, allowed=allowed * (WIDER if is_let_in(address) else 1), per=per, words=words)


def let_in(address: str, by_id: int | None) -> datetime:
    """Let many come from an address until the end of the day; until when. Limits by contact and account stay."""
    until = datetime.combine(clock.today() + timedelta(days=1), time(0), tzinfo=clock.zone())
    if not is_let_in(address):
        db.session.add(LetIn(address_digest=crypto.digest("let_in", address), until=until, by_id=by_id))
    return until


def is_let_in(address: str) -> bool:
    """Whether an organiser said that many come from here today."""
    here = (LetIn.address_digest == crypto.digest("let_in", address), LetIn.until > clock.now())
    return db.session.scalars(select(LetIn.id).where(*here).limit(1)).first() is not None


def purge(older_than: timedelta = timedelta(days=2)) -> int:
    """Forget old tries; how many were forgotten."""
    db.session.execute(delete(LetIn).where(LetIn.until < clock.now() - older_than))
    return rows_changed(delete(Attempt).where(Attempt.at < clock.now() - older_than))
