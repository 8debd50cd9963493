"""My points and my family's, line by line; what they can be exchanged for; an exchange with its code."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as File
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import transaction
from civic.core.sheets import XLSX
from civic.identity.permissions import out_of_reach
from civic.points import files, queries, rules
from civic.points.actions import goods as actions
from civic.points.forms import RedeemForm
from civic.points.models import Redemption
from civic.web import session
from civic.web.asking import Question, ask
from civic.web.guards import anyone, signed_in

pages = Blueprint("views", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/")
@signed_in
def ledger() -> str:
    whose = session.whose()
    return render_template(
        "points/ledger.html", page=queries.entries_of(whose.id, after=request.args.get("after")), balance=queries.spendable_of(whose.id),
        soon=queries.expiring_soon(whose.id), redemptions=queries.redemptions_of(whose.id), tariff=queries.tariff_on(clock.today()),
        since={t.id: t.since for t in queries.tariffs()}, whose=whose,
    )  # fmt: skip


@pages.post("/sheet")
@signed_in
def sheet() -> File:
    """A ledger to take away, line by line, with the rules each line was made by."""
    actor, whose = session.actor(), session.whose()
    rows = queries.ledger_of(whose.id)
    mark = f"{whose.name or actor.name}，{clock.local(clock.now()):%Y-%m-%d %H:%M} {f'{actor.name}替他（她）' if whose.of else '本人'}下载。"
    body = files.ledger_sheet(rows, {t.id: t.since for t in queries.tariffs()}, mark)
    with transaction():
        audit.record(actor.user_id, "sheet.download", ("person", whose.id), kind="points", purpose="family" if whose.of else "own", lines=len(rows))
    name = f"积分明细-{clock.today()}"
    return File(body, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx", "Cache-Control": "private, no-store"})


def _shelf(form: RedeemForm, whose: session.Whose | None) -> str:
    return render_template("points/goods.html", goods=queries.goods(), balance=queries.spendable_of(whose.id) if whose else 0, form=form, whose=whose)


@pages.get("/goods")
@anyone
def goods() -> str:
    return _shelf(RedeemForm(formdata=None, request=crypto.token()[:20]), session.whose() if session.is_signed_in() else None)


@pages.post("/goods/<int:good_id>/redemption")
@signed_in
def redeem(good_id: int) -> Answer:
    form, whose = RedeemForm(), session.whose()
    made: list[int] = []
    if form.carried_out(lambda: made.append(actions.redeem(session.actor(), good_id, request=form.request.data, person_id=whose.id).id)):
        return redirect(url_for("points.redemption", redemption_id=made[0]), 303)
    return _shelf(form, whose), form.status


def _known(redemption_id: int) -> tuple[Redemption, session.Whose]:
    """An exchange of one's own or of one of the family, and whose it is."""
    found = queries.redemption_by_id(redemption_id)
    if found is None:
        raise out_of_reach()
    return found, session.whose(found.person_id)


@pages.get("/redemptions/<int:redemption_id>")
@signed_in
def redemption(redemption_id: int) -> str:
    return _shown(*_known(redemption_id))


def _shown(found: Redemption, whose: session.Whose, problem: str | None = None) -> str:
    may_cancel = found.status.value == "held" and clock.now() - found.held_at <= rules.CANCEL_WITHIN
    return render_template("points/redemption.html", redemption=found, code=f"{found.code[:3]} {found.code[3:]}", may_cancel=may_cancel, problem=problem, whose=whose)


def _coming_back(found: Redemption) -> list[str]:
    """What becomes of the points of an exchange that is given back."""
    expired = queries.back_too_late(found.id)
    lines = [_("%(points)s 分马上退回去，过期的日子不变。", points=found.points)]
    return [*lines, _("其中 %(count)s 分已经到期，退回来也不能用了。", count=expired)] if expired else lines


def _given_back(redemption_id: int) -> str:
    expired = queries.back_too_late(redemption_id)
    return _("取消了，积分退回去了；其中 %(count)s 分已经到期，清零了。", count=expired) if expired else _("取消了，积分退回去了。")


@pages.post("/redemptions/<int:redemption_id>/cancellation")
@signed_in
def cancel(redemption_id: int) -> Answer:
    found, whose = _known(redemption_id)
    return ask(
        lambda: Question(
            _("不换%(good)s了？", good=found.good.name),
            [*_coming_back(found), _("给您留的这一份让给别人，再想换，可能就没有了。")], _("不换了"),
        ),
        lambda _reason: actions.cancel(session.actor(), redemption_id),
        done=lambda _done: _given_back(redemption_id), to=url_for("points.ledger", of=whose.of), try_first=True,
        back=url_for("points.redemption", redemption_id=redemption_id),
        refused=lambda error: (_shown(*_known(redemption_id), str(error.sentence)), error.status),
    )  # fmt: skip


