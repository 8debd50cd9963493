"""The rules of a level and the days its clocks count."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from civic.nominations.models.levels import Council
from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.versions import Versioned

COUNCIL_WORDS = {Council.NONE: _l("不评议"), Council.COUNCIL: _l("评议会投票"), Council.PANEL: _l("评审团打分")}


class LevelRuleForm(Versioned):
    level = SelectField(_l("哪一级"), coerce=int)
    since = DateField(_l("从哪天起"), validators=[DataRequired(_l("请选日期。"))])
    review_days = IntegerField(_l("看材料几个工作日"), validators=[InputRequired(), NumberRange(1, 60)])
    supplement_days = IntegerField(_l("补材料几天"), validators=[InputRequired(), NumberRange(1, 60)])
    surname = BooleanField(_l("本人没同意时，榜上可以写“陈女士”这样的称呼"))
    by_round = BooleanField(_l("按期评选：要评议、要公示，不能一个人点了算"))
    council = SelectField(_l("谁来评议"), choices=choices((c.value, w) for c, w in COUNCIL_WORDS.items()), default="council")
    pass_percent = IntegerField(_l("评议会：同意的要超过到会的百分之几"), validators=[InputRequired(), NumberRange(50, 99)], default=50)
    jury_size = IntegerField(_l("群众评审抽几位（0 是不用；只在县区和市级）"), validators=[InputRequired(), NumberRange(0, 200)], default=0)
    jury_answer_days = IntegerField(_l("抽到的人几个工作日内答复（没有答复就请下一位）"), validators=[InputRequired(), NumberRange(1, 20)], default=3)
    panel_weight = IntegerField(_l("一百份里，评审团占几份（其余是群众的）"), validators=[InputRequired(), NumberRange(1, 99)], default=60)
    pass_score = IntegerField(_l("评审团：平均分至少多少"), validators=[InputRequired(), NumberRange(1, 100)], default=60)
    notice_days = IntegerField(_l("公示几天"), validators=[InputRequired(), NumberRange(1, 60)], default=5)
    brave_notice_days = IntegerField(_l("见义勇为公示几天（自然日，比上面长的话按这个）"), validators=[InputRequired(), NumberRange(1, 60)], default=7)
    notice_in_working_days = BooleanField(_l("公示的天数只算工作日"), default=True)
    needs_visit = BooleanField(_l("要先走访核查"))
    needs_opinions = BooleanField(_l("要先征求部门意见"))
    again_years = IntegerField(_l("几年内，同级或更高的不重复评（0 是不限）"), validators=[InputRequired(), NumberRange(0, 60)], default=3)
    deed_years = IntegerField(_l("只评几年以内的事"), validators=[InputRequired(), NumberRange(1, 60)], default=5)
    brave_deed_years = IntegerField(_l("见义勇为：只评几年以内的事"), validators=[InputRequired(), NumberRange(1, 60)], default=2)
    enterer_recused = BooleanField(_l("替别人录推荐的人，不能再定这一件"), default=True)
    review_months = IntegerField(_l("评上以后几个月复核一次（空着就不复核）"), validators=[Optional(), NumberRange(1, 120)])
    board_days = IntegerField(_l("在榜上多少天（空着就是长期）"), validators=[Optional(), NumberRange(1, 3660)])


class CalendarDayForm(Form):
    day = DateField(_l("哪一天"), validators=[DataRequired(_l("请选日期。"))])
    is_working = RadioField(_l("这一天"), choices=choices([("no", _l("放假，不算工作日")), ("yes", _l("上班，算工作日"))]), default="no")
    name = StringField(_l("为什么，比如“台风停工”"), validators=[DataRequired(_l("请写为什么，比如“台风停工”。")), Length(max=40)])
