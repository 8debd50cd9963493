"""Words for what the tables keep as codes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from civic.volunteering.models.events import Risk, Role
from civic.volunteering.states import Rhythm

ROLE_WORDS = {
    Role.GUIDE: _l("引导行人"),
    Role.CYCLES: _l("劝导非机动车"),
    Role.YIELDING: _l("提示机动车礼让"),
    Role.LEADER: _l("组长"),
    Role.RECORDER: _l("记录员"),
    Role.STATION: _l("暖心驿站"),
    Role.GENERAL: _l("其他"),
}


WEEKDAY_WORDS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))
RHYTHM_WORDS = {Rhythm.WORKDAYS: _l("工作日"), Rhythm.DAILY: _l("每天"), Rhythm.WEEKLY: _l("每周这几天")}


RISK_WORDS = {
    Risk.INDOOR: _l("室内，没什么危险"),
    Risk.OUTDOOR: _l("户外，离车道远"),
    Risk.ROAD: _l("在路边、路口"),
    Risk.HIGH: _l("危险较大"),
}


HOW_WORDS = {
    "full": _l("按签到签退"),
    "capped": _l("走得晚，最多多记半小时"),
    "no_out": _l("没有签退，先记一半"),
    "short": _l("不到 15 分钟，不计"),
    "overlap": _l("和另一班重叠的不重复计"),
    "day_full": _l("一天最多记 8 小时"),
    "corrected": _l("组织者核对后改过"),
    "reversed": _l("更正冲回"),
    "attested": _l("补记的"),
}


DIFFERENCE_WORDS = {
    "only_ticked": _l("点过名，纸上没有"),
    "not_on_paper": _l("名单上有，纸上没有"),
    "final_already": _l("已经入账，不会改"),
    "ticked_in_otherwise": _l("来的时间和点名不一样，按点名"),
    "ticked_out_otherwise": _l("走的时间和点名不一样，按点名"),
    "no_going": _l("没写走的时间，先记一半"),
    "came_late": _l("来晚了"),
    "went_early": _l("走早了"),
    "went_late": _l("走得晚，最多多记半小时"),
}


# What stands against a place since something became known; the codes are those of the refusals.
RECHECK_WORDS = {
    "too_young": _l("年龄不合适这一班"),
    "too_late_for_minor": _l("不满 18 岁，这一班结束得太晚"),
    "guardian_first": _l("不满 14 岁，家长没有报同一班"),
    "guardian_consent": _l("不满 18 岁，还没有家长同意"),
    "not_qualified": _l("没有这个岗位要的资格"),
    "briefing_unread": _l("安全须知改过，还没看新的"),
}


FLAG_WORDS = {
    "same_two": (_l("总是同样两个人互相确认补记"), _l("以后换一位同志确认；抽三条，对着照片和本人问一问。")),
    "burst": (_l("一个人一天里申请了一大批补记"), _l("抽几条看凭什么。要是整班忘了签到，请照纸签到表录，不用一条条补记。")),
    "stayed_again": (_l("同一位队长老说同一个人“留到了最后”"), _l("提醒本人走的时候签退；请另一位队长去看一次。")),
}
