"""The places for those who keep them: the tree, renaming, adding, and a community's sheet of stairwells."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import Response as Plain
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import sheets, storage
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.regions import files, queries
from civic.regions.actions import places, stairwells
from civic.regions.forms import AddForm, RenameForm, SheetForm
from civic.regions.models import Region
from civic.web import kept, session
from civic.web.guards import Permission, demand_at, needs

pages = Blueprint("desk", __name__)
Answer = str | Response | tuple[str, int]


def _in_reach(region_id: int) -> Region:
    """A place inside the viewer's regions, else 404 as for one that is not there."""
    region = queries.by_id(region_id)
    if region is None or not any(region.path.startswith(p) for p in session.actor().paths_for(Permission.REGION_READ)):
        abort(404)
    return region


@pages.get("/tree")
@needs(Permission.REGION_READ)
def tree() -> Response:
    """Go to the highest place one keeps."""
    first = min(session.actor().paths_for(Permission.REGION_READ), key=len)
    return redirect(url_for("regions.desk.place", region_id=int(first.rstrip(".").split(".")[-1])))


def _page(region: Region, *, rename: RenameForm | None = None, add: AddForm | None = None) -> str:
    paths = session.actor().paths_for(Permission.REGION_EDIT)
    return render_template(
        "regions/desk/place.html",
        region=region,
        line=queries.line_of(region),
        reach=session.actor().paths_for(Permission.REGION_READ),
        below=queries.children(region, living=False),
        may_edit=any(region.path.startswith(p) for p in paths),
        rename=rename or RenameForm(formdata=None, name=region.name, version=region.version),
        add=add or AddForm(formdata=None),
        successor=region.successor,
    )


@pages.get("/place/<int:region_id>")
@needs(Permission.REGION_READ)
def place(region_id: int) -> str:
    return _page(_in_reach(region_id))


@pages.post("/place/<int:region_id>/name")
@needs(Permission.REGION_EDIT)
def rename(region_id: int) -> Answer:
    region, form, status = _in_reach(region_id), RenameForm(), 422
    if form.validate():
        try:
            with transaction():
                places.rename(
                    session.actor().user_id,
                    demand_at(Permission.REGION_EDIT),
                    region_id,
                    form.name.data,
                    expected=form.version.data,
                )
            flash(_("改好了。"))
            return redirect(url_for("regions.desk.place", region_id=region_id), 303)
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return _page(region, rename=form), status


@pages.post("/place/<int:region_id>/below")
@needs(Permission.REGION_EDIT)
def add(region_id: int) -> Answer:
    region, form, status = _in_reach(region_id), AddForm(), 422
    if form.validate():
        try:
            with transaction():
                places.add(
                    session.actor().user_id,
                    demand_at(Permission.REGION_EDIT),
                    region_id,
                    form.new_name.data,
                    households=form.households.data,
                )
            flash(_("加好了。"))
            return redirect(url_for("regions.desk.place", region_id=region_id), 303)
        except DomainError as error:
            error.field = "new_name" if error.field == "name" else error.field
            form.refuse(error)
            status = error.status
    return _page(region, add=form), status


@pages.get("/template/<int:region_id>")
@needs(Permission.REGION_READ)
def template(region_id: int) -> Plain:
    """The .xlsx to fill in for a place's communities."""
    region = _in_reach(region_id)
    answer = Plain(files.template(queries.leaves_within(region.path)), mimetype=sheets.XLSX)
    answer.headers["Content-Disposition"] = f"attachment; filename=regions-{region.id}.xlsx"
    return answer


@pages.route("/sheet/<int:region_id>", methods=["GET", "POST"])
@needs(Permission.REGION_EDIT)
def sheet(region_id: int) -> Answer:
    """A filled-in sheet: first what would change, then, on a second press, the change."""
    region, form, status, plan = _in_reach(region_id), SheetForm(), 200, None
    key = kept.taken_back(f"sheet:{region_id}", request.form.get("kept"))
    demand_at(Permission.REGION_EDIT)(region.path)
    if request.method == "POST":
        try:
            raw = _read(key) if key else form.file.data.read() if form.file.data else b""
            with transaction():
                leaves, problems = files.leaves_of(BytesIO(raw))
                plan = stairwells.plan(leaves, problems, within_path=region.path)
                if key and not plan.problems and not plan.is_for_nothing:
                    stairwells.apply(session.actor().user_id, plan)
            if key and not plan.problems and not plan.is_for_nothing:
                storage.remove(key)
                flash(_("装好了：新增 %(added)s，改动 %(changed)s。", added=len(plan.added), changed=len(plan.changed)))
                return redirect(url_for("regions.desk.place", region_id=region_id), 303)
            key = storage.keep(raw, "xlsx") if not (plan.problems or plan.is_for_nothing) else None
            status = 422 if plan.problems else 200
        except DomainError as error:
            form.refuse(error)
            status = error.status
    return render_template(
        "regions/desk/sheet.html", region=region, form=form, plan=plan, key=kept.handed_out(f"sheet:{region_id}", key) if key else None
    ), status


def _read(key: str) -> bytes:
    with storage.open_(key) as file:
        return file.read()
