"""Fields and wording of volunteering."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.volunteering.models.events import Risk, Role
from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.takeaway import SERVICE_PURPOSES

ROLE_WORDS = {
    Role.GUIDE: _l("引导行人"),
    Role.CYCLES: _l("劝导非机动车"),
    Role.YIELDING: _l("提示机动车礼让"),
    Role.LEADER: _l("组长"),
    Role.RECORDER: _l("记录员"),
    Role.STATION: _l("暖心驿站"),
    Role.GENERAL: _l("其他"),
}
RISK_WORDS = {
    Risk.INDOOR: _l("室内，没什么危险"),
    Risk.OUTDOOR: _l("户外，离车道远"),
    Risk.ROAD: _l("在路边、路口"),
    Risk.HIGH: _l("危险较大"),
}
HOW_WORDS = {
    "full": _l("按签到签退"),
    "capped": _l("走得晚，最多多记半小时"),
    "no_out": _l("没有签退，先记一半"),
    "short": _l("不到 15 分钟，不计"),
    "overlap": _l("和另一班重叠的不重复计"),
    "day_full": _l("一天最多记 8 小时"),
    "corrected": _l("组织者核对后改过"),
    "reversed": _l("更正冲回"),
    "attested": _l("补记的"),
}


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


class WordsForm(Form):
    words = TextAreaField(_l("哪里不对"), validators=[DataRequired(_l("请写一句，比如“我待到 9 点才走”。")), Length(max=300)])


class CertificateForm(Form):
    first = DateField(_l("从哪天"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("到哪天"), validators=[DataRequired(_l("请选日期。"))])


class TickForm(Form):
    """A deed of the leader on one line of the list."""

    reason = StringField(_l("为什么撤"), validators=[Optional(), Length(max=200)])


class GuestForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    phone = StringField(_l("手机号"), validators=[DataRequired(_l("请写手机号。")), Length(max=20)])
    is_of_household = BooleanField(_l("用的是家里人的手机"))
    # The law wants a parent's consent for a child, and no leader can give it.
    is_grown = BooleanField(_l("满 18 岁了"), validators=[InputRequired(_l("不满 18 岁的，请家长在自己手机上“替家里人报名”。"))])


class EventForm(Form):
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


class PlaceForm(PostForm):
    """A post's words and where it stands on the drawn map; without a script the numbers are typed."""

    x = IntegerField(_l("图上从左数，0 到 400"), validators=[Optional(), NumberRange(0, 400, _l("请写 0 到 400。"))])
    y = IntegerField(_l("图上从上数，0 到 430"), validators=[Optional(), NumberRange(0, 430, _l("请写 0 到 430。"))])
    latitude = FloatField(_l("纬度"), validators=[Optional(), NumberRange(-90, 90, _l("纬度在 -90 到 90 之间。"))])
    longitude = FloatField(_l("经度"), validators=[Optional(), NumberRange(-180, 180, _l("经度在 -180 到 180 之间。"))])


class PatternForm(Form):
    name = StringField(_l("叫什么，比如“早高峰”"), validators=[Optional(), Length(max=20)])
    starts = TimeField(_l("几点开始"), validators=[InputRequired(_l("请写几点开始。"))])
    ends = TimeField(_l("几点结束"), validators=[InputRequired(_l("请写几点结束。"))])
    least = IntegerField(_l("最少几个人"), validators=[InputRequired(), NumberRange(1, 500)], default=2)
    most = IntegerField(_l("最多几个人"), validators=[InputRequired(), NumberRange(1, 500)], default=4)
    working_days_only = BooleanField(_l("只排工作日"), default=True)


