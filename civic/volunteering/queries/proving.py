"""Whether hours add up: each line from its punches or its second person, each volunteer's total from their lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, func, or_, select

from civic.audit import contents
from civic.audit.models import AuditRecord
from civic.core.db import db
from civic.volunteering.models.attendance import Attestation, Hours, HoursKind, HoursPolicy, Punch
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import Direction

BATCH = 1000


def unmarked_punches(rows: Sequence[int]) -> Iterator[int]:
    """Which of these punches no record of a kiosk vouches for: one statement wrote both, the mark stands in the record."""
    for at in range(0, len(rows), BATCH):
        some = db.session.execute(
            select(Punch.id, Punch.sign_up_id, Punch.direction, Punch.at, Punch.device_at, Punch.kiosk_id).where(Punch.id.in_(rows[at : at + BATCH])).order_by(Punch.id)
        ).all()
        places = {row.sign_up_id for row in some}
        facts = db.session.scalars(
            select(AuditRecord.facts).where(AuditRecord.subject_kind == "sign_up", AuditRecord.subject_id.in_(places), AuditRecord.verb.startswith("punch."))
        )
        known = {json.loads(fact).get("mark") for fact in facts}
        yield from (row[0] for row in some if contents.mark_of("punch", tuple(row[1:])) not in known)


def discrepancies() -> Iterator[str]:
    """Every line of hours that nothing vouches for, and every total that is not the sum of its lines."""
    yield from _strange_lines()
    yield from _wrong_totals()


def _strange_lines() -> Iterator[str]:
    came = select(Punch.id).where(Punch.sign_up_id == Hours.sign_up_id, Punch.direction == Direction.IN, Punch.undoes_id.is_(None)).exists()
    rows = db.session.execute(
        select(Hours, SignUp.person_id, SignUp.shift_id, Shift.starts_at, Shift.ends_at, HoursPolicy, Attestation, came)
        .join(SignUp, SignUp.id == Hours.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(HoursPolicy, HoursPolicy.id == Hours.policy_id)
        .outerjoin(Attestation, Attestation.sign_up_id == Hours.sign_up_id)
        .where(Hours.reverses_id.is_(None))
        .order_by(Hours.id)
        .execution_options(yield_per=1000)
    )
    for line, person_id, shift_id, starts_at, ends_at, policy, attestation, has_come in rows:
        most = min(policy.most_a_day, int((ends_at - starts_at).total_seconds()) // 60 + policy.grace_minutes)
        if (line.person_id, line.shift_id) != (person_id, shift_id):
            yield f"hours {line.id}: of another person or shift than its place"
        elif line.kind is HoursKind.ATTESTED:
            if attestation is None or not attestation.is_confirmed or attestation.requested_by_id == attestation.decided_by_id or line.minutes > attestation.minutes:
                yield f"hours {line.id}: no two people vouch for these minutes"
        elif not has_come:
            yield f"hours {line.id}: nobody came"
        elif line.minutes > most:
            yield f"hours {line.id}: {line.minutes} minutes, its shift and rule allow {most}"
    yield from _wrong_reversals()


def _wrong_reversals() -> Iterator[str]:
    wrong = Hours.__table__.alias()
    rows = select(Hours.id).join(wrong, wrong.c.id == Hours.reverses_id).where(
        or_(Hours.minutes != -wrong.c.minutes, Hours.person_id != wrong.c.person_id, Hours.kind != wrong.c.kind)
    )
    for number in db.session.scalars(rows.order_by(Hours.id)):
        yield f"hours {number}: does not take back what it names"


def _wrong_totals() -> Iterator[str]:
    for kind, kept in ((HoursKind.VERIFIED, Volunteer.verified_minutes), (HoursKind.ATTESTED, Volunteer.attested_minutes)):
        total = func.coalesce(func.sum(Hours.minutes), 0)
        rows = db.session.execute(
            select(Volunteer.person_id, kept, total)
            .outerjoin(Hours, and_(Hours.person_id == Volunteer.person_id, Hours.kind == kind, Hours.final_at.is_not(None)))
            .group_by(Volunteer.person_id, kept)
            .having(kept != total)
            .order_by(Volunteer.person_id)
        )
        for person_id, has, adds in rows:
            yield f"volunteer {person_id}: {has} {kind.value} minutes, the lines add up to {adds}"

