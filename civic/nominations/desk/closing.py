"""The deeds of a round that cannot be taken back: putting up its list, closing it, giving it up. Each asks first.

A round is closed only through its rehearsal: the page that shows every case and every letter is the question, and the yes is
bound to exactly what it showed.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import storage
from civic.core.db import transaction
from civic.core.errors import DomainError, NotNow
from civic.errands import actions as errands
from civic.errands import queries as errands_of
from civic.errands.desk import RESULTS
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import noticing, rehearsing
from civic.nominations.actions import rounds as actions
from civic.nominations.desk import pages
from civic.nominations.desk.rounds import round_with
from civic.nominations.forms.rounds import CLOSING_WORDS, RoundDeedForm
from civic.nominations.models.rounds import Round, RoundStatus
from civic.nominations.queries import rounds as queries
from civic.nominations.states import Status
from civic.web import arguments, session
from civic.web.asking import PROOF, Question, ask
from civic.web.filters import day_and_weekday
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]
# What is done within a second or two; a larger round is an errand.
NOW_MOST = 60
ONE_PAGE = 50


def _open(round_id: int) -> Round:
    round_ = queries.in_reach_of(session.actor(), round_id)
    if round_.status is not RoundStatus.OPEN:
        raise NotNow("round_moved_on", _("这一期已经走到下一步了，请刷新看看。"))
    return round_


def _putting_up(round_id: int) -> Question:
    round_ = _open(round_id)
    rows = noticing.ready_to_put_up(round_)
    return Question(
        _("公示这 %(count)s 位？", count=len(rows)),
        [
            _("马上贴出来，谁都看得到：%(names)s。", names="、".join(row.face.name or "" for row in rows)),
            _("公示到%(day)s。这几天里谁都可以提异议。", day=day_and_weekday(noticing.last_day(round_))),
            _("%(count)s 位推荐人会收到信。", count=sum(row.case.voice_count for row in rows)),
            _("贴出来以后，这一期不能再添人，也不能取消。"),
        ],
        _("贴出来"),
    )


@pages.post("/rounds/<int:round_id>/notice")
@needs(Permission.ROUND_RUN)
def put_up(round_id: int) -> Answer:
    queries.in_reach_of(session.actor(), round_id)
    is_long = queries.count_in(round_id) > NOW_MOST
    return ask(
        lambda: _putting_up(round_id),
        lambda _reason: _errand(round_id, "notice") if is_long else noticing.publish(session.actor(), round_id),
        done=_("会在后台贴出来，这一页看得到办到哪里。") if is_long else _("贴出来了，大家都看得到。"),
        to=lambda found: url_for("errands.desk.errand", errand_id=found) if is_long else url_for("nominations.desk.round", round_id=round_id),
        back=url_for("nominations.desk.round", round_id=round_id),
        refused=lambda error: _on_its_page(round_id, error),
    )


def _giving_up(round_id: int) -> Question:
    round_ = _open(round_id)
    actions.demand_nobody_sits(round_)
    cases = queries.cases_of(round_)
    return Question(
        _("不办“%(name)s”了？", name=round_.name),
        [
            _("拟定的 %(count)s 件退回来，等下一期。", count=len(cases[Status.PROPOSED])),
            _("等评议的 %(count)s 件留着，评过的结果还算数。", count=len(cases[Status.READY])),
            _("这一期不能再打开，要办得新开一期。"),
        ],
        _("不办这一期"),
        reason=_("为什么不办（留在档案里）"),
    )


@pages.post("/rounds/<int:round_id>/cancellation")
@needs(Permission.ROUND_RUN)
def give_up(round_id: int) -> Answer:
    queries.in_reach_of(session.actor(), round_id)
    return ask(
        lambda: _giving_up(round_id), lambda reason: actions.cancel(session.actor(), round_id, reason=reason), done=_("这一期不办了。"),
        to=url_for("nominations.desk.round", round_id=round_id),
    )  # fmt: skip


@pages.post("/rounds/<int:round_id>/rehearsal")
@needs(Permission.ROUND_RUN)
def rehearse_closing(round_id: int) -> Answer:
    """Every case and every letter of the closing, read before it is done. A POST, for it takes the round's locks while it looks."""
    queries.in_reach_of(session.actor(), round_id)
    if queries.count_in(round_id) > NOW_MOST:
        return _later(round_id, "rehearsal")
    return _shown(round_id)


