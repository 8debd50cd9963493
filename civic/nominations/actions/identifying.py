"""Whose card a desk has seen: what is kept of its number, so that one person in two cases is found exactly."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from civic.core.errors import Invalid
from civic.identity import rules as identity
from civic.identity.actions import sameness
from civic.identity.models import PersonKind
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations.actions import publishing
from civic.nominations.models.cases import Nomination
from civic.nominations.queries import cases


def recognise(actor: Actor, nomination_id: int, typed: str) -> Nomination:
    """Take the number off the nominee's card: proved by its check character, kept as a keyed digest, told to nobody again."""
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.RESIDENT_ATTEST, nomination.home_path, cases.parties_of(nomination))
    if nomination.nominee.kind is PersonKind.GROUP:
        raise Invalid("group_has_no_card", _l("推荐的是一群人，没有身份证号可核对。"), field="number")
    try:
        number = identity.identity_number_from(typed)
    except Invalid as error:
        error.field = "number"
        raise
    sameness.recognise(actor, nomination.nominee_id, number, region_path=nomination.home_path)
    # It may have turned out to be a child's.
    publishing.refresh(actor, nomination)
    return nomination
