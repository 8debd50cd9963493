"""The register of honours: one honour with its history, benefits and reviews, what is due, the ledger, the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from civic.audit import actions as audit
from civic.core import clock
from civic.errands.desk import asked_for
from civic.honours import actions, files, queries
from civic.honours.actions import benefits, reviews
from civic.honours.forms import BenefitForm, CategoryForm, ChangeForm, RetireForm, ReviewForm, UseForm
from civic.honours.models import HonourStatus
from civic.honours.rules import NEXT
from civic.identity.permissions import Permission, may, out_of_reach
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.asking import Question, ask, ask_of
from civic.web.guards import needs
from civic.web.takeaway import PurposeForm, mark, sheet

pages = Blueprint("desk", __name__)
Page = str | Answer | tuple[str, int]

DEEDS = {"suspension": HonourStatus.SUSPENDED, "restoration": HonourStatus.ACTIVE, "revocation": HonourStatus.REVOKED}
# What is written within a second or two; a longer list is an errand.
NOW_MOST = 2000


def _paths() -> tuple[str, ...]:
    return session.actor().paths_for(Permission.HONOUR_CHANGE)


def _chosen() -> dict[str, Any]:
    status = request.values.get("status")
    level = arguments.sent_number("level", arguments.number("level"))
    return {
        "level": level if level in files.LEVELS else None,
        "status": HonourStatus(status) if status in set(HonourStatus) else None,
        "name": (request.values.get("name") or "").strip()[:20] or None,
    }


@pages.get("/")
@needs(Permission.HONOUR_CHANGE)
def honours() -> str:
    chosen, due = _chosen(), queries.due_for_review(_paths())
    return render_template(
        "honours/desk/honours.html", page=queries.register(_paths(), **chosen, after=request.args.get("after")), chosen=chosen,
        words=files.STATUS, due=len(due) + due.more,
    )  # fmt: skip


@pages.post("/sheet")
@needs(Permission.HONOUR_CHANGE)
def honours_sheet() -> Response | Answer | tuple[str, int]:
    chosen = _chosen()
    page = queries.register(_paths(), **chosen, limit=NOW_MOST)
    if page.next_key is not None:
        return _later("honours", _("好人名册"), chosen=chosen)
    return _taken("honours", len(page.items), lambda words: files.register_sheet(page.items, words), "好人名册")


def _later(kind: str, name: str, **details: Any) -> Answer | tuple[str, int]:
    """A long list is written by the worker, and its page says how far it is."""
    form = PurposeForm()
    asked = asked_for(form, kind, str(sorted(details.items()))[:60], name=name, path=_paths()[0], **details)
    return asked or _asked_again(form)


def _asked_again(form: PurposeForm) -> tuple[str, int]:
    kept = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "purpose")]
    return render_template("nominations/desk/takeaway.html", form=form, kept=kept), form.status


def _taken(kind: str, lines: int, make: Callable[[str], bytes], name: str) -> Response | tuple[str, int]:
    """The sheet, recorded with its purpose; without one the question comes back and nothing is lost."""
    form = PurposeForm()
    made: list[bytes] = []

    def carry_out() -> None:
        made.append(make(mark(form.purpose.data)))
        audit.record(
            session.actor().user_id, "sheet.download", ("desk", None), region_path=_paths()[0], kind=kind, purpose=form.purpose.data, lines=lines
        )

    if form.carried_out(carry_out):
        return sheet(made[0], name)
    return _asked_again(form)


@pages.get("/due")
@needs(Permission.HONOUR_CHANGE)
def due() -> str:
    """What should be looked at again by now."""
    return render_template("honours/desk/due.html", rows=queries.due_for_review(_paths()), today=clock.today())


@pages.get("/benefits")
@needs(Permission.HONOUR_CHANGE)
def ledger() -> str:
    return render_template("honours/desk/ledger.html", rows=queries.benefits_within(_paths(), limit=200), today=clock.today())


@pages.post("/benefits/sheet")
@needs(Permission.HONOUR_CHANGE)
def benefits_sheet() -> Response | Answer | tuple[str, int]:
    rows = queries.benefits_within(_paths(), limit=NOW_MOST + 1)
    if len(rows) > NOW_MOST:
        return _later("benefits", _("礼遇台账"))
    return _taken("benefits", len(rows), lambda words: files.benefits_sheet(rows, words), "礼遇台账")


@pages.get("/<int:honour_id>")
@needs(Permission.HONOUR_CHANGE)
def honour(honour_id: int) -> str:
    return _page(honour_id)


def _page(honour_id: int, **forms: Any) -> str:
    found = queries.by_id(honour_id)
    if found is None or not may(session.actor(), Permission.HONOUR_CHANGE, found.region_path):
        raise out_of_reach()
    return render_template(
        "honours/desk/honour.html", honour=found, changes=queries.changes_of(honour_id), form=forms.get("change") or ChangeForm(formdata=None),
        deeds=[deed for deed, after in DEEDS.items() if after in NEXT[found.status]], words=files.STATUS,
        benefits=queries.benefits_of(honour_id), reviews=queries.reviews_of(honour_id), today=clock.today(),
        benefit=forms.get("benefit") or BenefitForm(formdata=None, since=clock.today()),
        use=forms.get("use") or UseForm(formdata=None, used_on=clock.today()), used=forms.get("used"),
        review=forms.get("review") or ReviewForm(formdata=None), holds=found.status in benefits.HOLDING,
    )  # fmt: skip


def _back(honour_id: int) -> Answer:
    return redirect(url_for("honours.desk.honour", honour_id=honour_id), 303)


@pages.post("/<int:honour_id>/<deed>")
@needs(Permission.HONOUR_CHANGE)
def change(honour_id: int, deed: str) -> Page:
    if deed not in DEEDS:
        raise out_of_reach()
    form = ChangeForm()
    if deed != "restoration":
        _page(honour_id, change=form)  # out of reach is said before anything is asked
        return ask_of(
            form, lambda: _asked(deed, honour_id),
            lambda: actions.change(session.actor(), honour_id, DEEDS[deed], reason=form.reason.data or "", document=form.document.data),
            done=_("改好了，公开的地方已经看不到。"), to=url_for("honours.desk.honour", honour_id=honour_id), page=lambda: _page(honour_id, change=form),
        )  # fmt: skip
    if form.carried_out(
        lambda: actions.change(session.actor(), honour_id, DEEDS[deed], reason=form.reason.data or "", document=form.document.data)
    ):
        flash(_("恢复了。要重新公开，请到“公开”里再批准一次。"))
        return _back(honour_id)
    return _page(honour_id, change=form), form.status


def _asked(deed: str, honour_id: int) -> Question:
    """What a suspension or a revocation takes from the person, and what of it comes back."""
    found = queries.by_id(honour_id)
    assert found is not None
    name, running = found.person.name, sum(b.ended_at is None for b in queries.benefits_of(honour_id))
    lines = [_("公开的地方马上看不到%(name)s。", name=name), _("正在享受的 %(count)s 项礼遇停下来。", count=running)]
    if deed == "revocation":
        return Question(_("撤销%(name)s的荣誉？", name=name), [*lines, _("撤销了不能恢复；档案里留着。")], _("撤销"))
    return Question(_("暂停%(name)s的荣誉？", name=name), [*lines, _("以后可以恢复，但要重新公开，得再批准一次文字。")], _("暂停"))


@pages.post("/<int:honour_id>/review")
@needs(Permission.HONOUR_CHANGE)
def review(honour_id: int) -> Page:
    form = ReviewForm()
    if form.carried_out(
        lambda: reviews.review(session.actor(), honour_id, holds=form.holds.data == "yes", finding=form.finding.data or "")
    ):
        flash(_("复核记下了，到时候再提醒。") if form.holds.data == "yes" else _("记下了。要暂停或撤销，请在下面办。"))
        return _back(honour_id)
    return _page(honour_id, review=form), form.status


@pages.post("/<int:honour_id>/benefits")
@needs(Permission.HONOUR_CHANGE)
def give_benefit(honour_id: int) -> Page:
    form = BenefitForm()
    if form.carried_out(
        lambda: benefits.give(
            session.actor(), honour_id, name=form.name.data, provider=form.provider.data, since=form.since.data, until=form.until.data
        )
    ):
        flash(_("礼遇记下了。"))
        return _back(honour_id)
    return _page(honour_id, benefit=form), form.status


def _of(benefit_id: int) -> int:
    found = queries.benefit_by_id(benefit_id)
    if found is None or not may(session.actor(), Permission.HONOUR_CHANGE, found.region_path):
        raise out_of_reach()
    return found.honour_id


@pages.post("/benefits/<int:benefit_id>/use")
@needs(Permission.HONOUR_CHANGE)
def use_benefit(benefit_id: int) -> Page:
    honour_id, form = _of(benefit_id), UseForm()
    if form.carried_out(lambda: benefits.use(session.actor(), benefit_id, used_on=form.used_on.data, words=form.words.data or "")):
        flash(_("用了一次，记下了。"))
        return _back(honour_id)
    return _page(honour_id, use=form, used=benefit_id), form.status


@pages.post("/benefits/<int:benefit_id>/end")
@needs(Permission.HONOUR_CHANGE)
def end_benefit(benefit_id: int) -> Page:
    honour_id = _of(benefit_id)
    return ask(
        lambda: Question(_("停掉这项礼遇？"), [_("从今天起他（她）不再享受，台账上留着。要再给，得重新登记。")], _("停掉")),
        lambda _reason: benefits.end(session.actor(), benefit_id, why=request.form.get("why") or "到此为止"),
        done=_("这项礼遇停了。"), to=url_for("honours.desk.honour", honour_id=honour_id), try_first=True,
    )  # fmt: skip


@pages.route("/categories", methods=["GET", "POST"])
@needs(Permission.RULES_EDIT)
def categories() -> Page:
    """The classes of good deeds; a city adds its own, for good or for a time."""
    form = CategoryForm(since=clock.today())
    root = regions.root()
    assert root is not None
    if request.method == "POST" and form.carried_out(
        lambda: actions.add_category(
            session.actor(), code=(form.code.data or "").upper(), character=form.character.data, name=form.name.data,
            description=form.description.data, city_path=root.path, since=form.since.data, until=form.until.data,
        )
    ):  # fmt: skip
        flash(_("添上了，从那天起就能推荐。"))
        return redirect(url_for("honours.desk.categories"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("honours/desk/categories.html", form=form, rows=queries.every_category(), today=clock.today(), retire=RetireForm(formdata=None)), status


@pages.post("/categories/<int:category_id>/end")
@needs(Permission.RULES_EDIT)
def retire_category(category_id: int) -> Page:
    form, root = RetireForm(), regions.root()
    assert root is not None
    if form.carried_out(lambda: actions.retire_category(session.actor(), category_id, until=form.until.data, city_path=root.path)):
        flash(_("定了，过了那天不再推荐这一类；评上的都留着。"))
    else:
        for _field, words in form.problems:
            flash(words)
    return redirect(url_for("honours.desk.categories"), 303)
