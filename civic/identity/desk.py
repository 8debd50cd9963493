"""Who has which role where: the list, appointing, ending, reading a masked number and putting a name right with a reason."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.audit import actions as audit
from civic.core import clock, limits
from civic.core.db import transaction
from civic.core.errors import DomainError, Invalid
from civic.identity import queries
from civic.identity.actions import accounts, naming
from civic.identity.actions import deputies as standing_in
from civic.identity.actions import grants as giving
from civic.identity.forms import ROLE_WORDS, AppointForm, AttestForm, DeputyForm, NameForm
from civic.identity.permissions import AT_DESKS, Permission, Role, demand, may, out_of_reach
from civic.identity.rules import contact_from
from civic.regions import queries as regions
from civic.web import arguments, session
from civic.web.fields import choices
from civic.web.guards import needs

pages = Blueprint("desk", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/grants")
@needs(Permission.GRANT_READ)
def grants() -> str:
    paths = session.actor().paths_for(Permission.GRANT_READ)
    ended = request.args.get("ended") == "1"
    search = (request.args.get("search") or "").strip()[:60]
    page, count = queries.grants_within(paths, running=not ended, search=search, after=request.args.get("after"))
    return render_template(
        "identity/desk/grants.html",
        rows=page.items,
        page=page,
        count=count,
        search=search,
        ended=ended,
        words=ROLE_WORDS,
        may_give=session.actor().holds(Permission.GRANT_GIVE),
        may_correct=session.actor().holds(Permission.PERSON_CORRECT),
    )


@pages.route("/appoint", methods=["GET", "POST"])
@needs(Permission.GRANT_GIVE)
def appoint() -> Answer:
    actor = session.actor()
    at = arguments.number("at")
    place = regions.by_id(at) if at is not None else None
    reach = actor.paths_for(Permission.GRANT_GIVE)
    if place is None:
        place = regions.line_of_path(min(reach, key=len))[-1]
    if not may(actor, Permission.GRANT_GIVE, place.path):
        raise out_of_reach()
    form = AppointForm(since=clock.today())
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    contact = contact_from(form.contact.data)
                    user = accounts.user_of(contact)
                    if user is None:
                        if not form.name.data:
                            raise Invalid("account_unknown", _("还没有这个账号。写上姓名，会替他（她）开一个。"), field="name")
                        user = accounts.register(form.name.data, contact, None)
                    giving.appoint(
                        session.actor(), user, Role(form.role.data), place, since=form.since.data, until=form.until.data
                    )
                flash(_("开通了，已经通知他（她）。第一次登录用验证码。"))
                return redirect(url_for("identity.desk.grants"), 303)
            except DomainError as error:
                form.refuse(error)
                status = error.status
    return (
        render_template("identity/desk/appoint.html", form=form, place=place, reach=reach, chooser=regions.chooser(place.id)),
        status,
    )


@pages.route("/attest", methods=["GET", "POST"])
@needs(Permission.RESIDENT_ATTEST)
def attest() -> Answer:
    """An officer who saw a card says so; only such residents are drawn for a jury."""
    actor = session.actor()
    own = int(actor.paths_for(Permission.RESIDENT_ATTEST)[0].rstrip(".").split(".")[-1])
    place = regions.by_id(arguments.number("at", own))
    if place is None or not may(actor, Permission.RESIDENT_ATTEST, place.path):
        raise out_of_reach()
    form = AttestForm()
    if request.method == "POST" and form.carried_out(
        lambda: accounts.attest(session.actor(), contact_from(form.contact.data), name=form.name.data, region=place)
    ):
        flash(_("核实好了。"))
        return redirect(url_for("identity.desk.attest", at=place.id), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("identity/desk/attest.html", form=form, place=place, chooser=regions.chooser(place.id)), status


@pages.route("/names", methods=["GET", "POST"])
@needs(Permission.PERSON_CORRECT)
def names() -> Answer:
    """Put an account's name right, and what was put right before."""
    form = NameForm()
    root = regions.root()
    assert root is not None
    if request.method == "POST" and form.carried_out(
        lambda: naming.correct(
            session.actor(), contact_from(form.contact.data), before=form.before.data, after=form.after.data, reason=form.reason.data,
            city_path=root.path,
        )
    ):  # fmt: skip
        flash(_("名字改好了，已经写信告诉他（她）。"))
        return redirect(url_for("identity.desk.names"), 303)
    status = form.status if request.method == "POST" else 200
    return render_template("identity/desk/names.html", form=form, rows=queries.name_corrections()), status


