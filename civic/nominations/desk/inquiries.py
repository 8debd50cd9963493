"""Finding out about one case: signing a visit, noting what the nominee is, asking departments."""

from __future__ import annotations

from typing import Any

from flask import Response as Plain
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import Permission, may, out_of_reach
from civic.nominations.actions import identifying, inquiring, protecting
from civic.nominations.desk import pages
from civic.nominations.forms.inquiries import (
    DEPARTMENT_WORDS,
    OUTCOME_WORDS,
    CardForm,
    DeedDayForm,
    FactsForm,
    QuestionsForm,
    VisitForm,
)
from civic.nominations.forms.publication import ProtectForm
from civic.nominations.models.cases import Nomination
from civic.nominations.models.likenesses import LikenessGround
from civic.nominations.queries import cases, eligibility, likenesses
from civic.nominations.queries import inquiries as queries
from civic.nominations.rules import telling
from civic.web import evidence, session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.get("/inquiries/<int:nomination_id>")
@needs(Permission.NOMINATION_READ)
def inquiry(nomination_id: int) -> str:
    return _page(nomination_id)


def _page(nomination_id: int, **forms: Any) -> str:
    actor = session.actor()
    case = cases.in_reach_of(actor, nomination_id)
    facts = queries.facts_of(nomination_id)
    asked = queries.opinions_of(nomination_id)
    return render_template(
        "nominations/desk/inquiry.html",
        case=case,
        visits=queries.visits_of(nomination_id),
        facts=facts,
        departments=queries.departments_for(nomination_id),
        asked=asked,
        words=DEPARTMENT_WORDS,
        outcomes=OUTCOME_WORDS,
        today=clock.today(),
        now=clock.now(),
        may_act=may(actor, Permission.NOMINATION_REVIEW, case.desk_path, cases.parties_of(case)),
        # The report names witnesses and neighbours: only who signed it and who decides at this desk read it.
        may_read=may(actor, Permission.NOMINATION_REVIEW, case.desk_path),
        visit=forms.get("visit") or VisitForm(formdata=None, visited_on=clock.today(), witnesses=2),
        about=forms.get("about") or FactsForm(formdata=None, obj=facts),
        day=forms.get("day") or DeedDayForm(formdata=None, deed_on=_deed(case)),
        shield=forms.get("shield") or ProtectForm(formdata=None),
        card=forms.get("card") or CardForm(formdata=None),
        may_recognise=may(actor, Permission.RESIDENT_ATTEST, case.home_path, cases.parties_of(case)),
        is_brave=case.category.code == eligibility.BRAVE,
        questions=forms.get("questions") or QuestionsForm(formdata=None),
        typed=request.form,
    )


def _deed(case: Nomination) -> str:
    """When the deed was, as the field takes it."""
    return "" if case.deed_on is None else f"{case.deed_on:%Y-%m}" if case.deed_to_month else f"{case.deed_on}"


def _back(nomination_id: int) -> Response:
    return redirect(url_for("nominations.desk.inquiry", nomination_id=nomination_id), 303)


@pages.post("/inquiries/<int:nomination_id>/visit")
@needs(Permission.NOMINATION_REVIEW)
def sign_visit(nomination_id: int) -> Answer:
    form = VisitForm()

    def sign() -> None:
        files = [f for f in form.photos.data or [] if getattr(f, "filename", "")][: telling.PHOTOS_MOST]
        keys = tuple(evidence.keep(f) for f in files)
        inquiring.sign_visit(
            session.actor(), nomination_id, visited_on=form.visited_on.data, companion=form.companion.data,
            witnesses=form.witnesses.data, report=form.report.data, is_true=form.is_true.data == "yes", photo_keys=keys,
        )  # fmt: skip

    if form.carried_out(sign):
        flash(_("走访记下了，90 天内有效。"))
        return _back(nomination_id)
    return _page(nomination_id, visit=form), form.status


