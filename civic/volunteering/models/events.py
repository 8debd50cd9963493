"""Events, posts, patterns, shifts, and the places people hold on them."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core import clock
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.identity.models import Person
from civic.regions.models import Region
from civic.volunteering.models.people import Team
from civic.volunteering.states import EventStatus, Rhythm, ShiftStatus, SignUpStatus, Verb


class Risk(StrEnum):
    """How dangerous an event is; from `road` on the law wants insurance, briefing and contacts (domain 2.8)."""

    INDOOR = "indoor"
    OUTDOOR = "outdoor"
    ROAD = "road"
    HIGH = "high"


ROADSIDE = (Risk.ROAD, Risk.HIGH)


class Role(StrEnum):
    """What one does at a post (domain 2.10)."""

    GUIDE = "guide"  # 行人引导
    CYCLES = "cycles"  # 非机动车劝导
    YIELDING = "yielding"  # 机动车礼让提示
    LEADER = "leader"  # 组长
    RECORDER = "recorder"  # 记录
    STATION = "station"  # 暖心驿站
    GENERAL = "general"  # 其他


class ServiceCategory(Model):
    """A kind of service (服务类别). The usual ones everywhere; a city adds its own and lets one end with a day."""

    __tablename__ = "service_category"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    position: Mapped[int] = mapped_column(default=100)
    since: Mapped[date]
    until: Mapped[date | None]

    __table_args__ = (CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),)


class QualificationKind(Model):
    """A kind of qualification (资格), as first aid; how one gets it, and how long it is good. A city's list, only added to."""

    __tablename__ = "qualification_kind"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    course: Mapped[str] = mapped_column(String(80))  # by which course
    months: Mapped[int | None]  # how long it is good; none: for good
    since: Mapped[date]
    until: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="term_in_order"),
        CheckConstraint("months IS NULL OR months BETWEEN 1 AND 120", name="months_sane"),
    )


class Event(Model):
    """Something one can serve at, with its posts and shifts."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())
    # None: of a time before events said what kind of service they are.
    category_id: Mapped[int | None] = mapped_column(ForeignKey("service_category.id"))
    name: Mapped[str] = mapped_column(String(40))
    subtitle: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(80))
    requirements: Mapped[str] = mapped_column(String(300), default="")
    kit: Mapped[str] = mapped_column(String(200), default="")
    risk: Mapped[Risk] = mapped_column(one_of(Risk, "risk"))
    insurance_number: Mapped[str | None] = mapped_column(String(60))
    insured_from: Mapped[date | None]
    insured_until: Mapped[date | None]
    briefing: Mapped[str | None] = mapped_column(Text)
    police_contact: Mapped[str | None] = mapped_column(String(60))
    emergency_contact: Mapped[str | None] = mapped_column(String(60))
    status: Mapped[EventStatus] = mapped_column(one_of(EventStatus, "status"), default=EventStatus.DRAFT)
    opens_days: Mapped[int] = mapped_column(default=30)  # how long before a shift one can sign up
    closes_hours: Mapped[int] = mapped_column(default=0)  # and until when
    withdraw_hours: Mapped[int] = mapped_column(default=11)  # in one tap until then
    gap_minutes: Mapped[int] = mapped_column(default=0)  # between two shifts of one person
    most_a_month: Mapped[int | None]  # shifts of one person in a month, so that others get a turn
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    team: Mapped[Team] = relationship()
    region: Mapped[Region] = relationship()
    category: Mapped[ServiceCategory | None] = relationship()
    posts: Mapped[list[Post]] = relationship(back_populates="event", order_by="Post.position, Post.id")

    __table_args__ = (
        # Guards by law, not by hint (条例 Art. 17, domain 2.8).
        CheckConstraint(
            "risk NOT IN ('road', 'high') OR status = 'draft' OR (insurance_number IS NOT NULL AND insured_from IS NOT NULL"
            " AND insured_until IS NOT NULL AND briefing IS NOT NULL AND police_contact IS NOT NULL"
            " AND emergency_contact IS NOT NULL)",
            name="road_is_guarded",
        ),
        CheckConstraint("insured_until IS NULL OR insured_from IS NULL OR insured_until >= insured_from", name="cover_in_order"),
        CheckConstraint("status = 'draft' OR published_at IS NOT NULL OR status = 'cancelled'", name="published_has_time"),
        CheckConstraint("called_off_at IS NULL OR status = 'cancelled'", name="called_off_is_cancelled"),
        CheckConstraint(
            "opens_days BETWEEN 1 AND 120 AND closes_hours BETWEEN 0 AND 240 AND withdraw_hours BETWEEN 0 AND 240"
            " AND gap_minutes BETWEEN 0 AND 600",
            name="times_sane",
        ),
        Index("ix_event_region", "region_path", "id"),
        Index("ix_event_team", "team_id"),
    )


class Post(Model):
    """Where one stands and what one does there: a crossing, a corner, a table. `x`, `y` place it on the drawn map,
    `latitude`, `longitude` in the world."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str] = mapped_column(String(40))
    corner: Mapped[str] = mapped_column(String(60), default="")
    role: Mapped[Role] = mapped_column(one_of(Role, "role"), default=Role.GUIDE)
    is_on_carriageway: Mapped[bool] = mapped_column(default=False)
    needs_id: Mapped[int | None] = mapped_column(ForeignKey("qualification_kind.id"))  # who stands here has this qualification
    x: Mapped[int | None]
    y: Mapped[int | None]
    # Where in the world, in degrees of WGS 84, for who looks for the nearest; a browser compares them, no server does.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    position: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship(back_populates="posts")
    needs: Mapped[QualificationKind | None] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "name", "role"),
        CheckConstraint("(x IS NULL) = (y IS NULL) AND (x IS NULL OR (x BETWEEN 0 AND 400 AND y BETWEEN 0 AND 430))", name="on_the_map"),
        CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL OR (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180))",
            name="in_the_world",
        ),
    )


