"""Forms of qualifications: a kind, and one for somebody."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.web.forms import Form


class KindForm(Form):
    name = StringField(_l("资格叫什么"), validators=[DataRequired(_l("请写这个资格叫什么，比如“急救员”。")), Length(max=20)])
    course = StringField(_l("上什么课、考什么试"), validators=[DataRequired(_l("请写要上什么课、考什么试。")), Length(max=80)])
    months = IntegerField(_l("几个月有效"), validators=[Optional(), NumberRange(1, 120, _l("请写 1 到 120。"))], description=_l("空着就是长期。"))


class GiveForm(Form):
    who = StringField(_l("给谁：志愿者编号或手机号"), validators=[DataRequired(_l("请写志愿者编号或手机号。")), Length(max=20)])
    kind = SelectField(_l("哪个资格"), coerce=int, validate_choice=False, validators=[InputRequired(_l("请选资格，这一种现在不给了。"))])
    team = SelectField(_l("哪个服务队记的"), coerce=int, validate_choice=False, validators=[InputRequired(_l("请选服务队。没有就先建一个。"))])
    since = DateField(_l("哪天拿到的"), validators=[DataRequired(_l("请写证上的日期。"))])
    until = DateField(_l("到哪天有效"), validators=[Optional()], description=_l("空着就按这个资格的月数算。"))