def _shown(round_id: int, warning: str = "") -> Answer:
    form = RoundDeedForm()
    found: list[rehearsing.Rehearsed] = []
    if not form.carried_out(lambda: found.extend(rehearsing.rehearse(session.actor(), round_id))):
        return round_with(round_id, form), form.status
    return _closing_page(round_id, [asdict(row) for row in found], warning=warning), 409 if warning else 200


def _closing_page(round_id: int, rows: list[dict[str, object]], *, warning: str = "", errand: object = None) -> str:
    pages_, page = -(-len(rows) // ONE_PAGE) or 1, max(0, arguments.number("page", 0))
    shown = rows if errand is None else rows[page * ONE_PAGE : (page + 1) * ONE_PAGE]
    return render_template(
        "nominations/desk/closing.html", round=queries.in_reach_of(session.actor(), round_id), rows=shown, words=CLOSING_WORDS,
        cases=len(rows), count=sum(len(row["letters"]) for row in rows), errand=errand, page=page, pages=pages_ if errand else 1,  # type: ignore[arg-type, misc]
        asked=rehearsing.seen(rows), name=PROOF, warning=warning,
    )  # fmt: skip


@pages.post("/rounds/<int:round_id>/closing")
@needs(Permission.ROUND_RUN)
def close_round(round_id: int) -> Answer:
    """Closed as it was rehearsed: without the rehearsal it is shown first, and where something changed since, again."""
    queries.in_reach_of(session.actor(), round_id)
    asked, is_long = request.form.get(PROOF), queries.count_in(round_id) > NOW_MOST
    if not asked:
        return _later(round_id, "rehearsal") if is_long else _shown(round_id)
    if is_long:
        return _later(round_id, "closing", seen=asked)
    form = RoundDeedForm()
    if form.carried_out(lambda: rehearsing.close_as_seen(session.actor(), round_id, asked)):
        flash(_("发布了。评上的和转到下一期的，都通知了推荐人。"))
        return redirect(url_for("nominations.desk.round", round_id=round_id), 303)
    if form.refusal is not None and form.refusal.code == "changed_since_asked":
        return _shown(round_id, str(form.refusal.sentence))
    return round_with(round_id, form), form.status


def _on_its_page(round_id: int, error: DomainError) -> Answer:
    form = RoundDeedForm(formdata=None)
    form.refuse(error)
    return round_with(round_id, form), error.status


def _errand(round_id: int, kind: str, **details: str) -> int:
    """Leave it to the worker. Inside a transaction."""
    round_ = queries.in_reach_of(session.actor(), round_id)
    words = {"notice": _("%(round)s：公示", round=round_.name), "closing": _("%(round)s：一起发布", round=round_.name), "rehearsal": _("%(round)s：发布以前看一遍", round=round_.name)}
    back = url_for("nominations.desk.round", round_id=round_id)
    return errands.ask(session.actor(), kind, str(round_id), name=words[kind], round=round_id, back=back, **details)


def _later(round_id: int, kind: str, **details: str) -> Response:
    """A round of many cases takes its time: the worker does it, and a page says how far it is."""
    with transaction():
        errand = _errand(round_id, kind, **details)
    return redirect(url_for("errands.desk.errand", errand_id=errand), 303)


@pages.get("/rounds/<int:round_id>/rehearsal/<int:errand_id>")
@needs(Permission.ROUND_RUN)
def rehearsed(round_id: int, errand_id: int) -> str:
    """What the worker found when it rehearsed a large closing, page by page."""
    errand = errands_of.own(session.actor(), errand_id)
    if errand.kind != "rehearsal" or errand.facts["round"] != round_id or errand.file_key is None or not storage.is_kept(errand.file_key):
        raise out_of_reach()
    with storage.open_(errand.file_key) as file:
        return _closing_page(round_id, json.load(file), errand=errand)


RESULTS["rehearsal"] = lambda errand: render_template("nominations/desk/_rehearsal_result.html", errand=errand, round_id=errand.facts["round"])
