"""Questions about the boards of teams: who stands there, and with how much in a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, cast, func, literal, or_, select

from civic.core import clock
from civic.core.db import db
from civic.identity.models import User
from civic.points.models import Entry, EntryKind
from civic.volunteering.models.attendance import Hours, HoursKind
from civic.volunteering.models.events import Event, Shift
from civic.volunteering.models.people import BoardName, Team, TeamMember
from civic.volunteering.rules.boards import Placed, placed


def standing_of(person_id: int, team_id: int) -> BoardName | None:
    """Under which name somebody stands on a board."""
    return db.session.scalars(select(BoardName).where(BoardName.team_id == team_id, BoardName.person_id == person_id)).first()


def has_to_do_with(person_id: int, team_id: int) -> bool:
    """Whether somebody is in a team, or has served at its events."""
    member = select(TeamMember.id).where(TeamMember.team_id == team_id, TeamMember.person_id == person_id, TeamMember.until.is_(None))
    if db.session.scalars(member.limit(1)).first() is not None:
        return True
    served = select(Hours.id).join(Shift, Shift.id == Hours.shift_id).join(Event, Event.id == Shift.event_id).where(Hours.person_id == person_id, Event.team_id == team_id)
    return db.session.scalars(served.limit(1)).first() is not None


def teams_for(person_id: int) -> Sequence[Team]:
    """The teams somebody is in, or served with in the last year."""
    member = select(TeamMember.team_id).where(TeamMember.person_id == person_id, TeamMember.until.is_(None))
    served = (
        select(Event.team_id)
        .join(Shift, Shift.event_id == Event.id)
        .join(Hours, Hours.shift_id == Shift.id)
        .where(Hours.person_id == person_id, Hours.day >= clock.today().replace(year=clock.today().year - 1, day=1))
    )
    return db.session.scalars(select(Team).where(or_(Team.id.in_(member), Team.id.in_(served)), Team.until.is_(None)).order_by(Team.name).limit(20)).all()


def board(team_id: int, first: date, last: date, *, by: str) -> list[Placed]:
    """The board of a team for the days of a period, by verified final `hours` (in minutes) or by the `points` of them.

    Only who stands there is looked up, so it costs what the board is long, not what the city is large.
    """
    amount = func.sum(Entry.points) if by == "points" else func.sum(Hours.minutes)
    query = (
        select(BoardName.nickname, amount)
        .outerjoin(User, User.person_id == BoardName.person_id)
        .join(Hours, Hours.person_id == BoardName.person_id)
        .join(Shift, Shift.id == Hours.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            User.closed_at.is_(None), BoardName.team_id == team_id, Event.team_id == team_id, Hours.day.between(first, last), Hours.final_at.is_not(None),
            Hours.kind == HoursKind.VERIFIED,
        )
        .group_by(BoardName.person_id, BoardName.nickname)
    )  # fmt: skip
    if by == "points":
        query = query.join(Entry, (Entry.source == literal("hours:") + cast(Hours.id, String)) & Entry.kind.in_((EntryKind.EARN, EntryKind.REVERSE)))
    return placed((nickname, int(value or 0)) for nickname, value in db.session.execute(query))
