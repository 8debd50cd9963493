"""The register of certificates: looked up by number, revoked with a reason, taken away as a sheet. For who runs events of
the whole city."""

from __future__ import annotations

from datetime import date

from flask import Response as File
from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import Permission, may, out_of_reach
from civic.regions import queries as regions
from civic.volunteering import files
from civic.volunteering.actions import certificates as actions
from civic.volunteering.desk import pages, sheets
from civic.volunteering.forms.hours import RevokeForm
from civic.volunteering.forms.teams import SheetForm
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules.certificates import number_from
from civic.web import session
from civic.web.asking import Question, ask_of
from civic.web.guards import needs
from civic.web.takeaway import mark, sheet, taken

Answer = str | Response | File | tuple[str, int]


def _city_path() -> str:
    root = regions.root()
    if root is None or not may(session.actor(), Permission.EVENT_RUN, root.path):
        raise out_of_reach()
    return root.path


def _blank() -> SheetForm:
    today = clock.today()
    return SheetForm(formdata=None, first=date(today.year, 1, 1), last=today)


def _page(form: RevokeForm, asked: SheetForm) -> str:
    number = number_from(request.args.get("number") or "")
    return render_template(
        "volunteering/desk/certificates.html", page=questions.certificates(number=number, after=request.args.get("after")), form=form, sheet=asked, asked=number
    )


@pages.get("/certificates")
@needs(Permission.EVENT_RUN)
def certificates() -> str:
    _city_path()
    return _page(RevokeForm(formdata=None, number=request.args.get("number", "")), _blank())


@pages.post("/certificates/revocation")
@needs(Permission.EVENT_RUN)
def revoke() -> Answer:
    """The number typed and why: its page says so at once."""
    _city_path()
    form = RevokeForm()
    return ask_of(
        form,
        lambda: Question(
            _("撤销编号 %(number)s 的证明？", number=form.number.data),
            [_("谁再查这个编号，看到的都是“已撤销”。"), _("不能恢复；要证明，得本人重新开一张。"), _("原因：%(reason)s", reason=form.reason.data or "")], _("撤销"),
        ),
        lambda: actions.revoke(session.actor(), number_from(form.number.data), reason=form.reason.data or ""),
        done=_("撤销了。再有人查这个编号，看到的是“已撤销”。"), to=url_for("volunteering.desk.certificates"), page=lambda: _page(form, _blank()),
    )  # fmt: skip


@pages.post("/certificates/sheet")
@needs(Permission.EVENT_RUN)
def certificates_sheet() -> Answer:
    """The register of a period."""
    path = _city_path()
    form = SheetForm()
    made: list[bytes] = []

    def make() -> None:
        sheets.in_order(form.first.data, form.last.data)
        rows = list(questions.certificates_between(form.first.data, form.last.data))
        made.append(files.certificates_sheet(rows, mark(form.purpose.data)))
        root = regions.root()
        assert root is not None
        taken(("region", root.id), path, kind="certificates", purpose=form.purpose.data, lines=len(rows))

    if form.carried_out(make):
        return sheet(made[0], f"服务证明登记-{form.first.data}-{form.last.data}")
    return _page(RevokeForm(formdata=None), form), form.status
