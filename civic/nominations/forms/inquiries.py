"""Visits, the departments' opinions, and the facts that decide who is asked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.nominations.models.inquiries import Outcome
from civic.nominations.states import Department
from civic.web.fields import choices
from civic.web.forms import Form

DEPARTMENT_WORDS = {
    Department.POLICE: _l("公安"),
    Department.COURT: _l("法院和信用"),
    Department.DISCIPLINE: _l("纪检监察"),
    Department.PERSONNEL: _l("组织人事"),
    Department.MARKET: _l("市场监管"),
    Department.TAX: _l("税务"),
    Department.ENVIRONMENT: _l("生态环境"),
    Department.EMERGENCY: _l("应急管理"),
}
OUTCOME_WORDS = {Outcome.NO_OBJECTION: _l("无异议"), Outcome.OBJECTION: _l("有异议"), Outcome.NO_RECORD: _l("查无记录")}


class VisitForm(Form):
    visited_on = DateField(_l("哪天去的"), validators=[DataRequired(_l("请选日期。"))])
    companion = StringField(_l("另一位走访的人"), validators=[DataRequired(_l("走访要两个人，请写另一位是谁。")), Length(max=60)])
    witnesses = IntegerField(_l("问了几位知情的人"), validators=[InputRequired(_l("至少要问过两位知情的人。")), NumberRange(0, 500)])
    report = TextAreaField(
        _l("问了谁、看到什么"), validators=[DataRequired(_l("请写问了谁、看到什么，至少 20 个字。")), Length(max=5000)],
        description=_l("只留在档案里，不公开。"),
    )  # fmt: skip
    is_true = RadioField(_l("事情属实吗"), choices=choices([("yes", _l("属实")), ("no", _l("不属实"))]), validators=[InputRequired(_l("请选属实还是不属实。"))])
    photos = MultipleFileField(_l("照片，只留在档案里"))


class FactsForm(Form):
    is_party_member = BooleanField(_l("是党员"))
    is_public_employee = BooleanField(_l("是公职人员"))
    is_business_person = BooleanField(_l("经商办企业"))
    is_head_of_enterprise = BooleanField(_l("是企业负责人"))


class CardForm(Form):
    """The number on a card. Never sent back to a page, not even a wrong one."""

    number = StringField(
        _l("身份证号"), validators=[DataRequired(_l("请对着证件写身份证号，没有就不用填。")), Length(max=40)],
        description=_l("18 位。只换成一串认不回去的码存着，用来认是不是同一个人；号本身不存，谁也看不到。"),
    )  # fmt: skip


class QuestionsForm(Form):
    """One address for each department; which departments, the nominee's facts decide."""


class OpinionForm(Form):
    outcome = RadioField(
        _l("查的结果"), choices=choices((o.value, w) for o, w in OUTCOME_WORDS.items()), validators=[InputRequired(_l("请选一个结果。"))]
    )
    letter_number = StringField(_l("复函文号"), validators=[Optional(), Length(max=60)])


class DeedDayForm(Form):
    deed_on = StringField(
        _l("最近一次是哪年哪月"), validators=[Optional(), Length(max=20)],
        description=_l("写到月就行，比如 2026-03；知道哪天，写 2026-03-18。规则只评几年以内的事。"),
    )  # fmt: skip