class GenerateForm(Form):
    first = DateField(_l("从哪天排"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("排到哪天"), validators=[DataRequired(_l("请选日期。"))])
    skip = StringField(_l("跳过哪几天"), validators=[Optional(), Length(max=400)], description=_l("比如 2026-10-08 2026-10-09，空着就是不跳。"))


class LookForm(Form):
    reason = StringField(
        _l("看了什么，怎么回事"), validators=[DataRequired(_l("请写看了什么、怎么回事，比如“抽了三条，照片都对得上”。")), Length(max=300)]
    )


class ReasonForm(Form):
    reason = StringField(_l("为什么不办了"), validators=[Optional(), Length(max=200)])


class ShiftForm(Form):
    most = IntegerField(_l("最多几个人"), validators=[InputRequired(), NumberRange(1, 500)])
    ends = TimeField(_l("几点结束"), validators=[Optional()])


class TeamForm(Form):
    region = SelectField(_l("在哪里"), coerce=int, validate_choice=False)
    name = StringField(_l("服务队叫什么"), validators=[DataRequired(_l("请给服务队起个名字。")), Length(max=60)])
    parent = SelectField(_l("属于哪个服务队"), coerce=int, validate_choice=False, default=0)


class ParentForm(Form):
    parent = SelectField(_l("属于哪个服务队"), coerce=int, validate_choice=False, default=0)


class MemberForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    phone = StringField(_l("手机号"), validators=[DataRequired(_l("请写手机号。")), Length(max=20)])
    is_of_household = BooleanField(_l("用的是家里人的手机"))
    is_leader = BooleanField(_l("是队长，可以点名"))


class AttestForm(Form):
    minutes = IntegerField(_l("补记几分钟"), validators=[InputRequired(_l("请写几分钟。")), NumberRange(1, 1440)])
    evidence = StringField(_l("凭什么"), validators=[DataRequired(_l("请写凭什么补记，比如“照片里有他，交警也看见了”。")), Length(max=300)])


class HoursForm(Form):
    minutes = IntegerField(_l("改成几分钟"), validators=[Optional(), NumberRange(0, 1440)])
    answer = StringField(_l("给本人的答复"), validators=[Optional(), Length(max=300)])


class SuccessorForm(Form):
    who = StringField(_l("转给谁：志愿者编号或手机号"), validators=[DataRequired(_l("请写志愿者编号或手机号。")), Length(max=20)])
    reason = StringField(_l("为什么转给他（她）"), validators=[Optional(), Length(max=300)])


class ArrangeForm(Form):
    who = StringField(_l("请谁：志愿者编号或手机号"), validators=[DataRequired(_l("请写志愿者编号或手机号。")), Length(max=20)])
    is_working_time = BooleanField(_l("算上班时间"))


class PaperForm(Form):
    """The photograph of a signed sheet; its lines are read one by one."""

    photo = FileField(_l("签到表的照片"))
    photo_key = StringField(validators=[Optional(), Length(max=60)])


class ReturnForm(Form):
    reason = StringField(_l("哪一行不对"), validators=[Optional(), Length(max=300)])


DIFFERENCE_WORDS = {
    "only_ticked": _l("点过名，纸上没有"),
    "not_on_paper": _l("名单上有，纸上没有"),
    "final_already": _l("已经入账，不会改"),
    "ticked_in_otherwise": _l("来的时间和点名不一样，按点名"),
    "ticked_out_otherwise": _l("走的时间和点名不一样，按点名"),
    "no_going": _l("没写走的时间，先记一半"),
    "came_late": _l("来晚了"),
    "went_early": _l("走早了"),
    "went_late": _l("走得晚，最多多记半小时"),
}

class SheetForm(Form):
    """A sheet with people in it: of which days, and what for."""

    first = DateField(_l("从哪天"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("到哪天"), validators=[DataRequired(_l("请选日期。"))])
    purpose = SelectField(_l("做什么用"), choices=choices(SERVICE_PURPOSES.items()), validators=[DataRequired(_l("请选做什么用，会留痕。"))])


class RevokeForm(Form):
    number = StringField(_l("证明上的编号"), validators=[DataRequired(_l("请写编号。")), Length(max=24)])
    reason = StringField(_l("为什么撤销"), validators=[Optional(), Length(max=200)])


class PolicyForm(Form):
    since = DateField(_l("从哪天起用"), validators=[DataRequired(_l("请选日期。"))])
    name = StringField(_l("这一版叫什么"), validators=[DataRequired(_l("请给这一版规则起个名字。")), Length(max=40)])
    least_minutes = IntegerField(_l("少于几分钟不计"), validators=[InputRequired(_l("请写一个数。"))])
    most_a_day = IntegerField(_l("一天最多几分钟"), validators=[InputRequired(_l("请写一个数。"))])
    grace_minutes = IntegerField(_l("走得晚最多多记几分钟"), validators=[InputRequired(_l("请写一个数。"))])
    missing_out_percent = IntegerField(_l("没签退先记百分之几"), validators=[InputRequired(_l("请写一个数。"))])
    objection_days = IntegerField(_l("几个工作日里本人可以说不对"), validators=[InputRequired(_l("请写一个数。"))])
    leader_days = IntegerField(_l("没签退的等队长几个工作日"), validators=[InputRequired(_l("请写一个数。"))])


class StarsForm(Form):
    since = DateField(_l("从哪天起用"), validators=[DataRequired(_l("请选日期。"))])
    star_1 = IntegerField(_l("一星要几小时"), validators=[InputRequired(_l("请写一个数。")), NumberRange(1, 100_000)])
    star_2 = IntegerField(_l("二星要几小时"), validators=[InputRequired(_l("请写一个数。")), NumberRange(1, 100_000)])
    star_3 = IntegerField(_l("三星要几小时"), validators=[InputRequired(_l("请写一个数。")), NumberRange(1, 100_000)])
    star_4 = IntegerField(_l("四星要几小时"), validators=[InputRequired(_l("请写一个数。")), NumberRange(1, 100_000)])
    star_5 = IntegerField(_l("五星要几小时"), validators=[InputRequired(_l("请写一个数。")), NumberRange(1, 100_000)])


class TariffForm(Form):
    """A field for each role's percent is added below: roles are data of this feature."""

    since = DateField(_l("从哪天起用"), validators=[DataRequired(_l("请选日期。"))])
    per_hour = IntegerField(_l("每小时几分"), validators=[InputRequired(_l("请写一个数。"))])
    most_a_day = IntegerField(_l("一天最多几分"), validators=[InputRequired(_l("请写一个数。"))])
    most_a_month = IntegerField(_l("一个月最多几分"), validators=[InputRequired(_l("请写一个数。"))])
    lasts_days = IntegerField(_l("能用几天"), validators=[InputRequired(_l("请写一个数。"))])
    nominee_points = IntegerField(_l("评上一级好人，本人几分"), validators=[InputRequired(_l("请写一个数。"))], description=_l("0 就是不给。登记过的志愿者才有，一级一次，撤销了冲回。"))
    nominator_points = IntegerField(_l("推荐的人评上了，推荐人几分"), validators=[InputRequired(_l("请写一个数。"))], description=_l("0 就是不给。登记过志愿者、登录着推荐的居民才有，工作人员没有。"))

    @property
    def factors(self) -> list:
        """The fields of the roles' percents."""
        return [self[f"factor_{role.value}"] for role in Role]

    @property
    def category_factors(self) -> list:
        """The fields of the percents of the kinds of service."""
        return [field for name, field in self._fields.items() if name.startswith("category_")]


for _role, _words in ROLE_WORDS.items():
    setattr(TariffForm, f"factor_{_role.value}", IntegerField(_words, validators=[InputRequired(_l("请写一个数。"))]))


def tariff_form(names: Mapping[str, str]) -> type[TariffForm]:
    """The tariff's form with a field for each kind of service of the city: code → name. One that is not sent counts as it is."""
    fields = {f"category_{code}": IntegerField(name, validators=[Optional()], default=100) for code, name in names.items()}
    return type("TariffForm", (TariffForm,), fields)


class ServiceCategoryForm(Form):
    name = StringField(_l("这一类叫什么"), validators=[DataRequired(_l("请写这一类叫什么。")), Length(max=20)])
    code = StringField(_l("代码，2 到 12 个小写字母"), validators=[DataRequired(_l("代码请用 2 到 12 个小写字母，比如 reading。")), Length(max=12)])
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])


class EndForm(Form):
    until = DateField(_l("用到哪天"), validators=[DataRequired(_l("请选日期。"))])


class NicknameForm(Form):
    nickname = StringField(_l("榜上叫什么"), validators=[DataRequired(_l("请起一个名字。"))], description=_l("2 到 12 个字，不用真名，比如“早班的老周”。"))


FLAG_WORDS = {
    "same_two": (_l("总是同样两个人互相确认补记"), _l("以后换一位同志确认；抽三条，对着照片和本人问一问。")),
    "burst": (_l("一个人一天里申请了一大批补记"), _l("抽几条看凭什么。要是整班忘了签到，请照纸签到表录，不用一条条补记。")),
    "stayed_again": (_l("同一位队长老说同一个人“留到了最后”"), _l("提醒本人走的时候签退；请另一位队长去看一次。")),
}
