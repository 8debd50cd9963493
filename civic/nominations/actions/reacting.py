"""Giving a heart: once for each visitor, without any effect on anything."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from civic.core import clock
from civic.core.db import db
from civic.core.errors import NotNow
from civic.nominations.models.cases import Nomination
from civic.nominations.models.reactions import Reaction
from civic.nominations.queries import cases, reactions

# Questions with more values than this are too long for a database.
BATCH = 500


def react(nomination_id: int, digest: str) -> Nomination:
    """One heart; pressed again it stays one."""
    nomination = cases.held(nomination_id)
    if nomination is None or not reactions.takes_them(nomination):
        raise NotNow("reactions_off", _l("这一条不收心意。谢谢您的好意。"))
    known = db.session.scalars(select(Reaction.id).where(Reaction.nomination_id == nomination.id, Reaction.who_digest == digest)).first()
    if known is None:
        db.session.add(Reaction(nomination_id=nomination.id, who_digest=digest, at=clock.now()))
        db.session.flush()
    return nomination


def forget(user_id: int) -> None:
    """Take an account's hearts back. No list says who gave one: each case that has any is asked for this account's mark."""
    hearted = db.session.scalars(select(Reaction.nomination_id).distinct()).all()
    for at in range(0, len(hearted), BATCH):
        some = hearted[at : at + BATCH]
        marks = [reactions.who(case, user_id, "") for case in some]
        db.session.execute(delete(Reaction).where(Reaction.nomination_id.in_(some), Reaction.who_digest.in_(marks)))
