"""What a kiosk knows of the next 36 hours: made whole or by what changed, and told apart cheaply from what it has.

A cursor is the moment of the answer. What changed is asked from a little before it, for a transaction may end later than the
moment that it wrote; receiving a line twice does no harm. Shifts that came into sight since then bring all their people.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Row, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import GenericFunction

from civic.core import clock, crypto
from civic.core.db import db
from civic.core.text import masked_name
from civic.identity.models import Person, User
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.devices import EventKey
from civic.kiosk.queries import devices
from civic.kiosk.queries.devices import Device
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import ROADSIDE, Event, Post, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours
from civic.volunteering.states import EventStatus, ShiftStatus

OVERLAP = timedelta(minutes=5)
# A roster is renewed at least this often, so that its end moves on.
RENEWED = timedelta(hours=3)


class Milliseconds(GenericFunction[int]):
    """A moment as whole milliseconds, summed to tell two states of many rows apart."""

    type = BigInteger()
    inherit_cache = True
    name = "milliseconds"


@compiles(Milliseconds, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **more)}) * 1000 AS bigint)"


@compiles(Milliseconds, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(round((julianday({compiler.process(element.clauses, **more)}) - 2440587.5) * 86400000) AS INTEGER)"


def moment(value: datetime | None) -> str | None:
    """As the protocol writes it: UTC, milliseconds, Z."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z" if value is not None else None


@dataclass(frozen=True)
class Sight:
    """The shifts that a kiosk sees now, and the state of all places on them in one word."""

    now: datetime
    shifts: Sequence[Row]
    etag: str


_SHIFTS = (
    Shift.id, Shift.event_id, Shift.name, Shift.starts_at, Shift.ends_at, Shift.most, Post.name.label("post"), Post.corner, Post.role,
    Event.name.label("event"), Event.kit, Event.risk, Event.briefing, EventKey.event_id.label("has_key"),
)  # fmt: skip


