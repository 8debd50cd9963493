"""Forms of whoever comes: signing up, oneself, one's family, at the table, for somebody by name."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.web.forms import Form


class SignForm(Form):
    """Which shifts, for whom; the shifts are read from the request, one by one."""

    person = RadioField(_l("替谁报"), coerce=int, validate_choice=False, validators=[Optional()])
    has_read_briefing = BooleanField(_l("安全须知我看过了，照着做"))


class RegisterForm(Form):
    birth_date = DateField(
        _l("您的生日"), validators=[DataRequired(_l("请写生日，上保险要用。"))], description=_l("只用来上意外险和看年龄合不合适，不公开。")
    )
    agrees = BooleanField(_l("自愿参加，不要报酬；来不了提前说"), validators=[InputRequired(_l("请勾上这一条。"))])


class WardForm(Form):
    name = StringField(_l("家里人的姓名"), validators=[DataRequired(_l("请写家里人的姓名。")), Length(max=60)])
    birth_date = DateField(_l("生日"), validators=[DataRequired(_l("请写生日，上保险要用。"))])
    agrees = BooleanField(_l("我是孩子的监护人，或者他（她）托我替他报名"), validators=[InputRequired(_l("请勾上这一条。"))])


class NumberForm(Form):
    phone = StringField(_l("他（她）自己的手机号"), validators=[DataRequired(_l("请写手机号。")), Length(max=20)])


class GuestForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    phone = StringField(_l("手机号"), validators=[DataRequired(_l("请写手机号。")), Length(max=20)])
    is_of_household = BooleanField(_l("用的是家里人的手机"))
    # The law wants a parent's consent for a child, and no leader can give it.
    is_grown = BooleanField(_l("满 18 岁了"), validators=[InputRequired(_l("不满 18 岁的，请家长在自己手机上“替家里人报名”。"))])


class SuccessorForm(Form):
    who = StringField(_l("转给谁：志愿者编号或手机号"), validators=[DataRequired(_l("请写志愿者编号或手机号。")), Length(max=20)])
    reason = StringField(_l("为什么转给他（她）"), validators=[Optional(), Length(max=300)])


class ArrangeForm(Form):
    who = StringField(_l("请谁：志愿者编号或手机号"), validators=[DataRequired(_l("请写志愿者编号或手机号。")), Length(max=20)])
    is_working_time = BooleanField(_l("算上班时间"))
