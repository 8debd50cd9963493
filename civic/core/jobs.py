"""Work done by the clock: each job with its key, period and lease, claimed in the database so that several workers are safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import String, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from civic.core import clock
from civic.core.db import Model, UtcDateTime, db, rows_changed, transaction


@dataclass(frozen=True)
class Job:
    """`run` does what is due and gives back how many things it did; it opens its own transactions.

    `hand`: who runs it; what waits for a server elsewhere must not keep the others waiting.
    """

    key: str
    every: timedelta
    run: Callable[[], int]
    lease: timedelta = timedelta(minutes=10)
    hand: Literal["clock", "letters", "beat"] = "clock"


class JobRun(Model):
    """When a job last began, went well and went wrong, and who holds it now."""

    __tablename__ = "job_run"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What went wrong: the kind of the failure, never its words, for they may hold what people wrote.
    failure: Mapped[str | None] = mapped_column(String(80))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(32))

    @property
    def is_failing(self) -> bool:
        """Whether it went wrong when it last ran."""
        return self.failed_at is not None and (self.succeeded_at is None or self.succeeded_at < self.failed_at)

    @property
    def ended_at(self) -> datetime | None:
        """When it was last over, one way or the other."""
        return max((moment for moment in (self.succeeded_at, self.failed_at) if moment is not None), default=None)


# The job that does nothing but say that a worker is there.
BEAT = "worker.beat"
# What failed is tried again after this time, however rare it is: points are counted once a day, a database is back in a minute.
AGAIN = timedelta(seconds=20)
# Clocks of two machines may differ so much; a moment further ahead was written while the clock stood wrong.
DRIFT = timedelta(minutes=1)


def claim(job: Job, holder: str = "") -> bool:
    """Take the job if its time has come and nobody else holds it. A killed holder's lease runs out.

    What was noted while the clock stood ahead holds nobody up once it is right again.
    """
    now = clock.now()
    with transaction():
        bind = db.session.get_bind().dialect.name
        insert = (sqlite if bind == "sqlite" else postgresql).insert(JobRun)
        db.session.execute(insert.values(key=job.key).on_conflict_do_nothing())
        has_failed = and_(JobRun.failed_at.is_not(None), or_(JobRun.succeeded_at.is_(None), JobRun.succeeded_at < JobRun.failed_at))
        is_due = or_(
            JobRun.started_at.is_(None),
            JobRun.started_at <= now - job.every,
            and_(has_failed, JobRun.failed_at <= now - AGAIN),
            JobRun.started_at > now + DRIFT,
        )
        is_free = or_(JobRun.claimed_until.is_(None), JobRun.claimed_until < now, JobRun.claimed_until > now + job.lease + DRIFT)
        taken = rows_changed(
            update(JobRun)
            .where(JobRun.key == job.key, is_due, is_free)
            .values(started_at=now, claimed_until=now + job.lease, holder=holder or None)
            .execution_options(synchronize_session=False)
        )
        return taken == 1


def finish(job: Job, failure: str | None = None, holder: str = "") -> None:
    """Give the job back, and note whether it went well. Whoever lost it to another meanwhile gives nothing back."""
    now = clock.now()
    values = {"succeeded_at": now} if failure is None else {"failed_at": now, "failure": failure[:80]}
    # Of a moment noted while the clock stood ahead nothing may be read: it would be the last one for a long time.
    ahead = {"failed_at": None} if failure is None else {"succeeded_at": None}
    column = JobRun.failed_at if failure is None else JobRun.succeeded_at
    with transaction():
        mine = (JobRun.key == job.key, JobRun.holder.is_(None) if not holder else JobRun.holder == holder)
        db.session.execute(update(JobRun).where(*mine, column > now).values(**ahead).execution_options(synchronize_session=False))
        db.session.execute(
            update(JobRun).where(*mine).values(**values, claimed_until=None, holder=None).execution_options(synchronize_session=False)
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


def runs() -> dict[str, JobRun]:
    """How every job stands that ever ran."""
    return {row.key: row for row in db.session.scalars(select(JobRun))}


def run_of(key: str) -> JobRun | None:
    """How one job stands; None where it never ran."""
    return db.session.get(JobRun, key, populate_existing=True)
