"""Fields and wording of the four steps, of supplements, and of the desk's deeds."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.core.privacy import Private
from civic.identity.models import ConsentMethod, Purpose
from civic.nominations import rules
from civic.nominations.models.cases import Channel, Council, Relation, ToldHow
from civic.nominations.models.councils import Choice, RecusalGround
from civic.nominations.models.inquiries import Outcome
from civic.nominations.models.juries import JurorStatus
from civic.nominations.models.likenesses import LikenessAnswer, LikenessGround
from civic.nominations.models.mentioned import Agreement
from civic.nominations.models.notices import ObjectionKind
from civic.nominations.models.rounds import Cadence
from civic.nominations.states import Department
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
PURPOSE_WORDS = {
    Purpose.NAME: _l("公开姓名"),
    Purpose.STORY: _l("公开事迹文字"),
    Purpose.PHOTO: _l("公开照片"),
    Purpose.CREDIT: _l("查信用记录"),
    Purpose.CREDIT_WAIVED: _l("不查信用记录（本人不同意查）"),
}
AGREEMENT_WORDS = {Agreement.NOT_ASKED: _l("还没问"), Agreement.AGREED: _l("同意"), Agreement.REFUSED: _l("不同意")}
PRIVATE_WORDS = {
    Private.PHONE: _l("电话、账号"),
    Private.IDENTITY: _l("身份证号"),
    Private.BANK: _l("银行卡号"),
    Private.DOOR: _l("门牌"),
    Private.BIRTH: _l("生日"),
    Private.ILLNESS: _l("病情"),
    Private.HARDSHIP: _l("家里的难处"),
    Private.NAME: _l("别人的名字"),
}
METHOD_WORDS = {
    ConsentMethod.IN_PERSON: _l("当面问的"),
    ConsentMethod.BY_PHONE: _l("电话里问的"),
    ConsentMethod.ON_PAPER: _l("本人签了纸"),
    ConsentMethod.ONLINE: _l("本人在网上点的"),
    ConsentMethod.NEXT_OF_KIN: _l("家属同意（本人已故）"),
}

COUNCIL_WORDS = {Council.NONE: _l("不评议"), Council.COUNCIL: _l("评议会投票"), Council.PANEL: _l("评审团打分")}
CADENCE_WORDS = {
    Cadence.MONTHLY: _l("每月"),
    Cadence.QUARTERLY: _l("每季度"),
    Cadence.HALF_YEARLY: _l("半年"),
    Cadence.ALL_YEAR: _l("全年都收"),
}
CHOICE_WORDS = {Choice.YES: _l("同意"), Choice.NO: _l("不同意"), Choice.ABSTAIN: _l("弃权")}
JUROR_WORDS = {
    JurorStatus.ASKED: _l("等答复"),
    JurorStatus.ACCEPTED: _l("来"),
    JurorStatus.DECLINED: _l("来不了"),
    JurorStatus.REPLACED: _l("换了别人"),
}
GROUND_WORDS = {
    RecusalGround.SELF: _l("是本人"),
    RecusalGround.KIN: _l("是亲属或住在一家"),
    RecusalGround.NOMINATOR: _l("是推荐人"),
    RecusalGround.UNIT: _l("在同一个单位"),
    RecusalGround.DECLARED: _l("自己提出或主持人要求"),
}
OBJECTION_WORDS = {
    ObjectionKind.UNTRUE: _l("事情不实"),
    ObjectionKind.SOMEBODY_ELSE: _l("不是他（她）做的"),
    ObjectionKind.MORE: _l("还有别的情况"),
    ObjectionKind.WORDING: _l("写得不准确"),
}


LIKENESS_WORDS = {
    LikenessGround.IDENTITY: _l("身份证号相同"),
    LikenessGround.UNIT: _l("名字、单位都相同"),
    LikenessGround.COMMUNITY: _l("名字相同，住在一个社区"),
}
LIKENESS_ANSWER_WORDS = {
    LikenessAnswer.MERGED: _l("同一个人、同一件事，并到一起了"),
    LikenessAnswer.SAME: _l("同一个人，两件事"),
    LikenessAnswer.DIFFERENT: _l("两个人"),
}


TOLD_WORDS = {ToldHow.PHONE: _l("电话里说的"), ToldHow.PAPER: _l("写在纸上的"), ToldHow.IN_PERSON: _l("当面说的")}
GUARDIAN_METHOD_WORDS = {
    ConsentMethod.IN_PERSON: _l("当面问的"),
    ConsentMethod.BY_PHONE: _l("电话里问的"),
    ConsentMethod.ON_PAPER: _l("签了纸"),
}


class GuardianFields:
    """Who said yes for a child; asked wherever a child is nominated."""

    guardian_name = StringField(_l("监护人的姓名"), validators=[Optional(), Length(max=60)])
    guardian_contact = StringField(
        _l("监护人的手机号或邮箱"), validators=[Optional(), Length(max=100)], description=_l("我们会写信告诉监护人，不愿意可以随时收回。")
    )
    guardian_method = RadioField(
        _l("监护人怎么同意的"), choices=choices((m.value, w) for m, w in GUARDIAN_METHOD_WORDS.items()), validators=[Optional()]
    )


class GuardianForm(GuardianFields, Form):
    """The same, asked by a desk."""


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
    channel = SelectField(_l("从哪里来的推荐"), choices=choices((c.value, w) for c, w in CHANNEL_WORDS.items() if c.value not in rules.FROM_OUTSIDE), default="household")
    region = SelectField(_l("被推荐人住在"), coerce=int)
    headline = StringField(
        _l("一句话，做了什么"), validators=[DataRequired(_l("请用一句话说说他（她）做了什么。")), Length(max=rules.HEADLINE_MOST, message=_l("一句话请不超过 70 个字。"))]
    )
    story = TextAreaField(_l("怎么说的，就怎么写"), validators=[DataRequired(_l("请写一写他（她）的事，怎么跟邻居说的就怎么写。")), Length(max=9000)])
    deed_on = StringField(_l("最近一次是哪天"), validators=[Optional(), Length(max=10)], description=_l("记不清，写大概的日子，或者空着。"))
    sheet = FileField(_l("那张纸的照片"), description=_l("写在纸上的要拍一张，只留在档案里，不公开。"))
    keep_quiet = BooleanField(_l("先别告诉他（她）本人"))


class WhereForm(Form):
    region = RadioField(_l("一级一级选"), coerce=int, validators=[InputRequired(_l("请选到社区或楼栋。"))], validate_choice=False)


class StoryForm(Form):
    headline = StringField(
        _l("一句话说说他（她）做了什么"),
        validators=[DataRequired(_l("请用一句话说说他（她）做了什么。")), Length(max=rules.HEADLINE_MOST, message=_l("一句话请不超过 70 个字。"))],
    )
    story = TextAreaField(_l("做了什么好事"), validators=[DataRequired(_l("请写一写他（她）的事，怎么跟邻居说的就怎么写。")), Length(max=9000)])
    deed_on = StringField(_l("最近一次是哪天"), validators=[Optional(), Length(max=10)], description=_l("记不清，写大概的日子，或者空着。"))
    summary = TextAreaField(_l("简单介绍一下这个人"), validators=[Optional(), Length(max=rules.SUMMARY_MOST, message=_l("简介请不超过 500 个字。"))])
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


class DeedForm(Form):
    """The desk's decision on one case: which button, the words, and the state it was seen in."""

    reason = TextAreaField(_l("审核意见，推荐人看得到"), validators=[Optional(), Length(max=1000)])
    version = IntegerField(validators=[InputRequired()])


