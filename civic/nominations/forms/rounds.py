"""A round and its closing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from civic.nominations.models.rounds import Cadence
from civic.web.fields import choices
from civic.web.forms import Form

CADENCE_WORDS = {
    Cadence.MONTHLY: _l("每月"),
    Cadence.QUARTERLY: _l("每季度"),
    Cadence.HALF_YEARLY: _l("半年"),
    Cadence.ALL_YEAR: _l("全年都收"),
}


# What the closing of a round does with a case.
CLOSING_WORDS = {
    "endorse": _l("评上，推到上一级"),
    "elect": _l("评上，到此为止"),
    "decline": _l("到此为止，没有评上"),
    "recall": _l("退回重新看"),
    "carry": _l("转到下一期"),
}


class RoundForm(Form):
    name = StringField(_l("这一期叫什么"), validators=[DataRequired(_l("请给这一期起个名字，比如“2026 年三季度”。")), Length(max=40)])
    cadence = RadioField(_l("多久一期"), choices=choices((c.value, w) for c, w in CADENCE_WORDS.items()), default="quarterly")
    opens_on = DateField(_l("从哪天开始"), validators=[DataRequired(_l("请选日期。"))])
    closes_on = DateField(_l("收到哪天为止"), validators=[DataRequired(_l("请选日期。"))])
    most = IntegerField(_l("一共最多评几位"), validators=[Optional(), NumberRange(0, 1000)], description=_l("只是上限，评不满没关系。空着就是不限。"))
    is_urgent = BooleanField(_l("加急的一期，只收见义勇为"))
    document = StringField(_l("表彰文号"), validators=[Optional(), Length(max=80)], description=_l("没有文号就写“发布”，不写“表彰”。"))


class RoundDeedForm(Form):
    """One deed in a round, about one case or about all of it."""

    nomination = IntegerField(validators=[Optional()])
    upward = BooleanField()
    reason = TextAreaField(_l("原因"), validators=[Optional(), Length(max=1000)])
