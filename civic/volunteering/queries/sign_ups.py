"""Questions about the places that people hold on shifts, wait for, missed, or might take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import alone, clock, listing
from civic.core.db import db
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.rules.signing import MISSES_COUNT_FOR
from civic.volunteering.states import HOLDING, OPEN, ShiftStatus, SignUpStatus


def _month_of(moment: datetime) -> tuple[int, int]:
    local = clock.local(moment)
    return local.year, local.month


@dataclass(frozen=True)
class Record:
    """What a person's other places mean for those still to be had."""

    by_month: Mapping[tuple[int, tuple[int, int]], int]  # (event, month) → shifts
    missed: int  # of the last ninety days

    def in_month(self, shift: Shift) -> int:
        """Shifts of the same event in the same month."""
        return self.by_month.get((shift.event_id, _month_of(shift.starts_at)), 0)


def record_of(person_id: int, until: datetime) -> Record:
    """The places of the last ninety days and up to `until`, counted as sign-up counts them; one statement."""
    now = clock.now()
    counted = [*HOLDING, SignUpStatus.CAME, SignUpStatus.MISSED, SignUpStatus.WAITING]
    rows = db.session.execute(
        select(Shift.event_id, SignUp.starts_at, SignUp.status)
        .join(SignUp.shift)
        .where(SignUp.person_id == person_id, SignUp.starts_at > now - MISSES_COUNT_FOR, SignUp.starts_at <= until + timedelta(days=31), SignUp.status.in_(counted))
    ).all()
    by_month: dict[tuple[int, tuple[int, int]], int] = defaultdict(int)
    for event_id, starts_at, _status in rows:
        by_month[event_id, _month_of(starts_at)] += 1
    return Record(by_month, sum(status is SignUpStatus.MISSED and starts_at <= now for _event, starts_at, status in rows))


@dataclass(frozen=True)
class Standing:
    """How a shift stands to a person who asks for it."""

    is_full: bool  # others hold all places
    mine: SignUpStatus | None  # where this person is in already: holding, waiting, or having come


# Put together once: a rush asks nothing else.
_STANDINGS = (
    select(Shift.id, Shift.status, Shift.taken, Shift.most, Shift.starts_at, SignUp.status)
    .outerjoin(SignUp, (SignUp.shift_id == Shift.id) & (SignUp.person_id == bindparam("person")))
    .where(Shift.id.in_(bindparam("shifts", expanding=True)))
)


def standings(shift_ids: Sequence[int], person_id: int) -> dict[int, Standing]:
    """How shifts stand to a person, in one statement without a lock.

    In a rush nine of ten ask in vain or twice: they are answered by this and never queue for the row that the tenth
    needs. Who may come in is decided under the locks all the same.
    """
    rows = alone.rows(_STANDINGS, {"shifts": list(shift_ids), "person": person_id})
    now = clock.now()
    return {
        shift_id: Standing(
            is_full=status is ShiftStatus.OPEN and starts_at > now and taken >= most,
            mine=mine if mine in OPEN or mine is SignUpStatus.CAME else None,
        )
        for shift_id, status, taken, most, starts_at, mine in rows
    }


def held_by(person_ids: Sequence[int], first: datetime, last: datetime) -> Sequence[SignUp]:
    """Places that these people hold or wait for between two moments."""
    if not person_ids:
        return []
    return db.session.scalars(
        select(SignUp).where(SignUp.person_id.in_(person_ids), SignUp.starts_at.between(first, last), SignUp.status.in_(OPEN)).order_by(SignUp.starts_at)
    ).all()


def holders(*, event_id: int | None = None, post_id: int | None = None, shift_id: int | None = None) -> Sequence[SignUp]:
    """Who holds or waits for a place still to come: of a whole event, of a post, or of a shift."""
    where = Shift.event_id == event_id if event_id is not None else Shift.post_id == post_id if post_id is not None else Shift.id == shift_id
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .where(where, Shift.status == ShiftStatus.OPEN, SignUp.starts_at > clock.now(), SignUp.status.in_(OPEN))
        .options(contains_eager(SignUp.shift), joinedload(SignUp.person))
        .order_by(SignUp.starts_at, SignUp.id)
    ).all()


def mine(person_ids: Sequence[int], *, limit: int = 500) -> listing.Some[SignUp]:
    """What is still to come for these people, soonest first, with everything the page shows."""
    return listing.some(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(SignUp.person_id.in_(person_ids), SignUp.ends_at > clock.now() - timedelta(hours=12), SignUp.status.in_([*OPEN, SignUpStatus.CANCELLED, SignUpStatus.LAPSED]))
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), contains_eager(SignUp.shift).contains_eager(Shift.post), joinedload(SignUp.person))
        .order_by(SignUp.starts_at, SignUp.id),
        limit,
    )


def turns_of(sign_ups: Sequence[SignUp]) -> dict[int, int]:
    """The position of each waiting place in its line, from 1; two statements."""
    shifts = {row.shift_id for row in sign_ups if row.status is SignUpStatus.WAITING}
    if not shifts:
        return {}
    turn = func.row_number().over(partition_by=SignUp.shift_id, order_by=(SignUp.queued_at, SignUp.id))
    rows = db.session.execute(select(SignUp.id, turn).where(SignUp.shift_id.in_(shifts), SignUp.status == SignUpStatus.WAITING))
    return dict(rows.all())


def missed(person_ids: Sequence[int]) -> Sequence[SignUp]:
    """Shifts of the last ninety days that these people are said to have missed."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .where(SignUp.person_id.in_(person_ids), SignUp.status == SignUpStatus.MISSED, SignUp.starts_at > clock.now() - timedelta(days=90))
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), joinedload(SignUp.person))
        .order_by(SignUp.starts_at.desc())
    ).all()


def in_for(person_ids: Sequence[int], *, limit: int = 500) -> Sequence[SignUp]:
    """Shifts these people are in for, came to in the last month, or were called off, for their calendar."""
    return db.session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(
            SignUp.person_id.in_(person_ids), SignUp.starts_at > clock.now() - timedelta(days=31),
            SignUp.status.in_([SignUpStatus.CONFIRMED, SignUpStatus.CAME, SignUpStatus.CANCELLED]),
        )
        .options(contains_eager(SignUp.shift).contains_eager(Shift.event), contains_eager(SignUp.shift).contains_eager(Shift.post), joinedload(SignUp.person))
        .order_by(SignUp.starts_at, SignUp.id)
        .limit(limit)
    ).all()


def touched_of(shift_ids: Sequence[int]) -> dict[int, datetime]:
    """When anything last happened to the places of these shifts; one statement."""
    rows = db.session.execute(select(SignUp.shift_id, func.max(SignUp.touched_at)).where(SignUp.shift_id.in_(shift_ids)).group_by(SignUp.shift_id))
    return dict(rows.all())


def sign_up_by_id(sign_up_id: int) -> SignUp | None:
    return db.session.get(SignUp, sign_up_id)
