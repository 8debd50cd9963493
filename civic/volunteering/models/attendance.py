"""Punches, the policy by which they become hours, hours, stars and certificates."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.db import Key, Model, UtcDateTime, one_of
from civic.identity.models import Person
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.states import Direction


class Means(StrEnum):
    """How somebody was recorded."""

    TICK = "tick"  # 队长点名
    PAPER = "paper"  # 纸表录入
    KIOSK = "kiosk"  # 签到台


class Punch(Model):
    """Somebody came or went. Never changed: a wrong one is undone by another row that names it."""

    __tablename__ = "punch"
    __sealed__ = ("sign_up_id", "direction", "at", "recorded_at", "device_at", "means", "recorded_by_id", "kiosk_id", "undoes_id", "reason")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    direction: Mapped[Direction] = mapped_column(one_of(Direction, "direction"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it happened
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when we learnt of it
    device_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what the device's clock said
    means: Mapped[Means] = mapped_column(one_of(Means, "means"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosk.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("punch.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(String(200))
    is_live: Mapped[bool] = mapped_column(default=True)  # not undone, and no undoing

    __table_args__ = (
        CheckConstraint("undoes_id IS NULL OR NOT is_live", name="undoing_counts_nothing"),
        CheckConstraint("kiosk_id IS NULL OR means = 'kiosk'", name="kiosk_is_the_means"),
        # One coming and one going for each place.
        Index("uq_punch_live", "sign_up_id", "direction", unique=True, sqlite_where=text("is_live"), postgresql_where=text("is_live")),
        Index("ix_punch_sign_up", "sign_up_id", "id"),
    )


class HoursPolicy(Model):
    """How punches become minutes, from a date on; each line of hours keeps the row it was computed with (domain 2.5)."""

    __tablename__ = "hours_policy"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    since: Mapped[date] = mapped_column(unique=True)
    least_minutes: Mapped[int] = mapped_column(default=15)
    most_a_day: Mapped[int] = mapped_column(default=480)
    grace_minutes: Mapped[int] = mapped_column(default=30)  # beyond the shift's own length
    missing_out_percent: Mapped[int] = mapped_column(default=50)
    objection_days: Mapped[int] = mapped_column(default=3)  # working days
    leader_days: Mapped[int] = mapped_column(default=3)

    __table_args__ = (
        CheckConstraint(
            "least_minutes BETWEEN 0 AND 120 AND most_a_day BETWEEN 60 AND 1440 AND grace_minutes BETWEEN 0 AND 240"
            " AND missing_out_percent BETWEEN 0 AND 100 AND objection_days BETWEEN 0 AND 30 AND leader_days BETWEEN 0 AND 30",
            name="numbers_sane",
        ),
    )


class HoursKind(StrEnum):
    VERIFIED = "verified"  # 签到的
    ATTESTED = "attested"  # 补记的


class Hours(Model):
    """The minutes of one place on a shift. A draft until the volunteer's time to object is over; then final for good:
    a correction is a further row with the opposite sign."""

    __tablename__ = "hours"
    __sealed__ = ("person_id", "sign_up_id", "shift_id", "kind", "day", "minutes", "policy_id", "how", "earns_points", "confirmed_by_id", "reverses_id", "answer")

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    kind: Mapped[HoursKind] = mapped_column(one_of(HoursKind, "kind"))
    day: Mapped[date]
    minutes: Mapped[int]
    policy_id: Mapped[int] = mapped_column(ForeignKey("hours_policy.id"))
    how: Mapped[str] = mapped_column(String(30))  # full, capped, no_out, short, overlap, day_full, corrected
    earns_points: Mapped[bool] = mapped_column(default=True)
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    final_from: Mapped[datetime] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    objection: Mapped[str | None] = mapped_column(String(300))
    objected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(String(300))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # the leader's word on a missing going
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("hours.id"), unique=True)

    person: Mapped[Person] = relationship()
    shift: Mapped[Shift] = relationship()
    sign_up: Mapped[SignUp] = relationship()

    __table_args__ = (
        CheckConstraint("(reverses_id IS NULL) = (minutes >= 0)", name="sign_by_kind"),
        CheckConstraint("kind = 'verified' OR NOT earns_points", name="attested_earns_nothing"),
        CheckConstraint("(objection IS NULL) = (objected_at IS NULL) AND (answer IS NULL) = (answered_at IS NULL)", name="words_have_times"),
        Index("uq_hours_sign_up", "sign_up_id", unique=True, sqlite_where=text("reverses_id IS NULL"), postgresql_where=text("reverses_id IS NULL")),
        Index("ix_hours_draft", "final_from", "id", sqlite_where=text("final_at IS NULL"), postgresql_where=text("final_at IS NULL")),
        Index("ix_hours_person", "person_id", "day", "id"),
        Index("ix_hours_shift", "shift_id"),
    )


class Attestation(Model):
    """Hours filled in afterwards (补记): one leader asks with evidence, another person confirms; never any points."""

    __tablename__ = "attestation"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"), unique=True)
    minutes: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(300))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_confirmed: Mapped[bool | None]

    sign_up: Mapped[SignUp] = relationship()

    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_sane"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> requested_by_id", name="two_people"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL) AND (decided_by_id IS NULL) = (is_confirmed IS NULL)", name="decided_whole"),
        Index("ix_attestation_open", "id", sqlite_where=text("decided_at IS NULL"), postgresql_where=text("decided_at IS NULL")),
    )


class StarRule(Model):
    """From how many verified hours on a volunteer has how many stars, from a date on."""

    __tablename__ = "star_rule"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    since: Mapped[date]
    stars: Mapped[int]
    hours: Mapped[int]

    __table_args__ = (UniqueConstraint("since", "stars"), CheckConstraint("stars BETWEEN 1 AND 5 AND hours > 0", name="sane"))


class FlagLook(Model):
    """Somebody looked at what stood out in a place and wrote what they found (看过了). It is put aside there, up to what had
    happened by `newest`; what happens later brings it back."""

    __tablename__ = "flag_look"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    flag: Mapped[str] = mapped_column(String(60))  # the rule and whom it is about, as `Flag.key` says it
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    newest: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    # Two who look at the same at once: one look.
    __table_args__ = (UniqueConstraint("flag", "region_id", "newest"),)


class CertificateStatus(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"


class Certificate(Model):
    """志愿服务记录证明: a number, a period, and the digest of exactly the hours it was made from."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first: Mapped[date]
    last: Mapped[date]
    minutes: Mapped[int]
    records: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[CertificateStatus] = mapped_column(one_of(CertificateStatus, "status"), default=CertificateStatus.VALID)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_for: Mapped[str | None] = mapped_column(String(200))

    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("last >= first AND minutes >= 0", name="period_in_order"),
        CheckConstraint("(status = 'revoked') = (revoked_for IS NOT NULL)", name="revoked_has_reason"),
        Index("ix_certificate_person", "person_id"),
    )
