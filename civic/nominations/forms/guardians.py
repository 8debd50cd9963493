"""Who said yes for a child."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional

from civic.identity.models import ConsentMethod
from civic.web.fields import choices
from civic.web.forms import Form

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