class ConsentForm(Form):
    purposes = SelectMultipleField(
        _l("本人同意的"), choices=choices((p.value, w) for p, w in PURPOSE_WORDS.items()), validators=[InputRequired(_l("请至少勾一样。"))]
    )
    method = RadioField(
        _l("怎么同意的"), choices=choices((m.value, w) for m, w in METHOD_WORDS.items()), validators=[InputRequired(_l("请选怎么同意的。"))]
    )


class PublicTextForm(Form):
    headline = StringField(_l("标题"), validators=[DataRequired(_l("请写标题，一句话。")), Length(max=rules.HEADLINE_MOST)])
    story = TextAreaField(
        _l("可以公开的事迹"),
        validators=[DataRequired(_l("请写可以公开的事迹。")), Length(max=9000)],
        description=_l("去掉电话、门牌、病情、孩子和别人的名字。"),
    )
    version = IntegerField(validators=[InputRequired()])
    has_checked = BooleanField(_l("标出来的都看过，可以公开"))


class MentionedForm(Form):
    """Somebody the story tells of."""

    who = StringField(_l("文字里怎么称呼，或者姓名"), validators=[DataRequired(_l("请写文字里怎么称呼他（她）。")), Length(max=60)])
    relation = StringField(_l("是本人的什么人"), validators=[DataRequired(_l("请写是什么人，比如“婆婆”“邻居”。")), Length(max=40)])
    is_recognisable = BooleanField(_l("街坊看了，认得出是谁"), default=True)
    agreement = RadioField(_l("问过他（她）了吗"), choices=choices((a.value, w) for a, w in AGREEMENT_WORDS.items()), default="not_asked")
    how = SelectField(_l("怎么问的"), choices=choices([("", _l("还没问")), *((m.value, w) for m, w in METHOD_WORDS.items())]), validators=[Optional()])


