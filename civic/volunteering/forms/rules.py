"""Forms of the rules of hours, stars, points and kinds of service."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.volunteering.forms.words import ROLE_WORDS
from civic.volunteering.models.events import Role
from civic.web.forms import Form


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
