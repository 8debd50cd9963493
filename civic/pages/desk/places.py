"""Retiring and moving places: what happens to people, cases and honours there follows in the same transaction."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.honours import actions as honours
from civic.identity.actions import grants
from civic.identity.permissions import Permission
from civic.nominations.actions import timing
from civic.pages.desk import pages
from civic.regions import queries as regions
from civic.regions.actions import places
from civic.regions.forms import TargetForm
from civic.regions.models import Region
from civic.web import session
from civic.web.guards import demand_at, needs

Answer = str | Response | tuple[str, int]


def _in_reach(region_id: int) -> Region:
    region = regions.by_id(region_id)
    if region is None or not any(region.path.startswith(p) for p in session.actor().paths_for(Permission.REGION_EDIT)):
        abort(404)
    return region


def _page(region: Region, form: TargetForm, deed: str) -> str:
    return render_template("pages/desk/place.html", region=region, form=form, deed=deed)


@pages.route("/places/<int:region_id>/move", methods=["GET", "POST"])
@needs(Permission.REGION_EDIT)
def move(region_id: int) -> Answer:
    region, form = _in_reach(region_id), TargetForm()
    if not form.is_submitted():
        return _page(region, TargetForm(formdata=None, version=region.version), "move")
    status = 422
    if form.validate():
        try:
            with transaction():
                old, new = places.move(
                    session.actor().user_id,
                    demand_at(Permission.REGION_EDIT),
                    region_id,
                    form.target.data,
                    expected=form.version.data,
                )
                for follow in (grants.repath, honours.repath, timing.repath):
                    follow(old, new)
            flash(_("搬好了，在办的件和人员都跟着过去了。"))
            return redirect(url_for("regions.desk.place", region_id=region_id), 303)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return _page(region, form, "move"), status


@pages.route("/places/<int:region_id>/retire", methods=["GET", "POST"])
@needs(Permission.REGION_EDIT)
def retire(region_id: int) -> Answer:
    region, form = _in_reach(region_id), TargetForm()
    if not form.is_submitted():
        return _page(region, TargetForm(formdata=None, version=region.version), "retire")
    status = 422
    if form.validate():
        try:
            with transaction():
                old, successor = places.retire(
                    session.actor().user_id,
                    demand_at(Permission.REGION_EDIT),
                    region_id,
                    form.target.data,
                    expected=form.version.data,
                )
                count = timing.move_cases(session.actor(), old, successor)
            flash(_("撤并好了，%(count)s 件在办的转到了“%(place)s”。", count=count, place=successor.name))
            return redirect(url_for("regions.desk.place", region_id=successor.id), 303)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return _page(region, form, "retire"), status
