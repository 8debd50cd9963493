"""What somebody told, written down by a desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.nominations.forms.guardians import GuardianFields
from civic.nominations.forms.nominating import CHANNEL_WORDS, RELATION_WORDS
from civic.nominations.models.voices import ToldHow
from civic.nominations.rules import climbing, telling
from civic.web.fields import choices
from civic.web.forms import Form

TOLD_WORDS = {ToldHow.PHONE: _l("电话里说的"), ToldHow.PAPER: _l("写在纸上的"), ToldHow.IN_PERSON: _l("当面说的")}


class EntryForm(GuardianFields, Form):
    """What somebody told, written down by a desk on one page."""

    told_how = RadioField(
        _l("怎么来的"), choices=choices((h.value, w) for h, w in TOLD_WORDS.items()), validators=[InputRequired(_l("请选是电话里说的、写在纸上的，还是当面说的。"))]
    )
    nominator_name = StringField(_l("谁说的"), validators=[DataRequired(_l("请写是谁说的。")), Length(max=60)])
    contact = StringField(
        _l("他（她）的手机号"), validators=[Optional(), Length(max=100)], description=_l("有手机就收信；没有就空着，打一张回执给他（她）。")
    )
    relation = SelectField(_l("他（她）是被推荐人的"), choices=choices((r.value, w) for r, w in RELATION_WORDS.items()))
    nominee_name = StringField(_l("推荐的是谁"), validators=[DataRequired(_l("请写他（她）的名字，或者大家平时的叫法。")), Length(max=60)])
    nominee_sex = SelectField(_l("性别"), choices=choices([("", _l("不清楚")), ("female", _l("女")), ("male", _l("男"))]), default="", validators=[Optional()])
    work_unit = StringField(_l("单位"), validators=[Optional(), Length(max=80)])
    nominee_is_minor = BooleanField(_l("还不满 18 岁"))
    nominee_is_deceased = BooleanField(_l("人已经不在了"))
    category = SelectField(_l("哪一类好人"), coerce=int)
    channel = SelectField(_l("从哪里来的推荐"), choices=choices((c.value, w) for c, w in CHANNEL_WORDS.items() if c.value not in climbing.FROM_OUTSIDE), default="household")
    region = SelectField(_l("被推荐人住在"), coerce=int)
    headline = StringField(
        _l("一句话，做了什么"), validators=[DataRequired(_l("请用一句话说说他（她）做了什么。")), Length(max=telling.HEADLINE_MOST, message=_l("一句话请不超过 70 个字。"))]
    )
    story = TextAreaField(_l("怎么说的，就怎么写"), validators=[DataRequired(_l("请写一写他（她）的事，怎么跟邻居说的就怎么写。")), Length(max=9000)])
    deed_on = StringField(_l("最近一次是哪天"), validators=[Optional(), Length(max=10)], description=_l("记不清就空着，社区会去问。"))
    sheet = FileField(_l("那张纸的照片"), description=_l("写在纸上的要拍一张，只留在档案里，不公开。"))
    keep_quiet = BooleanField(_l("先别告诉他（她）本人"))
