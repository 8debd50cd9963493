"""Questions about hours, stars, certificates; and the proof that totals and rows agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from civic.core import clock, listing, paging, typed
from civic.core.db import db
from civic.points.models import Entry, EntryKind
from civic.regions.queries import within
from civic.volunteering.models.attendance import (
    Attestation,
    Certificate,
    Direction,
    Hours,
    HoursKind,
    HoursPolicy,
    Punch,
    StarRule,
)
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.rules.sheets import SHEET_MOST
from civic.volunteering.states import HOLDING, SignUpStatus

MISSED = 50  # on the desk's page, until all are asked for


def policy_on(day: date) -> HoursPolicy:
    """The policy in force on a day."""
    found = db.session.scalars(select(HoursPolicy).where(HoursPolicy.since <= day).order_by(HoursPolicy.since.desc()).limit(1)).first()
    return found or db.session.scalars(select(HoursPolicy).order_by(HoursPolicy.since).limit(1)).one()


def stars_on(day: date) -> list[tuple[int, int]]:
    """(stars, hours) in force on a day."""
    since = select(func.max(StarRule.since)).where(StarRule.since <= day).scalar_subquery()
    return [tuple(row) for row in db.session.execute(select(StarRule.stars, StarRule.hours).where(StarRule.since == since).order_by(StarRule.stars))]  # type: ignore[misc]


def star_versions() -> list[tuple[date, list[int]]]:
    """(the day it began, hours for one star to five) of every version, the newest first."""
    found: dict[date, list[int]] = {}
    for since, _stars, hours in db.session.execute(select(StarRule.since, StarRule.stars, StarRule.hours).order_by(StarRule.since.desc(), StarRule.stars)):
        found.setdefault(since, []).append(hours)
    return list(found.items())


def spans_counted(person_id: int, day: date, but: int) -> tuple[list[tuple[datetime, datetime]], int]:
    """(times already counted for other shifts of the day, minutes already counted): for overlaps and the day's cap."""
    came, went = aliased(Punch), aliased(Punch)
    rows = db.session.execute(
        select(came.at, func.coalesce(went.at, Shift.ends_at), Shift.starts_at, Hours.minutes, Hours.day)
        .select_from(Hours)
        .join(Shift, Shift.id == Hours.shift_id)
        .join(came, (came.sign_up_id == Hours.sign_up_id) & came.is_live & (came.direction == Direction.IN))
        .outerjoin(went, (went.sign_up_id == Hours.sign_up_id) & went.is_live & (went.direction == Direction.OUT))
        .where(
            Hours.person_id == person_id, Hours.day.between(day - timedelta(days=1), day + timedelta(days=1)), Hours.sign_up_id != but,
            Hours.reverses_id.is_(None), Hours.minutes > 0,
        )
        .order_by(Hours.id)
    ).all()  # fmt: skip
    # A shift may reach into the next day: its time counts once, its minutes to the day it began on.
    spans = [(max(begin, starts), end) for begin, end, starts, _, _ in rows]
    return spans, sum(minutes for *_, minutes, counted_on in rows if counted_on == day)


def is_beyond_redraft(sign_up_id: int) -> bool:
    """Whether the hours of a place are final, or filled in or asked for by other evidence."""
    final = select(Hours.id).where(Hours.sign_up_id == sign_up_id, Hours.reverses_id.is_(None), Hours.final_at.is_not(None) | (Hours.kind == HoursKind.ATTESTED))
    asked = select(Attestation.id).where(Attestation.sign_up_id == sign_up_id)
    return db.session.scalars(final.limit(1)).first() is not None or db.session.scalars(asked.limit(1)).first() is not None


def hours_of(person_id: int, *, after: str | None = None, limit: int = 30) -> paging.Page[Hours]:
    """The person's hours, newest first, with the event they belong to."""
    query = (
        select(Hours)
        .join(Hours.shift)
        .join(Shift.event)
        .where(Hours.person_id == person_id)
        .options(contains_eager(Hours.shift).contains_eager(Shift.event))
        .order_by(Hours.day.desc(), Hours.id.desc())
        .limit(limit + 1)
    )
    values = paging.values_of(after, (str, int))
    day = typed.day(values[0]) if values is not None else None
    if values is not None and day is not None:
        query = query.where(paging.after((Hours.day, Hours.id), (day, values[1]), descending=True))
    return paging.cut(db.session.scalars(query).all(), limit, lambda h: (h.day.isoformat(), h.id), is_first=day is None)


