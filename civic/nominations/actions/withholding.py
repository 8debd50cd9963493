"""What hangs on the wall and may no longer be read there, because somebody took their word back. The frozen row stays."""

from __future__ import annotations

from civic.audit import actions as audit
from civic.core import clock
from civic.identity.actions import consents
from civic.identity.models import Purpose
from civic.identity.permissions import Actor
from civic.nominations.models.cases import Nomination
from civic.nominations.models.notices import NoticeItem, Withheld
from civic.nominations.queries import mentions, notices
from civic.nominations.states import Status


def settle(actor: Actor, nomination: Nomination) -> None:
    """Let the running notice of a case show what may be shown now, and no more. The caller holds the case."""
    if nomination.status not in (Status.NOTICED, Status.HELD):
        return
    item = notices.held_item(nomination.id)
    ground = _ground(nomination, item) if item is not None else None
    if item is None or item.withheld is ground:
        return
    item.withheld = ground
    item.withheld_at = clock.now() if ground is not None else None
    audit.record(
        actor.user_id, "notice.show" if ground is None else "notice.withhold", ("notice_item", item.id),
        region_path=item.notice.region_path, ground=ground.value if ground is not None else None,
    )  # fmt: skip


def _ground(nomination: Nomination, item: NoticeItem) -> Withheld | None:
    # A child is never named on the wall: there the guardian's word stands, and with it goes the whole case.
    if not nomination.is_of_a_child:
        given = consents.running(nomination.nominee_id)
        if Purpose.NAME not in given:
            return Withheld.NAME
        if consents.is_taken_back(nomination.nominee_id, Purpose.STORY):
            return Withheld.STORY
    return Withheld.MENTIONED if mentions.stand_in_the_way_of(nomination.id, item.notice.starts_at) else None
