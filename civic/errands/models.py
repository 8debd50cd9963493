"""Errands: what somebody asked for that takes longer than a page may, carried out by the worker and watched on a page."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of


class ErrandStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by whoever asked; what was done before stays
    FAILED = "failed"  # refused as a whole, or broken too often


class Errand(Model):
    """One piece of work for one person. A day after its end nothing is left of it but the records of what it did."""

    __tablename__ = "errand"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    # Asked twice while it is under way, it is one.
    key: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    details: Mapped[str] = mapped_column(Sealed("errand.details"))
    status: Mapped[ErrandStatus] = mapped_column(one_of(ErrandStatus, "status"), default=ErrandStatus.WAITING)
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    refused: Mapped[str | None] = mapped_column(Sealed("errand.refused"))  # [name, reference, why] of each
    problem: Mapped[str | None] = mapped_column(String(300))  # why the whole was not done
    holder: Mapped[str | None] = mapped_column(String(32))  # the worker that has it, until its lease is over
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)  # since it last went on
    stop_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_key: Mapped[str | None] = mapped_column(String(120))

    __table_args__ = (
        CheckConstraint("(status = 'running') = (holder IS NOT NULL) AND (holder IS NULL) = (held_until IS NULL)", name="running_is_held"),
        CheckConstraint("(status IN ('done', 'stopped', 'failed')) = (ended_at IS NOT NULL)", name="ended_has_time"),
        CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name="failed_says_why"),
        CheckConstraint("file_key IS NULL OR status = 'done'", name="file_is_whole"),
        CheckConstraint("done >= 0 AND tries >= 0", name="counted"),
        Index("uq_errand_open", "key", unique=True, sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("ix_errand_waiting", "id", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("ix_errand_asked_by", "asked_by_id", "id"),
        Index("ix_errand_ended", "ended_at", sqlite_where=text("ended_at IS NOT NULL"), postgresql_where=text("ended_at IS NOT NULL")),
    )

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def facts(self) -> dict[str, Any]:
        """What was asked for."""
        return json.loads(self.details)

    @property
    def problems(self) -> list[list[str]]:
        """[name, reference, why] of each that was refused."""
        return json.loads(self.refused) if self.refused else []
