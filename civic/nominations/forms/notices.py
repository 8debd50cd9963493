"""Objections to what hangs on notice, and their answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from civic.nominations.models.notices import ObjectionKind, Withheld
from civic.web.fields import choices
from civic.web.forms import Form

OBJECTION_WORDS = {
    ObjectionKind.UNTRUE: _l("事情不实"),
    ObjectionKind.SOMEBODY_ELSE: _l("不是他（她）做的"),
    ObjectionKind.MORE: _l("还有别的情况"),
    ObjectionKind.WORDING: _l("写得不准确"),
}

WITHHELD_WORDS = {
    Withheld.NAME: _l("本人撤回同意，内容已撤下。"),
    Withheld.STORY: _l("本人撤回同意，内容已撤下。"),
    Withheld.MENTIONED: _l("文字里提到的人没有同意，内容已撤下。"),
}


class ObjectionForm(Form):
    kind = RadioField(_l("您想说的是"), choices=choices((k.value, w) for k, w in OBJECTION_WORDS.items()), default="more")
    words = TextAreaField(_l("请说具体一点"), validators=[DataRequired(_l("请说具体一点：什么时候、什么事、谁也知道。")), Length(max=2000)])
    name = StringField(_l("您的姓名"), validators=[Optional(), Length(max=60)])
    contact = StringField(
        _l("您的手机号或邮箱"), validators=[Optional(), Length(max=100)],
        description=_l("只有负责核查的人看得到。不留也收，但没法给您回音。"),
    )  # fmt: skip


class AnswerForm(Form):
    finding = TextAreaField(_l("查到的情况，只留在档案里"), validators=[Optional(), Length(max=3000)])
    answer = TextAreaField(_l("给提异议的人的答复"), validators=[Optional(), Length(max=1000)])
