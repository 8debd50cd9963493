"""Handing cases over, and a desk's saved lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.web.forms import Form


class HandingForm(Form):
    to = SelectField(_l("交给谁"), coerce=int, validators=[InputRequired(_l("请选一位同志。"))])
    reason = StringField(_l("为什么交接"), validators=[DataRequired(_l("请写为什么交接，比如“调岗”。")), Length(max=200)])


class FilterForm(Form):
    name = StringField(_l("存成"), validators=[Optional(), Length(max=60)])
