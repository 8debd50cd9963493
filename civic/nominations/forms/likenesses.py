"""The same person in two cases."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import Optional

from civic.nominations.models.likenesses import LikenessAnswer, LikenessGround
from civic.web.forms import Form

LIKENESS_WORDS = {
    LikenessGround.IDENTITY: _l("身份证号相同"),
    LikenessGround.UNIT: _l("名字、单位都相同"),
    LikenessGround.COMMUNITY: _l("名字相同，住在一个社区"),
}
LIKENESS_ANSWER_WORDS = {
    LikenessAnswer.MERGED: _l("同一个人、同一件事，并到一起了"),
    LikenessAnswer.SAME: _l("同一个人，两件事"),
    LikenessAnswer.DIFFERENT: _l("两个人"),
}


class LikenessForm(Form):
    keep = IntegerField(_l("留下哪一件"), validators=[Optional()])
