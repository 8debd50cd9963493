"""Two cases side by side, with one question: is this the same person?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.honours import queries as honours
from civic.identity.permissions import Permission, is_recused, may, out_of_reach
from civic.nominations.actions import likening
from civic.nominations.desk import pages
from civic.nominations.forms.likenesses import LIKENESS_ANSWER_WORDS, LIKENESS_WORDS, LikenessForm
from civic.nominations.forms.nominating import CHANNEL_WORDS
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases, likenesses
from civic.nominations.states import OPEN, STEPS, Verb
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]

DEEDS: dict[str, Callable[[LikenessForm, int, int], Any]] = {
    "merging": lambda f, one, other: likening.merge(
        session.actor(), f.keep.data or 0, other if f.keep.data == one else one if f.keep.data == other else 0
    ),
    "sameness": lambda f, one, other: likening.say_same(session.actor(), one, other),
    "difference": lambda f, one, other: likening.say_different(session.actor(), one, other),
}


def _done(deed: str) -> str:
    return {
        "merging": _("并到一起了，每位推荐人都收到信。"),
        "sameness": _("记下了：同一个人，两件事。"),
        "difference": _("记下了：是两个人，不会再问。"),
    }[deed]


def _keepable(one: Nomination, other: Nomination) -> list[Nomination]:
    """Which of two may be kept while the other is joined to it, the one further up first."""
    pairs = ((one, other), (other, one))
    found = (k for k, e in pairs if k.status in OPEN and k.level >= e.level and e.status in STEPS[Verb.MERGE].sources)
    return sorted(found, key=lambda c: (-c.level, c.id))


@pages.get("/likeness/<int:one>/<int:other>")
@needs(Permission.NOMINATION_READ)
def likeness(one: int, other: int) -> str:
    return _page(one, other, LikenessForm(formdata=None))


def _page(one: int, other: int, form: LikenessForm) -> str:
    actor = session.actor()
    pair = [cases.in_reach_of(actor, case) for case in sorted((one, other))]
    ground = likenesses.ground_between(*pair)
    if one == other or ground is None:
        raise out_of_reach()
    return render_template(
        "nominations/desk/likeness.html",
        pair=pair,
        ground=ground,
        grounds=LIKENESS_WORDS,
        answer=likenesses.answer_about(one, other),
        answers=LIKENESS_ANSWER_WORDS,
        keepable=_keepable(*pair),
        honours={case.id: honours.of_person(case.nominee_id) for case in pair},
        channels=CHANNEL_WORDS,
        may_answer=any(may(actor, Permission.NOMINATION_REVIEW, c.desk_path) for c in pair)
        and not any(is_recused(actor, cases.parties_of(c)) for c in pair),
        form=form,
        this_year=clock.today().year,
    )


@pages.post("/likeness/<int:one>/<int:other>/<deed>")
@needs(Permission.NOMINATION_REVIEW)
def answer_likeness(one: int, other: int, deed: str) -> Answer:
    if deed not in DEEDS:
        raise out_of_reach()
    form = LikenessForm()
    _page(one, other, form)  # out of reach is said before anything is asked
    kept = form.keep.data if deed == "merging" else one
    return ask_of(
        form, lambda: _asked(deed, form, one, other), lambda: DEEDS[deed](form, one, other), done=_done(deed),
        to=url_for("nominations.desk.queue", case=kept), page=lambda: _page(one, other, form),
    )  # fmt: skip


def _asked(deed: str, form: LikenessForm, one: int, other: int) -> Question:
    pair = {case: cases.in_reach_of(session.actor(), case) for case in (one, other)}
    if deed == "merging":
        kept = pair.get(form.keep.data or 0, pair[one])
        gone = pair[other] if kept is pair[one] else pair[one]
        return Question(
            _("把 %(gone)s 并到 %(kept)s？", gone=gone.reference, kept=kept.reference),
            [
                _("%(gone)s 到此为止，以后只看 %(kept)s。", gone=gone.reference, kept=kept.reference),
                _("%(count)s 位推荐人都收到信，他们的话一起往下走。", count=gone.voice_count + kept.voice_count),
                _("并了就分不开。"),
            ],
            _("并到一起"),
        )
    if deed == "sameness":
        return Question(_("是同一个人，两件事？"), [_("两件算在同一个人名下：评过的、年限、一人一期只报一类都一起看。")], _("是同一个人"))
    return Question(_("是两个人？"), [_("记下以后，这两件不会再问是不是同一个人。")], _("是两个人"))
