"""Paired devices, the codes that pair them, and the key of each event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.crypto import Sealed
from civic.core.db import Key, Model, UtcDateTime, one_of, path_type
from civic.kiosk.states import Scope
from civic.regions.models import Region
from civic.volunteering.models.events import Event
from civic.volunteering.models.people import Team


class Kiosk(Model):
    """One tablet at a door: what it may see, until when, and how it was when it last spoke.

    The leader's PIN is kept as the device checks it, offline: PBKDF2 over a salt of its own.
    """

    __tablename__ = "kiosk"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(80), default="")
    scope: Mapped[Scope] = mapped_column(one_of(Scope, "scope"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    region_path: Mapped[str] = mapped_column(path_type())  # of the scope: of its region, its team's or its event's
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    key_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pin_salt: Mapped[str] = mapped_column(String(24))
    pin_rounds: Mapped[int]
    pin_digest: Mapped[str] = mapped_column(String(44))
    browser: Mapped[str | None] = mapped_column(String(60))
    app: Mapped[str | None] = mapped_column(String(20))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    battery: Mapped[float | None]
    drift: Mapped[float | None]  # server's time less the device's, in seconds, as we measured it
    drift_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when; a drift is believed for a while only
    drift_before: Mapped[float | None]  # and what it was before the clock was set
    drift_before_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when that was so for the last time
    queued: Mapped[int | None]
    oldest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    roster_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_for: Mapped[str | None] = mapped_column(String(200))

    region: Mapped[Region] = relationship()
    team: Mapped[Team | None] = relationship()
    event: Mapped[Event | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(scope = 'region' AND team_id IS NULL AND event_id IS NULL) OR (scope = 'team' AND team_id IS NOT NULL AND event_id IS NULL)"
            " OR (scope = 'event' AND event_id IS NOT NULL AND team_id IS NULL)",
            name="scope_names_its_thing",
        ),
        CheckConstraint("(key_digest IS NULL) = (paired_at IS NULL)", name="paired_has_key"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)", name="revoked_has_reason"
        ),
        CheckConstraint("until > created_at", name="period_in_order"),
        CheckConstraint("battery IS NULL OR battery BETWEEN 0 AND 1", name="battery_sane"),
        CheckConstraint("queued IS NULL OR queued >= 0", name="queued_sane"),
        CheckConstraint("pin_rounds >= 100000", name="pin_is_dear"),
        Index("ix_kiosk_region", "region_path", "id"),
        Index("ix_kiosk_team", "team_id"),
        Index("ix_kiosk_event", "event_id"),
    )


class Pairing(Model):
    """A code of eight characters, read off the desk and typed on the device: once, within ten minutes."""

    __tablename__ = "pairing"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    kiosk: Mapped[Kiosk] = relationship()

    __table_args__ = (CheckConstraint("expires_at > opened_at", name="lasts"), Index("ix_pairing_kiosk", "kiosk_id", "id"))


class EventKey(Model):
    """The key `K` of one event (docs/kiosk.md): made once, before the first roster that needs it."""

    __tablename__ = "event_key"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Sealed("event_key.key"))  # 32 bytes in base64
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
