"""Arithmetic and yes/no decisions of the kiosk, on values only: keyed digests, the pass, and what a scan comes to."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode, b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from hashlib import pbkdf2_hmac, sha256

from civic.kiosk.states import Code
from civic.volunteering.states import Direction, ShiftStatus, SignUpStatus

# Kept on the device: how early one may come, how long "again" is a slip, from when on one is late.
EARLY = timedelta(minutes=120)
AGAIN = timedelta(minutes=10)
LATE = timedelta(minutes=10)
GOING_UNTIL = timedelta(hours=6)  # after the end; as long as the roster knows the shift
SEES_BACK, SEES_AHEAD = timedelta(hours=6), timedelta(hours=36)
ROSTER_LASTS = timedelta(hours=36)
PAIRING_LASTS = timedelta(minutes=10)
UNDO_WITHIN = timedelta(minutes=2)
CLOCK_TOLERANCE = timedelta(minutes=2)
DRIFT_LASTS = timedelta(hours=36)  # as long as a roster: for longer nobody is offline by the rules
PIN_ROUNDS = 100_000
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read as something else
HALF_MINUTE = 30


def digest_of(key: bytes, words: str) -> str:
    """The first 12 bytes of HMAC-SHA256 in base64url, 16 characters."""
    return urlsafe_b64encode(hmac.digest(key, words.encode(), "sha256")[:12]).decode()


def pass_code(key: bytes, alias: str, moment: datetime) -> str:
    """The code that a person's pass shows in this half minute."""
    own = hmac.digest(key, f"pass:{alias}".encode(), "sha256")
    half = int(moment.timestamp()) // HALF_MINUTE
    return b32encode(hmac.digest(own, f"t:{half}".encode(), "sha256")).decode()[:10]


def pass_text(event_id: int, key: bytes, alias: str, moment: datetime) -> str:
    """What stands in the QR code of a pass."""
    return f"HR1.{event_id}.{alias}.{pass_code(key, alias, moment)}"


PASS = re.compile(r"HR1\.(\d{1,18})\.([A-Z2-7]{26})\.[A-Z2-7]{10}")
CARD = re.compile(r"HRK1\.([A-Z2-7]{20})")


def pin_digest(pin: str, salt: str, rounds: int = PIN_ROUNDS) -> str:
    """How a device checks the leader's PIN while it is offline; salt and digest in base64."""
    return b64encode(pbkdf2_hmac("sha256", pin.encode(), b64decode(salt), rounds, 32)).decode()


def kit_of(words: str) -> list[str]:
    """The things of a kit list: 红马甲、小旗、哨."""
    return [part for part in re.split(r"[、，,;；\s]+", words) if part][:12]


def content_digest(words: str) -> str:
    """Tells whether the same scan was sent again or another one under its name."""
    return sha256(words.encode()).hexdigest()


@dataclass(frozen=True)
class Drift:
    """How a device's clock stood to ours as we measured it ourselves: seconds that we are ahead, and when that was so."""

    now: float | None
    at: datetime | None
    before: float | None = None  # before the clock was set
    before_at: datetime | None = None  # for the last time


def clock_is_off(at: datetime, now: datetime, offset: float, drift: Drift, *, is_sure: bool | None = None) -> bool:
    """Whether nobody can vouch for the logical time: it lies ahead of us, the device says so, or its offset is none that we
    measured at a time that is near enough. What was so before the clock was set holds only where the device itself watched its
    clock all the while (`is_sure`): by its time alone a scan from after looks as if it were from before. And never for ever."""
    if at > now + CLOCK_TOLERANCE or is_sure is False:
        return True
    if drift.now is None and drift.before is None:
        return False
    if _agrees(offset, drift.now) and drift.at is not None and now - drift.at <= DRIFT_LASTS:
        return False
    if not is_sure or not _agrees(offset, drift.before) or drift.before_at is None:
        return True
    return at > drift.before_at + DRIFT_LASTS


def _agrees(offset: float, drift: float | None) -> bool:
    return drift is not None and abs(offset - drift) <= CLOCK_TOLERANCE.total_seconds()


def moment_of(hour: time, zone: tzinfo, starts_at: datetime, ends_at: datetime, near: datetime) -> datetime:
    """The moment that somebody means who says only the hour, of a shift that may cross midnight: on one of its days, within its
    span or nearest to it; of two that are equally near, the one nearer to the scan."""
    first, last = (starts_at - EARLY).astimezone(zone).date(), (ends_at + GOING_UNTIL).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    moments = [datetime.combine(day, hour, tzinfo=zone).astimezone(UTC) for day in days]
    return min(moments, key=lambda at: (max(starts_at - at, at - ends_at, timedelta()), abs(at - near)))


@dataclass(frozen=True)
class Mark:
    """A coming or going that counts: when, and by which kiosk (None: a leader's tick or a paper)."""

    at: datetime
    kiosk_id: int | None
    punch_id: int | None = None


@dataclass
class Place:
    """What a scan is judged by: a place on a shift as it stands."""

    id: int
    person_id: int
    event_id: int
    region_path: str
    starts_at: datetime
    ends_at: datetime
    status: SignUpStatus
    shift_status: ShiftStatus
    came: Mark | None = None
    went: Mark | None = None

    def mark(self, direction: Direction) -> Mark | None:
        return self.came if direction is Direction.IN else self.went

    @property
    def is_counted(self) -> bool:
        """Its hours are drafted, or it is noted as missed."""
        return self.status in (SignUpStatus.CAME, SignUpStatus.MISSED)


HELD = frozenset({SignUpStatus.CONFIRMED, SignUpStatus.CAME, SignUpStatus.MISSED})


def judged(place: Place, direction: Direction, at: datetime, kiosk_id: int) -> Code:
    """What a punch of a known place comes to, clocks aside. IN and OUT mean: write it."""
    if place.status is SignUpStatus.CANCELLED or place.shift_status is ShiftStatus.CANCELLED:
        return Code.CANCELLED
    if place.status not in HELD:
        return Code.NOT_SIGNED_UP
    known = place.mark(direction)
    if known is not None:
        return Code.AGAIN if known.kiosk_id == kiosk_id or known.at == at else Code.SECOND_KIOSK
    latest = place.ends_at if direction is Direction.IN else place.ends_at + GOING_UNTIL
    if not place.starts_at - EARLY <= at <= latest:
        return Code.OUTSIDE_WINDOW
    if place.shift_status is ShiftStatus.SETTLED:
        return Code.COUNTED_ALREADY
    if direction is Direction.OUT:
        if place.came is None:
            return Code.OUT_FIRST
        if at < place.came.at:
            return Code.CLOCK_OFF
        return Code.OUT
    return Code.IN
