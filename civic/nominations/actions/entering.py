"""Writing down for others: who told it and who entered it are two people, and the second does not decide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from civic.core.db import db
from civic.core.errors import Invalid
from civic.identity.permissions import Actor, Permission, demand
from civic.identity.rules import Contact
from civic.nominations.actions import submitting
from civic.nominations.models.voices import ToldHow, Voice
from civic.nominations.rules.telling import Answers, Told
from civic.regions.models import Region


def enter(actor: Actor, answers: Answers, contact: Contact | None, *, how: ToldHow, sheet_key: str | None = None) -> Voice:
    """A nomination told by telephone or brought on paper. The teller gets the reference: by letter, or on a slip."""
    region = db.session.get(Region, answers.region_id)
    demand(actor, Permission.NOMINATION_ENTER, region.path if region is not None else "")
    if how is ToldHow.PAPER and sheet_key is None:
        raise Invalid("sheet_missing", _l("请拍一张他（她）写的那张纸，只留在档案里。"), field="sheet")
    return submitting.submit(actor, answers, contact, told=Told(how, actor.user_id or 0, sheet_key))
