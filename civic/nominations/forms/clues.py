"""Clues and their triage."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.web.forms import Form


class ClueForm(Form):
    who = StringField(_l("他（她）叫什么"), validators=[DataRequired(_l("请写他（她）叫什么，或者大家怎么叫。")), Length(max=60)])
    place = StringField(_l("在哪里，到街道、乡镇就行"), validators=[DataRequired(_l("请写在哪里，到街道、乡镇就行。")), Length(max=80)])
    county = SelectField(_l("在哪个县区"), coerce=int, default=0, validators=[Optional()])
    category = RadioField(_l("哪一类好人"), coerce=int, validators=[InputRequired(_l("请选一类，拿不准就选最接近的。"))])
    deed = StringField(_l("一句话，做了什么"), validators=[DataRequired(_l("请用一句话写他（她）做了什么。"))], description=_l("不超过 70 个字。"))
    is_from_media = BooleanField(_l("是报纸、电视、新媒体上看到的"))
    contact = StringField(_l("您的手机号"), validators=[DataRequired(_l("请写手机号；没有手机，写邮箱也行。")), Length(max=100)], description=_l("只用来问您详细情况，不公开。"))


class TriageForm(Form):
    story = TextAreaField(_l("整理成一段，给当地看"), validators=[Optional(), Length(max=9000)], description=_l("至少 60 个字：什么时候、什么事、怎么知道的。"))
    nomination = IntegerField(validators=[Optional()])
    reason = TextAreaField(_l("不采用的原因"), validators=[Optional(), Length(max=1000)])
