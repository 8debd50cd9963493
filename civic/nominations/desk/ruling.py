"""The levels' rules in force, changing them from a day on, and the city's own calendar."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock, typed
from civic.core.db import transaction
from civic.core.errors import Conflict
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import calendars, timing
from civic.nominations.desk import pages
from civic.nominations.forms.levels import COUNCIL_WORDS, CalendarDayForm, LevelRuleForm
from civic.nominations.models.levels import Council, LevelRule
from civic.nominations.queries import cases
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.filters import day as day_words
from civic.web.filters import level_name
from civic.web.guards import needs


@pages.route("/rules", methods=["GET", "POST"])
@needs(Permission.RULES_EDIT)
def rules() -> str | Response | tuple[str, int]:
    chosen = arguments.number("level", 1)
    now = next((r for r in cases.rules_in_force(clock.today()) if r.level == chosen), None)
    shown = _words_now(now) if now is not None else {}
    form = LevelRuleForm(**{**shown, "level": chosen, "since": clock.today()})
    form.show(shown)
    form.level.choices = choices((n, level_name(n)) for n in range(1, 6))

    def change() -> None:
        _settle(form, chosen)
        timing.change_level_rule(
            session.actor(),
            level=form.level.data,
            since=form.since.data,
            city_path=regions.root().path,
            review_days=form.review_days.data,
            supplement_days=form.supplement_days.data,
            surname_without_consent=form.surname.data,
            by_round=form.by_round.data,
            council=Council(form.council.data),
            pass_percent=form.pass_percent.data,
            pass_score=form.pass_score.data,
            jury_size=form.jury_size.data,
            jury_answer_days=form.jury_answer_days.data,
            panel_weight=form.panel_weight.data,
            notice_days=form.notice_days.data,
            brave_notice_days=form.brave_notice_days.data,
            notice_in_working_days=form.notice_in_working_days.data,
            needs_visit=form.needs_visit.data,
            needs_opinions=form.needs_opinions.data,
            board_days=form.board_days.data,
            review_months=form.review_months.data,
            enterer_recused=form.enterer_recused.data,
            again_years=form.again_years.data,
            deed_years=form.deed_years.data,
            brave_deed_years=form.brave_deed_years.data,
        )

    if request.method == "POST" and form.carried_out(change):
        flash(_("新规则记下了。正在办的件还按原来的天数。"))
        return redirect(url_for("nominations.desk.rules"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("nominations/desk/rules.html", form=form, rules=cases.rules_in_force(clock.today()), councils=COUNCIL_WORDS), status


def _words_now(rule: LevelRule) -> dict[str, object]:
    """What the form says of a rule, by field."""
    asked = [c.key for c in rule.__table__.columns if c.key in LevelRuleForm.__dict__ and c.key not in ("level", "since")]
    return {**{name: getattr(rule, name) for name in asked}, "surname": rule.surname_without_consent}


def _settle(form: LevelRuleForm, chosen: int) -> None:
    """Refuse, field by field, what this page has not shown: a colleague's change, another level's rule, one set down for later."""
    rule = timing.level_rule_held(form.level.data, form.since.data)
    try:
        form.settle(_words_now(rule), ("level_rule", rule.id))
    except Conflict as meanwhile:
        if form.level.data != chosen:
            raise Conflict(meanwhile.code, _("您换了一级。%(level)s现在的规则不一样的地方都标出来了，看一眼，再存一次。", level=level_name(form.level.data)), **meanwhile.facts) from None
        if rule.since > clock.today():
            raise Conflict(meanwhile.code, _("从%(day)s起已经定过一版规则。不一样的地方都标出来了，看一眼，再存一次。", day=day_words(rule.since)), **meanwhile.facts) from None
        raise


@pages.route("/calendar", methods=["GET", "POST"])
@needs(Permission.RULES_EDIT)
def calendar_days() -> str | Response | tuple[str, int]:
    """The city's own days off and on, over the published calendar."""
    form = CalendarDayForm()
    moved: list[int] = []
    if request.method == "POST" and form.carried_out(
        lambda: moved.append(
            calendars.set_day(
                session.actor(), form.day.data, is_working=form.is_working.data == "yes", name=form.name.data or "",
                city_path=regions.root().path,
            )
        )
    ):  # fmt: skip
        flash(_("记下了，%(count)s 件的期限跟着挪了一个工作日。", count=moved[0]))
        return redirect(url_for("nominations.desk.calendar_days"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("nominations/desk/calendar.html", form=form, days=cases.calendar_days(), today=clock.today()), status


@pages.post("/calendar/<day>/removal")
@needs(Permission.RULES_EDIT)
def forget_calendar_day(day: str) -> Response:
    with transaction():
        calendars.forget_day(session.actor(), _day_of(day), city_path=regions.root().path)
    flash(_("这一天又按公布的日历算了。"))
    return redirect(url_for("nominations.desk.calendar_days"), 303)


def _day_of(words: str) -> date:
    found = typed.day(words)
    if found is None:
        raise out_of_reach()
    return found
