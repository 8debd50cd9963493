"""Fields of the pages that keep places."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.web.forms import Form


class RenameForm(Form):
    name = StringField(_l("名称"), validators=[DataRequired(_l("请写名称。")), Length(max=60)])
    version = IntegerField(validators=[InputRequired()])


class AddForm(Form):
    new_name = StringField(_l("新地方的名称"), validators=[DataRequired(_l("请写名称。")), Length(max=60)])
    households = IntegerField(_l("户数"), validators=[Optional(), NumberRange(0, 100000)])


class SheetForm(Form):
    file = FileField(_l("填好的表（.xlsx）"))


class TargetForm(Form):
    target = IntegerField(_l("编号"), validators=[InputRequired(_l("请填那个地方的编号。"))])
    version = IntegerField(validators=[InputRequired()])