def hours_by_id(hours_id: int) -> Hours | None:
    return db.session.get(Hours, hours_id)


def points_for(hours: Sequence[Hours]) -> dict[int, int]:
    """Points that came of these hours, by their id; one statement."""
    if not hours:
        return {}
    sources = {f"hours:{h.id}": h.id for h in hours}
    rows = db.session.execute(select(Entry.source, Entry.points).where(Entry.source.in_(sources), Entry.kind == EntryKind.EARN))
    return {sources[source]: points for source, points in rows}


def open_words(paths: Sequence[str], *, limit: int = 100) -> listing.Some[Hours]:
    """Drafts that wait for a leader: an objection to answer, or a missing going to confirm."""
    return listing.some(
        select(Hours)
        .join(Hours.shift)
        .join(Shift.event)
        .where(
            Hours.final_at.is_(None),
            or_(Hours.objected_at.is_not(None) & Hours.answered_at.is_(None), (Hours.how == "no_out") & Hours.confirmed_by_id.is_(None)),
            or_(*(within(Event.region_path, path) for path in paths)),
        )
        .options(contains_eager(Hours.shift).contains_eager(Shift.event), joinedload(Hours.person))
        .order_by(Hours.final_from, Hours.id),
        limit,
    )


def missed_lately(paths: Sequence[str], *, limit: int = MISSED) -> listing.Some[SignUp]:
    """Those noted as missed in the last thirty days whom nobody asked to fill in yet; appeals first."""
    return listing.some(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(
            SignUp.status == SignUpStatus.MISSED, SignUp.starts_at > clock.now() - timedelta(days=30), or_(*(within(Event.region_path, path) for path in paths)),
            ~select(Attestation.id).where(Attestation.sign_up_id == SignUp.id).exists(),
        )
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), joinedload(SignUp.person))
        .order_by(SignUp.appeal.is_(None), SignUp.starts_at.desc()),
        limit,
    )  # fmt: skip


def open_attestations(paths: Sequence[str], *, limit: int = 50) -> listing.Some[Attestation]:
    """Hours to fill in that wait for a second person."""
    return listing.some(
        select(Attestation)
        .join(Attestation.sign_up)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(Attestation.decided_at.is_(None), or_(*(within(Event.region_path, path) for path in paths)))
        .options(contains_eager(Attestation.sign_up).contains_eager(SignUp.shift).contains_eager(Shift.event), contains_eager(Attestation.sign_up).joinedload(SignUp.person))
        .order_by(Attestation.id),
        limit,
    )


def attestation_by_id(attestation_id: int) -> Attestation | None:
    return db.session.get(Attestation, attestation_id)


def certificate_by_number(number: str) -> Certificate | None:
    return db.session.scalars(select(Certificate).where(Certificate.number == number)).first()


def certificates_of(person_id: int) -> Sequence[Certificate]:
    """All of somebody's certificates, the newest first."""
    return db.session.scalars(select(Certificate).where(Certificate.person_id == person_id).order_by(Certificate.id.desc())).all()


def final_between(person_id: int, first: date, last: date) -> Sequence[Hours]:
    """Final hours of a period, in order: what a certificate is made from."""
    return db.session.scalars(
        select(Hours)
        .join(Hours.shift)
        .join(Shift.event)
        .where(Hours.person_id == person_id, Hours.day.between(first, last), Hours.final_at.is_not(None))
        .options(contains_eager(Hours.shift).contains_eager(Shift.event))
        .order_by(Hours.day, Hours.id)
    ).all()


def policies() -> Sequence[HoursPolicy]:
    """Every version, the newest first."""
    return db.session.scalars(select(HoursPolicy).order_by(HoursPolicy.since.desc())).all()