class LevelRuleForm(Form):
    level = SelectField(_l("哪一级"), coerce=int)
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    review_days = IntegerField(_l("看材料几个工作日"), validators=[InputRequired(), NumberRange(1, 60)])
    supplement_days = IntegerField(_l("补材料几天"), validators=[InputRequired(), NumberRange(1, 60)])
    surname = BooleanField(_l("本人没同意时，榜上可以写“陈女士”这样的称呼"))
    by_round = BooleanField(_l("按期评选：要评议、要公示，不能一个人点了算"))
    council = SelectField(_l("谁来评议"), choices=choices((c.value, w) for c, w in COUNCIL_WORDS.items()), default="council")
    pass_percent = IntegerField(_l("评议会：同意的要超过到会的百分之几"), validators=[InputRequired(), NumberRange(50, 99)], default=50)
    jury_size = IntegerField(_l("群众评审抽几位（0 是不用；只在县区和市级）"), validators=[InputRequired(), NumberRange(0, 200)], default=0)
    panel_weight = IntegerField(_l("一百份里，评审团占几份（其余是群众的）"), validators=[InputRequired(), NumberRange(1, 99)], default=60)
    pass_score = IntegerField(_l("评审团：平均分至少多少"), validators=[InputRequired(), NumberRange(1, 100)], default=60)
    notice_days = IntegerField(_l("公示几天"), validators=[InputRequired(), NumberRange(1, 60)], default=5)
    brave_notice_days = IntegerField(_l("见义勇为公示几天（自然日，比上面长的话按这个）"), validators=[InputRequired(), NumberRange(1, 60)], default=7)
    notice_in_working_days = BooleanField(_l("公示的天数只算工作日"), default=True)
    needs_visit = BooleanField(_l("要先走访核查"))
    needs_opinions = BooleanField(_l("要先征求部门意见"))
    again_years = IntegerField(_l("几年内，同级或更高的不重复评（0 是不限）"), validators=[InputRequired(), NumberRange(0, 60)], default=3)
    deed_years = IntegerField(_l("只评几年以内的事"), validators=[InputRequired(), NumberRange(1, 60)], default=5)
    brave_deed_years = IntegerField(_l("见义勇为：只评几年以内的事"), validators=[InputRequired(), NumberRange(1, 60)], default=2)
    enterer_recused = BooleanField(_l("替别人录推荐的人，不能再定这一件"), default=True)
    review_months = IntegerField(_l("评上以后几个月复核一次（空着就不复核）"), validators=[Optional(), NumberRange(1, 120)])
    board_days = IntegerField(_l("在榜上多少天（空着就是长期）"), validators=[Optional(), NumberRange(1, 3660)])


class RoundForm(Form):
    name = StringField(_l("这一期叫什么"), validators=[DataRequired(_l("请给这一期起个名字，比如“2026 年三季度”。")), Length(max=40)])
    cadence = RadioField(_l("多久一期"), choices=choices((c.value, w) for c, w in CADENCE_WORDS.items()), default="quarterly")
    opens_on = DateField(_l("从哪天开始"), validators=[DataRequired(_l("请选日期。"))])
    closes_on = DateField(_l("收到哪天为止"), validators=[DataRequired(_l("请选日期。"))])
    most = IntegerField(_l("一共最多评几位"), validators=[Optional(), NumberRange(0, 1000)], description=_l("只是上限，评不满没关系。空着就是不限。"))
    is_urgent = BooleanField(_l("加急的一期，只收见义勇为"))
    document = StringField(_l("表彰文号"), validators=[Optional(), Length(max=80)], description=_l("没有文号就写“发布”，不写“表彰”。"))


class RoundDeedForm(Form):
    """One deed in a round, about one case or about all of it."""

    nomination = IntegerField(validators=[Optional()])
    upward = BooleanField()
    reason = TextAreaField(_l("原因"), validators=[Optional(), Length(max=1000)])


class MemberForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    standing = StringField(_l("身份，比如居民代表、老党员"), validators=[Optional(), Length(max=40)])
    contact = StringField(_l("手机号或邮箱"), validators=[Optional(), Length(max=100)], description=_l("有账号的可以在手机上投票；没有账号就空着，到会在纸上投。"))
    since = DateField(_l("任期从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    until = DateField(_l("到哪天为止"), validators=[DataRequired(_l("请选日期。"))])


class MeetingForm(Form):
    held_on = DateField(_l("哪天开"), validators=[DataRequired(_l("请选日期。"))])
    is_secret = BooleanField(_l("无记名：只记票数，不记谁投了什么"))
    is_on_paper = BooleanField(_l("在纸上投，会后录进来"))


class MinutesForm(Form):
    minutes = FileField(_l("会议记录的照片"))


class JuryForm(Form):
    seed = StringField(
        _l("种子"), validators=[Optional(), Length(max=64)], description=_l("可以用当天公布的彩票号码这样谁也改不了的数；空着就由系统随机取。")
    )
    juror = IntegerField(validators=[Optional()])


class BallotForm(Form):
    choice = RadioField(_l("您的意见"), choices=choices((c.value, w) for c, w in CHOICE_WORDS.items()), validators=[Optional()])
    score = IntegerField(_l("打分，0 到 100"), validators=[Optional()])
    note = StringField(_l("想说的"), validators=[Optional(), Length(max=300)])


class ObjectionForm(Form):
    kind = RadioField(_l("您想说的是"), choices=choices((k.value, w) for k, w in OBJECTION_WORDS.items()), default="more")
    words = TextAreaField(_l("请说具体一点"), validators=[DataRequired(_l("请说具体一点：什么时候、什么事、谁也知道。")), Length(max=2000)])
    name = StringField(_l("您的姓名"), validators=[Optional(), Length(max=60)])
    contact = StringField(
        _l("您的手机号或邮箱"), validators=[Optional(), Length(max=100)],
        description=_l("只有负责核查的人看得到。不留也收，但没法给您回音。"),
    )  # fmt: skip


class AnswerForm(Form):
    finding = TextAreaField(_l("查到的情况，只留在档案里"), validators=[Optional(), Length(max=3000)])
    answer = TextAreaField(_l("给提异议的人的答复"), validators=[Optional(), Length(max=1000)])


DEPARTMENT_WORDS = {
    Department.POLICE: _l("公安"),
    Department.COURT: _l("法院和信用"),
    Department.DISCIPLINE: _l("纪检监察"),
    Department.PERSONNEL: _l("组织人事"),
    Department.MARKET: _l("市场监管"),
    Department.TAX: _l("税务"),
    Department.ENVIRONMENT: _l("生态环境"),
    Department.EMERGENCY: _l("应急管理"),
}
OUTCOME_WORDS = {Outcome.NO_OBJECTION: _l("无异议"), Outcome.OBJECTION: _l("有异议"), Outcome.NO_RECORD: _l("查无记录")}


class VisitForm(Form):
    visited_on = DateField(_l("哪天去的"), validators=[DataRequired(_l("请选日期。"))])
    companion = StringField(_l("另一位走访的人"), validators=[DataRequired(_l("走访要两个人，请写另一位是谁。")), Length(max=60)])
    witnesses = IntegerField(_l("问了几位知情的人"), validators=[InputRequired(_l("至少要问过两位知情的人。")), NumberRange(0, 500)])
    report = TextAreaField(
        _l("问了谁、看到什么"), validators=[DataRequired(_l("请写问了谁、看到什么，至少 20 个字。")), Length(max=5000)],
        description=_l("只留在档案里，不公开。"),
    )  # fmt: skip
    is_true = RadioField(_l("事情属实吗"), choices=choices([("yes", _l("属实")), ("no", _l("不属实"))]), validators=[InputRequired(_l("请选属实还是不属实。"))])
    photos = MultipleFileField(_l("照片，只留在档案里"))


class FactsForm(Form):
    is_party_member = BooleanField(_l("是党员"))
    is_public_employee = BooleanField(_l("是公职人员"))
    is_business_person = BooleanField(_l("经商办企业"))
    is_head_of_enterprise = BooleanField(_l("是企业负责人"))


class QuestionsForm(Form):
    """One address for each department; which departments, the nominee's facts decide."""


class OpinionForm(Form):
    outcome = RadioField(
        _l("查的结果"), choices=choices((o.value, w) for o, w in OUTCOME_WORDS.items()), validators=[InputRequired(_l("请选一个结果。"))]
    )
    letter_number = StringField(_l("复函文号"), validators=[Optional(), Length(max=60)])


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


class AgainForm(Form):
    words = TextAreaField(
        _l("哪里要再看一看"), validators=[DataRequired(_l("请说具体一点：哪里没看到，谁还知道。")), Length(max=2000)],
        description=_l("比如：走访的那天人不在家，三楼的王姐亲眼看见过。"),
    )  # fmt: skip


class LookForm(Form):
    outcome = RadioField(
        _l("看了以后"), choices=choices([("stands", _l("维持原来的")), ("changed", _l("原来的不对，改"))]), validators=[InputRequired(_l("请选维持还是改。"))]
    )
    answer = TextAreaField(_l("答复，对方看得到"), validators=[DataRequired(_l("请写答复，对方看得到。")), Length(max=1000)])


class ProtectForm(Form):
    reason = TextAreaField(
        _l("要保护谁、怕什么"), validators=[DataRequired(_l("请写明要保护谁、怕什么，只留在档案里。")), Length(max=1000)],
        description=_l("只留在档案里，不公开，也不告诉推荐人。"),
    )  # fmt: skip


class LikenessForm(Form):
    keep = IntegerField(_l("留下哪一件"), validators=[Optional()])


class DeedDayForm(Form):
    deed_on = DateField(_l("最近一次是哪天"), validators=[Optional()], description=_l("记不清，写大概的日子。规则只评几年以内的事。"))


# What a desk did, in a history or a list.
VERB_WORDS = {
    "take": _l("开始看"),
    "release": _l("交回"),
    "hand_over": _l("转办"),
    "entrust": _l("交接"),
    "return": _l("退回补充"),
    "resubmit": _l("补好了"),
    "resume": _l("到期接着看"),
    "endorse": _l("通过并上推"),
    "elect": _l("评上为止"),
    "decline": _l("不通过"),
    "pass": _l("初审通过"),
    "propose": _l("拟定"),
    "recall": _l("退回重新看"),
    "post": _l("公示"),
    "object": _l("收到异议"),
    "dismiss": _l("异议不成立"),
    "uphold": _l("异议成立"),
    "withdraw": _l("撤回"),
    "merge": _l("并到另一件"),
    "reopen": _l("上一级再看，接着办"),
    "undo": _l("撤回上一步"),
}


# Facts of a case that may change, as the differences name them.
FACT_WORDS = {
    "is_party_member": _l("是党员"),
    "is_public_employee": _l("是公职人员"),
    "is_business_person": _l("经商办企业"),
    "is_head_of_enterprise": _l("是企业负责人"),
    "deed_on": _l("最近一次是哪天"),
}


# What the closing of a round does with a case.
CLOSING_WORDS = {
    "endorse": _l("评上，推到上一级"),
    "elect": _l("评上，到此为止"),
    "decline": _l("到此为止，没有评上"),
    "recall": _l("退回重新看"),
    "carry": _l("转到下一期"),
}


class HandingForm(Form):
    to = SelectField(_l("交给谁"), coerce=int, validators=[InputRequired(_l("请选一位同志。"))])
    reason = StringField(_l("为什么交接"), validators=[DataRequired(_l("请写为什么交接，比如“调岗”。")), Length(max=200)])


class FilterForm(Form):
    name = StringField(_l("存成"), validators=[Optional(), Length(max=60)])


class UndoForm(Form):
    """Only the token: what is undone stands in the address."""


class BatchForm(Form):
    deed = RadioField(
        _l("一起怎么办"),
        choices=choices(
            [
                ("endorsement", _l("通过，推到上一级")),
                ("election", _l("评上，到此为止")),
                ("check", _l("初审通过，等评议")),
                ("return", _l("退回补充")),
                ("refusal", _l("不通过")),
            ]
        ),
        validators=[InputRequired(_l("请选一起怎么办。"))],
    )
    reason = TextAreaField(_l("审核意见，推荐人看得到"), validators=[Optional(), Length(max=1000)])
    count = IntegerField(_l("请填件数，确认没有多选"), validators=[InputRequired(_l("请填件数。"))])


class CalendarDayForm(Form):
    day = DateField(_l("哪一天"), validators=[DataRequired(_l("请选日期。"))])
    is_working = RadioField(_l("这一天"), choices=choices([("no", _l("放假，不算工作日")), ("yes", _l("上班，算工作日"))]), default="no")
    name = StringField(_l("为什么，比如“台风停工”"), validators=[DataRequired(_l("请写为什么，比如“台风停工”。")), Length(max=40)])
