"""What waits for a person: both sides are shown, one tap decides."""

from __future__ import annotations

from datetime import datetime

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.errors import Invalid
from civic.identity import queries as identity
from civic.identity.permissions import out_of_reach
from civic.kiosk import rules
from civic.kiosk.actions import deciding
from civic.kiosk.desk import pages
from civic.kiosk.desk.kiosks import demand_desk
from civic.kiosk.forms import WAY_WORDS, WHY_WORDS, DecisionForm
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import conflicts as questions
from civic.kiosk.states import BY_PERSON, Decision
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.guards import signed_in

Answer = str | Response | tuple[str, int]


@pages.get("/conflicts")
@signed_in
def conflicts() -> str:
    demand_desk()
    return _page()


def _page(form: DecisionForm | None = None, wrong: int | None = None) -> str:
    page = questions.conflicts(session.actor(), seen=request.args.get("after"))
    unplaced = [conflict.scan for conflict in page.items if conflict.shift is None]
    around = {scan.id: questions.shifts_around(scan) for scan in unplaced}
    return render_template(
        "kiosk/desk/conflicts.html", page=page, total=questions.count_open(session.actor()), choices=questions.CHOICES, after=request.args.get("after"), why=WHY_WORDS, ways=WAY_WORDS, around=around, form=form, wrong=wrong,
        on_shifts={scan.id: questions.people_on([s.id for s in around[scan.id]]) for scan in unplaced if scan.alias is None}, mine=identity.spoken_for_by(session.actor().person_id),
    )  # fmt: skip


@pages.post("/conflicts/<int:number>/<deed>")
@signed_in
def decide(number: int, deed: str) -> Answer:
    """`count`: it counts; `count_at`: at another time, with a reason; `drop`: it does not."""
    demand_desk()
    if deed not in {decision.value for decision in BY_PERSON}:
        raise out_of_reach()
    form = DecisionForm()

    def carry_out() -> None:
        scan = questions.scan_by_id(number)
        at = _moment(scan, form) if deed == Decision.COUNT_AT else None
        deciding.decide(
            session.actor(), number, Decision(deed), at=at, reason=form.reason.data or "", shift_id=form.shift.data or None, place_id=form.place_id.data or None
        )

    asked = {
        Decision.COUNT: Question(_("这一条算数？"), [_("照扫的时间记成签到签退，时长跟着算。定了就不能再改。")], _("算数")),
        Decision.COUNT_AT: Question(_("这一条按您写的时间算？"), [_("记成签到签退，时长跟着算；您写的时间和原因一起留着。定了就不能再改。")], _("按这个时间算")),
    }.get(Decision(deed), Question(_("这一条不算？"), [_("这一次扫码不记签到签退，他（她）可能少一段时长。定了就不能再改。")], _("不算")))
    return ask_of(form, lambda: asked, carry_out, done=_("定了。"), to=url_for("kiosk.desk.conflicts", after=request.args.get("after")), page=lambda: _page(form, number))


def _moment(scan: Scan | None, form: DecisionForm) -> datetime:
    """The hour somebody typed as a moment of the shift, which may cross midnight; of no shift, on the day of the scan."""
    if form.at.data is None:
        raise Invalid("time_missing", _("请写按几点算。"), field="at")
    near = scan.at if scan is not None and scan.at is not None else clock.now()
    shift = questions.shift_meant(scan, form.shift.data or None, form.place_id.data or None) if scan is not None else None
    starts_at, ends_at = (shift.starts_at, shift.ends_at) if shift is not None else (near, near)
    return rules.moment_of(form.at.data, clock.zone(), starts_at, ends_at, near)