class Pattern(Model):
    """Hours that repeat: from when to when (an end not later than the beginning is on the next day), on which days, within
    which days where it is not for all, how many people. Shifts are generated from it."""

    __tablename__ = "pattern"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    name: Mapped[str] = mapped_column(String(20))
    starts: Mapped[time]
    ends: Mapped[time]
    rhythm: Mapped[Rhythm] = mapped_column(one_of(Rhythm, "rhythm"), default=Rhythm.WORKDAYS)
    weekdays: Mapped[str] = mapped_column(String(7), default="")  # of a weekly one: seven marks, Monday first
    first: Mapped[date | None]  # the only days it is for, where it is not for all
    last: Mapped[date | None]
    least: Mapped[int] = mapped_column(default=2)
    normal: Mapped[int] = mapped_column(default=4)
    most: Mapped[int] = mapped_column(default=4)

    __table_args__ = (
        # As wide as the rule: the same hours on other days are other hours.
        Index("uq_pattern_always", "event_id", "starts", "ends", "rhythm", "weekdays", unique=True, sqlite_where=text("first IS NULL"), postgresql_where=text("first IS NULL")),
        Index(
            "uq_pattern_days", "event_id", "starts", "ends", "rhythm", "weekdays", "first", "last", unique=True,
            sqlite_where=text("first IS NOT NULL"), postgresql_where=text("first IS NOT NULL"),
        ),
        CheckConstraint("ends <> starts", name="lasts"),
        CheckConstraint("(rhythm = 'weekly') = (weekdays <> '')", name="weekly_has_days"),
        CheckConstraint("(first IS NULL) = (last IS NULL) AND (first IS NULL OR last >= first)", name="days_in_order"),
        CheckConstraint("least >= 1 AND normal >= least AND most >= normal AND most <= 500", name="numbers_in_order"),
    )


