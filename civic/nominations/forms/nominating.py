"""The four steps of a nomination, its proof, how it is followed and supplemented."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.nominations.forms.guardians import GuardianFields
from civic.nominations.models.cases import Channel
from civic.nominations.models.voices import Relation
from civic.nominations.rules import telling
from civic.web.fields import choices
from civic.web.forms import Form

RELATION_WORDS = {
    Relation.NEIGHBOUR: _l("邻居"),
    Relation.STEWARD: _l("楼长、楼组长"),
    Relation.COLLEAGUE: _l("同事或单位"),
    Relation.HELPED: _l("受过帮助的人"),
    Relation.RELATIVE: _l("家人、亲属"),
    Relation.ONESELF: _l("我就是本人"),
    Relation.PROXY: _l("我替别人填"),
}
CHANNEL_WORDS = {
    Channel.HOUSEHOLD: _l("家庭居民"),
    Channel.WORKPLACE: _l("单位职工"),
    Channel.ORGANISATION: _l("群团系统"),
    Channel.SCHOOL: _l("学校师生"),
    Channel.MEDIA: _l("主流媒体"),
    Channel.NETIZEN: _l("网络民众"),
}


class WhoForm(GuardianFields, Form):
    nominee_name = StringField(
        _l("他（她）叫什么"),
        validators=[DataRequired(_l("请写他（她）的名字，或者大家平时的叫法。")), Length(max=60)],
        description=_l("不知道全名，写大家平时的叫法也行，比如“缝补摊的陈阿姨”。"),
    )
    relation = RadioField(
        _l("您是他（她）的"),
        choices=choices((r.value, w) for r, w in RELATION_WORDS.items()),
        validators=[InputRequired(_l("请选一下您和他（她）的关系。"))],
    )
    category = RadioField(_l("他（她）是哪一类好人"), validators=[InputRequired(_l("请选一类，拿不准就选最接近的。"))])
    nominee_kind = RadioField(
        _l("推荐的是"), choices=choices([("individual", _l("一个人")), ("group", _l("一群人、一个集体"))]), default="individual"
    )
    nominee_sex = RadioField(
        _l("性别"), choices=choices([("", _l("不清楚")), ("female", _l("女")), ("male", _l("男"))]), default="", validators=[Optional()]
    )
    nominee_is_minor = BooleanField(_l("还不满 18 岁"))
    nominee_is_deceased = BooleanField(_l("人已经不在了"))
    channel = SelectField(_l("从哪里来的推荐"), choices=choices((c.value, w) for c, w in CHANNEL_WORDS.items()), default="household")
    is_on_shared_device = BooleanField(_l("这是公用的手机或电脑"))


class WhereForm(Form):
    region = RadioField(_l("一级一级选"), coerce=int, validators=[InputRequired(_l("请选到社区或楼栋。"))], validate_choice=False)


class StoryForm(Form):
    headline = StringField(
        _l("一句话说说他（她）做了什么"),
        validators=[DataRequired(_l("请用一句话说说他（她）做了什么。")), Length(max=telling.HEADLINE_MOST, message=_l("一句话请不超过 70 个字。"))],
    )
    story = TextAreaField(_l("做了什么好事"), validators=[DataRequired(_l("请写一写他（她）的事，怎么跟邻居说的就怎么写。")), Length(max=9000)])
    deed_on = StringField(_l("最近一次是哪天"), validators=[Optional(), Length(max=10)], description=_l("记不清就空着，社区会去问。"))
    summary = TextAreaField(_l("简单介绍一下这个人"), validators=[Optional(), Length(max=telling.SUMMARY_MOST, message=_l("简介请不超过 500 个字。"))])
    photos = MultipleFileField(_l("照片"))


class LookOverForm(Form):
    join = RadioField(_l("是同一件事吗"), validate_choice=False, validators=[Optional()])
    nominator_name = StringField(_l("您的姓名"), validators=[DataRequired(_l("请写您的姓名。")), Length(max=60)])
    contact = StringField(
        _l("您的手机号"),
        validators=[DataRequired(_l("请写手机号；没有手机，写邮箱也行。")), Length(max=100)],
        description=_l("没有手机，写邮箱也行。只用来发进度，不公开，也不给被推荐人看。"),
    )
    truth = BooleanField(_l("我说的是真事，愿意接受核实"), validators=[InputRequired(_l("请勾上这一条，才能提交。"))])
    keep_quiet = BooleanField(_l("先别告诉他（她）本人"))


class ProofForm(Form):
    code = StringField(_l("验证码"), validators=[DataRequired(_l("请写收到的 6 位验证码。")), Length(max=12)])


class TrackForm(Form):
    reference = StringField(_l("推荐编号"), validators=[DataRequired(_l("请写推荐编号。")), Length(max=24)])
    tail = StringField(
        _l("推荐人手机号后四位"),
        validators=[DataRequired(_l("请写手机号后四位。")), Length(max=8)],
        description=_l("用邮箱推荐的，请点邮件里的链接看。"),
    )


class SupplementForm(Form):
    words = TextAreaField(_l("想对他们说的"), validators=[Optional(), Length(max=1000)])
    story = TextAreaField(_l("事迹（可以改，可以接着写）"), validators=[DataRequired(_l("事迹不能空着。")), Length(max=9000)])
    photos = MultipleFileField(_l("再传几张照片"))
    version = HiddenField()
