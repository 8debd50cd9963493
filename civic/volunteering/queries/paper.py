"""Questions about the paper sheets typed back, and in what they differ from what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from civic.core import listing
from civic.core.db import db
from civic.regions.queries import within
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.models.paper import PaperLine, PaperSheet, PaperStatus
from civic.volunteering.queries.lists import Line, list_of
from civic.volunteering.rules import sheets as rules
from civic.volunteering.states import SignUpStatus


def sheet_by_id(sheet_id: int) -> PaperSheet | None:
    return db.session.scalars(select(PaperSheet).where(PaperSheet.id == sheet_id).options(joinedload(PaperSheet.lines))).unique().first()


def waiting_of(shift_id: int) -> PaperSheet | None:
    """The typed sheet of a shift that nobody has checked."""
    return db.session.scalars(select(PaperSheet).where(PaperSheet.shift_id == shift_id, PaperSheet.status == PaperStatus.TYPED)).first()


def persons_on(sheet_id: int) -> Sequence[int]:
    """Whose lines a sheet has, in the order in which persons are locked."""
    return db.session.scalars(
        select(SignUp.person_id).join(PaperLine, PaperLine.sign_up_id == SignUp.id).where(PaperLine.sheet_id == sheet_id).order_by(SignUp.person_id)
    ).all()


def last_of(shift_id: int) -> PaperSheet | None:
    return db.session.scalars(select(PaperSheet).where(PaperSheet.shift_id == shift_id).order_by(PaperSheet.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Compared:
    """A line of the paper beside what is known of the person: `differences` are names, in the order one asks after them."""

    known: Line
    line: PaperLine | None
    differences: tuple[str, ...]

    @property
    def sign_up(self) -> SignUp:
        return self.known.sign_up


def compared(sheet: PaperSheet) -> list[Compared]:
    """Everybody of the list, with their line where the paper has one."""
    lines = {line.sign_up_id: line for line in sheet.lines}
    found = []
    for known in list_of(sheet.shift_id):
        line = lines.get(known.sign_up.id)
        if line is None and known.sign_up.status not in (SignUpStatus.CONFIRMED, SignUpStatus.CAME, SignUpStatus.MISSED):
            continue
        told = None if line is None else (line.came_at, line.went_at)
        differences = rules.paper_differences(
            known.sign_up.starts_at, known.sign_up.ends_at, told, known.came.at if known.came else None, known.went.at if known.went else None,
            is_final=known.hours is not None and known.hours.final_at is not None,
        )  # fmt: skip
        found.append(Compared(known, line, tuple(differences)))
    return found


def waiting_among(shift_ids: Sequence[int]) -> set[int]:
    """Shifts that have a sheet waiting for a second person."""
    if not shift_ids:
        return set()
    return set(db.session.scalars(select(PaperSheet.shift_id).where(PaperSheet.shift_id.in_(shift_ids), PaperSheet.status == PaperStatus.TYPED)))


def waiting_in(paths: Sequence[str], *, limit: int = 50) -> listing.Some[PaperSheet]:
    """Sheets that wait for a second person in these places, oldest first."""
    return listing.some(
        select(PaperSheet)
        .join(PaperSheet.shift)
        .join(Shift.event)
        .join(Shift.post)
        .where(PaperSheet.status == PaperStatus.TYPED, or_(*(within(Event.region_path, path) for path in paths)))
        .options(contains_eager(PaperSheet.shift).contains_eager(Shift.event), contains_eager(PaperSheet.shift).contains_eager(Shift.post))
        .order_by(PaperSheet.id),
        limit,
    )
