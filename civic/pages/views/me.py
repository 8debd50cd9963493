"""My page: what I nominated, what I may work at, what the city knows of me."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.core.db import transaction
from civic.identity import queries as identity
from civic.identity.rules import Contact
from civic.nominations.actions import submitting
from civic.nominations.queries import cases as nominations
from civic.nominations.queries import juries, rounds
from civic.pages.views import pages
from civic.points import queries as points
from civic.volunteering.queries import hours
from civic.volunteering.queries import people as volunteers
from civic.web import session
from civic.web.guards import signed_in


def _contacts(user: object) -> list[Contact]:
    """The contacts that the account has proven."""
    found = [("phone", user.phone), ("email", user.email)]  # type: ignore[attr-defined]
    return [Contact(kind, value) for kind, value in found if value]  # type: ignore[arg-type]


@pages.get("/me")
@signed_in
def me() -> str:
    user = session.viewer()
    assert user is not None
    return render_template(
        "pages/me.html",
        user=user,
        cases=nominations.my_voices(user),
        unclaimed=sum(nominations.unclaimed_voices(contact) for contact in _contacts(user)),
        grants=identity.running_grants(user.id),
        seats=len(rounds.my_seats(user.person_id)),
        juries=juries.my_juries(user.id),
        volunteer=volunteers.volunteer_of(user.person_id),
        leads=volunteers.is_leader(user.person_id),
        balance=points.spendable_of(user.person_id),
        stars=hours.stars_on(clock.today()),
    )


@pages.post("/me/claim")
@signed_in
def claim() -> Response:
    """Take over nominations that were made with the same phone or mailbox before the account existed."""
    user = session.viewer()
    assert user is not None
    contacts = _contacts(user)
    with transaction():
        count = sum(submitting.claim(user, contact) for contact in contacts)
    flash(_("已认领 %(count)s 份推荐。", count=count) if count else _("没有找到用您的手机号或邮箱推荐过的。"))
    return redirect(url_for("pages.me"), 303)
