"""Asking to look again, and the answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from civic.web.fields import choices
from civic.web.forms import Form


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
