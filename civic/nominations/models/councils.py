"""The council (评议会) of a region and the panel of a higher level: members, meetings, votes, recusals, verdicts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import Person, User
from civic.nominations.models.cases import Nomination
from civic.nominations.models.rounds import Round


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class MeetingStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class RecusalGround(StrEnum):
    """Why a member stays out of one case."""

    SELF = "self"
    KIN = "kin"
    NOMINATOR = "nominator"
    UNIT = "unit"
    DECLARED = "declared"


class Member(Model):
    """A person who sits on a region's council for a term. Many have no account: their votes come on paper."""

    __tablename__ = "council_member"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(60))
    standing: Mapped[str] = mapped_column(String(40))  # 居民代表、老党员…
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(1000))
    named_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("until >= since", name="term_runs_forward"),
        Index(
            "uq_council_member_sitting",
            "region_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_council_member_person", "person_id"),
    )


class Meeting(Model):
    """One sitting of the council for a round. `seats`, quorum and majority are those of its opening."""

    __tablename__ = "council_meeting"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    held_on: Mapped[date] = mapped_column(Date)
    is_secret: Mapped[bool] = mapped_column(default=False)
    is_on_paper: Mapped[bool] = mapped_column(default=False)
    by_score: Mapped[bool] = mapped_column(default=False)
    seats: Mapped[int]
    status: Mapped[MeetingStatus] = mapped_column(one_of(MeetingStatus, "status"), default=MeetingStatus.OPEN)
    minutes_key: Mapped[str | None] = mapped_column(String(120))
    again_reason: Mapped[str | None] = mapped_column(String(1000))  # why a case that was judged before is judged again
    off_reason: Mapped[str | None] = mapped_column(String(1000))  # ended without a result, and why
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    round: Mapped[Round] = relationship()
    attendances: Mapped[list[Attendance]] = relationship(order_by="Attendance.id")
    opened_by: Mapped[User] = relationship(foreign_keys=[opened_by_id])

    __table_args__ = (
        CheckConstraint("seats >= 1", name="has_seats"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name="closed_has_closer"),
        Index(
            "uq_council_meeting_open",
            "round_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_council_meeting_round", "round_id"),
    )


class Attendance(Model):
    """A member who was present."""

    __tablename__ = "council_attendance"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("council_meeting.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("council_member.id"))

    member: Mapped[Member] = relationship()

    __table_args__ = (UniqueConstraint("meeting_id", "member_id"),)


class Vote(Model):
    """That a member voted on a case, once. In a secret ballot the choice is only counted, never kept beside the name."""

    __tablename__ = "council_vote"
    __sealed__ = ("meeting_id", "nomination_id", "member_id", "choice", "score", "note", "at")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("council_meeting.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("council_member.id"))
    choice: Mapped[Choice | None] = mapped_column(one_of(Choice, "choice"))
    score: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(300))
    on_paper: Mapped[bool] = mapped_column(default=False)  # read from paper by two clerks
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship()

    __table_args__ = (
        UniqueConstraint("meeting_id", "nomination_id", "member_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name="score_in_range"),
        CheckConstraint("choice IS NULL OR score IS NULL", name="choice_or_score"),
    )


class PaperEntry(Model):
    """What one clerk read on the paper of a meeting, all of it or of those who do not vote on a phone.

    Two that say the same are its count; nobody sees the other's before.
    """

    __tablename__ = "council_paper_entry"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("council_meeting.id"))
    clerk_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sheet: Mapped[str] = mapped_column(Text)  # JSON: whose papers, and counts, choices or scores
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    clerk: Mapped[User] = relationship()

    __table_args__ = (UniqueConstraint("meeting_id", "clerk_id"),)


class Recusal(Model):
    """A member stays out of one case (回避)."""

    __tablename__ = "council_recusal"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("council_meeting.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("council_member.id"))
    ground: Mapped[RecusalGround] = mapped_column(one_of(RecusalGround, "ground"))
    words: Mapped[str | None] = mapped_column(String(300))  # why, where somebody said so
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who wrote it down; none: found when the meeting opened
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship()

    __table_args__ = (UniqueConstraint("meeting_id", "nomination_id", "member_id"),)


class Verdict(Model):
    """What a meeting found on a case: counted while it sits, settled when it closes."""

    __tablename__ = "council_verdict"
    __sealed__ = ("meeting_id", "nomination_id", "yes", "no", "abstain", "present", "score", "is_conflicting", "passed")
    __sealed_from__ = "passed"  # while the meeting sits its counts go up one by one

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("council_meeting.id"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    yes: Mapped[int] = mapped_column(default=0)
    no: Mapped[int] = mapped_column(default=0)
    abstain: Mapped[int] = mapped_column(default=0)
    present: Mapped[int | None]  # members present and not recused, when settled
    score: Mapped[int | None]  # hundredths of the trimmed mean
    is_conflicting: Mapped[bool] = mapped_column(default=False)
    passed: Mapped[bool | None]

    nomination: Mapped[Nomination] = relationship()
    meeting: Mapped[Meeting] = relationship()

    __table_args__ = (
        UniqueConstraint("meeting_id", "nomination_id"),
        CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="counts_sane"),
        CheckConstraint("(passed IS NULL) = (present IS NULL)", name="settled_whole"),
        CheckConstraint("present IS NULL OR yes + no + abstain <= present", name="no_more_votes_than_present"),
        Index("ix_council_verdict_nomination", "nomination_id"),
    )
