"""Ending somebody's role: what they have in hand, their seat and their sessions follow in the same transaction."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.errors import NotNow
from civic.identity import queries
from civic.identity.actions import grants as giving
from civic.identity.forms import ROLE_WORDS
from civic.identity.models import Grant
from civic.identity.permissions import Permission, may, out_of_reach
from civic.pages.actions import leaving
from civic.pages.desk import pages
from civic.web import session
from civic.web.asking import Question, ask, at_stake
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _grant_in_reach(grant_id: int) -> Grant:
    grant = queries.grant_by_id(grant_id)
    if grant is None or not may(session.actor(), Permission.GRANT_GIVE, grant.region_path):
        raise out_of_reach()
    return grant


def _ending(grant_id: int) -> Question:
    grant = _grant_in_reach(grant_id)
    if grant.ended_at is not None:
        raise NotNow("ended_already", _("这个角色已经结束了。"))
    giving.demand_another_administrator(grant)
    name, role = grant.user.person.name, ROLE_WORDS[grant.role]
    own = [_("这是您自己的角色：结束以后，您自己开不回来。")] if grant.user_id == session.actor().user_id else []
    return Question(
        _("结束%(name)s的角色？", name=name),
        [
            _("%(name)s在“%(place)s”的“%(role)s”马上停，再办不了这里的事。", name=name, place=grant.region.name, role=role),
            *own,
            *at_stake("grant", grant),
            _("手上的件放回审核台，这里评议会的位子收回，他（她）在各处的登录都退出。"),
            _("会写信告诉他（她）原因。要请回来，得重新开通。"),
        ],
        _("结束这个角色"),
        reason=_("为什么结束（他（她）看得到）"),
    )


@pages.post("/grants/<int:grant_id>/end")
@needs(Permission.GRANT_GIVE)
def end_role(grant_id: int) -> Answer:
    return ask(
        lambda: _ending(grant_id), lambda reason: leaving.end_role(session.actor(), grant_id, reason=reason), done=_("这个角色结束了。"),
        to=url_for("identity.desk.grants"),
    )  # fmt: skip
