"""What somebody typed into a form that could not be taken because their session was over: kept sealed until they signed in again.

It goes back to the account that typed it and to nobody else, for half an hour; it is bounded, and holds no password.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock, crypto
from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, db, rows_changed

LIVES = timedelta(minutes=30)
MOST = 10  # forms of one account at a time
LARGEST = 128 * 1024  # characters of one form


class UnsentForm(Model):
    """One form that was not taken. `owner_id` is an account; no key, for accounts stand above."""

    __tablename__ = "unsent_form"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    owner_id: Mapped[int] = mapped_column(Key)
    body: Mapped[str] = mapped_column(Sealed("unsent_form.body"))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_unsent_form_owner", "owner_id", "id"), Index("ix_unsent_form_kept", "kept_at"))


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: where to, from which page, its fields in their order."""

    to: str
    page: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool = False


def keep(owner_id: int, typed: Typed) -> str | None:
    """Keep a form for its owner; the key that brings it back, None for one that is too large."""
    body = json.dumps(asdict(typed), ensure_ascii=False)
    if len(body) > LARGEST:
        return None
    older = db.session.scalars(select(UnsentForm.id).where(UnsentForm.owner_id == owner_id).order_by(UnsentForm.id.desc()).offset(MOST - 1)).all()
    if older:
        db.session.execute(delete(UnsentForm).where(UnsentForm.id.in_(older)))
    key = crypto.token()
    db.session.add(UnsentForm(key_digest=crypto.digest("unsent_form", key), owner_id=owner_id, body=body, kept_at=clock.now()))
    return key


def found(key: str, owner_id: int) -> Typed | None:
    """The form behind a key, for the account that typed it."""
    row = db.session.scalars(
        select(UnsentForm).where(
            UnsentForm.key_digest == crypto.digest("unsent_form", key), UnsentForm.owner_id == owner_id, UnsentForm.kept_at > clock.now() - LIVES
        )
    ).first()
    if row is None:
        return None
    values = json.loads(row.body)
    return Typed(values["to"], values["page"], tuple((name, value) for name, value in values["fields"]), values["had_files"])


def forget(key: str, owner_id: int) -> None:
    """It was sent again, or is not wanted any more."""
    db.session.execute(delete(UnsentForm).where(UnsentForm.key_digest == crypto.digest("unsent_form", key), UnsentForm.owner_id == owner_id))


def forget_all(owner_id: int) -> None:
    """Nothing is kept for an account that closed."""
    db.session.execute(delete(UnsentForm).where(UnsentForm.owner_id == owner_id))


def purge() -> int:
    """Forget what nobody came back for; how many."""
    return rows_changed(delete(UnsentForm).where(UnsentForm.kept_at < clock.now() - LIVES))
