"""Fields of the desk that keeps the honours."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.web.fields import choices
from civic.web.forms import Form


class ChangeForm(Form):
    reason = TextAreaField(_l("原因，会留在档案里"), validators=[Optional(), Length(max=2000)])
    document = StringField(_l("文号，撤销时必填"), validators=[Optional(), Length(max=80)])


class BenefitForm(Form):
    name = StringField(_l("什么礼遇"), validators=[DataRequired(_l("请写是什么礼遇，比如“公交免费”。")), Length(max=60)])
    provider = StringField(_l("谁提供"), validators=[DataRequired(_l("请写谁提供，比如“云汀公交”。")), Length(max=80)])
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[Optional()])


class UseForm(Form):
    used_on = DateField(_l("哪天用的"), validators=[DataRequired(_l("请选日期。"))])
    words = StringField(_l("用在哪里"), validators=[DataRequired(_l("请写用在哪里，比如“陪母亲体检一次”。")), Length(max=200)])


class ReviewForm(Form):
    holds = RadioField(_l("还是好样的吗"), choices=choices([("yes", _l("情况属实，继续有效")), ("no", _l("有问题"))]), validators=[InputRequired(_l("请选一样。"))])
    finding = TextAreaField(_l("问了谁，情况怎么样"), validators=[DataRequired(_l("请写问了谁、情况怎么样。")), Length(max=2000)])


class CategoryForm(Form):
    code = StringField(_l("代码，2 到 12 个字母"), validators=[DataRequired(_l("代码请用 2 到 12 个大写字母，比如 WMJT。")), Length(max=12)])
    character = StringField(_l("一个字，盖章用"), validators=[DataRequired(_l("请写一个字。")), Length(max=1)])
    name = StringField(_l("名称"), validators=[DataRequired(_l("请写名称。")), Length(max=20)])
    description = StringField(_l("一句说明"), validators=[DataRequired(_l("请写一句说明，推荐人看得到。")), Length(max=80)])
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[Optional()])


class RetireForm(Form):
    until = DateField(_l("用到哪天"), validators=[DataRequired(_l("请选日期。"))])
