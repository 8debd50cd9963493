"""Closing one's account: it ends what every feature knows of it, so it stands up here, at the address where people look for it."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from civic.pages.actions import leaving
from civic.pages.views import pages
from civic.volunteering.queries import sign_ups
from civic.volunteering.states import OPEN
from civic.web import session
from civic.web.asking import Answer, Question, ask
from civic.web.guards import signed_in, to_confirm


def _closing() -> Question:
    whose = [session.account().person_id, *(person.id for person in session.whose().family)]
    places = sum(row.status in OPEN for row in sign_ups.mine(whose))
    return Question(
        _("要注销账号吗？"),
        [
            _("手机号、邮箱、密码马上删掉，不能找回。"),
            _("推荐过的好人照常往上走，只是不再写信告诉您；评上的荣誉和志愿时长按规定留着。"),
            *([_("报上的和候补的 %(count)s 班，都退掉，名额让给下一位", count=places)] if places else []),
            _("停掉日历地址、志愿者卡、登录过的设备、没写完的推荐。"),
            _("没领的兑换退回去，没用的积分到期作废。"),
            _("审核台上的角色、评议会和群众评审的位子都空出来，手上的件放回审核台。"),
        ],
        _("注销"),
    )


def _left(_found: object) -> str:
    session.leave()
    return _("账号注销了，手机号和邮箱已经删掉。谢谢您来过。")


@pages.route("/identity/close", methods=["GET", "POST"])
@signed_in
def close() -> Answer:
    """What closing ends, by name and number; then it is ended."""
    if not session.is_confirmed():
        return to_confirm()
    return ask(
        _closing, lambda _reason: leaving.close_account(session.actor()), done=_left, to=url_for("pages.home"), back=url_for("identity.settings")
    )
