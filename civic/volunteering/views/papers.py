"""The paper 签到表 typed back in on the leader's list, and checked by another leader beside its photograph."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Response as File
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.errors import Invalid
from civic.core.typed import whole_number
from civic.identity.permissions import out_of_reach
from civic.volunteering.actions import paper as actions
from civic.volunteering.forms.hours import PaperForm, ReturnForm
from civic.volunteering.forms.words import DIFFERENCE_WORDS
from civic.volunteering.models.events import Shift
from civic.volunteering.models.paper import PaperSheet
from civic.volunteering.queries import lists
from civic.volunteering.queries import paper as questions
from civic.volunteering.views import leading, pages
from civic.web import arguments, evidence, kept, session
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def _typing(shift: Shift, form: PaperForm) -> str:
    """What stands in the boxes: what was just typed, else the sheet that waits, else what came back."""
    lines = [line for line in lists.list_of(shift.id) if line.sign_up.status in actions.LISTED]
    last = questions.last_of(shift.id)
    before = {} if last is None else {line.sign_up_id: line for line in last.lines}
    typed: dict[int, tuple[str, str]] = {}
    for line in lines:
        number, known = line.sign_up.id, before.get(line.sign_up.id)
        if request.method == "POST":
            typed[number] = (request.form.get(f"came-{number}", ""), request.form.get(f"went-{number}", ""))
        elif known is not None:
            typed[number] = (_hour(known.came_at), _hour(known.went_at) if known.went_at else "")
        else:
            typed[number] = ("", "")
    return render_template("volunteering/paper.html", shift=shift, lines=lines, typed=typed, form=form, last=last, me=session.actor())


def _hour(moment: Any) -> str:
    return f"{clock.local(moment):%H:%M}"


@pages.get("/lists/<int:shift_id>/paper")
@signed_in
def paper(shift_id: int) -> Answer:
    """Type the sheet; is there one that waits for a second person, go there."""
    shift = leading.led(shift_id)
    waiting = questions.waiting_of(shift_id)
    if waiting is not None and request.args.get("anew") != "1":
        return redirect(url_for("volunteering.paper_check", shift_id=shift_id), 303)
    return _typing(shift, PaperForm(formdata=None))


def _time(typed: str, field: str, name: str) -> time | None:
    typed = typed.strip().replace("：", ":").replace("点", ":").rstrip(":")
    if not typed:
        return None
    try:
        hour, minute = (whole_number(part, most=59) for part in f"{typed}:0".split(":")[:2])
        if hour is None or minute is None:
            raise ValueError
        return time(hour, minute)
    except ValueError:
        raise Invalid("time_unclear", _l("%(name)s：“%(typed)s”看不懂，请写成 7:05 这样。", name=name, typed=typed[:10]), field=field) from None


def _lines(shift: Shift) -> dict[int, tuple[time, time | None]]:
    found: dict[int, tuple[time, time | None]] = {}
    for line in lists.list_of(shift.id):
        number, name = line.sign_up.id, line.sign_up.person.name
        came = _time(request.form.get(f"came-{number}", ""), f"came-{number}", name)
        went = _time(request.form.get(f"went-{number}", ""), f"went-{number}", name)
        if came is None and went is not None:
            raise Invalid("no_coming", _l("%(name)s：有走的时间，没有来的时间。", name=name), field=f"came-{number}")
        if came is not None:
            found[number] = (came, went)
    return found


@pages.post("/lists/<int:shift_id>/paper")
@signed_in
def type_paper(shift_id: int) -> Answer:
    """Keep what was typed; the photograph is kept even where a line has to be mended."""
    shift = leading.led(shift_id)
    form = PaperForm()
    photo = form.photo.data
    if getattr(photo, "filename", ""):
        try:
            form.photo_key.data = kept.handed_out(f"paper:{shift_id}", evidence.keep(photo))
        except Invalid as error:
            form.photo.errors = [str(error.sentence)]
            return _typing(shift, form), 422

    def type_in() -> None:
        key = kept.taken_back(f"paper:{shift_id}", form.photo_key.data)
        if key is None:
            raise Invalid("photo_missing", _l("请拍一张签到表，核对的人要看。只留在档案里。"), field="photo")
        actions.type_in(session.actor(), shift_id, _lines(shift), photo_key=key)

    if form.carried_out(type_in):
        flash(_("录好了。请另一位队长打开这一班核对，核对完才算数。"))
        return redirect(url_for("volunteering.paper_check", shift_id=shift_id), 303)
    return _typing(leading.led(shift_id), form), form.status


def _waiting(shift_id: int) -> PaperSheet:
    leading.led(shift_id)
    found = questions.waiting_of(shift_id)
    if found is None:
        raise out_of_reach()
    return found


def _checking(sheet: PaperSheet, form: ReturnForm) -> str:
    names = session.names_of({sheet.typed_by_id})
    return render_template(
        "volunteering/paper_check.html", shift=sheet.shift, sheet=sheet, rows=questions.compared(sheet), words=DIFFERENCE_WORDS, form=form,
        is_mine=sheet.typed_by_id == session.actor().user_id, typist=names.get(sheet.typed_by_id, ""), right=set(request.form.getlist("right")),
    )  # fmt: skip


@pages.get("/lists/<int:shift_id>/paper/check")
@signed_in
def paper_check(shift_id: int) -> Answer:
    """Line by line: what the paper says, what was ticked, in what they differ."""
    leading.led(shift_id)
    if questions.waiting_of(shift_id) is None:
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id), 303)
    return _checking(_waiting(shift_id), ReturnForm(formdata=None))


@pages.post("/lists/<int:shift_id>/paper/<deed>")
@signed_in
def decide_paper(shift_id: int, deed: str) -> Answer:
    """`confirmation`: every line was ticked as right; `return`: type it anew."""
    sheet = _waiting(shift_id)
    if deed not in ("confirmation", "return"):
        raise out_of_reach()
    form = ReturnForm()

    def decide() -> None:
        if deed == "confirmation":
            actions.confirm(session.actor(), sheet.id, right=arguments.sent_numbers("right"))
        else:
            actions.send_back(session.actor(), sheet.id, reason=form.reason.data or "")

    if form.carried_out(decide):
        flash(_("核对好了，记成签到签退了。") if deed == "confirmation" else _("退回去重录了。"))
        return redirect(url_for("volunteering.tick_list", shift_id=shift_id), 303)
    waiting = questions.sheet_by_id(sheet.id)
    assert waiting is not None
    return _checking(waiting, form), form.status


@pages.get("/lists/<int:shift_id>/paper/photo")
@signed_in
def paper_photo(shift_id: int) -> File:
    """The photographed sheet: internal, for those who lead the shift."""
    leading.led(shift_id)
    sheet = questions.last_of(shift_id)
    if sheet is None:
        raise out_of_reach()
    return evidence.shown(sheet.photo_key)
