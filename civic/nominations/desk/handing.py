"""Small comforts of a desk: saying one has read a case, filters by name, handing over what one has in hand."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core.db import transaction
from civic.identity import queries as identity
from civic.identity.models import Grant
from civic.identity.permissions import AT_DESKS, Permission, may, out_of_reach
from civic.nominations.actions import handing, looking
from civic.nominations.desk import pages
from civic.nominations.forms.handing import FilterForm, HandingForm
from civic.nominations.queries import desk
from civic.web import arguments, session
from civic.web.asking import STAKES
from civic.web.fields import choices
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]


@pages.post("/cases/<int:nomination_id>/reading")
@needs(Permission.NOMINATION_READ)
def has_read(nomination_id: int) -> Response:
    with transaction():
        looking.has_read(session.actor(), nomination_id)
    return redirect(url_for("nominations.desk.queue", case=nomination_id), 303)


@pages.post("/filters")
@needs(Permission.NOMINATION_READ)
def keep_filter() -> Response:
    """Keep the boxes as they stand under a name; whatever is wrong is said on top of the queue, and nothing is lost."""
    chosen = {name: (request.form.get(name) or "")[:100] for name in looking.FILTER_NAMES}
    form = FilterForm()
    if form.carried_out(lambda: looking.keep_filter(session.actor(), form.name.data or "", chosen)):
        flash(_("存好了，在左边点名字就能用。"))
    else:
        for _field, words in form.problems:
            flash(words)
    return redirect(url_for("nominations.desk.queue", **{k: v for k, v in chosen.items() if v}), 303)


@pages.post("/filters/<int:filter_id>/removal")
@needs(Permission.NOMINATION_READ)
def forget_filter(filter_id: int) -> Response:
    with transaction():
        looking.forget_filter(session.actor(), filter_id)
    flash(_("删掉了。"))
    return redirect(url_for("nominations.desk.queue"), 303)


@pages.route("/handing_over", methods=["GET", "POST"])
@needs(Permission.NOMINATION_READ)
def hand_over_all() -> Answer:
    """Everything one has in hand (or, for an administrator, a colleague who leaves) to somebody of the same desk."""
    actor = session.actor()
    from_id = arguments.number("from", actor.user_id)
    grants = [g for g in identity.grants_of(from_id) if g.role in AT_DESKS]
    if from_id != actor.user_id and not any(may(actor, Permission.GRANT_GIVE, g.region_path) for g in grants):
        raise out_of_reach()
    colleagues = {u.id: u for g in grants for u in identity.staff_at(g.region_path) if u.id != from_id}
    form = HandingForm()
    form.to.choices = choices((u.id, u.person.name) for u in colleagues.values())
    done: list[handing.Handed] = []
    if request.method == "POST" and form.carried_out(
        lambda: done.append(handing.hand_over_all(session.actor(), from_id, form.to.data, reason=form.reason.data))
    ):
        flash(_("交接了 %(cases)s 件推荐、%(objections)s 条异议。", cases=done[0].cases, objections=done[0].objections))
        if done[0].left:
            flash(_("这些要回避或不归他（她）管，还在原处：%(list)s", list="、".join(done[0].left)))
        return redirect(url_for("nominations.desk.hand_over_all", **request.args), 303)
    status = form.status if request.method == "POST" else 200
    page = render_template(
        "nominations/desk/handing_over.html", form=form, cases=desk.in_hands_of(from_id), objections=desk.objections_of(from_id),
        colleagues=colleagues, person=identity.names_of({from_id}).get(from_id, ""), is_own=from_id == actor.user_id,
    )  # fmt: skip
    return page, status


def _in_hand(grant: Grant) -> list[str]:
    """What whoever loses a role at a desk leaves lying there."""
    if grant.role not in AT_DESKS:
        return []
    cases = sum(case.desk_path.startswith(grant.region_path) for case in desk.in_hands_of(grant.user_id))
    objections = sum(row.region_path.startswith(grant.region_path) for row in desk.objections_of(grant.user_id))
    if not cases and not objections:
        return []
    return [_("他（她）手上还有 %(cases)s 件、%(objections)s 条异议没有办完，先点“交接”交给同一个审核台的同志，就不会搁下。", cases=cases, objections=objections)]


STAKES.setdefault("grant", []).append(_in_hand)
