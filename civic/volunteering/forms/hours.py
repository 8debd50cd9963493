"""Forms of what was served: objections, words of a leader, certificates, paper."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FileField,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.web.forms import Form


class WordsForm(Form):
    words = TextAreaField(_l("哪里不对"), validators=[DataRequired(_l("请写一句，比如“我待到 9 点才走”。")), Length(max=300)])


class CertificateForm(Form):
    first = DateField(_l("从哪天"), validators=[DataRequired(_l("请选日期。"))])
    last = DateField(_l("到哪天"), validators=[DataRequired(_l("请选日期。"))])


class LookForm(Form):
    reason = StringField(
        _l("看了什么，怎么回事"), validators=[DataRequired(_l("请写看了什么、怎么回事，比如“抽了三条，照片都对得上”。")), Length(max=300)]
    )


class AttestForm(Form):
    minutes = IntegerField(_l("补记几分钟"), validators=[InputRequired(_l("请写几分钟。")), NumberRange(1, 1440)])
    evidence = StringField(_l("凭什么"), validators=[DataRequired(_l("请写凭什么补记，比如“照片里有他，交警也看见了”。")), Length(max=300)])


class HoursForm(Form):
    minutes = IntegerField(_l("改成几分钟"), validators=[Optional(), NumberRange(0, 1440)])
    answer = StringField(_l("给本人的答复"), validators=[Optional(), Length(max=300)])


class PaperForm(Form):
    """The photograph of a signed sheet; its lines are read one by one."""

    photo = FileField(_l("签到表的照片"))
    photo_key = StringField(validators=[Optional(), Length(max=120)])


class ReturnForm(Form):
    reason = StringField(_l("哪一行不对"), validators=[Optional(), Length(max=300)])


class RevokeForm(Form):
    number = StringField(_l("证明上的编号"), validators=[DataRequired(_l("请写编号。")), Length(max=24)])
    reason = StringField(_l("为什么撤销"), validators=[Optional(), Length(max=200)])
