"""The nomination itself, the draft it was written as, its photographs, its running numbers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type, read_from
from civic.core.text import normalised_headline, normalised_name
from civic.honours.models import Category, Honour
from civic.identity.models import Person, User
from civic.nominations.models.levels import LevelRule
from civic.nominations.states import Status
from civic.regions.models import Region

if TYPE_CHECKING:
    from civic.nominations.models.decisions import Decision
    from civic.nominations.models.voices import Voice


class Channel(StrEnum):
    """The six channels through which good people are found."""

    HOUSEHOLD = "household"  # 家庭居民
    WORKPLACE = "workplace"  # 单位职工
    ORGANISATION = "organisation"  # 群团系统
    SCHOOL = "school"  # 学校师生
    MEDIA = "media"  # 主流媒体
    NETIZEN = "netizen"  # 网络民众


class ReferenceSeries(Model):
    """The last running number of a month, so that references are short enough to be read over the phone."""

    __tablename__ = "reference_series"

    month: Mapped[str] = mapped_column(String(4), primary_key=True)  # yymm
    last: Mapped[int] = mapped_column(default=0)


class Draft(Model):
    """A nomination being written, at an address of its own. Kept at each step for 30 days.

    It belongs to the account that writes it; one without an account to the browser that holds the token. Its address is no
    secret: whoever only knows that sees nothing.
    """

    __tablename__ = "nomination_draft"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)  # as it stands in addresses
    holder_digest: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    is_on_shared_device: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[str] = mapped_column(Sealed("draft.answers"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_as_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    voice_id: Mapped[int | None] = mapped_column(ForeignKey("nomination_voice.id"))  # what it was sent as

    __table_args__ = (
        Index("ix_nomination_draft_changed", "changed_at"),
        Index("ix_nomination_draft_user", "user_id"),
        Index("ix_nomination_draft_holder", "holder_digest"),
    )


class Nomination(Model):
    """One case: a person, a deed, and where it stands on the five steps.

    `home_path` is where the nominee lives and never moves with the case; `desk_path` is the desk that serves the case
    now: the region at its level, or the community of a stairwell without a steward. A desk's queue is one range of
    (desk_path, due_at).
    """

    __tablename__ = "nomination"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    status: Mapped[Status] = mapped_column(one_of(Status, "status"))
    level: Mapped[int]
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    nominee_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    nominee_name: Mapped[str] = mapped_column(String(60))  # as the queue shows and finds it
    normal_name: Mapped[str] = mapped_column(String(60), default=read_from("nominee_name", normalised_name), server_default="")
    headline: Mapped[str] = mapped_column(String(70))
    normal_headline: Mapped[str] = mapped_column(String(70), default=read_from("headline", normalised_headline), server_default="")
    summary: Mapped[str] = mapped_column(String(500))
    story: Mapped[str] = mapped_column(Text)
    deed_on: Mapped[date | None] = mapped_column(Date)  # the last time it was done, as far as anybody knows
    deed_to_month: Mapped[bool] = mapped_column(default=False)  # only the month is known; `deed_on` is its last day
    may_tell_nominee: Mapped[bool] = mapped_column(default=True)
    voice_count: Mapped[int] = mapped_column(default=1)

    home_region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    home_path: Mapped[str] = mapped_column(path_type())
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))  # the region at the case's level
    desk_path: Mapped[str] = mapped_column(path_type())
    raised_path: Mapped[str | None] = mapped_column(path_type())  # overdue: the level above sees it too

    rule_id: Mapped[int] = mapped_column(ForeignKey("level_rule.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)  # at this level
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    days_left: Mapped[int | None]  # working days, while the clock stands still
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[str | None] = mapped_column(Text)
    supplement_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    honour_id: Mapped[int | None] = mapped_column(ForeignKey("honour.id"))  # the highest so far
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))  # that proposed it, at this level
    proposed_upward: Mapped[bool | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))  # the case it goes on in
    carried: Mapped[int] = mapped_column(default=0)  # rounds of this level that closed without taking it

    # Confidential (见义勇为): no notice, nothing public, seen only by the desk that holds it.
    protected_reason: Mapped[str | None] = mapped_column(Sealed("nomination.protected_reason"))
    protected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    protected_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    public_headline: Mapped[str | None] = mapped_column(String(70))
    public_story: Mapped[str | None] = mapped_column(Text)
    public_approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    version: Mapped[int] = mapped_column(default=1)

    category: Mapped[Category] = relationship()
    nominee: Mapped[Person] = relationship()
    home_region: Mapped[Region] = relationship(foreign_keys=[home_region_id])
    region: Mapped[Region] = relationship(foreign_keys=[region_id])
    rule: Mapped[LevelRule] = relationship()
    merged_into: Mapped[Nomination | None] = relationship(remote_side=[id])
    taken_by: Mapped[User | None] = relationship(foreign_keys=[taken_by_id])
    honour: Mapped[Honour | None] = relationship()
    voices: Mapped[list[Voice]] = relationship(back_populates="nomination", order_by="Voice.id")
    photos: Mapped[list[Photo]] = relationship(back_populates="nomination", order_by="Photo.position, Photo.id")
    decisions: Mapped[list[Decision]] = relationship(back_populates="nomination", order_by="Decision.number")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        CheckConstraint("voice_count >= 1", name="has_voice"),
        CheckConstraint("deed_on IS NOT NULL OR NOT deed_to_month", name="month_of_a_deed"),
        CheckConstraint("(status IN ('submitted', 'in_review')) = (due_at IS NOT NULL)", name="waiting_has_deadline"),
        CheckConstraint("(status = 'in_review') = (taken_by_id IS NOT NULL)", name="in_review_has_reviewer"),
        CheckConstraint("(taken_by_id IS NULL) = (taken_at IS NULL)", name="taken_has_time"),
        CheckConstraint(
            "(status = 'returned') = (return_reason IS NOT NULL AND supplement_due_at IS NOT NULL"
            " AND days_left IS NOT NULL)",
            name="returned_has_reason",
        ),
        CheckConstraint(
            "(status IN ('elected', 'declined', 'withdrawn', 'merged')) = (decided_at IS NOT NULL)", name="ended_has_time"
        ),
        CheckConstraint(
            "status NOT IN ('elected', 'declined') OR decided_by_id IS NOT NULL", name="decided_has_decider"
        ),
        CheckConstraint("status <> 'elected' OR honour_id IS NOT NULL", name="elected_has_honour"),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_points_on"),
        CheckConstraint(
            "(protected_at IS NULL) = (protected_reason IS NULL) AND (protected_at IS NULL) = (protected_by_id IS NULL)"
            " AND (protected_at IS NULL OR status NOT IN ('noticed', 'held'))",
            name="protected_never_on_the_wall",
        ),
        CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("raised_path IS NULL OR status IN ('submitted', 'in_review')", name="raised_only_waiting"),
        CheckConstraint(
            "(status IN ('proposed', 'noticed', 'held')) = (round_id IS NOT NULL)", name="proposed_has_round"
        ),
        CheckConstraint("(round_id IS NULL) = (proposed_upward IS NULL)", name="proposed_has_direction"),
        CheckConstraint("proposed_upward IS NOT TRUE OR level < 5", name="nothing_above_city"),
        CheckConstraint("carried BETWEEN 0 AND 3", name="carried_sane"),
        CheckConstraint(
            "(public_approved_at IS NULL) = (public_approved_by_id IS NULL)"
            " AND (public_approved_at IS NULL OR public_story IS NOT NULL)",
            name="approved_has_text",
        ),
        Index(
            "ix_nomination_queue",
            "desk_path",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_nomination_overdue",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL AND raised_path IS NULL"),
            postgresql_where=text("due_at IS NOT NULL AND raised_path IS NULL"),
        ),
        Index(
            "ix_nomination_raised",
            "raised_path",
            "due_at",
            "id",
            sqlite_where=text("raised_path IS NOT NULL"),
            postgresql_where=text("raised_path IS NOT NULL"),
        ),
        Index(
            "ix_nomination_supplement",
            "supplement_due_at",
            sqlite_where=text("supplement_due_at IS NOT NULL"),
            postgresql_where=text("supplement_due_at IS NOT NULL"),
        ),
        Index("ix_nomination_returned", "desk_path", "status", "id"),
        Index("ix_nomination_round", "round_id", sqlite_where=text("round_id IS NOT NULL"), postgresql_where=text("round_id IS NOT NULL")),
        Index("ix_nomination_nominee", "nominee_id"),
        Index("ix_nomination_same", "normal_name", "category_id", "home_path"),
        Index("ix_nomination_home", "home_path", "id"),
        Index("ix_nomination_region", "region_id"),
    )

    @validates("nominee_name", "headline")
    def _kept_comparable(self, name: str, words: str) -> str:
        """What is searched changes with what is shown."""
        if name == "nominee_name":
            self.normal_name = normalised_name(words)
        else:
            self.normal_headline = normalised_headline(words)
        return words

    @property
    def is_protected(self) -> bool:
        """Whether nothing of it may become public, to protect somebody."""
        return self.protected_at is not None

    @property
    def is_for_a_jury(self) -> bool:
        """Neighbours do not score children, nor learn of whoever has to be protected."""
        return not self.is_of_a_child and not self.is_protected

    @property
    def is_of_a_child(self) -> bool:
        """Nobody is named, nobody reacts: the school's channel, and minors whichever way they came."""
        return self.channel is Channel.SCHOOL or self.nominee.is_minor

    @property
    def position(self) -> tuple[Status, int]:
        """Where it stands, as `states` counts."""
        return self.status, self.level


class Photo(Model):
    """A photograph of a draft or a case: re-encoded, without EXIF; kept in storage by key."""

    __tablename__ = "nomination_photo"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("nomination_draft.id"))
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    thumbnail_key: Mapped[str] = mapped_column(String(120), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    nomination: Mapped[Nomination | None] = relationship(back_populates="photos")

    __table_args__ = (
        CheckConstraint("(draft_id IS NULL) <> (nomination_id IS NULL)", name="of_draft_or_case"),
        Index("ix_nomination_photo_draft", "draft_id"),
        Index("ix_nomination_photo_nomination", "nomination_id"),
    )
