"""Questions about complaints and about the health of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text

from civic.core import clock, jobs, listing
from civic.core.db import db
from civic.pages.models import Complaint


def complaint_by_reference(reference: str) -> Complaint | None:
    return db.session.scalars(select(Complaint).where(Complaint.reference == reference.strip().upper())).first()


def open_complaints(limit: int = 100) -> listing.Some[Complaint]:
    """Those that wait for an answer, the most urgent first."""
    return listing.some(
        select(Complaint).where(Complaint.answered_at.is_(None)).order_by(Complaint.due_at, Complaint.id),
        limit,
    )


def answered_complaints(limit: int = 50) -> listing.Some[Complaint]:
    return listing.some(
        select(Complaint).where(Complaint.answered_at.is_not(None)).order_by(Complaint.id.desc()),
        limit,
    )


def database_answers() -> bool:
    """Whether it does, soon: whoever asks how we are must not wait for a lock that somebody forgot."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = '3s'"))
    return db.session.scalar(text("SELECT 1")) == 1


def migrations_applied() -> set[str]:
    """The revisions the database says it has."""
    return set(db.session.scalars(text("SELECT version_num FROM alembic_version")))


# How much longer than its period a job may be silent: the one before it may take its time.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True)
class Work:
    """How the worker and its jobs stand."""

    beat_age: int | None  # seconds since the worker last wrote; none: it never did
    last_job: str | None
    last_job_age: int | None
    failing: dict[str, str]  # of jobs that went wrong when they last ran: what it was
    late: list[str]  # jobs that have not been over for long


def work(known: Iterable[jobs.Job]) -> Work:
    """The worker's state as its jobs noted it. What was noted while the clock stood ahead says nothing."""
    now, rows = clock.now(), jobs.runs()
    ended = {key: row.ended_at for key, row in rows.items() if row.ended_at is not None and row.ended_at <= now + jobs.DRIFT}
    last = max((key for key in ended if key != jobs.BEAT), key=lambda key: ended[key] or now, default=None)
    late = [
        job.key for job in known
        if rows and (job.key not in ended or now - (ended[job.key] or now) > job.every + GRACE) and not _is_at_it(rows.get(job.key), now)
    ]  # fmt: skip
    return Work(
        _age(ended.get(jobs.BEAT), now), last, _age(ended.get(last), now) if last else None,
        {key: row.failure or "" for key, row in rows.items() if row.is_failing}, late,
    )  # fmt: skip


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, int((now - moment).total_seconds()))


def _is_at_it(row: jobs.JobRun | None, now: datetime) -> bool:
    """Whether somebody is doing it just now."""
    return row is not None and row.claimed_until is not None and now < row.claimed_until
