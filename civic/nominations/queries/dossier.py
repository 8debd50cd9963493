"""What a whole dossier needs of a case beside the case itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from civic.core.db import db
from civic.nominations.models.councils import Meeting, Verdict
from civic.nominations.models.notices import Notice, NoticeItem, Objection
from civic.nominations.models.rounds import Round


def verdicts_of(nomination_id: int) -> Sequence[Verdict]:
    """What councils found on a case, the oldest first."""
    return db.session.scalars(
        select(Verdict)
        .where(Verdict.nomination_id == nomination_id)
        .options(joinedload(Verdict.meeting).joinedload(Meeting.round).joinedload(Round.region))
        .order_by(Verdict.id)
    ).all()


def items_of(nomination_id: int) -> Sequence[NoticeItem]:
    """The frozen copies of what was put up, the oldest first."""
    return db.session.scalars(
        select(NoticeItem)
        .where(NoticeItem.nomination_id == nomination_id)
        .options(joinedload(NoticeItem.notice).joinedload(Notice.region))
        .order_by(NoticeItem.id)
    ).all()


def objections_of(nomination_id: int) -> Sequence[Objection]:
    return db.session.scalars(
        select(Objection).join(Objection.item).where(NoticeItem.nomination_id == nomination_id).order_by(Objection.id)
    ).all()
