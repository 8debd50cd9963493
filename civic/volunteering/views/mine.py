"""Becoming a volunteer, those of my family, my shifts: give a place back, answer an offer, say why I could not come."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity import queries as identity
from civic.identity.permissions import out_of_reach
from civic.identity.rules import mobile_from
from civic.volunteering.actions import attesting, handing, offers, people, rechecking
from civic.volunteering.forms.taking import NumberForm, RegisterForm, WardForm
from civic.volunteering.forms.words import RECHECK_WORDS, ROLE_WORDS
from civic.volunteering.models.events import Risk
from civic.volunteering.queries import handing as handing_over
from civic.volunteering.queries import people as questions
from civic.volunteering.queries import qualifications, rechecks, sign_ups
from civic.volunteering.rules.signing import PARTS
from civic.volunteering.states import SignUpStatus
from civic.volunteering.views import pages
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.filters import moment
from civic.web.forms import Form
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


def _next() -> str:
    """Where to go on, inside this site only."""
    wanted = request.args.get("next", "")
    return wanted if wanted.startswith("/volunteering/") and "//" not in wanted else url_for("volunteering.coming")


@pages.route("/register", methods=["GET", "POST"])
@signed_in
def register() -> Answer:
    """Two questions, then one is a volunteer."""
    user = session.viewer()
    assert user is not None
    is_known = questions.volunteer_of(user.person_id) is not None
    if is_known and user.person.birth_date is not None:
        return redirect(_next(), 303)
    form = RegisterForm(birth_date=user.person.birth_date)
    if request.method == "POST" and form.carried_out(lambda: people.register(session.actor(), birth_date=form.birth_date.data)):
        flash(_("补上了。") if is_known else _("登记好了，您是我们的志愿者了。"))
        return redirect(_next(), 303)
    return render_template("volunteering/register.html", form=form, is_known=is_known), form.status if request.method == "POST" else 200


@pages.route("/family", methods=["GET", "POST"])
@signed_in
def family() -> Answer:
    """Children and elders whom I sign up."""
    form = WardForm()
    if request.method == "POST" and form.carried_out(lambda: people.add_ward(session.actor(), name=form.name.data, birth_date=form.birth_date.data)):
        flash(_("记下了。报名的时候选“替谁报”就行。"))
        return redirect(url_for("volunteering.family"), 303)
    wards = questions.wards_of(session.actor().person_id or 0)
    # Whom a table wrote down under my number, until I said whether it is so.
    asking = [w for w in wards if w.guardian_consented_at is None]
    known = [w for w in wards if w.guardian_consented_at is not None]
    return render_template("volunteering/family.html", form=form, wards=known, asking=asking), form.status if request.method == "POST" else 200


@pages.route("/family/<int:person_id>/number", methods=["GET", "POST"])
@signed_in
def ward_number(person_id: int) -> Answer:
    """One of my family has a phone of their own by now, and may register with it."""
    whose = session.whose(person_id)
    if whose.of is None:
        raise out_of_reach()
    form = NumberForm()
    if request.method == "POST" and form.carried_out(lambda: people.give_number(session.actor(), person_id, mobile_from(form.phone.data))):
        flash(_("记下了。请他（她）用这个号码注册，姓名写“%(name)s”，以前的时长和积分都在。", name=whose.name))
        return redirect(url_for("volunteering.family"), 303)
    return render_template("volunteering/ward_number.html", form=form, whose=whose), form.status if request.method == "POST" else 200


@pages.post("/family/<int:person_id>/<deed>")
@signed_in
def answer_ward(person_id: int, deed: str) -> Answer:
    """`acceptance`: they are of my family; `refusal`: I do not know them."""
    if deed not in ("acceptance", "refusal"):
        raise out_of_reach()
    if deed == "refusal":
        return ask(
            lambda: Question(
                _("他（她）不是您家里的人？"), [_("去掉以后，他（她）的班和消息不再发给您，您也不能再替他（她）报名。"), _("要加回来，得由活动现场重新登记。")], _("不认识，去掉")
            ),
            lambda _reason: people.let_go(session.actor(), person_id),
            done=_("好的，去掉了。他（她）的消息不再发给您。"), to=url_for("volunteering.family"), try_first=True,
        )  # fmt: skip
    with transaction():
        people.know_ward(session.actor(), person_id)
    flash(_("记下了。报名的时候选“替谁报”就行。"))
    return redirect(url_for("volunteering.family"), 303)


def _said(marks: str | None) -> set[tuple[int, int]]:
    parts = len(PARTS)
    return {(at // parts, at % parts) for at, mark in enumerate(marks or "") if mark == "1"}


@pages.route("/free", methods=["GET", "POST"])
@signed_in
def free() -> Answer:
    """When I am free: seven days by three parts; nothing ticked means that it was never said."""
    volunteer = questions.volunteer_of(session.actor().person_id)
    if volunteer is None:
        return redirect(url_for("volunteering.register", next=url_for("volunteering.free")), 303)
    form = Form()
    ticked = {(int(value[0]), int(value[2])) for value in request.form.getlist("free") if re.fullmatch("[0-6]-[0-2]", value)}
    if request.method == "POST" and form.carried_out(lambda: people.say_free_times(session.actor(), ticked)):
        flash(_("记下了。"))
        return redirect(url_for("volunteering.coming"), 303)
    shown_free = ticked if request.method == "POST" else _said(volunteer.free_times)
    days = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    parts = [_("上午"), _("下午"), _("傍晚")]
    return render_template("volunteering/free.html", form=form, free=shown_free, days=days, parts=parts), form.status if request.method == "POST" else 200


DEEDS: dict[str, Callable[[int, str], Any]] = {
    "withdrawal": lambda n, _words: offers.withdraw(session.actor(), n),
    "acceptance": lambda n, _words: offers.answer(session.actor(), n, accepts=True, has_read_briefing=request.form.get("has_read_briefing") == "y"),
    "refusal": lambda n, _words: offers.answer(session.actor(), n, accepts=False),
    "handover": lambda n, _words: handing.hand_over(session.actor(), n),
    "recall": lambda n, _words: handing.call_back(session.actor(), n),
    "appeal": lambda n, words: attesting.appeal(session.actor(), n, words=words),
    "briefing": lambda n, _words: rechecking.read_briefing(session.actor(), n, has_read=request.form.get("has_read_briefing") == "y"),
}


def shown(problem: str | None = None) -> str:
    """My shifts; what was refused stands on top."""
    person_id = session.actor().person_id
    assert person_id is not None
    everybody = [person_id, *(p.id for p in identity.family_of(person_id))]
    rows = sign_ups.mine(everybody)
    return render_template(
        "volunteering/mine.html", rows=rows, missed=sign_ups.missed(everybody), turns=sign_ups.turns_of(rows), roles=ROLE_WORDS, problem=problem,
        own=person_id, volunteer=questions.volunteer_of(person_id), asks=handing_over.asked_of(everybody), now=clock.now(),
        given=handing_over.open_from([row.id for row in rows]), in_question=rechecks.by_place([row.id for row in rows]), in_question_words=RECHECK_WORDS,
        qualifications=qualifications.of_people(everybody), today=clock.today(), roadside=(Risk.ROAD, Risk.HIGH),
    )  # fmt: skip


@pages.get("/mine")
@signed_in
def mine() -> str:
    return shown()


# What cannot be taken back: the place is somebody else's in the same moment.
GIVES_UP = ("withdrawal", "refusal")


def _giving_up(sign_up_id: int) -> Question:
    """What becomes of a place that is given back, or of a turn in the line."""
    person_id = session.actor().person_id
    assert person_id is not None
    row = next((r for r in sign_ups.mine([person_id, *(p.id for p in identity.family_of(person_id))]) if r.id == sign_up_id), None)
    if row is None:
        return Question(_("不去这一班了？"), [_("名额马上让给别人，退了再想来，要重新报名。")], _("不去了"))
    shift, when = row.shift, moment(row.starts_at)
    if row.status is SignUpStatus.WAITING:
        turn = sign_ups.turns_of([row]).get(row.id, 1)
        return Question(
            _("不等%(when)s这一班了？", when=when),
            [_("%(event)s：您现在排第 %(turn)s 位。", event=shift.event.name, turn=turn), _("走了再回来，要从最后排起。")], _("不等了"),
        )  # fmt: skip
    next_one = _("候补的有 %(count)s 位，马上问第一位。", count=shift.waiting) if shift.waiting else _("还没有人候补，名额空出来给大家报。")
    if row.status is SignUpStatus.OFFERED:
        return Question(_("%(when)s这一班您不来？", when=when), [next_one, _("回绝了就不能再答应，想来要重新报名。")], _("不来，问下一位"))
    who = [_("这是%(name)s的班。", name=row.person.name)] if row.person_id != person_id else []
    return Question(
        _("退掉%(when)s这一班？", when=when),
        [*who, _("%(event)s，%(post)s。", event=shift.event.name, post=shift.post.name), next_one, _("退了再想来，要重新报名，有人补上就报不上了。")],
        _("退掉"),
    )


@pages.post("/mine/<int:sign_up_id>/<deed>")
@signed_in
def change_mine(sign_up_id: int, deed: str) -> Answer:
    """One deed on one of my places; what gives it up asks first."""
    if deed not in DEEDS:
        raise out_of_reach()
    said = {"withdrawal": _("退好了，名额让给下一位。"), "acceptance": _("好的，给您留着了，到时见。"), "refusal": _("好的，问下一位了。"), "handover": _("问候补的第一位了。有人答应以前，这一班还是您的。"), "recall": _("好的，这一班还是您的。"), "appeal": _("记下了，组织者会看。"), "briefing": _("记下了，您看过新的安全须知。")}
    if deed in GIVES_UP:
        return ask(
            lambda: _giving_up(sign_up_id), lambda _reason: DEEDS[deed](sign_up_id, ""), done=said[deed], to=url_for("volunteering.mine"),
            refused=_refused, try_first=True,
        )  # fmt: skip
    try:
        with transaction():
            DEEDS[deed](sign_up_id, request.form.get("words", ""))
    except DomainError as error:
        if error.status == 404:
            raise
        return _refused(error)
    flash(said[deed])
    return redirect(url_for("volunteering.mine"), 303)


def _refused(error: DomainError) -> Answer:
    contact = error.facts.get("contact")
    return shown(f"{error.sentence} {contact}" if contact else str(error.sentence)), error.status
