"""Questions about a council's seats and who held them at a meeting."""

from __future__ import annotations

from sqlalchemy import select

from civic.core.db import db
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.nominations.models.councils import Meeting, MeetingStatus, Member
from civic.nominations.models.rounds import Round


def open_meeting_in(region_id: int) -> Meeting | None:
    """The council of this region while it sits, in whichever of its rounds."""
    return db.session.scalars(select(Meeting).join(Round).where(Round.region_id == region_id, Meeting.status == MeetingStatus.OPEN)).first()


def member_in_reach_of(actor: Actor, member_id: int) -> Member:
    """A running seat of a council that the actor runs."""
    found = db.session.get(Member, member_id)
    if found is None or found.ended_at is not None or not may(actor, Permission.ROUND_RUN, found.region_path):
        raise out_of_reach()
    return found