def sight(device: Device) -> Sight:
    """Two statements, whatever the number of people: enough to say that nothing changed."""
    now = clock.now()
    # When its period is over a kiosk learns nothing more, but may still send what it holds.
    latest = min(now + rules.SEES_AHEAD, device.until)
    shifts = db.session.execute(
        select(*_SHIFTS)
        .join(Event, Event.id == Shift.event_id)
        .join(Post, Post.id == Shift.post_id)
        .outerjoin(EventKey, EventKey.event_id == Event.id)
        .where(
            devices.in_scope(device), Event.status.in_([EventStatus.PUBLISHED, EventStatus.CLOSED]), Shift.status != ShiftStatus.CANCELLED,
            Shift.ends_at > now - rules.SEES_BACK, Shift.starts_at < latest,
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()  # fmt: skip
    count, newest, total = db.session.execute(
        select(func.count(), func.max(SignUp.touched_at), func.coalesce(func.sum(func.milliseconds(SignUp.touched_at)), 0)).where(
            SignUp.shift_id.in_([row.id for row in shifts])
        )
    ).one()
    period = int(now.timestamp() // RENEWED.total_seconds())
    # The sum also knows what a transaction wrote that ended late, with a moment before the newest.
    state = (device.id, device.until, device.pin, period, [tuple(row) for row in shifts], count, newest, int(total))
    return Sight(now, shifts, sha256(repr(state).encode()).hexdigest()[:32])


def cursor_of(moment_: datetime) -> str:
    return f"{int(moment_.timestamp() * 1000):X}"


def since_of(cursor: str | None) -> datetime | None:
    """The moment of a cursor; None for one that is not ours, and then the roster is whole."""
    try:
        return datetime.fromtimestamp(int(cursor or "", 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def people(seen: Sight, keys: dict[int, bytes], since: datetime | None, *, only: int | None = None) -> list[dict[str, Any]]:
    """The lines of the roster: all that hold a place, or what changed since, or one place only."""
    shifts = {row.id: row for row in seen.shifts if row.event_id in keys}
    where = [SignUp.shift_id.in_(shifts)]
    if only is not None:
        where.append(SignUp.id == only)
    elif since is None:
        where.append(SignUp.status.in_(rules.HELD))
    else:
        fresh = [row.id for row in shifts.values() if row.starts_at >= since - OVERLAP + rules.SEES_AHEAD]
        where.append(or_(SignUp.touched_at > since - OVERLAP, SignUp.shift_id.in_(fresh)))
    came, went, guardian = aliased(Punch), aliased(Punch), aliased(Person)
    rows = db.session.execute(
        select(
            SignUp.id, SignUp.shift_id, SignUp.status, SignUp.person_id, Person.name, Person.birth_date, Volunteer.stars, Volunteer.verified_minutes,
            Person.phone, User.phone.label("account"), guardian.phone.label("guardian"),
            MemberCard.token, MemberCard.pin, came.at.label("came"), went.at.label("went"),
        )
        .join(Person, Person.id == SignUp.person_id)
        .outerjoin(Volunteer, Volunteer.person_id == SignUp.person_id)
        .outerjoin(User, User.person_id == SignUp.person_id)
        .outerjoin(guardian, guardian.id == Volunteer.guardian_id)
        .outerjoin(MemberCard, (MemberCard.person_id == SignUp.person_id) & MemberCard.revoked_at.is_(None))
        .outerjoin(came, (came.sign_up_id == SignUp.id) & (came.direction == Direction.IN) & came.is_live)
        .outerjoin(went, (went.sign_up_id == SignUp.id) & (went.direction == Direction.OUT) & went.is_live)
        .where(*where)
        .order_by(SignUp.id)
    ).all()  # fmt: skip
    stars = hours.stars_on(clock.today())
    names = crypto.aliases(devices.PURPOSE, [(row.person_id, shifts[row.shift_id].event_id) for row in rows])
    return [_line(row, alias, keys[shifts[row.shift_id].event_id], stars) for row, alias in zip(rows, names, strict=True)]


def _line(row: Row, alias: str, key: bytes, stars: list[tuple[int, int]]) -> dict[str, Any]:
    if row.status not in rules.HELD:
        return {"place": row.id, "shift": row.shift_id, "alias": alias, "gone": True}
    phone = row.phone or row.account or row.guardian
    done = (row.verified_minutes or 0) // 60
    return {
        "place": row.id, "shift": row.shift_id, "alias": alias, "name": masked_name(row.name),
        "tail": rules.digest_of(key, f"tail:{phone[-4:]}") if phone else None,
        "card": rules.digest_of(key, f"card:{row.token}") if row.token else None,
        "pin": rules.digest_of(key, f"pin:{alias}:{row.pin}") if row.pin else None,
        "month": rules.digest_of(key, f"month:{alias}:{row.birth_date.month:02d}") if row.birth_date else None,
        "stars": row.stars or 0, "hours": done, "next": next((needed for _, needed in stars if needed > done), None),
        "in": moment(row.came), "out": moment(row.went), "gone": False,
    }  # fmt: skip


def line_of(device: Device, place_id: int) -> dict[str, Any] | None:
    """One line of the roster."""
    seen = sight(device)
    return next(iter(people(seen, devices.keys_of({row.event_id for row in seen.shifts}), None, only=place_id)), None)


def roster_of(device: Device, seen: Sight, since: datetime | None) -> dict[str, Any]:
    """The roster as the protocol gives it (docs/kiosk.md)."""
    # A cursor from ahead or from long ago is as good as none.
    if since is not None and not seen.now - rules.ROSTER_LASTS < since <= seen.now:
        since = None
    keys = devices.keys_of({row.event_id for row in seen.shifts})
    events = {row.event_id: row for row in seen.shifts if row.event_id in keys}
    salt, rounds, digest = device.pin
    return {
        "cursor": cursor_of(seen.now), "whole": since is None, "now": moment(seen.now), "expires_at": moment(min(seen.now + rules.ROSTER_LASTS, max(device.until, seen.now))),
        "leader": {"salt": salt, "rounds": rounds, "digest": digest},
        "settings": {
            "early_minutes": int(rules.EARLY.total_seconds()) // 60, "again_minutes": int(rules.AGAIN.total_seconds()) // 60,
            "late_minutes": int(rules.LATE.total_seconds()) // 60,
        },
        "events": [
            {
                "id": event_id, "name": row.event, "key": b64encode(keys[event_id]).decode(), "kit": rules.kit_of(row.kit),
                "briefing": row.briefing if row.risk in ROADSIDE else None,
            }
            for event_id, row in events.items()
        ],
        "shifts": [
            {
                "id": row.id, "event": row.event_id, "name": row.name, "starts_at": moment(row.starts_at), "ends_at": moment(row.ends_at), "post": row.post,
                "corner": row.corner, "role": row.role.value, "most": row.most,
            }
            for row in seen.shifts
            if row.event_id in keys
        ],
        "people": people(seen, keys, since),
    }  # fmt: skip
