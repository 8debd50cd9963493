"""What may become public: consent, the public text, those the story tells of, and who has to be protected."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.core.privacy import Private
from civic.identity.models import ConsentMethod, Purpose
from civic.nominations.models.mentioned import Agreement
from civic.nominations.rules import telling
from civic.web.fields import choices
from civic.web.forms import Form

PURPOSE_WORDS = {
    Purpose.NAME: _l("公开姓名"),
    Purpose.STORY: _l("公开事迹文字"),
    Purpose.PHOTO: _l("公开照片"),
    Purpose.CREDIT: _l("查信用记录"),
    Purpose.CREDIT_WAIVED: _l("不查信用记录（本人不同意查）"),
}
AGREEMENT_WORDS = {Agreement.NOT_ASKED: _l("还没问"), Agreement.AGREED: _l("同意"), Agreement.REFUSED: _l("不同意")}
PRIVATE_WORDS = {
    Private.PHONE: _l("电话、账号"),
    Private.IDENTITY: _l("身份证号"),
    Private.BANK: _l("银行卡号"),
    Private.DOOR: _l("门牌"),
    Private.BIRTH: _l("生日"),
    Private.ILLNESS: _l("病情"),
    Private.HARDSHIP: _l("家里的难处"),
    Private.NAME: _l("别人的名字"),
}
METHOD_WORDS = {
    ConsentMethod.IN_PERSON: _l("当面问的"),
    ConsentMethod.BY_PHONE: _l("电话里问的"),
    ConsentMethod.ON_PAPER: _l("本人签了纸"),
    ConsentMethod.ONLINE: _l("本人在网上点的"),
    ConsentMethod.NEXT_OF_KIN: _l("家属同意（本人已故）"),
}


class ConsentForm(Form):
    purposes = SelectMultipleField(
        _l("本人同意的"), choices=choices((p.value, w) for p, w in PURPOSE_WORDS.items()), validators=[InputRequired(_l("请至少勾一样。"))]
    )
    method = RadioField(
        _l("怎么同意的"), choices=choices((m.value, w) for m, w in METHOD_WORDS.items()), validators=[InputRequired(_l("请选怎么同意的。"))]
    )


class PublicTextForm(Form):
    headline = StringField(_l("标题"), validators=[DataRequired(_l("请写标题，一句话。")), Length(max=telling.HEADLINE_MOST)])
    story = TextAreaField(
        _l("可以公开的事迹"),
        validators=[DataRequired(_l("请写可以公开的事迹。")), Length(max=9000)],
        description=_l("去掉电话、门牌、病情、孩子和别人的名字。"),
    )
    version = IntegerField(validators=[InputRequired()])
    has_checked = BooleanField(_l("标出来的都看过，可以公开"))


class MentionedForm(Form):
    """Somebody the story tells of."""

    who = StringField(_l("文字里怎么称呼，或者姓名"), validators=[DataRequired(_l("请写文字里怎么称呼他（她）。")), Length(max=60)])
    relation = StringField(_l("是本人的什么人"), validators=[DataRequired(_l("请写是什么人，比如“婆婆”“邻居”。")), Length(max=40)])
    is_recognisable = BooleanField(_l("街坊看了，认得出是谁"), default=True)
    agreement = RadioField(_l("问过他（她）了吗"), choices=choices((a.value, w) for a, w in AGREEMENT_WORDS.items()), default="not_asked")
    how = SelectField(_l("怎么问的"), choices=choices([("", _l("还没问")), *((m.value, w) for m, w in METHOD_WORDS.items())]), validators=[Optional()])


class ProtectForm(Form):
    reason = TextAreaField(
        _l("要保护谁、怕什么"), validators=[DataRequired(_l("请写明要保护谁、怕什么，只留在档案里。")), Length(max=1000)],
        description=_l("只留在档案里，不公开，也不告诉推荐人。"),
    )  # fmt: skip