def ledger_of(event_id: int, first: date, last: date) -> list[tuple[Hours, int | None]]:
    """(hours, volunteer number) of an event and a period, reversing lines among them, in the order of the days."""
    rows = db.session.execute(
        select(Hours, Volunteer.number)
        .join(Hours.shift)
        .join(Shift.event)
        .join(Shift.post)
        .outerjoin(Volunteer, Volunteer.person_id == Hours.person_id)
        .where(Shift.event_id == event_id, Hours.day.between(first, last))
        .options(
            contains_eager(Hours.shift).contains_eager(Shift.event), contains_eager(Hours.shift).contains_eager(Shift.post), joinedload(Hours.person)
        )
        .order_by(Hours.day, Shift.starts_at, Hours.id)
        .limit(SHEET_MOST)
    )  # fmt: skip
    return [tuple(row) for row in rows]  # type: ignore[misc]


def certificates(*, number: str = "", after: str | None = None, limit: int = 30) -> paging.Page[Certificate]:
    """The register, newest first; one number where it is asked for."""
    query = select(Certificate).options(joinedload(Certificate.person)).order_by(Certificate.id.desc()).limit(limit + 1)
    if number:
        query = query.where(Certificate.number == number)
    values = paging.values_of(after, (int,))
    if values is not None:
        query = query.where(paging.after((Certificate.id,), values, descending=True))
    return paging.cut(db.session.scalars(query).all(), limit, lambda c: (c.id,), is_first=values is None)


def certificates_between(first: date, last: date) -> Sequence[Certificate]:
    """What was issued in a period, in the order it was issued."""
    begin = datetime.combine(first, time(), tzinfo=clock.zone())
    return db.session.scalars(
        select(Certificate)
        .where(Certificate.issued_at >= begin, Certificate.issued_at < datetime.combine(last + timedelta(days=1), time(), tzinfo=clock.zone()))
        .options(joinedload(Certificate.person))
        .order_by(Certificate.id)
        .limit(SHEET_MOST)
    ).all()


def discrepancies() -> list[str]:
    """Everything in which shifts, places, hours and totals disagree; empty when all is well."""
    found = []
    holding = select(SignUp.shift_id, func.count().label("n")).where(SignUp.status.in_([*HOLDING])).group_by(SignUp.shift_id).subquery()
    queue = select(SignUp.shift_id, func.count().label("n")).where(SignUp.status == SignUpStatus.WAITING).group_by(SignUp.shift_id).subquery()
    for number, taken, held, waiting, stand in db.session.execute(
        select(Shift.id, Shift.taken, func.coalesce(holding.c.n, 0), Shift.waiting, func.coalesce(queue.c.n, 0))
        .outerjoin(holding, holding.c.shift_id == Shift.id)
        .outerjoin(queue, queue.c.shift_id == Shift.id)
        .where(Shift.status == "open", or_(Shift.taken != func.coalesce(holding.c.n, 0), Shift.waiting != func.coalesce(queue.c.n, 0)))
    ):
        found.append(f"shift {number}: {taken} taken, {held} hold a place; {waiting} waiting, {stand} in line")
    sums = (
        select(Hours.person_id, Hours.kind, func.sum(Hours.minutes).label("minutes")).where(Hours.final_at.is_not(None)).group_by(Hours.person_id, Hours.kind).subquery()
    )
    for kind, column in ((HoursKind.VERIFIED, Volunteer.verified_minutes), (HoursKind.ATTESTED, Volunteer.attested_minutes)):
        for person, total, minutes in db.session.execute(
            select(Volunteer.person_id, column, func.coalesce(sums.c.minutes, 0))
            .outerjoin(sums, (sums.c.person_id == Volunteer.person_id) & (sums.c.kind == kind))
            .where(column != func.coalesce(sums.c.minutes, 0))
        ):
            found.append(f"volunteer {person}: {kind.value} total {total}, rows make {minutes}")
    taken_back = aliased(Hours)
    for number, minutes, back in db.session.execute(
        select(taken_back.id, Hours.minutes, taken_back.minutes).join(Hours, Hours.id == taken_back.reverses_id).where(taken_back.minutes != -Hours.minutes)
    ):
        found.append(f"hours {number}: takes back {-back} of {minutes}")
    return found
