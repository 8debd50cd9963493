"""What is kept of me: to read on a page, and to take along as a file that other programs read."""

from __future__ import annotations

import re

from flask import jsonify, render_template
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.pages import files
from civic.pages.views import pages
from civic.web import session
from civic.web.guards import signed_in

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
WORDS = {
    "account": _l("账号"), "relatives": _l("亲属"), "roles": _l("角色"), "deputies": _l("代办"), "consents": _l("同意"),
    "name_corrections": _l("改过的名字"), "birthday_corrections": _l("改过的生日"), "letter_choice": _l("怎么通知"), "sign_ins": _l("登录"),
    "nominations": _l("推荐过的"), "nominations_of_me": _l("推荐您的"), "drafts": _l("没写完的推荐"), "council_seats": _l("评议会的位子"),
    "jury_turns": _l("群众评审"), "filters": _l("存下的筛选"), "honours": _l("荣誉"), "honour_changes": _l("荣誉的变动"), "benefits": _l("礼遇"),
    "volunteer": _l("志愿者登记"), "family": _l("替谁报名"), "teams": _l("服务队"), "boards": _l("光荣榜"), "shifts": _l("报过的班"), "punches": _l("签到签退"),
    "qualifications": _l("资格"), "hand_overs": _l("请您接的班"), "hours": _l("时长"), "hours_filled_in": _l("补记的时长"), "certificates": _l("服务记录证明"), "points": _l("积分账"),
    "points_left": _l("还能用的积分"), "points_owed": _l("差额"), "exchanges": _l("兑换"), "cards": _l("志愿者卡"), "errands": _l("交办的活"),
    "letters": _l("寄给您的信"), "records": _l("留痕"),
}  # fmt: skip

FIELDS = {
    "name": _l("姓名或名称"), "phone": _l("手机号"), "email": _l("邮箱"), "sex": _l("性别"), "birth_date": _l("生日"), "residence": _l("住在"), "work_unit": _l("单位"),
    "registered_at": _l("登记于"), "attested_at": _l("证件核实于"), "has_password": _l("设了密码"), "contact": _l("联系"), "relation": _l("关系"),
    "confirmed": _l("对方说是"), "role": _l("角色"), "place": _l("地方"), "since": _l("从"), "until": _l("到"), "ended_at": _l("结束于"), "kind": _l("种类"),
    "purpose": _l("同意什么"), "wording": _l("哪一版说明"), "method": _l("怎么同意的"), "given_at": _l("同意于"), "withdrawn_at": _l("收回于"), "before": _l("原来"),
    "after": _l("改成"), "reason": _l("为什么"), "at": _l("时间"), "way": _l("用什么通知"), "quiet_from": _l("几点以后不打扰"), "quiet_until": _l("几点以后可以"),
    "wants_reminders": _l("要提醒"), "began_at": _l("登录于"), "is_remembered": _l("记住了这台设备"), "reference": _l("编号"), "nominee": _l("推荐了谁"),
    "headline": _l("标题"), "summary": _l("简介"), "story": _l("事迹"), "status": _l("怎么样了"), "level": _l("第几级"), "my_name": _l("您写的姓名"),
    "my_phone": _l("您留的手机号"), "my_email": _l("您留的邮箱"), "my_words": _l("您写的话"), "created_at": _l("开始于"), "decided_at": _l("定于"),
    "changed_at": _l("改动于"), "standing": _l("身份"), "asked_at": _l("问您于"), "answer_by": _l("答复期限"), "answered_at": _l("答复于"), "number": _l("编号"),
    "category": _l("类别"), "awarded_at": _l("评上于"), "visibility": _l("公开到哪一步"), "shown_name": _l("公开的名字"), "published_at": _l("公开于"),
    "document": _l("文号"), "provider": _l("谁给的"), "verified_minutes": _l("签到的分钟"), "attested_minutes": _l("补记的分钟"), "stars": _l("星级"),
    "free_times": _l("有空的时候"), "has_calendar_address": _l("开着日历地址"), "guardian": _l("替您报名的"), "consented_at": _l("说是家里人于"), "team": _l("服务队"),
    "is_leader": _l("队长"), "nickname": _l("榜上的名字"), "event": _l("活动"), "day": _l("哪天"), "starts_at": _l("开始"), "ends_at": _l("结束"),
    "basis": _l("怎么报的"), "appeal": _l("您的申诉"), "direction": _l("来还是走"), "means": _l("怎么签的"), "is_live": _l("算数"), "minutes": _l("分钟"),
    "how": _l("怎么算的"), "final_at": _l("入账于"), "objection": _l("您的异议"), "answer": _l("答复"), "evidence": _l("凭什么"), "requested_at": _l("提出于"),
    "is_confirmed": _l("确认了"), "first": _l("从"), "last": _l("到"), "issued_at": _l("开出于"), "revoked_for": _l("撤销原因"), "points": _l("积分"), "words": _l("说明"),
    "balance_after": _l("余额"), "left": _l("还剩"), "expires_on": _l("到期"), "decision": _l("处理"), "good": _l("东西"), "held_at": _l("换于"),
    "course": _l("课程"), "revoked_at": _l("停用于"), "sent_at": _l("寄出于"), "verb": _l("做了什么（代号）"), "by_me": _l("您自己做的"),
}  # fmt: skip


@pages.get("/identity/export")
@signed_in
def export() -> Response:
    """Everything, as JSON."""
    user = session.viewer()
    assert user is not None
    answer = jsonify(files.everything_of(user))
    answer.headers["Content-Disposition"] = "attachment; filename=civic-my-data.json"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.get("/identity/data")
@signed_in
def data() -> str:
    """The same, to be read."""
    user = session.viewer()
    assert user is not None
    kinds = [
        (kind, [{name: _readable(value) for name, value in row.items()} for row in rows])
        for found in files.everything_of(user).values()
        for kind, rows in found.items()
    ]
    return render_template("identity/data.html", kinds=kinds, words=WORDS, fields=FIELDS)


def _readable(value: object) -> object:
    """A moment as people write it; the file keeps it to the second, with its zone."""
    return f"{value[:10]} {value[11:16]}" if isinstance(value, str) and MOMENT.fullmatch(value) else value
