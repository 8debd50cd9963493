"""The drawn jury."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField
from wtforms.validators import Length, Optional

from civic.nominations.models.juries import JurorStatus
from civic.web.forms import Form

JUROR_WORDS = {
    JurorStatus.ASKED: _l("等答复"),
    JurorStatus.ACCEPTED: _l("来"),
    JurorStatus.DECLINED: _l("来不了"),
    JurorStatus.REPLACED: _l("换了别人"),
}


class JuryForm(Form):
    seed = StringField(
        _l("种子"), validators=[Optional(), Length(max=64)], description=_l("可以用当天公布的彩票号码这样谁也改不了的数；空着就由系统随机取。")
    )
    juror = IntegerField(validators=[Optional()])
