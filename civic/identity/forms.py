"""Fields and wording of the account pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, IntegerField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.identity.permissions import Role
from civic.web.fields import choices
from civic.web.forms import Form

ROLE_WORDS = {
    Role.STEWARD: _l("楼栋长、组长"),
    Role.REVIEWER: _l("审核员"),
    Role.REGION_ADMIN: _l("地区管理员"),
    Role.CITY_ADMIN: _l("市管理员"),
    Role.ORGANISER: _l("志愿服务组织者"),
    Role.AUDITOR: _l("审计员"),
}
KIN_WORDS = [
    ("spouse", _l("夫妻")), ("parent", _l("父母")), ("child", _l("子女")), ("sibling", _l("兄弟姐妹")),
    ("in_law", _l("亲家、姻亲")), ("household", _l("住在一家")),
]  # fmt: skip


class ContactField(StringField):
    """A phone number or e-mail."""

    def __init__(self, label: object = _l("手机号或邮箱"), **kwargs: object) -> None:
        super().__init__(label, validators=[DataRequired(_l("请写手机号或邮箱。")), Length(max=100)], **kwargs)


class SignInForm(Form):
    contact = ContactField()
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请写密码。")), Length(max=128)])
    remember = BooleanField(_l("这台设备是我自己的，30 天内不用再登"))
    next = HiddenField()


class ContactForm(Form):
    contact = ContactField()
    next = HiddenField()


class CodeForm(Form):
    code = StringField(_l("验证码"), validators=[DataRequired(_l("请写收到的 6 位验证码。")), Length(max=12)])


class ConfirmForm(Form):
    password = PasswordField(_l("现在的密码"), validators=[DataRequired(_l("请写密码。")), Length(max=128)])


class RegisterForm(Form):
    name = StringField(_l("您的姓名"), validators=[DataRequired(_l("请写您的姓名。")), Length(max=60)])
    birth_date = DateField(
        _l("您的生日"), validators=[DataRequired(_l("请写生日：不满 14 岁的，要监护人来办。"))],
        description=_l("不公开。不满 14 岁的，请爸爸妈妈（监护人）注册，再加上孩子。"),
    )  # fmt: skip
    password = PasswordField(_l("设一个密码"), validators=[DataRequired(_l("请设一个密码，至少 8 位。")), Length(max=128)],
                             description=_l("至少 8 位。可以用一句好记的话。"))  # fmt: skip


class PasswordForm(Form):
    password = PasswordField(_l("新密码"), validators=[DataRequired(_l("请设一个密码，至少 8 位。")), Length(max=128)],
                             description=_l("至少 8 位。改好以后，别的设备要重新登录。"))  # fmt: skip


class KinForm(Form):
    contact = ContactField(_l("他（她）的手机号"))
    relation = SelectField(_l("是您的"), choices=choices(KIN_WORDS))


class DeputyForm(Form):
    deputy = SelectField(_l("请谁代办"), coerce=int, validators=[InputRequired(_l("请选一位同志。"))])
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[DataRequired(_l("请选日期。"))])


class LetterForm(Form):
    """How somebody wants to hear."""

    way = RadioField(_l("用什么通知您"), choices=choices((("auto", _l("有邮箱发邮箱，没有发短信")), ("email", _l("发邮箱")), ("sms", _l("发短信")))), default="auto")
    quiet_from = IntegerField(_l("晚上几点以后不打扰"), validators=[InputRequired(_l("请写 0 到 23 点。"))], default=20)
    quiet_until = IntegerField(_l("早上几点以后可以"), validators=[InputRequired(_l("请写 0 到 23 点。"))], default=8)
    wants_reminders = BooleanField(_l("上班前一天晚上提醒我"), default=True)


class AppointForm(Form):
    contact = ContactField(_l("他（她）的手机号或邮箱"))
    name = StringField(_l("姓名"), validators=[Length(max=60)], description=_l("还没有账号的，写上姓名，会替他开一个。"))
    role = SelectField(_l("角色"), choices=choices((r.value, w) for r, w in ROLE_WORDS.items()))
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[Optional()])


class NameForm(Form):
    contact = ContactField(_l("他（她）的手机号或邮箱"))
    before = StringField(_l("账号里现在的名字"), validators=[DataRequired(_l("请写账号里现在的名字。")), Length(max=60)])
    after = StringField(_l("改成"), validators=[DataRequired(_l("请写要改成的名字。")), Length(max=60)])
    reason = StringField(
        _l("为什么改"), validators=[DataRequired(_l("请写为什么改，比如“注册时打错一个字，看过证件”。")), Length(max=200)],
        description=_l("留在记录里，别的市管理员看得到。不写证件号。"),
    )  # fmt: skip


class BirthdayForm(Form):
    birth_date = DateField(_l("生日"), validators=[DataRequired(_l("请写生日。"))])
    reason = StringField(
        _l("为什么改"), validators=[Length(max=200)], description=_l("比如“注册时月份点错了”。留在记录里，工作人员看得到。不写证件号。")
    )


class StaffBirthdayForm(Form):
    contact = ContactField(_l("他（她）的手机号或邮箱"))
    name = StringField(_l("账号里的名字"), validators=[DataRequired(_l("请写账号里现在的名字。")), Length(max=60)])
    birth_date = DateField(_l("证件上的生日"), validators=[DataRequired(_l("请写生日。"))])
    reason = StringField(
        _l("为什么改"), validators=[DataRequired(_l("请写为什么改，比如“注册时月份点错了”。")), Length(max=200)],
        description=_l("留在记录里，别的市管理员看得到。不写证件号。"),
    )  # fmt: skip


class AttestForm(Form):
    contact = ContactField(_l("他（她）的手机号或邮箱"))
    name = StringField(_l("证件上的姓名"), validators=[DataRequired(_l("请对着证件写姓名。")), Length(max=60)])
    seen = BooleanField(_l("我看过他（她）的证件，住在这里"), validators=[DataRequired(_l("看过证件再勾。"))])
