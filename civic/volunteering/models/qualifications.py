"""What somebody learnt and proved, until when it is good; a post may ask for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, path_type
from civic.identity.models import Person
from civic.volunteering.models.events import QualificationKind
from civic.volunteering.models.people import Team


class Qualification(Model):
    """One person's qualification of a kind, by a course; given by a team's organiser, never changed, only revoked."""

    __tablename__ = "qualification"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("qualification_kind.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    region_path: Mapped[str] = mapped_column(path_type())  # of the team: who may revoke it
    course: Mapped[str] = mapped_column(String(80))
    since: Mapped[date]
    until: Mapped[date | None]  # the last day on which it is good; none: for good
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # told that it ends soon
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_for: Mapped[str | None] = mapped_column(String(200))

    kind: Mapped[QualificationKind] = relationship()
    person: Mapped[Person] = relationship()
    team: Mapped[Team] = relationship()

    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)", name="revoked_has_reason"),
        Index("ix_qualification_person", "person_id", "kind_id"),
        Index("ix_qualification_region", "region_path", "id"),
        Index("ix_qualification_until", "until"),
    )
