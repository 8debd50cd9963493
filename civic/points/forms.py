"""Fields and wording of points and goods."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.versions import Versioned


class RedeemForm(Form):
    """`request` is the page's own word: the page sent twice exchanges once."""

    request = HiddenField(validators=[DataRequired(), Length(max=40)])


class DeliveryForm(Form):
    count = IntegerField(_l("添了几件"), validators=[InputRequired(_l("请写添了几件。")), NumberRange(1, 10000, _l("请写 1 到 10000 件。"))])


class GoodForm(Form):
    name = StringField(_l("东西叫什么"), validators=[DataRequired(_l("请写东西叫什么。")), Length(max=40)])
    donor = StringField(_l("哪家送的"), validators=[DataRequired(_l("请写是哪家送的。")), Length(max=60)])
    counter = StringField(_l("在哪领"), validators=[DataRequired(_l("请写在哪领。")), Length(max=80)])
    points = IntegerField(_l("要多少分"), validators=[InputRequired(_l("请写要多少分。")), NumberRange(1, 100000)])
    count = IntegerField(_l("有几件"), validators=[InputRequired(_l("请写有几件。")), NumberRange(1, 100000)])


class GoodWordsForm(Versioned):
    """What stands on the shelf already, put right."""

    name = StringField(_l("东西叫什么"), validators=[DataRequired(_l("请写东西叫什么。")), Length(max=40)])
    donor = StringField(_l("哪家送的"), validators=[DataRequired(_l("请写是哪家送的。")), Length(max=60)])
    counter = StringField(_l("在哪领"), validators=[DataRequired(_l("请写在哪领。")), Length(max=80)])
    points = IntegerField(_l("要多少分"), validators=[InputRequired(_l("请写要多少分。")), NumberRange(1, 100000)], description=_l("已经换了的人，按当时的分。"))
    count = IntegerField(_l("一共送来几件"), validators=[InputRequired(_l("请写有几件。")), NumberRange(1, 100000)])


class TakeDownForm(Form):
    held = RadioField(_l("换了还没领的"), choices=choices([("keep", _l("照样来领")), ("give_back", _l("不给了，积分退回去，写信告诉他们"))]), default="keep")
    reason = StringField(_l("为什么下架"), validators=[DataRequired(_l("请写为什么下架，换了的人会看到。")), Length(max=200)])


class CodeForm(Form):
    code = StringField(_l("领取码，6 位数字"), validators=[DataRequired(_l("请写领取码。")), Length(max=12)])


class ShortfallForm(Form):
    decision = StringField(_l("怎么处理"), validators=[Length(max=300)])
