"""Questions about places in question: of a person, of a shift, and of everything an organiser runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import clock
from civic.core.db import db
from civic.core.paging import Page, after, cursor, values_of
from civic.identity.permissions import Actor, Permission
from civic.regions.queries import within
from civic.volunteering.models.events import Event, Shift, SignUp, SignUpStep
from civic.volunteering.models.people import TeamMember, Volunteer
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.states import OPEN, ShiftStatus, Verb

SHOWN = 50


def wards_of(person_id: int) -> Sequence[int]:
    """Whom this person brings, by number."""
    return db.session.scalars(select(Volunteer.person_id).where(Volunteer.guardian_id == person_id).order_by(Volunteer.person_id)).all()


def places_of(person_id: int, *, event_id: int | None = None) -> Sequence[SignUp]:
    """The places that a person took since yesterday or will come to, whatever became of them."""
    query = select(SignUp).join(SignUp.shift).where(SignUp.person_id == person_id, SignUp.ends_at > clock.now())
    if event_id is not None:
        query = query.where(Shift.event_id == event_id)
    return db.session.scalars(query.options(contains_eager(SignUp.shift)).order_by(SignUp.starts_at)).all()


def coming_to(event_id: int) -> Sequence[SignUp]:
    """Who has a place on a shift of the event that is not over."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .where(Shift.event_id == event_id, Shift.status == ShiftStatus.OPEN, Shift.ends_at > clock.now(), SignUp.status.in_(OPEN))
        .options(contains_eager(SignUp.shift))
        .order_by(SignUp.starts_at, SignUp.id)
    ).all()


def by_id(number: int) -> Recheck | None:
    return db.session.get(Recheck, number)


def open_among(sign_up_ids: Collection[int]) -> Sequence[Recheck]:
    """The open questions of these places."""
    return db.session.scalars(select(Recheck).where(Recheck.sign_up_id.in_(sign_up_ids), Recheck.ended.is_(None)).order_by(Recheck.id)).all()


def open_of_person(person_id: int) -> list[Recheck]:
    """The open questions of a person's places, the soonest shift first."""
    query = select(Recheck).join(Recheck.sign_up).where(SignUp.person_id == person_id, Recheck.ended.is_(None), SignUp.status.in_(OPEN), SignUp.ends_at > clock.now())
    return list(db.session.scalars(query.order_by(SignUp.starts_at, Recheck.id)))


def by_place(sign_up_ids: Collection[int]) -> dict[int, list[Recheck]]:
    """The same by place, for a list of places."""
    found: dict[int, list[Recheck]] = {}
    for recheck in open_among(sign_up_ids):
        found.setdefault(recheck.sign_up_id, []).append(recheck)
    return found


def open_in_reach(actor: Actor, *, seen: str | None = None) -> Page[Recheck]:
    """What the actor has to look at, the soonest shift first, a page at a time."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    if not paths:
        return Page([])
    query = (
        select(Recheck)
        .join(Recheck.sign_up)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(
            Recheck.ended.is_(None), SignUp.status.in_(OPEN), SignUp.ends_at > clock.now(), or_(*(within(Event.region_path, path) for path in paths)),
        )
        .options(
            contains_eager(Recheck.sign_up).options(
                joinedload(SignUp.person), contains_eager(SignUp.shift).options(contains_eager(Shift.event), joinedload(Shift.post))
            )
        )
    )  # fmt: skip
    values = values_of(seen, [int])
    if values is not None:
        query = query.where(after([Recheck.id], values))
    rows = db.session.scalars(query.order_by(Recheck.id).limit(SHOWN + 1)).all()
    return Page(rows[:SHOWN], cursor(rows[SHOWN - 1].id) if len(rows) > SHOWN else None, values is None)


def count_in_reach(actor: Actor, most: int = 100) -> int:
    """How many there are, at most so many: the number on the menu."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    if not paths:
        return 0
    waiting = (
        select(Recheck.id)
        .join(Recheck.sign_up)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(Recheck.ended.is_(None), SignUp.status.in_(OPEN), SignUp.ends_at > clock.now(), or_(*(within(Event.region_path, path) for path in paths)))
        .limit(most)
    )
    return db.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def last_reason(sign_up_id: int) -> str:
    """Why somebody was taken off, as the organiser wrote it."""
    query = select(SignUpStep.reason).where(SignUpStep.sign_up_id == sign_up_id, SignUpStep.verb.in_([Verb.WITHDRAW, Verb.DECLINE]), SignUpStep.reason.is_not(None))
    return db.session.scalars(query.order_by(SignUpStep.id.desc()).limit(1)).first() or ""


def leaders_of(team_id: int) -> Sequence[int]:
    """Who leads a team, by person."""
    return db.session.scalars(
        select(TeamMember.person_id).where(
            TeamMember.team_id == team_id, TeamMember.is_leader, or_(TeamMember.until.is_(None), TeamMember.until >= clock.today())
        )
    ).all()
