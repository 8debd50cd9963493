"""What the level above was asked to look at again: declined cases, and answers to objections."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import listing
from civic.identity.permissions import Permission
from civic.nominations.actions import second_looks as actions
from civic.nominations.desk import pages
from civic.nominations.forms.second_looks import LookForm
from civic.nominations.queries import second_looks as queries
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/second_looks")
@needs(Permission.OBJECTION_HANDLE)
def second_looks() -> str:
    closed = request.args.get("closed") == "1"
    return render_template("nominations/desk/second_looks.html", rows=queries.waiting_for(session.actor(), is_open=not closed, limit=listing.ALL if request.args.get("all") == "1" else None), closed=closed)


@pages.route("/second_looks/<int:look_id>", methods=["GET", "POST"])
@needs(Permission.OBJECTION_HANDLE)
def second_look(look_id: int) -> Answer:
    look = queries.in_reach_of(session.actor(), look_id)
    form = LookForm()
    if request.method == "POST":
        return ask_of(
            form, lambda: _asked(form.outcome.data == "changed", look.nomination.nominee_name),
            lambda: actions.answer(session.actor(), look_id, changes=form.outcome.data == "changed", words=form.answer.data),
            done=_("答复好了，对方会收到。"), to=url_for("nominations.desk.second_look", look_id=look_id), page=lambda: _page(look_id, form),
        )  # fmt: skip
    return _page(look_id, form)


def _asked(changes: bool, name: str) -> Question:
    if changes:
        return Question(_("改过来，让下级重新看？"), [_("%(name)s这件马上回到下级的审核台，期限重新算。", name=name), _("推荐人会收到您的答复。复核只有一次。")], _("改过来"))
    return Question(_("维持原来的决定？"), [_("%(name)s这件到此为止，不能再复核。", name=name), _("推荐人会收到您的答复。")], _("维持"))


def _page(look_id: int, form: LookForm) -> str:
    look = queries.in_reach_of(session.actor(), look_id)
    word = next((d for d in reversed(look.nomination.decisions) if d.level == look.level and d.verb.value == "decline"), None)
    return render_template("nominations/desk/second_look.html", look=look, case=look.nomination, word=word, form=form)
