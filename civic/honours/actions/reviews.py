"""Looking again whether an honour still holds (动态管理): reminders to the desk, and what somebody found."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Invalid, NotNow
from civic.honours import actions, letters
from civic.honours.models import Honour, HonourReview, HonourStatus
from civic.honours.rules import months_later
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, concerned, demand

BATCH = 100


def review(actor: Actor, honour_id: int, *, holds: bool, finding: str) -> HonourReview:
    """What was found; while it holds, the next look is so many months away, else it stays due until somebody acts."""
    honour = actions.held(honour_id)
    demand(actor, Permission.HONOUR_CHANGE, honour.region_path, concerned(honour.person_id))
    if honour.status is not HonourStatus.ACTIVE or honour.review_months is None:
        raise NotNow("no_review", _l("这份荣誉不用复核。"))
    if not finding.strip():
        raise Invalid("finding_missing", _l("请写问了谁、情况怎么样。"), field="finding")
    assert actor.user_id is not None
    row = HonourReview(honour_id=honour.id, holds=holds, finding=finding.strip(), at=clock.now(), actor_id=actor.user_id)
    db.session.add(row)
    if holds:
        honour.review_due = months_later(clock.today(), honour.review_months)
    db.session.flush()
    audit.record(actor.user_id, "honour.review", ("honour", honour.id), region_path=honour.region_path, holds=holds, due=honour.review_due)
    return row


def remind_due(limit: int = BATCH) -> int:
    """Tell the desk of each honour that is due, once for each time. One letter for all of a desk would hide names."""
    told = 0
    for honour in db.session.scalars(
        select(Honour)
        .where(Honour.status == HonourStatus.ACTIVE, Honour.review_due <= clock.today())
        .order_by(Honour.review_due, Honour.id)
        .limit(limit * 50)
    ):
        due: date | None = honour.review_due
        assert due is not None
        for user in identity.staff_at(honour.region_path):
            told += letters.tell_review(honour.id, due, user.id)
        if told >= limit:
            break
    return told
