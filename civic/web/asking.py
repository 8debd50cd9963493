"""Questions before what cannot be taken back: a page that says what happens to whom, and a yes that is bound to its words.

A view says how its question is worked out and what is done on a yes:

    @pages.post("/grants/<int:grant_id>/end")
    @needs(Permission.GRANT_GIVE)
    def end(grant_id: int) -> Answer:
        return ask(
            lambda: _ending(grant_id),                                            # a Question; may refuse with a DomainError
            lambda reason: giving.end(session.actor(), grant_id, reason=reason),   # in one transaction, after the yes
            done=_("这个角色结束了。"), to=url_for("identity.desk.grants"),
        )

A GET, and the first POST, change nothing and answer the page. Its button sends the same fields again with a proof over who asks,
where, what was sent and every word that was shown. Inside the deed's transaction the question is worked out anew: where it
has other words by now (a case more, a letter less), nothing is done and the new question is asked, with a sentence that says
so. `tests/laws/deeds.py` lists every deed of the house and which of them ask.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import Field, TextAreaField
from wtforms.validators import Length, Optional

from civic.core.db import transaction
from civic.core.errors import Conflict, DomainError, Invalid
from civic.web import session
from civic.web.forms import Form

Answer = str | Response | tuple[str, int]
PROOF = "asked"
NOT_CARRIED = (PROOF, "csrf_token")
# What hangs on a thing of a lower feature: upper features say it in their own lines (kind of thing → who tells).
STAKES: dict[str, list[Callable[[Any], list[str]]]] = {}
REASON_MOST = 1000


@dataclass(frozen=True)
class Question:
    """What is asked before a deed: `lines` say what happens to whom (how many cases, people, letters), `do` is the button.

    `reason`: the label of the field where why is written down, where somebody is hurt; empty where no reason is wanted.
    """

    title: str
    lines: Sequence[str]
    do: str
    reason: str = ""


class ReasonForm(Form):
    reason = TextAreaField(_l("原因"), validators=[Optional(), Length(max=REASON_MOST)])


class _AskAgain(Exception):
    """The words changed between the page and the yes; carries the new question."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


def ask(
    question: Callable[[], Question],
    deed: Callable[[str], Any],
    *,
    done: str | Callable[[Any], str],
    to: str | Callable[[Any], str],
    back: str | None = None,
    form: Form | None = None,
    refused: Callable[[DomainError], Answer | None] | None = None,
    try_first: bool = False,
) -> Answer:
    """Answer the question, or, after a yes to exactly these words, do the deed and send on.

    `done` (flashed) and `to` may be worked out from what the deed returned. `back` is where a no leads, else `to`. `form` has
    further fields for the page, a photograph say, which `deed` reads. `refused` renders a refusal, else a page of its own says
    it. `try_first`: do the deed and take it back before asking, so that nobody is asked what would then be refused; only for
    deeds that touch nothing but the database.
    """
    way_back = back or (to if isinstance(to, str) else request.referrer or "/")
    form = form or ReasonForm()
    try:
        shown = question()
        if PROOF not in request.form:
            if try_first and request.method == "POST":
                _try(deed)
            return _page(shown, form, way_back), 200
    except DomainError as error:
        if error.status == 404:
            raise
        return _theirs(refused, error) or _no(error, way_back)
    if not hmac.compare_digest(request.form[PROOF].encode(), _proof(shown, form).encode()):
        return _again(shown, form, way_back)
    if not form.validate() or not _reasoned(shown, form):
        return _page(shown, form, way_back), 422
    try:
        with transaction():
            now = question()
            if astuple(now) != astuple(shown):
                raise _AskAgain(now)
            found = deed(_reason(form))
    except _AskAgain as changed:
        return _again(changed.question, form, way_back)
    except DomainError as error:
        if error.status == 404:
            raise
        return _theirs(refused, error) or _refusal(error, shown, form, way_back)
    flash(done if isinstance(done, str) else done(found))
    return redirect(to if isinstance(to, str) else to(found), 303)


def _theirs(refused: Callable[[DomainError], Answer | None] | None, error: DomainError) -> Answer | None:
    """A refusal as the view itself wants to say it; none where it does not."""
    return refused(error) if refused is not None else None


class _Tried(Exception):
    """Nothing stood in the way; takes back what was done."""


def _try(deed: Callable[[str], Any]) -> None:
    """Do it and take it back: only its refusal gets out."""
    try:
        with transaction():
            deed("—")
            raise _Tried
    except _Tried:
        return


def at_stake(kind: str, thing: Any) -> list[str]:
    """The lines of every feature that knows what hangs on the thing."""
    return [line for tell in STAKES.get(kind, ()) for line in tell(thing)]


def ask_of(
    form: Form, question: Callable[[], Question], deed: Callable[[], Any], *, done: str, to: str | Callable[[Any], str], page: Callable[[], Any]
) -> Answer:
    """The same for a form that was filled in: what is wrong with it stands on its own `page`, and only what is right is asked."""

    def refused(error: DomainError) -> Answer:
        form.refuse(error)
        return page(), error.status

    if not form.validate():
        return page(), 422
    return ask(question, lambda _reason: deed(), done=done, to=to, refused=refused, try_first=True)


def is_answered() -> bool:
    """Whether this POST comes from a question's page; whatever was typed before was looked at when it was asked."""
    return PROOF in request.form


def _reason(form: Form) -> str:
    field = form._fields.get("reason")
    return (field.data or "").strip() if field is not None else ""


def _reasoned(question: Question, form: Form) -> bool:
    if question.reason and not _reason(form):
        form.refuse(Invalid("reason_missing", _("请写明原因，会留在记录里。"), field="reason"))
        return False
    return True


def _fields(question: Question, form: Form) -> list[Field]:
    """The fields that the page shows: a reason only where one is wanted."""
    return [field for field in form if field.name != "csrf_token" and (field.name != "reason" or question.reason)]


def _carried(question: Question, form: Form) -> list[tuple[str, str]]:
    """What was sent and goes along with the yes: everything but the fields that the page itself shows."""
    own = {field.name for field in _fields(question, form)}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED and name not in own]


def _proof(question: Question, form: Form) -> str:
    """Over who asks, where, what was sent and every word that is shown."""
    carried = [(name, value.replace("\r\n", "\n")) for name, value in _carried(question, form)]
    words = repr((session.actor().user_id, request.full_path, carried, tuple(map(str, astuple(question)))))
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"civic.asking:" + words.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _again(question: Question, form: Form, back: str) -> Answer:
    form.refuse(Conflict("changed_since_asked", _("您看过以后，这里有了变化。请再看一遍，再定。")))
    return _page(question, form, back), 409


def _refusal(error: DomainError, question: Question, form: Form, back: str) -> Answer:
    form.refuse(error)
    return _page(question, form, back), error.status


def _no(error: DomainError, back: str) -> Answer:
    """It cannot be done at all now: said before anybody is asked."""
    return render_template("web/question_refused.html", frame=frame(), sentence=error.sentence, code=error.code, back=back), error.status


def frame() -> str:
    """Desks keep their head; everybody else has the site's."""
    return "layout/console.html" if ".desk." in (request.endpoint or "") else "layout/public.html"


def _page(question: Question, form: Form, back: str) -> str:
    """The question. Its address is the deed's own, so the yes goes where the question came from."""
    return render_template(
        "web/question.html", frame=frame(), question=question, form=form, fields=_fields(question, form), back=back,
        carried=_carried(question, form),
        proof=_proof(question, form), name=PROOF, where=request.full_path.rstrip("?"),
    )  # fmt: skip
