"""What a desk decides about cases: one, many together, and the words for what was done."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from civic.web.fields import choices
from civic.web.forms import Form

# What a desk did, in a history or a list.
VERB_WORDS = {
    "take": _l("开始看"),
    "release": _l("交回"),
    "hand_over": _l("转办"),
    "entrust": _l("交接"),
    "return": _l("退回补充"),
    "resubmit": _l("补好了"),
    "resume": _l("到期接着看"),
    "endorse": _l("通过并上推"),
    "elect": _l("评上为止"),
    "decline": _l("不通过"),
    "pass": _l("初审通过"),
    "propose": _l("拟定"),
    "recall": _l("退回重新看"),
    "post": _l("公示"),
    "object": _l("收到异议"),
    "dismiss": _l("异议不成立"),
    "uphold": _l("异议成立"),
    "withdraw": _l("撤回"),
    "merge": _l("并到另一件"),
    "reopen": _l("上一级再看，接着办"),
    "undo": _l("撤回上一步"),
}


# Facts of a case that may change, as the differences name them.
FACT_WORDS = {
    "is_party_member": _l("是党员"),
    "is_public_employee": _l("是公职人员"),
    "is_business_person": _l("经商办企业"),
    "is_head_of_enterprise": _l("是企业负责人"),
    "deed_on": _l("最近一次是哪天"),
}


class DeedForm(Form):
    """The desk's decision on one case: which button, the words, and the state it was seen in."""

    reason = TextAreaField(_l("审核意见，推荐人看得到"), validators=[Optional(), Length(max=1000)])
    version = IntegerField(validators=[InputRequired()])


class UndoForm(Form):
    """Only the token: what is undone stands in the address."""


class BatchForm(Form):
    deed = RadioField(
        _l("一起怎么办"),
        choices=choices(
            [
                ("endorsement", _l("通过，推到上一级")),
                ("election", _l("评上，到此为止")),
                ("check", _l("初审通过，等评议")),
                ("return", _l("退回补充")),
                ("refusal", _l("不通过")),
            ]
        ),
        validators=[InputRequired(_l("请选一起怎么办。"))],
    )
    reason = TextAreaField(_l("审核意见，推荐人看得到"), validators=[Optional(), Length(max=1000)])
    count = IntegerField(_l("请填件数，确认没有多选"), validators=[InputRequired(_l("请填件数。"))])
