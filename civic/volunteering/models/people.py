"""Volunteers, those they sign up for, and teams (服务队)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, path_type
from civic.identity.models import Person
from civic.regions.models import Region


class Volunteer(Model):
    """A person who registered to serve. The number stands in place of the identity number (MZ/T 061-2015)."""

    __tablename__ = "volunteer"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # a child, or an elder without a phone
    guardian_consented_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verified_minutes: Mapped[int] = mapped_column(default=0)
    attested_minutes: Mapped[int] = mapped_column(default=0)
    stars: Mapped[int] = mapped_column(default=0)
    calendar_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # digest of the private address
    free_times: Mapped[str | None] = mapped_column(String(21))  # 0 or 1 for each day and part of it; none: never said

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("verified_minutes >= 0 AND attested_minutes >= 0", name="minutes_sane"),
        CheckConstraint("stars BETWEEN 0 AND 5", name="stars_sane"),
        CheckConstraint("free_times IS NULL OR length(free_times) = 21", name="free_times_whole"),
        CheckConstraint("guardian_id IS NULL OR guardian_id <> person_id", name="not_own_guardian"),
        Index("ix_volunteer_guardian", "guardian_id"),
    )


class VolunteerSeries(Model):
    """The last volunteer number."""

    __tablename__ = "volunteer_series"

    key: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Team(Model):
    """Those who serve together; teams may stand within teams."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    name: Mapped[str] = mapped_column(String(60))
    since: Mapped[date]
    until: Mapped[date | None]
    calendar_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # digest of the private address

    region: Mapped[Region] = relationship()
    parent: Mapped[Team | None] = relationship(remote_side=[id])

    __table_args__ = (UniqueConstraint("region_id", "name"), Index("ix_team_region", "region_path"))


class TeamMember(Model):
    """A person in a team; leaders tick the lists of their team's shifts."""

    __tablename__ = "team_member"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    is_leader: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    until: Mapped[date | None]

    person: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("team_id", "person_id"), Index("ix_team_member_person", "person_id"))


class BoardName(Model):
    """Somebody who wants to stand on a team's board, under a name of their own choice. Nobody stands there otherwise."""

    __tablename__ = "board_name"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nickname: Mapped[str] = mapped_column(String(12))
    since: Mapped[date]

    __table_args__ = (UniqueConstraint("team_id", "person_id"), UniqueConstraint("team_id", "nickname"), Index("ix_board_name_person", "person_id"))
