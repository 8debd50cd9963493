"""Forms of a team: members, sheets, its board."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length

from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.takeaway import SERVICE_PURPOSES
from civic.web.versions import Versioned


class TeamForm(Form):
    region = SelectField(_l("在哪里"), coerce=int, validate_choice=False)
    name = StringField(_l("服务队叫什么"), validators=[DataRequired(_l("请给服务队起个名字。")), Length(max=60)])
    parent = SelectField(_l("属于哪个服务队"), coerce=int, validate_choice=False, default=0)


class TeamWordsForm(Versioned):
    """What a team is called, and within which it stands."""

    name = StringField(_l("服务队叫什么"), validators=[DataRequired(_l("请给服务队起个名字。")), Length(max=60)])
    parent = SelectField(_l("属于哪个服务队"), coerce=int, validate_choice=False, default=0)


class MemberForm(Form):
    name = StringField(_l("姓名"), validators=[DataRequired(_l("请写姓名。")), Length(max=60)])
    phone = StringField(_l("手机号"), validators=[DataRequired(_l("请写手机号。")), Length(max=20)])
    is_of_household = BooleanField(_l("用的是家里人的手机"))
    is_leader = BooleanField(_l("是队长，可以点名"))


class SheetForm(Form):
    """A sheet with people in it: of which days, and what for."""

    first = DateField(_l("从哪天"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("到哪天"), validators=[DataRequired(_l("请选日期。"))])
    purpose = SelectField(_l("做什么用"), choices=choices(SERVICE_PURPOSES.items()), validators=[DataRequired(_l("请选做什么用，会留痕。"))])


class NicknameForm(Form):
    nickname = StringField(_l("榜上叫什么"), validators=[DataRequired(_l("请起一个名字。"))], description=_l("2 到 12 个字，不用真名，比如“早班的老周”。"))
