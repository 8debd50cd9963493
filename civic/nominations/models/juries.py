"""The drawn public jury (群众评审) of a round: the draw anybody can repeat, who was asked, secret scores, what came of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import Person, User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.councils import RecusalGround
from civic.nominations.models.rounds import Round


class JuryStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class JurorStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"  # did not answer, or fell out


class Jury(Model):
    """One draw for a round. Same seed and same list give the same order, on any machine; `rules.panels.drawn` says how."""

    __tablename__ = "jury"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    size: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    list_digest: Mapped[str] = mapped_column(String(64))
    listed: Mapped[str] = mapped_column(Text)  # the account numbers drawn from, in order, with commas
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[JuryStatus] = mapped_column(one_of(JuryStatus, "status"), default=JuryStatus.OPEN)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str | None] = mapped_column(String(1000))  # sent home without a result, and why

    round: Mapped[Round] = relationship()
    drawn_by: Mapped[User] = relationship(foreign_keys=[drawn_by_id])

    __table_args__ = (
        CheckConstraint("size BETWEEN 3 AND 200", name="size_sane"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name="closed_has_closer"),
        Index("uq_jury_open", "round_id", unique=True, sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_jury_round", "round_id"),
    )


class Juror(Model):
    """Somebody who was drawn, in the order of the draw."""

    __tablename__ = "juror"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    jury_id: Mapped[int] = mapped_column(ForeignKey("jury.id"))
    position: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    status: Mapped[JurorStatus] = mapped_column(one_of(JurorStatus, "status"), default=JurorStatus.ASKED)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # none: no time between asking and the last day
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("juror.id"), unique=True)  # whose seat it is; one for each seat

    jury: Mapped[Jury] = relationship()
    person: Mapped[Person] = relationship()
    instead_of: Mapped[Juror | None] = relationship(remote_side=[id])

    __table_args__ = (
        UniqueConstraint("jury_id", "position"),
        UniqueConstraint("jury_id", "user_id"),
        CheckConstraint("remind_at IS NULL OR remind_at < answer_by", name="reminded_before"),
        CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name="answered_has_time"),
        Index("ix_juror_user", "user_id"),
    )


class JuryCase(Model):
    """A case before a jury; scored when the jury is closed."""

    __tablename__ = "jury_case"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    jury_id: Mapped[int] = mapped_column(ForeignKey("jury.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    given: Mapped[int | None]  # how many scored it
    score: Mapped[int | None]  # hundredths of the trimmed mean
    is_conflicting: Mapped[bool] = mapped_column(default=False)

    jury: Mapped[Jury] = relationship()
    nomination: Mapped[Nomination] = relationship()

    __table_args__ = (
        UniqueConstraint("jury_id", "nomination_id"),
        CheckConstraint("(given IS NULL) = (score IS NULL)", name="scored_whole"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name="score_in_range"),
        Index("ix_jury_case_nomination", "nomination_id"),
    )


class JurorMark(Model):
    """That a juror scored a case, or stays out of it and why. What was given is not here: scores are secret."""

    __tablename__ = "juror_mark"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    juror_id: Mapped[int] = mapped_column(ForeignKey("juror.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    ground: Mapped[RecusalGround | None] = mapped_column(one_of(RecusalGround, "ground"))

    __table_args__ = (UniqueConstraint("juror_id", "nomination_id"), Index("ix_juror_mark_nomination", "nomination_id"))


class JuryScore(Model):
    """One score, without a name and without a time; its number is drawn at random, so no order tells whose it was."""

    __tablename__ = "jury_score"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    jury_id: Mapped[int] = mapped_column(ForeignKey("jury.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    score: Mapped[int]
    # Who has the database and not the key cannot set it. Beside the score, not among the marks of other rows: their order would tell.
    mark: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"), Index("ix_jury_score_jury", "jury_id", "nomination_id"))
