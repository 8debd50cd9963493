"""A place for somebody by name: handed over to who is asked, named by the leader with a reason, or arranged by a unit."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.identity.permissions import out_of_reach
from civic.volunteering.actions import handing, offers
from civic.volunteering.forms.taking import ArrangeForm, SuccessorForm
from civic.volunteering.views import leading, mine, pages
from civic.volunteering.views.naming import volunteer_named
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.post("/mine/asks/<int:hand_over_id>/<deed>")
@signed_in
def answer_ask(hand_over_id: int, deed: str) -> Answer:
    """Yes or no to a place somebody cannot keep."""
    if deed not in ("acceptance", "refusal"):
        raise out_of_reach()
    if deed == "refusal":
        return ask(
            lambda: Question(_("这一班您不接？"), [_("马上问下一位。回绝了，这一班就不再问您。")], _("不接，问下一位")),
            lambda _reason: handing.answer(session.actor(), hand_over_id, accepts=False),
            done=_("好的，问下一位了。"), to=url_for("volunteering.mine"), try_first=True,
            refused=lambda error: (mine.shown(str(error.sentence)), error.status),
        )  # fmt: skip
    try:
        with transaction():
            handing.answer(session.actor(), hand_over_id, accepts=True, has_read_briefing=request.form.get("has_read_briefing") == "y")
    except DomainError as error:
        if error.status == 404:
            raise
        return mine.shown(str(error.sentence)), error.status
    flash(_("好的，这一班是您的了，到时见。"))
    return redirect(url_for("volunteering.mine"), 303)


def _volunteer(who: str) -> int:
    """The person behind a volunteer number or a phone."""
    found = volunteer_named(who)
    if found is None:
        raise Invalid("volunteer_unknown", _l("没有找到这位志愿者。请对一下编号或手机号，他（她）要先登记成志愿者。"), field="who")
    return found.person_id


@pages.post("/lists/<int:shift_id>/successor/<int:sign_up_id>")
@signed_in
def name_successor(shift_id: int, sign_up_id: int) -> Answer:
    """The leader asks somebody out of turn."""
    shift = leading.led(shift_id)
    form = SuccessorForm()
    if form.carried_out(lambda: handing.name_successor(session.actor(), sign_up_id, _volunteer(form.who.data), reason=form.reason.data or "")):
        flash(_("问他（她）了。答应以前，这一班还是原来那位的。"))
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id) + f"#p{sign_up_id}", 303)
    return leading.shown(leading.led(shift.id), problem=" ".join(words for _id, words in form.problems)), form.status


@pages.post("/lists/<int:shift_id>/arrangement")
@signed_in
def arrange(shift_id: int) -> Answer:
    """A unit asks somebody for a shift; only they say whether they come."""
    shift = leading.led(shift_id)
    form = ArrangeForm()
    if form.carried_out(lambda: offers.arrange(session.actor(), shift_id, _volunteer(form.who.data), is_working_time=form.is_working_time.data)):
        flash(_("问他（她）了，名额先留着。来不来由本人定。"))
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id), 303)
    return leading.shown(leading.led(shift.id), arranging=form), form.status
