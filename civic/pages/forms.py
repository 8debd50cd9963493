"""The complaint form and its answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from civic.web.forms import Form


class ComplaintForm(Form):
    words = TextAreaField(_l("您想说的"), validators=[DataRequired(_l("请写一句您想说的。")), Length(max=2000)])
    contact = StringField(_l("手机号或邮箱"), description=_l("可以不填。填了，答复会发给您；不公开。"))
    about = HiddenField()


class AnswerForm(Form):
    answer = TextAreaField(_l("答复"), validators=[DataRequired(_l("请写答复内容。")), Length(max=2000)])
