"""Fields of the desk that changes an honour."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from civic.web.forms import Form


class ChangeForm(Form):
    reason = TextAreaField(_l("原因，会留在档案里"), validators=[Optional(), Length(max=2000)])
    document = StringField(_l("文号，撤销时必填"), validators=[Optional(), Length(max=80)])
