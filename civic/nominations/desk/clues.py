"""Triage of clues: refuse with a reason, join to a known case, or make a nomination and send it down to the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.errors import Invalid
from civic.honours import queries as honours
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import inquiring
from civic.nominations.desk import pages
from civic.nominations.forms.clues import TriageForm
from civic.nominations.models.inquiries import ClueStatus
from civic.nominations.queries import inquiries as queries
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _convert(form: TriageForm, clue_id: int) -> None:
    place = regions.by_id(arguments.number("at", 0))
    if place is None or place.level > 2:
        raise Invalid("place_missing", _("请选到社区或楼栋，由那里去核实。"))
    inquiring.convert_clue(session.actor(), clue_id, place, story=form.story.data or "")


DEEDS: dict[str, Callable[[TriageForm, int], Any]] = {
    "conversion": _convert,
    "merging": lambda f, n: inquiring.merge_clue(session.actor(), n, f.nomination.data or 0),
    "refusal": lambda f, n: inquiring.refuse_clue(session.actor(), n, reason=f.reason.data or ""),
}


@pages.get("/clues")
@needs(Permission.CLUE_TRIAGE)
def clues() -> str:
    word = request.args.get("status", "new")
    status = ClueStatus(word) if word in set(ClueStatus) else ClueStatus.NEW
    return render_template(
        "nominations/desk/clues.html", rows=queries.clues(session.actor(), status), status=status, classes={c.id: c.name for c in honours.categories(clock.today())}
    )


@pages.get("/clues/<int:clue_id>")
@needs(Permission.CLUE_TRIAGE)
def clue(clue_id: int) -> str:
    return _page(clue_id, TriageForm(formdata=None))


def _page(clue_id: int, form: TriageForm) -> str:
    found = queries.clue_by_id(session.actor(), clue_id)
    if found is None:
        raise out_of_reach()
    at = arguments.number("at")
    return render_template(
        "nominations/desk/clue.html", clue=found, form=form, like=queries.cases_like(found), chooser=regions.chooser(at),
        place=regions.by_id(at) if at else None, classes={c.id: c.name for c in honours.categories(clock.today())},
    )  # fmt: skip


@pages.post("/clues/<int:clue_id>/<deed>")
@needs(Permission.CLUE_TRIAGE)
def triage(clue_id: int, deed: str) -> Answer:
    if deed not in DEEDS:
        raise out_of_reach()
    form = TriageForm()
    _page(clue_id, form)  # out of reach is said before anything is asked
    asked = {
        "conversion": Question(_("转成推荐？"), [_("当地的审核台马上收到这一件，请人去核实。"), _("线索就此办结，不能再改成不采用。")], _("转成推荐")),
        "merging": Question(_("并到已有的推荐里？"), [_("线索的内容归到那一件里，线索就此办结。"), _("并了就分不开。")], _("并进去")),
        "refusal": Question(_("这条线索不采用？"), [_("线索就此办结，不会再有人看。"), _("原因留在记录里：%(reason)s", reason=form.reason.data or "")], _("不采用")),
    }[deed]
    return ask_of(
        form, lambda: asked, lambda: DEEDS[deed](form, clue_id),
        done={"conversion": _("转成推荐了，请当地去核实。"), "merging": _("并到已有的推荐里了。"), "refusal": _("记下原因，不采用。")}[deed],
        to=url_for("nominations.desk.clues"), page=lambda: _page(clue_id, form),
    )  # fmt: skip
