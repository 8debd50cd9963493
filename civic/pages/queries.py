"""Questions about complaints and about the health of the whole."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from civic.core.db import db
from civic.pages.models import Complaint


def complaint_by_reference(reference: str) -> Complaint | None:
    return db.session.scalars(select(Complaint).where(Complaint.reference == reference.strip().upper())).first()


def open_complaints(limit: int = 100) -> Sequence[Complaint]:
    """Those that wait for an answer, the most urgent first."""
    return db.session.scalars(
        select(Complaint).where(Complaint.answered_at.is_(None)).order_by(Complaint.due_at, Complaint.id).limit(limit)
    ).all()


def answered_complaints(limit: int = 50) -> Sequence[Complaint]:
    return db.session.scalars(
        select(Complaint).where(Complaint.answered_at.is_not(None)).order_by(Complaint.id.desc()).limit(limit)
    ).all()


def database_answers() -> bool:
    return db.session.scalar(text("SELECT 1")) == 1


def migrations_applied() -> set[str]:
    """The revisions the database says it has."""
    return set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
