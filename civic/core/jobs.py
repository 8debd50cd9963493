"""Work done by the clock: each job with its key, period and lease, claimed in the database so that several workers are safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock
from civic.core.db import Model, UtcDateTime, db, rows_changed, transaction


@dataclass(frozen=True)
class Job:
    """`run` does what is due and gives back how many things it did; it opens its own transactions."""

    key: str
    every: timedelta
    run: Callable[[], int]
    lease: timedelta = timedelta(minutes=10)


class JobRun(Model):
    """When a job last ran, and who holds it now."""

    __tablename__ = "job_run"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


def claim(job: Job) -> bool:
    """Take the job if its time has come and nobody else holds it. A killed holder's lease runs out."""
    now = clock.now()
    with transaction():
        bind = db.session.get_bind().dialect.name
        insert = (sqlite if bind == "sqlite" else postgresql).insert(JobRun)
        db.session.execute(insert.values(key=job.key).on_conflict_do_nothing())
        taken = rows_changed(
            update(JobRun)
            .where(
                JobRun.key == job.key,
                JobRun.started_at.is_(None) | (JobRun.started_at <= now - job.every),
                JobRun.claimed_until.is_(None) | (JobRun.claimed_until < now),
            )
            .values(started_at=now, claimed_until=now + job.lease)
            .execution_options(synchronize_session=False)
        )
        return taken == 1


def finish(job: Job) -> None:
    """Give the job back."""
    with transaction():
        db.session.execute(
            update(JobRun)
            .where(JobRun.key == job.key)
            .values(finished_at=clock.now(), claimed_until=None)
            .execution_options(synchronize_session=False)
        )


def once(step: Callable[[], int]) -> Callable[[], int]:
    """The step in one transaction, as a job runs it."""

    def run() -> int:
        with transaction():
            return step()

    return run


def until_none_left(step: Callable[[], int], batch: int) -> Callable[[], int]:
    """The step in small transactions until it does less than a batch: a long backlog never holds a long lock."""

    def run() -> int:
        total = 0
        while True:
            with transaction():
                count = step()
            total += count
            if count < batch:
                return total

    return run


def last_finished(key: str) -> datetime | None:
    return db.session.scalar(select(JobRun.finished_at).where(JobRun.key == key))
