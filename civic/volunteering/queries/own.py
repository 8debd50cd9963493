"""What volunteering holds about one person, to be taken along. Others in it stay masked."""

from __future__ import annotations

from sqlalchemy import select

from civic.core.db import db
from civic.core.text import masked_name
from civic.identity.models import Person
from civic.identity.queries import Rows, rows_of
from civic.volunteering.models.attendance import Attestation, Certificate, Hours, Punch
from civic.volunteering.models.events import Event, QualificationKind, Shift, SignUp
from civic.volunteering.models.handing import HandOver
from civic.volunteering.models.people import BoardName, Team, TeamMember, Volunteer
from civic.volunteering.models.qualifications import Qualification


def own_data(person_id: int) -> dict[str, Rows]:
    """The register, family, teams, every place with its comings and goings, hours, certificates."""
    mine = SignUp.person_id == person_id
    return {
        "volunteer": _registered(person_id),
        "family": [
            {"name": masked_name(name), "number": number, "consented_at": at}
            for name, number, at in db.session.execute(
                select(Person.name, Volunteer.number, Volunteer.guardian_consented_at)
                .join(Person, Person.id == Volunteer.person_id).where(Volunteer.guardian_id == person_id).order_by(Volunteer.number)
            )
        ],
        "teams": rows_of(
            select(Team.name.label("team"), TeamMember.is_leader, TeamMember.since, TeamMember.until)
            .join(Team, Team.id == TeamMember.team_id).where(TeamMember.person_id == person_id).order_by(TeamMember.id)
        ),
        "boards": rows_of(
            select(Team.name.label("team"), BoardName.nickname, BoardName.since)
            .join(Team, Team.id == BoardName.team_id).where(BoardName.person_id == person_id).order_by(BoardName.id)
        ),
        "shifts": rows_of(
            select(Event.name.label("event"), Shift.day, SignUp.starts_at, SignUp.ends_at, SignUp.status, SignUp.basis, SignUp.at, SignUp.appeal)
            .join(Shift, Shift.id == SignUp.shift_id).join(Event, Event.id == Shift.event_id).where(mine).order_by(SignUp.starts_at, SignUp.id)
        ),
        "punches": rows_of(
            select(Event.name.label("event"), Punch.direction, Punch.at, Punch.means, Punch.reason, Punch.is_live)
            .join(SignUp, SignUp.id == Punch.sign_up_id).join(Shift, Shift.id == SignUp.shift_id).join(Event, Event.id == Shift.event_id)
            .where(mine).order_by(Punch.id)
        ),
        "qualifications": rows_of(
            select(QualificationKind.name, Qualification.course, Qualification.since, Qualification.until, Qualification.revoked_at, Qualification.revoked_for)
            .join(QualificationKind, QualificationKind.id == Qualification.kind_id).where(Qualification.person_id == person_id).order_by(Qualification.id)
        ),
        "hand_overs": rows_of(
            select(HandOver.asked_at, HandOver.until, HandOver.status, HandOver.ended_at).where(HandOver.to_person_id == person_id).order_by(HandOver.id)
        ),
        "hours": rows_of(
            select(
                Event.name.label("event"), Hours.day, Hours.minutes, Hours.kind, Hours.how, Hours.final_at, Hours.objection, Hours.answer
            )
            .join(Shift, Shift.id == Hours.shift_id).join(Event, Event.id == Shift.event_id).where(Hours.person_id == person_id).order_by(Hours.id)
        ),
        "hours_filled_in": rows_of(
            select(Attestation.minutes, Attestation.evidence, Attestation.requested_at, Attestation.is_confirmed, Attestation.decided_at)
            .join(SignUp, SignUp.id == Attestation.sign_up_id).where(mine).order_by(Attestation.id)
        ),
        "certificates": rows_of(
            select(Certificate.number, Certificate.first, Certificate.last, Certificate.minutes, Certificate.status, Certificate.issued_at, Certificate.revoked_for)
            .where(Certificate.person_id == person_id).order_by(Certificate.id)
        ),
    }  # fmt: skip


def _registered(person_id: int) -> Rows:
    found = db.session.get(Volunteer, person_id)
    if found is None:
        return []
    guardian = db.session.get(Person, found.guardian_id) if found.guardian_id is not None else None
    return [
        {
            "number": found.number, "registered_at": found.registered_at, "verified_minutes": found.verified_minutes,
            "attested_minutes": found.attested_minutes, "stars": found.stars, "free_times": found.free_times,
            "has_calendar_address": found.calendar_key is not None, "guardian": masked_name(guardian.name) if guardian is not None else None,
            "consented_at": found.guardian_consented_at,
        }
    ]  # fmt: skip