@pages.post("/inquiries/<int:nomination_id>/facts")
@needs(Permission.NOMINATION_REVIEW)
def record_facts(nomination_id: int) -> Answer:
    form = FactsForm()
    names = ("is_party_member", "is_public_employee", "is_business_person", "is_head_of_enterprise")
    if form.carried_out(lambda: inquiring.record_facts(session.actor(), nomination_id, **{n: form[n].data for n in names})):
        flash(_("记下了。"))
        return _back(nomination_id)
    return _page(nomination_id, about=form), form.status


@pages.post("/inquiries/<int:nomination_id>/deed_day")
@needs(Permission.NOMINATION_REVIEW)
def date_deed(nomination_id: int) -> Answer:
    form = DeedDayForm()
    if form.carried_out(lambda: inquiring.date_deed(session.actor(), nomination_id, form.deed_on.data or "")):
        flash(_("记下了。"))
        return _back(nomination_id)
    return _page(nomination_id, day=form), form.status


@pages.post("/inquiries/<int:nomination_id>/card")
@needs(Permission.RESIDENT_ATTEST)
def recognise(nomination_id: int) -> Answer:
    form = CardForm()
    if form.carried_out(lambda: identifying.recognise(session.actor(), nomination_id, form.number.data)):
        case = cases.in_reach_of(session.actor(), nomination_id)
        alike = [q for q in likenesses.questions_of(session.actor(), case) if q.ground is LikenessGround.IDENTITY]
        if alike:
            flash(_("核对过了，%(count)s 件是同一个人的，请放在一起看。", count=len(alike)))
            return redirect(url_for("nominations.desk.likeness", one=case.id, other=alike[0].other.id), 303)
        flash(_("核对过了，没有同一个人的别的推荐。"))
        return _back(nomination_id)
    form.number.data = ""
    return _page(nomination_id, card=form), form.status


@pages.post("/inquiries/<int:nomination_id>/protection")
@needs(Permission.NOMINATION_REVIEW)
def protect(nomination_id: int) -> Answer:
    form = ProtectForm()
    _page(nomination_id, shield=form)  # out of reach is said before anything is asked
    return ask_of(
        form,
        lambda: Question(
            _("这一件要保护？"),
            [_("从此不公示、不公开，别的审核台、名单、汇总表上都没有名字。"), _("记下就不能取消：公开过一次，就保护不了了。")], _("保护起来"),
        ),
        lambda: protecting.protect(session.actor(), nomination_id, reason=form.reason.data),
        done=_("记下了。这一件不公示、不公开，只有您这个审核台看得到。"), to=url_for("nominations.desk.inquiry", nomination_id=nomination_id),
        page=lambda: _page(nomination_id, shield=form),
    )  # fmt: skip


@pages.post("/inquiries/<int:nomination_id>/questions")
@needs(Permission.NOMINATION_REVIEW)
def ask_departments(nomination_id: int) -> Answer:
    form = QuestionsForm()
    addresses = {d: words for d in queries.departments_for(nomination_id) if (words := (request.form.get(d.value) or "").strip())}
    if form.carried_out(lambda: inquiring.ask_departments(session.actor(), nomination_id, addresses)):
        flash(_("函发出去了，5 个工作日内答复。"))
        return _back(nomination_id)
    return _page(nomination_id, questions=form), form.status


@pages.get("/visits/<int:nomination_id>/<path:key>")
@needs(Permission.NOMINATION_REVIEW)
def visit_photo(nomination_id: int, key: str) -> Plain:
    """A photograph of a visit: internal, for the desk that decides."""
    case = cases.in_reach_of(session.actor(), nomination_id)
    known = {k for v in queries.visits_of(nomination_id) for k in v.photo_keys.splitlines()}
    if key not in known or not may(session.actor(), Permission.NOMINATION_REVIEW, case.desk_path):
        raise out_of_reach()
    return evidence.shown(key)
