"""What hangs on the wall for everybody to read, and what they have to say about it."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from civic.core.errors import DomainError
from civic.core.listing import ALL
from civic.identity.rules import contact_from
from civic.nominations.actions import noticing
from civic.nominations.forms.notices import WITHHELD_WORDS, ObjectionForm
from civic.nominations.forms.second_looks import AgainForm
from civic.nominations.models.notices import NoticeItem, ObjectionKind
from civic.nominations.queries import notices as queries
from civic.nominations.queries import reactions, second_looks
from civic.nominations.rules import links
from civic.nominations.views import pages
from civic.nominations.views.reacting import visitor
from civic.web import session
from civic.web.guards import anyone

Answer = str | Response | tuple[str, int]


@pages.get("/notices")
@anyone
def notices() -> str:
    hanging = queries.hanging(1)
    return _page(hanging[0] if hanging else None, ObjectionForm(formdata=None))


@pages.get("/notices/<int:item_id>")
@anyone
def notice(item_id: int) -> str:
    found = queries.item(item_id)
    if found is None:
        abort(404)
    return _page(found, ObjectionForm(formdata=None))


def _page(chosen: NoticeItem | None, form: ObjectionForm) -> str:
    hanging = queries.hanging(ALL if request.args.get("all") else queries.HANGING)
    reaction = None
    if chosen is not None and chosen.withheld is None:
        reaction = reactions.of_case(chosen.nomination, visitor(chosen.nomination_id))
    return render_template(
        "nominations/notices.html", chosen=chosen, hanging=hanging, form=form, state_of=queries.state_of, reaction=reaction,
        withheld=WITHHELD_WORDS,
    )  # fmt: skip


@pages.post("/notices/<int:item_id>/objection")
@anyone
def objection(item_id: int) -> Answer:
    found = queries.item(item_id)
    if found is None:
        abort(404)
    form = ObjectionForm()
    heard = []

    def hear() -> None:
        if form.contact.data:
            contact_from(form.contact.data)
        heard.append(
            noticing.object_to(
                item_id, kind=ObjectionKind(form.kind.data), words=form.words.data, name=form.name.data or "",
                contact=form.contact.data or "",
            )
        )  # fmt: skip

    try:
        session.spend("objection", allowed=10, per=timedelta(hours=1))
    except DomainError as error:
        form.refuse(error)
        return _page(found, form), error.status
    if form.carried_out(hear):
        return redirect(url_for("nominations.objected", token=links.objection_token(heard[0].id)), 303)
    return _page(queries.item(item_id) or found, form), form.status


@pages.get("/objection/<token>")
@anyone
def objected(token: str) -> str:
    """What became of one's objection, by its own link."""
    number = links.objection_id_from(token)
    found = queries.objection_by_id(number) if number is not None else None
    if found is None:
        abort(404)
    look = second_looks.of_objection(found.id)
    return render_template(
        "nominations/objected.html", objection=found, token=token, form=AgainForm(formdata=None), look=look,
        may_ask=second_looks.may_ask_about(found),
    )  # fmt: skip