@pages.route("/deputies", methods=["GET", "POST"])
@needs(Permission.REGION_READ)
def deputies() -> Answer:
    """Who stands in for me, for whom I stand in, and, for administrators, who does within their regions."""
    actor = session.actor()
    assert actor.user_id is not None
    form = DeputyForm(since=clock.today(), until=clock.today() + timedelta(days=7))
    colleagues = queries.colleagues_of(actor.user_id)
    form.deputy.choices = choices((u.id, f"{u.person.name}（{place}）") for u, place in colleagues)
    status = 200
    if request.method == "POST":
        if form.carried_out(lambda: standing_in.name_deputy(session.actor(), form.deputy.data, since=form.since.data, until=form.until.data)):
            flash(_("说好了，已经通知他（她）。到期自己停。"))
            return redirect(url_for("identity.desk.deputies"), 303)
        status = form.status
    return (
        render_template(
            "identity/desk/deputies.html", form=form, colleagues=colleagues, mine=queries.deputies_of(actor.user_id),
            others=queries.deputies_for(actor.user_id), within=queries.deputies_within(actor.paths_for(Permission.GRANT_GIVE)),
            has_desk=any(g.role in AT_DESKS and g.for_id is None for g in actor.grants),
        ),
        status,
    )  # fmt: skip


@pages.post("/deputies/<int:row_id>/end")
@needs(Permission.REGION_READ)
def end_deputy(row_id: int) -> Response:
    with transaction():
        standing_in.end_deputy(session.actor(), row_id)
    flash(_("不再代办了。"))
    return redirect(url_for("identity.desk.deputies"), 303)


@pages.post("/grants/<int:grant_id>/reveal")
@needs(Permission.GRANT_GIVE)
def reveal(grant_id: int) -> str:
    """The whole number, for a reason, on the record, not too often."""
    reason = (request.form.get("reason") or "").strip()[:60]
    with transaction():
        limits.spend("reveal", str(session.actor().user_id), allowed=30, per=timedelta(hours=1))
    with transaction():
        grant = queries.grant_by_id(grant_id)
        if grant is None:
            raise out_of_reach()
        demand(session.actor(), Permission.GRANT_GIVE, grant.region_path)
        if not reason:
            raise Invalid("reason_missing", _("请写为什么要看全号。"))
        audit.record_with_reason(session.actor().user_id, "person.reveal", ("user", grant.user_id), reason, region_path=grant.region_path)
        user = grant.user
    return render_template("identity/desk/revealed.html", user=user)


@pages.route("/letting_in", methods=["GET", "POST"])
@needs(Permission.EVENT_RUN)
def letting_in() -> Answer:
    """Many come from one network today, a school, a hall: whoever runs the event there lifts the limits by address until midnight."""
    address = request.remote_addr or ""
    if request.method == "POST":
        with transaction():
            until = limits.let_in(address, session.actor().user_id)
            audit.record(session.actor().user_id, "limit.let_in", ("user", session.actor().user_id), until=until.isoformat())
        flash(_("放行了，今天从这里来的人都不受网络次数的限制。"))
        return redirect(url_for("identity.desk.letting_in"), 303)
    return render_template("identity/desk/letting_in.html", address=address, is_let_in=limits.is_let_in(address))
