"""Forms of an event: its words, posts, hours and shifts."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.core import clock
from civic.volunteering.forms.words import RHYTHM_WORDS, RISK_WORDS, ROLE_WORDS, WEEKDAY_WORDS
from civic.volunteering.queries import qualifications
from civic.volunteering.states import Rhythm
from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.versions import Versioned


class EventForm(Versioned):
    team = SelectField(_l("哪个服务队"), coerce=int, validate_choice=False, validators=[InputRequired(_l("请选服务队。没有就先建一个。"))])
    category = SelectField(_l("哪一类服务"), validate_choice=False, validators=[DataRequired(_l("请选哪一类服务。"))])
    name = StringField(_l("活动叫什么"), validators=[DataRequired(_l("请写活动叫什么。")), Length(max=40)])
    subtitle = StringField(_l("副标题"), validators=[Optional(), Length(max=40)])
    place = StringField(_l("在哪里"), validators=[DataRequired(_l("请写在哪里，比如“文昌路沿线 4 个路口”。")), Length(max=80)])
    description = TextAreaField(_l("做什么"), validators=[DataRequired(_l("请写做什么，两三句就好。")), Length(max=3000)])
    requirements = StringField(_l("有什么要求"), validators=[Optional(), Length(max=300)])
    kit = StringField(_l("发什么东西"), validators=[Optional(), Length(max=200)])
    risk = RadioField(_l("危险程度"), choices=choices((r.value, w) for r, w in RISK_WORDS.items()), default="outdoor")
    insurance_number = StringField(_l("意外险保单号"), validators=[Optional(), Length(max=60)])
    insured_from = DateField(_l("保险从哪天"), validators=[Optional()])
    insured_until = DateField(_l("保险到哪天"), validators=[Optional()])
    briefing = TextAreaField(_l("安全须知，报名的人要先看"), validators=[Optional(), Length(max=3000)])
    police_contact = StringField(_l("交警联系人和电话"), validators=[Optional(), Length(max=60)])
    emergency_contact = StringField(_l("紧急联系人和电话"), validators=[Optional(), Length(max=60)])
    opens_days = IntegerField(_l("提前几天开始报名"), validators=[InputRequired(), NumberRange(1, 120)], default=30)
    closes_hours = IntegerField(_l("开始前几小时截止报名"), validators=[InputRequired(), NumberRange(0, 240)], default=0)
    withdraw_hours = IntegerField(_l("开始前几小时可以自己退"), validators=[InputRequired(), NumberRange(0, 240)], default=11)
    most_a_month = IntegerField(_l("每人每月最多几班"), validators=[Optional(), NumberRange(1, 100)], description=_l("空着就是不限。"))


class PostForm(Form):
    name = StringField(_l("在哪，比如“育才小学路口”"), validators=[DataRequired(_l("请写岗位在哪，比如“育才小学路口”。")), Length(max=40)])
    corner = StringField(_l("提醒一句，比如“上学点，人多”"), validators=[Optional(), Length(max=60)])
    role = SelectField(_l("做什么"), choices=choices((r.value, w) for r, w in ROLE_WORDS.items()), default="guide")
    is_on_carriageway = BooleanField(_l("在车道边上（不满 18 岁的不能报）"))
    needs = SelectField(_l("要什么资格"), coerce=int, validate_choice=False, default=0)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kinds = {kind.id: kind.name for kind in qualifications.in_use(clock.today())}
        own = qualifications.kind_by_id(self.needs.data) if self.needs.data else None
        self.needs.choices = choices([(0, _l("不要")), *(kinds | ({own.id: own.name} if own is not None else {})).items()])


class PlaceForm(PostForm):
    """A post's words and where it stands on the drawn map; without a script the numbers are typed."""

    x = IntegerField(_l("图上从左数，0 到 400"), validators=[Optional(), NumberRange(0, 400, _l("请写 0 到 400。"))])
    y = IntegerField(_l("图上从上数，0 到 430"), validators=[Optional(), NumberRange(0, 430, _l("请写 0 到 430。"))])
    latitude = FloatField(_l("纬度"), validators=[Optional(), NumberRange(-90, 90, _l("纬度在 -90 到 90 之间。"))])
    longitude = FloatField(_l("经度"), validators=[Optional(), NumberRange(-180, 180, _l("经度在 -180 到 180 之间。"))])


class PostWordsForm(Versioned, PlaceForm):
    """The words of a post that stands already."""


class EndField(TimeField):
    """When something ends: midnight may be said as 24:00."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(["00:00" if value.strip() == "24:00" else value for value in valuelist])


class PatternForm(Form):
    name = StringField(_l("叫什么，比如“早高峰”"), validators=[Optional(), Length(max=20)])
    starts = TimeField(_l("几点开始"), validators=[InputRequired(_l("请写几点开始。"))])
    ends = EndField(_l("几点结束"), validators=[InputRequired(_l("请写几点结束。"))], description=_l("比开始早，就是第二天，比如 22:00 到 2:00。"))
    least = IntegerField(_l("最少几个人"), validators=[InputRequired(), NumberRange(1, 500)], default=2)
    most = IntegerField(_l("最多几个人"), validators=[InputRequired(), NumberRange(1, 500)], default=4)
    rhythm = RadioField(_l("哪些日子"), choices=choices((r.value, w) for r, w in RHYTHM_WORDS.items()), default=Rhythm.DAILY.value)
    weekdays = SelectMultipleField(_l("每周的哪几天"), coerce=int, choices=choices(enumerate(WEEKDAY_WORDS)))
    first = DateField(_l("只在这一段：从哪天"), validators=[Optional()])
    last = DateField(_l("到哪天"), validators=[Optional()], description=_l("都空着，每次排班都用；只写前一个，就只有那一天。"))


class GenerateForm(Form):
    first = DateField(_l("从哪天排"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("排到哪天"), validators=[DataRequired(_l("请选日期。"))])
    skip = StringField(_l("跳过哪几天"), validators=[Optional(), Length(max=400)], description=_l("比如 2026-10-08 2026-10-09，空着就是不跳。"))


class ReasonForm(Form):
    reason = StringField(_l("为什么不办了"), validators=[Optional(), Length(max=200)])


class ShiftForm(Form):
    most = IntegerField(_l("最多几个人"), validators=[InputRequired(), NumberRange(1, 500)])
    ends = EndField(_l("几点结束"), validators=[Optional()])
