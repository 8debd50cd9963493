"""Qualifications at the desk: the city's kinds, who has which, giving and taking back; and places in question."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.errors import Invalid
from civic.identity.permissions import Permission, may, out_of_reach
from civic.regions import queries as regions
from civic.volunteering.actions import qualifications as actions
from civic.volunteering.actions import rechecking
from civic.volunteering.desk import pages
from civic.volunteering.forms.qualifications import GiveForm, KindForm
from civic.volunteering.forms.words import RECHECK_WORDS
from civic.volunteering.queries import people, rechecks
from civic.volunteering.queries import qualifications as questions
from civic.volunteering.views.leading import taking_off
from civic.volunteering.views.naming import volunteer_named
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.fields import choices
from civic.web.forms import Form
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


def _page(*, giving: GiveForm | None = None, kind: KindForm | None = None, wrong: Form | None = None) -> str:
    root, today = regions.root(), clock.today()
    giving = giving or GiveForm(formdata=None, prefix="giving", since=today)
    giving.kind.choices = choices((k.id, k.name) for k in questions.in_use(today))
    giving.team.choices = choices((t.id, f"{t.name} · {t.region.name}") for t in people.teams_of(session.actor()))
    return render_template(
        "volunteering/desk/qualifications.html", giving=giving, kind=kind or KindForm(formdata=None, prefix="kind"), wrong=wrong, kinds=questions.kinds(),
        page=questions.given_in_reach(session.actor(), before=request.args.get("before")), today=today,
        for_city=root is not None and may(session.actor(), Permission.RULES_EDIT, root.path),
    )  # fmt: skip


@pages.get("/qualifications")
@needs(Permission.EVENT_RUN)
def qualifications() -> str:
    return _page()


@pages.post("/qualifications")
@needs(Permission.EVENT_RUN)
def give_qualification() -> Answer:
    """An organiser saw the paper."""
    form = GiveForm(prefix="giving")

    def give() -> None:
        found = volunteer_named(form.who.data)
        if found is None:
            raise Invalid("volunteer_unknown", _l("没有找到这位志愿者。请对一下编号或手机号，他（她）要先登记成志愿者。"), field="who")
        actions.give(session.actor(), form.team.data, found.person_id, form.kind.data, since=form.since.data, until=form.until.data)

    if form.carried_out(give):
        flash(_("记下了，本人在“我的班”里看得到。"))
        return redirect(url_for("volunteering.desk.qualifications"), 303)
    return _page(giving=form, wrong=form), form.status


@pages.post("/qualifications/kinds")
@needs(Permission.RULES_EDIT)
def add_qualification_kind() -> Answer:
    """A kind of the city's."""
    root = regions.root()
    if root is None:
        raise out_of_reach()
    form = KindForm(prefix="kind")
    if form.carried_out(lambda: actions.add_kind(session.actor(), root, name=form.name.data, course=form.course.data, months=form.months.data)):
        flash(_("添上了。改岗位的时候可以选“要什么资格”。"))
        return redirect(url_for("volunteering.desk.qualifications"), 303)
    return _page(kind=form, wrong=form), form.status


@pages.post("/qualifications/kinds/<int:kind_id>/end")
@needs(Permission.RULES_EDIT)
def end_qualification_kind(kind_id: int) -> Answer:
    """None of this kind is given any more."""
    root = regions.root()
    if root is None:
        raise out_of_reach()
    return ask(
        lambda: _ending(kind_id), lambda _reason: actions.end_kind(session.actor(), root, kind_id),
        done=_("停了，不再给新的；已经有的照样有效，到期为止。"), to=url_for("volunteering.desk.qualifications"),
    )  # fmt: skip


def _ending(kind_id: int) -> Question:
    kind = questions.kind_by_id(kind_id)
    if kind is None or kind.until is not None:
        raise out_of_reach()
    lines = [_("明天起不再给新的。"), _("已经有的照样有效，到期为止；岗位照样要它。"), _("停了不能恢复，名字也不能再用。")]
    return Question(_("不再给“%(name)s”了？", name=kind.name), lines, _("从明天起停"))


@pages.post("/qualifications/<int:number>/revocation")
@needs(Permission.EVENT_RUN)
def revoke_qualification(number: int) -> Answer:
    """It does not hold any more, with a reason."""

    def said(places: list[int]) -> str:
        return _("撤回了。他（她）有 %(count)s 班要这个资格，请到“要核对的报名”里定。", count=len(places)) if places else _("撤回了，告诉本人了。")

    return ask(lambda: _revoking(number), lambda reason: actions.revoke(session.actor(), number, reason=reason), done=said, to=url_for("volunteering.desk.qualifications"))


def _revoking(number: int) -> Question:
    found = questions.by_id(number)
    if found is None or not may(session.actor(), Permission.EVENT_RUN, found.region_path) or found.revoked_at is not None:
        raise out_of_reach()
    lines = [
        _("%(name)s的“%(kind)s”，%(course)s。", name=found.person.name, kind=found.kind.name, course=found.course),
        _("要这个资格的岗位，他（她）就报不上了；报上的班会列到“要核对的报名”里，请您定。"), _("原因会告诉本人。撤了要重新记。"),
    ]  # fmt: skip
    return Question(_("撤回这个资格？"), lines, _("撤回"), _("为什么，本人看得到"))


@pages.get("/rechecks")
@needs(Permission.EVENT_RUN)
def rechecks_() -> str:
    """Places that a rule stands against since something became known."""
    page = rechecks.open_in_reach(session.actor(), seen=request.args.get("after"))
    return render_template("volunteering/desk/rechecks.html", page=page, words=RECHECK_WORDS, total=rechecks.count_in_reach(session.actor()))


@pages.post("/rechecks/<int:number>/removal")
@needs(Permission.EVENT_RUN)
def take_off(number: int) -> Answer:
    """Take somebody off the shift, who hears why."""
    return ask(
        lambda: taking_off(number), lambda reason: rechecking.take_off(session.actor(), number, reason=reason),
        done=_("请他（她）退出这一班了，也告诉了为什么。空出来的问候补的人。"), to=url_for("volunteering.desk.rechecks_"),
    )  # fmt: skip
