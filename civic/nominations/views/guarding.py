"""The guardian's own page: what they agreed to for a child, and the one button that takes it back."""

from __future__ import annotations

from flask import abort, render_template, url_for
from flask_babel import gettext as _

from civic.nominations.actions import guarding
from civic.nominations.forms.guardians import GUARDIAN_METHOD_WORDS
from civic.nominations.queries import guardians
from civic.nominations.views import pages
from civic.web.asking import Answer, Question, ask
from civic.web.guards import anyone


@pages.get("/guardian/<token>")
@anyone
def guardian(token: str) -> str:
    found = guardians.by_token(token)
    if found is None:
        abort(404)
    return render_template("nominations/guardian.html", guardian=found, case=found.nomination, token=token, methods=GUARDIAN_METHOD_WORDS)


@pages.post("/guardian/<token>/withdrawal")
@anyone
def guardian_withdrawal(token: str) -> Answer:
    return ask(
        lambda: Question(
            _("收回同意？"), [_("这份推荐不再往下办，公开处也马上看不到孩子的事。"), _("收回了，要再办得重新签一份同意书。")], _("收回同意")
        ),
        lambda _reason: guarding.withdraw(token),
        done=_("收回了。这份推荐不再往下办，公开处也马上看不到。"), to=url_for("nominations.guardian", token=token), try_first=True,
    )  # fmt: skip
