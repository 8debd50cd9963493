"""The public jury from the desk's side: draw it, see who answered, replace who does not, close it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.errors import DomainError
from civic.identity.permissions import Permission, may, out_of_reach
from civic.nominations.actions import juries as actions
from civic.nominations.desk import pages
from civic.nominations.forms.juries import JUROR_WORDS, JuryForm
from civic.nominations.models.juries import JurorStatus, Jury, JuryStatus
from civic.nominations.models.rounds import Round
from civic.nominations.queries import juries
from civic.nominations.queries import rounds as queries
from civic.nominations.rules.panels import quorum_of
from civic.nominations.states import Status
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/rounds/<int:round_id>/jury")
@needs(Permission.NOMINATION_READ)
def jury(round_id: int) -> str:
    return _jury_page(round_id, JuryForm(formdata=None))


def _jury_page(round_id: int, form: JuryForm) -> str:
    actor = session.actor()
    round_ = queries.in_reach_of(actor, round_id)
    drawn = juries.juries_of(round_id)
    now = drawn[-1] if drawn else None
    jurors = juries.jurors_of(now.id) if now is not None else []
    marks = juries.marks_of(now.id) if now is not None else {}
    accepted = [j for j in jurors if j.status is JurorStatus.ACCEPTED]
    return render_template(
        "nominations/desk/jury.html",
        round=round_,
        jury=now,
        jurors=jurors,
        accepted=len(accepted),
        needed=quorum_of(now.size, round_.rule.quorum_numerator, round_.rule.quorum_denominator) if now is not None else 0,
        agenda=juries.agenda(now.id) if now is not None else [],
        # How many have scored a case, never who gave what.
        spoken={case: sum(1 for (_j, c), m in marks.items() if c == case and m.ground is None) for (_x, case) in marks},
        is_open=now is not None and now.status is JuryStatus.OPEN,
        repeatable=juries.is_repeatable(now) if now is not None else False,
        listed=len(now.listed.split(",")) if now is not None else len(juries.residents(round_)),
        verdicts=queries.latest_verdicts([c.nomination_id for c in juries.agenda(now.id)], round_.level) if now is not None else {},
        combined=juries.combined,
        ready=[case for case in queries.cases_of(round_)[Status.READY] if case.is_for_a_jury],
        words=JUROR_WORDS,
        may_run=may(actor, Permission.ROUND_RUN, round_.region_path),
        now=clock.now(),
        form=form,
    )


DEEDS: dict[str, Callable[[JuryForm, int, int, str], Any]] = {
    "draw": lambda f, round_id, jury_id, reason: actions.draw(session.actor(), round_id, seed=f.seed.data),
    "replacement": lambda f, round_id, jury_id, reason: actions.replace(session.actor(), jury_id, f.juror.data or 0),
    "closing": lambda f, round_id, jury_id, reason: actions.close(session.actor(), jury_id),
    "calling_off": lambda f, round_id, jury_id, reason: actions.call_off(session.actor(), jury_id, reason=reason),
}


def _question(deed: str, form: JuryForm, round_: Round, now: Jury | None) -> Question:
    jurors = juries.jurors_of(now.id) if now is not None else []
    sitting = [j for j in jurors if j.status is JurorStatus.ACCEPTED]
    asked = [j for j in jurors if j.status is JurorStatus.ASKED]
    scores = sum(map(len, juries.scores_of(now.id).values())) if now is not None else 0
    if deed == "draw":
        ready = [case for case in queries.cases_of(round_)[Status.READY] if case.is_for_a_jury]
        return Question(
            _("抽 %(size)s 位居民来评审？", size=round_.rule.jury_size),
            [
                _("从 %(count)s 位核实过身份的居民里抽，抽到的马上收到信。", count=len(juries.residents(round_))),
                _("请他们看 %(count)s 件。他们 %(days)s 个工作日内答复来不来。", count=len(ready), days=round_.rule.jury_answer_days),
                _("抽了就不能重抽，评审结束以前这一期不能往下走。"),
            ],
            _("抽，通知他们"),
        )
    if deed == "replacement":
        juror = next((j for j in jurors if j.id == form.juror.data), None)
        return Question(
            _("把签号 %(n)s 换成下一位？", n=juror.position if juror is not None else "—"),
            [_("他（她）的位置让给抽签顺序里的下一位，不能再打分。"), _("下一位马上收到信。谁接替谁都记着。")], _("换下一位"),
        )  # fmt: skip
    if deed == "closing":
        return Question(
            _("结束群众评审，定分数？"),
            [
                _("来了 %(count)s 位，一共打了 %(scores)s 个分。定了就不能再打，也不能改。", count=len(sitting), scores=scores),
                *([_("还有 %(count)s 位没有答复，他们就不能来了。", count=len(asked))] if asked else []),
                _("%(count)s 件的分数从此算数。", count=len(juries.agenda(now.id)) if now is not None else 0),
            ],
            _("结束评审，定分数"),
        )
    return Question(
        _("这次群众评审不办了？"),
        [
            _("答应来的 %(count)s 位、还没答复的 %(asked)s 位都收到信：不用来了。", count=len(sitting), asked=len(asked)),
            _("已经打的 %(scores)s 个分都不算。", scores=scores),
            _("要再评，得重新抽签。"),
        ],
        _("不办这次评审"),
        reason=_("为什么不办（评审员看得到）"),
    )


@pages.post("/rounds/<int:round_id>/jury/<deed>")
@needs(Permission.ROUND_RUN)
def run_jury(round_id: int, deed: str) -> Answer:
    """Every deed about a jury moves people who were drawn, or scores that have no owner: each asks first."""
    queries.in_reach_of(session.actor(), round_id)
    if deed not in DEEDS:
        raise out_of_reach()
    form = JuryForm()
    sitting = juries.open_at(round_id)
    jury_id = sitting.id if sitting is not None else 0

    def refused(error: DomainError) -> Answer:
        form.refuse(error)
        return _jury_page(round_id, form), error.status

    if not form.validate():
        return _jury_page(round_id, form), 422
    return ask(
        lambda: _question(deed, form, queries.in_reach_of(session.actor(), round_id), juries.by_id(jury_id)),
        lambda reason: DEEDS[deed](form, round_id, jury_id, reason),
        done={"draw": _("抽好了，都通知了。"), "replacement": _("换成下一位了，已经通知。"), "closing": _("评审结束，分数定了。"), "calling_off": _("这次评审不办了，都通知了。")}[deed],
        to=url_for("nominations.desk.jury", round_id=round_id), refused=refused, try_first=True,
    )  # fmt: skip
