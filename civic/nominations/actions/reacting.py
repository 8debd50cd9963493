"""Giving a heart: once for each visitor, without any effect on anything."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.core.errors import NotNow
from civic.nominations.models.cases import Nomination
from civic.nominations.models.reactions import Reaction
from civic.nominations.queries import cases, reactions


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
