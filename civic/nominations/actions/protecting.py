"""Protecting whoever stepped in: a brave deed may be judged and recorded without a notice, and without anybody else knowing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from civic.audit import actions as audit
from civic.core import clock
from civic.core.errors import Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.actions import publishing
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases, eligibility
from civic.nominations.states import Status


def protect(actor: Actor, nomination_id: int, *, reason: str) -> Nomination:
    """No notice, nothing public, seen at this desk only; the reason is kept sealed. There is no way back to the wall."""
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.NOMINATION_REVIEW, nomination.desk_path, cases.parties_of(nomination))
    if nomination.category.code != eligibility.BRAVE:
        raise NotNow("not_brave", _l("只有见义勇为可以不公示，别的类别照常公示。"))
    if nomination.status in (Status.NOTICED, Status.HELD):
        raise NotNow("on_the_wall", _l("名单已经贴出来了，来不及保密。请联系上一级，先暂停公示。"))
    if nomination.is_protected:
        raise NotNow("protected_already", _l("这一件已经在保护了。"))
    if len(reason.strip()) < 5:
        raise Invalid("reason_missing", _l("请写明要保护谁、怕什么，只留在档案里。"), field="reason")
    nomination.protected_reason = reason.strip()[:1000]
    nomination.protected_at, nomination.protected_by_id = clock.now(), actor.user_id
    audit.record(actor.user_id, "nomination.protect", ("nomination", nomination.id), region_path=nomination.desk_path)
    publishing.refresh(actor, nomination)
    return nomination
