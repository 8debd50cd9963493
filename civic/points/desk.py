"""The counter: a code, the good, handed over. And the shelf: what merchants gave."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import typed
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.core.limits import spend
from civic.identity.permissions import Permission, may, out_of_reach
from civic.points import queries
from civic.points.actions import entries, goods
from civic.points.forms import CodeForm, DeliveryForm, GoodForm, GoodWordsForm, ShortfallForm, TakeDownForm
from civic.points.models import Good, Redemption
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.web import session
from civic.web.asking import Question, ask, ask_of
from civic.web.forms import Form
from civic.web.guards import needs

pages = Blueprint("desk", __name__)
Answer = str | Response | tuple[str, int]


def _page(form: CodeForm, found: Redemption | None = None, problem: str | None = None) -> str:
    return render_template("points/desk/counter.html", form=form, found=found, problem=problem)


@pages.route("/counter", methods=["GET", "POST"])
@needs(Permission.GOODS_RUN)
def counter() -> Answer:
    """Type the code somebody says; what waits under it is shown with a masked name."""
    form = CodeForm()
    if request.method == "GET" or not form.validate():
        return _page(form), 200 if request.method == "GET" else 422
    digits = re.sub("[^0-9]", "", typed.code(form.code.data))
    try:
        with transaction():
            spend("redemption.code", str(session.actor().user_id), allowed=60, per=timedelta(minutes=10))
    except DomainError as error:
        form.refuse(error)
        return _page(form), error.status
    found = queries.held_by_code(goods.code_digest(digits))
    if found is None or not may(session.actor(), Permission.GOODS_RUN, found.good.region_path):
        form.code.errors = [_("没有等着领的。可能码写错了，或者已经领走了。")]
        return _page(form), 404
    return _page(form, found)


@pages.post("/counter/<int:redemption_id>")
@needs(Permission.GOODS_RUN)
def hand_over(redemption_id: int) -> Answer:
    found = queries.redemption_by_id(redemption_id)
    if found is None or not may(session.actor(), Permission.GOODS_RUN, found.good.region_path):
        raise out_of_reach()
    return ask(
        lambda: Question(_("东西给他（她）了？"), [_("记下就算领走了，领取码作废，积分不再退。")], _("给了，记下")),
        lambda _reason: goods.hand_over(session.actor(), redemption_id), done=_("递给他（她）吧，记好了。"), to=url_for("points.desk.counter"),
        refused=lambda error: (_page(CodeForm(formdata=None), None, str(error.sentence)), error.status), try_first=True,
    )  # fmt: skip


@pages.route("/goods", methods=["GET", "POST"])
@needs(Permission.GOODS_RUN)
def shelf() -> Answer:
    """What is on the shelf, and one more."""
    form, place = GoodForm(), _place()

    def offer() -> None:
        goods.offer_good(
            session.actor(), place, name=form.name.data, donor=form.donor.data, counter=form.counter.data, points=form.points.data, count=form.count.data
        )

    if request.method == "POST" and form.carried_out(offer):
        flash(_("上架了。"))
        return redirect(url_for("points.desk.shelf"), 303)
    return _shelf(form), form.status if request.method == "POST" else 200


def _place() -> Region:
    path = session.actor().paths_for(Permission.GOODS_RUN)[0]
    place = regions.by_id(int(path.rstrip(".").split(".")[-1]))
    if place is None:
        raise out_of_reach()
    return place


def _shelf(form: GoodForm, delivery: DeliveryForm | None = None, at: int | None = None) -> str:
    actor = session.actor()
    shown = queries.goods()
    mine = {good.id for good in shown if may(actor, Permission.GOODS_RUN, good.region_path)}
    return render_template("points/desk/shelf.html", goods=shown, mine=mine, form=form, place=_place(), delivery=delivery, at=at, taken_down=[good for good in queries.taken_down() if may(actor, Permission.GOODS_RUN, good.region_path)])


@pages.post("/goods/<int:good_id>/delivery")
@needs(Permission.GOODS_RUN)
def restock(good_id: int) -> Answer:
    """A merchant brought more of what stands on the shelf."""
    _good_in_reach(good_id)
    form = DeliveryForm(prefix=f"d{good_id}")
    if form.carried_out(lambda: goods.restock(session.actor(), good_id, form.count.data)):
        flash(_("添上了。"))
        return redirect(url_for("points.desk.shelf"), 303)
    return _shelf(GoodForm(formdata=None), form, good_id), form.status


def _good_in_reach(good_id: int) -> Good:
    found = queries.good_by_id(good_id)
    if found is None or not may(session.actor(), Permission.GOODS_RUN, found.region_path):
        raise out_of_reach()
    return found


def _good_now(good: Good) -> dict[str, object]:
    return {"name": good.name, "donor": good.donor, "counter": good.counter, "points": good.points, "count": good.received}


def _good_page(good: Good, form: GoodWordsForm | None = None, down: TakeDownForm | None = None) -> str:
    if form is None:
        form = GoodWordsForm(formdata=None, **_good_now(good))
        form.show(_good_now(good))
    return render_template("points/desk/good.html", good=good, form=form, down=down or TakeDownForm(formdata=None, prefix="down"), held=queries.count_held_of(good.id))


@pages.route("/goods/<int:good_id>", methods=["GET", "POST"])
@needs(Permission.GOODS_RUN)
def good(good_id: int) -> Answer:
    """What was written wrong about a good is put right here; or it is taken off the shelf."""
    found = _good_in_reach(good_id)
    if request.method == "GET":
        return _good_page(found)
    now = _good_now(found)
    form = GoodWordsForm(**now)
    form.show(now)

    def correct() -> None:
        form.settle(_good_now(goods.good_held(session.actor(), good_id)), ("good", good_id))
        goods.correct_good(
            session.actor(), good_id, name=form.name.data, donor=form.donor.data, counter=form.counter.data, points=form.points.data, received=form.count.data
        )

    if form.carried_out(correct):
        flash(_("改好了。"))
        return redirect(url_for("points.desk.shelf"), 303)
    return _good_page(_good_in_reach(good_id), form), form.status


@pages.post("/goods/<int:good_id>/<deed>")
@needs(Permission.GOODS_RUN)
def change_good(good_id: int, deed: str) -> Answer:
    """`removal`: off the shelf, with what becomes of exchanges not fetched; `return`: on it again."""
    _good_in_reach(good_id)
    if deed not in ("removal", "return"):
        raise out_of_reach()
    form = TakeDownForm(prefix="down") if deed == "removal" else Form()
    given: list[int] = []

    def carry() -> None:
        if isinstance(form, TakeDownForm):
            given.append(goods.take_down(session.actor(), good_id, reason=form.reason.data or "", gives_back=form.held.data == "give_back"))
        else:
            goods.put_back(session.actor(), good_id)

    if form.carried_out(carry):
        flash(_("重新上架了。") if not given else _("下架了，%(count)s 份退回了积分，写信告诉了他们。", count=given[0]) if given[0] else _("下架了。换了还没领的，照样来领。"))
        return redirect(url_for("points.desk.shelf"), 303)
    return _good_page(_good_in_reach(good_id), down=form if isinstance(form, TakeDownForm) else None), form.status


def _short(form: ShortfallForm, at: int | None = None) -> str:
    return render_template("points/desk/shortfalls.html", rows=queries.open_shortfalls(), decided=queries.decided_shortfalls(), form=form, at=at)


@pages.get("/shortfalls")
@needs(Permission.RULES_EDIT)
def shortfalls() -> str:
    """Points that had to be taken back and were spent already: somebody says what becomes of them."""
    return _short(ShortfallForm(formdata=None))


@pages.post("/shortfalls/<int:shortfall_id>")
@needs(Permission.RULES_EDIT)
def decide_shortfall(shortfall_id: int) -> Answer:
    city = regions.root()
    if city is None:
        raise out_of_reach()
    form = ShortfallForm()
    return ask_of(
        form, lambda: Question(_("这样处理？"), [_("缺的分按这个办，记进账里就不能再改：%(words)s", words=form.decision.data or "")], _("就这样办")),
        lambda: entries.decide_shortfall(session.actor(), shortfall_id, city=city, decision=form.decision.data or ""),
        done=_("记下了。"), to=url_for("points.desk.shortfalls"), page=lambda: _short(form, shortfall_id),
    )  # fmt: skip
