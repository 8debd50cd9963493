"""Hearts of the public (点赞): a kindness, nothing else. Nothing that decides may read this table; a test holds it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.db import Key, Model, UtcDateTime


class Reaction(Model):
    """One heart of one browser or account for one case's deed. Who it was, only a keyed digest says."""

    __tablename__ = "reaction"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    who_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("nomination_id", "who_digest"),)