class Shift(Model):
    """One time at one post. `taken` counts those who hold a place (confirmed and offered); the CHECK makes overfilling
    impossible whatever the code does.

    `hand_most` and `hand_ends_at` are what somebody set for this one shift: generating leaves them alone. `revision` and
    `changed_at` tell calendars that where or when it is has changed.
    """

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    pattern_id: Mapped[int | None] = mapped_column(ForeignKey("pattern.id"))
    county_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("service_category.id"))  # the event's: one kind of service is one range
    name: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    least: Mapped[int]
    normal: Mapped[int]
    most: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    status: Mapped[ShiftStatus] = mapped_column(one_of(ShiftStatus, "status"), default=ShiftStatus.OPEN)
    cancelled_for: Mapped[str | None] = mapped_column(String(200))
    called_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hand_most: Mapped[int | None]
    hand_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    event: Mapped[Event] = relationship()
    post: Mapped[Post] = relationship()

    @property
    def ends_locally(self) -> time:
        """When it ends by the city's clocks; the last moment of its day where it ends on another."""
        local = clock.local(self.ends_at)
        return local.time() if local.date() == clock.local(self.starts_at).date() else time.max

    __table_args__ = (
        UniqueConstraint("post_id", "starts_at", "ends_at"),
        Index(
            "uq_shift_generated", "pattern_id", "post_id", "day", unique=True,
            sqlite_where=text("pattern_id IS NOT NULL"), postgresql_where=text("pattern_id IS NOT NULL"),
        ),
        CheckConstraint("taken BETWEEN 0 AND most", name="never_overfilled"),
        CheckConstraint("waiting >= 0", name="waiting_sane"),
        CheckConstraint("ends_at > starts_at", name="in_order"),
        CheckConstraint("least >= 1 AND normal >= least AND most >= normal", name="numbers_in_order"),
        CheckConstraint("(status = 'cancelled') = (cancelled_for IS NOT NULL)", name="cancelled_has_reason"),
        Index("ix_shift_event_day", "event_id", "day"),
        Index("ix_shift_open", "starts_at", "id", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_shift_county", "county_id", "starts_at", "id", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_shift_category", "category_id", "starts_at", "id", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
        Index("ix_shift_ended", "ends_at", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")),
    )


class Basis(StrEnum):
    """How a place came about; whoever a unit arranged decides alone whether to come (条例 Art. 25)."""

    SELF = "self_signup"
    TEAM = "team_signup"
    UNIT = "unit_arranged"


class SignUp(Model):
    """A person and a shift, once. `queued_at` orders the waiting; `offer_until` holds a place for somebody asked."""

    __tablename__ = "sign_up"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    status: Mapped[SignUpStatus] = mapped_column(one_of(SignUpStatus, "status"))
    basis: Mapped[Basis] = mapped_column(one_of(Basis, "basis"), default=Basis.SELF)
    is_working_time: Mapped[bool] = mapped_column(default=False)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of the shift: my shifts and clashes are one range
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offer_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)  # how often this person took it up: each has letters of its own
    appeal: Mapped[str | None] = mapped_column(String(300))  # of one who is said to have missed it
    # When anything about the place last changed, its punches included: kiosks ask for what is newer.
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    shift: Mapped[Shift] = relationship()
    person: Mapped[Person] = relationship()

    __table_args__ = (
        UniqueConstraint("shift_id", "person_id"),
        CheckConstraint("(status = 'offered') = (offer_until IS NOT NULL)", name="offer_has_end"),
        CheckConstraint("status <> 'waiting' OR queued_at IS NOT NULL", name="waiting_has_turn"),
        Index("ix_sign_up_person", "person_id", "starts_at"),
        Index("ix_sign_up_touched", "shift_id", "touched_at"),
        Index("ix_sign_up_offer", "offer_until", sqlite_where=text("status = 'offered'"), postgresql_where=text("status = 'offered'")),
        Index("ix_sign_up_missed", "starts_at", "id", sqlite_where=text("status = 'missed'"), postgresql_where=text("status = 'missed'")),
        Index("ix_sign_up_line", "shift_id", "queued_at", "id", sqlite_where=text("status = 'waiting'"), postgresql_where=text("status = 'waiting'")),
    )


class SignUpStep(Model):
    """What happened to a place, append-only."""

    __tablename__ = "sign_up_step"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"))
    verb: Mapped[Verb] = mapped_column(one_of(Verb, "verb"))
    after: Mapped[SignUpStatus] = mapped_column(one_of(SignUpStatus, "after"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_sign_up_step_sign_up", "sign_up_id", "id"),)
