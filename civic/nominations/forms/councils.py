"""Members, meetings and ballots."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from civic.nominations.models.councils import Choice, RecusalGround
from civic.web.fields import choices
from civic.web.forms import Form

CHOICE_WORDS = {Choice.YES: _l("同意"), Choice.NO: _l("不同意"), Choice.ABSTAIN: _l("弃权")}
GROUND_WORDS = {
    RecusalGround.SELF: _l("是本人"),
    RecusalGround.KIN: _l("是亲属或住在一家"),
    RecusalGround.NOMINATOR: _l("是推荐人"),
    RecusalGround.UNIT: _l("在同一个单位"),
    RecusalGround.DECLARED: _l("有别的关系"),
}


class MemberForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    standing = StringField(_l("身份，比如居民代表、老党员"), validators=[Optional(), Length(max=40)])
    contact = StringField(_l("手机号或邮箱"), validators=[Optional(), Length(max=100)], description=_l("有账号的可以在手机上投票；没有账号就空着，到会在纸上投。"))
    since = DateField(_l("任期从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[DataRequired(_l("请选日期。"))])


class MeetingForm(Form):
    held_on = DateField(_l("哪天开"), validators=[DataRequired(_l("请选日期。"))])
    is_secret = BooleanField(_l("无记名：只记票数，不记谁投了什么"))
    is_on_paper = BooleanField(_l("都在纸上投，会后录进来"))
    again_reason = TextAreaField(_l("评过的为什么再评一次"), validators=[Optional(), Length(max=1000)], description=_l("会写进会议记录。上一次回避的，这一次还回避。"))


class RecusalForm(Form):
    """Whom the chair asks to stay out of which case, and why; the true reason stands in the minutes."""

    member = IntegerField()
    nomination = IntegerField()
    ground = SelectField(
        _l("为什么"), choices=choices((g.value, w) for g, w in GROUND_WORDS.items()), default=RecusalGround.DECLARED.value, validators=[Optional()]
    )
    words = StringField(_l("说明"), validators=[Optional(), Length(max=300)])


class MinutesForm(Form):
    minutes = FileField(_l("会议记录的照片"))


class BallotForm(Form):
    choice = RadioField(_l("您的意见"), choices=choices((c.value, w) for c, w in CHOICE_WORDS.items()), validators=[Optional()])
    score = IntegerField(_l("打分，0 到 100"), validators=[Optional()])
    note = StringField(_l("想说的"), validators=[Optional(), Length(max=300)])
