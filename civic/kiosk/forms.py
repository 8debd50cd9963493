"""Fields and wording of the kiosk's desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TimeField
from wtforms.validators import DataRequired, Length, Optional

from civic.kiosk.states import Code, Scope, Way
from civic.web.forms import Form

SCOPE_WORDS = {Scope.REGION: _l("地区"), Scope.TEAM: _l("服务队"), Scope.EVENT: _l("活动")}
WAY_WORDS = {Way.PHONE: _l("手机签到码"), Way.CARD: _l("志愿者卡"), Way.WEDGE: _l("扫码枪"), Way.TAIL: _l("手机尾号"), Way.LIST: _l("队长点名")}
# Why a person has to look at it.
WHY_WORDS = {
    Code.SECOND_KIOSK: _l("两处都记了"),
    Code.OUT_FIRST: _l("有签退，没有签到"),
    Code.CANCELLED: _l("这一班不办了，人来了"),
    Code.NOT_SIGNED_UP: _l("没报名，人来了"),
    Code.UNKNOWN_CODE: _l("不认识这个码"),
    Code.OUTSIDE_WINDOW: _l("不在这一班的时间里"),
    Code.CLOCK_OFF: _l("机器的钟不准，或者被调过"),
    Code.COUNTED_ALREADY: _l("时长已经算过了"),
}


class KioskForm(Form):
    name = StringField(
        _l("名字"), validators=[DataRequired(_l("请给签到台起个名字，比如“育才小学路口”。")), Length(max=40)], description=_l("比如“育才小学路口”，签到台上看得到。")
    )
    place = StringField(_l("放在哪里"), validators=[Length(max=80)])
    thing = SelectField(_l("管哪些班"), validators=[DataRequired(_l("请选管哪些班。"))], description=_l("只看得到这些班的名单，越小越好。"))
    until = DateField(_l("用到哪天"), validators=[DataRequired(_l("请选用到哪天。"))])


class RevokeForm(Form):
    reason = StringField(_l("为什么停用"), validators=[DataRequired(_l("请写为什么停用，比如“平板丢了”。")), Length(max=200)])


class DecisionForm(Form):
    at = TimeField(_l("按几点算"), validators=[Optional()])
    reason = StringField(_l("为什么"), validators=[Length(max=200)])
    shift = SelectField(_l("算在哪一班"), coerce=int, validate_choice=False, validators=[Optional()])
    place_id = SelectField(_l("是谁"), coerce=int, validate_choice=False, validators=[Optional()])


class BirthForm(Form):
    birth_date = DateField(_l("生日"), validators=[DataRequired(_l("请写生日，上保险要用。"))])
