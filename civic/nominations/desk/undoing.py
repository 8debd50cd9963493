"""Taking back what one has just decided: one case, or everything that was decided in one go."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.errands import actions as errands
from civic.identity.permissions import Permission, out_of_reach
from civic.nominations.actions import undoing
from civic.nominations.desk import batches, pages
from civic.nominations.desk.batches import Line
from civic.nominations.forms.cases import VERB_WORDS, UndoForm
from civic.nominations.queries import undoing as queries
from civic.web import session
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/undoing")
@needs(Permission.NOMINATION_REVIEW)
def undoable() -> str:
    return _page(UndoForm(formdata=None))


def _page(form: UndoForm) -> str:
    return render_template("nominations/desk/undoable.html", goings=queries.open_to(session.actor()), words=VERB_WORDS, form=form)


@pages.post("/undoing/<int:decision_id>")
@needs(Permission.NOMINATION_REVIEW)
def undo(decision_id: int) -> Answer:
    form = UndoForm()
    if form.carried_out(lambda: undoing.undo(session.actor(), decision_id)):
        flash(_("撤回了，这件又在您手上，推荐人没有收到信。"))
        step = queries.step_by_id(decision_id)
        return redirect(url_for("nominations.desk.queue", case=step.nomination_id if step else None), 303)
    return _page(form), form.status


@pages.post("/undoing/batch/<batch>")
@needs(Permission.NOMINATION_REVIEW)
def undo_batch(batch: str) -> Answer:
    """Each case in a transaction of its own: what has gone on meanwhile stays, and says why."""
    steps = queries.of_batch(session.actor(), batch)
    if not steps:
        raise out_of_reach()
    if len(steps) > batches.NOW_MOST:
        pieces = [[s.id, 0, s.nomination.nominee_name, s.nomination.reference] for s in steps]
        with transaction():
            errand = errands.ask(
                session.actor(), "undoing", batch, name=_("撤回 %(count)s 件", count=len(pieces)), pieces=pieces, back=url_for("nominations.desk.queue")
            )
        return redirect(url_for("errands.desk.errand", errand_id=errand), 303)
    lines = [_one(step.id, step.nomination.nominee_name, step.nomination.reference) for step in steps]
    return render_template("nominations/desk/batch_undone.html", lines=lines)


def _one(decision_id: int, name: str, reference: str) -> Line:
    try:
        with transaction():
            undoing.undo(session.actor(), decision_id)
    except DomainError as error:
        return Line(name, reference, str(error.sentence))
    return Line(name, reference, None)
