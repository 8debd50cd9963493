"""Questions about kiosks, pairings and the keys of events."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select
from sqlalchemy.orm import joinedload

from civic.core import alone, clock, crypto, listing
from civic.core.db import db
from civic.identity.permissions import Actor, Permission, may
from civic.kiosk import rules
from civic.kiosk.models.devices import EventKey, Kiosk
from civic.kiosk.rules import Drift
from civic.kiosk.states import Scope
from civic.regions.queries import within
from civic.volunteering.models.events import Event, Shift
from civic.volunteering.models.people import Team, TeamMember
from civic.volunteering.queries import people
from civic.volunteering.states import EventStatus, ShiftStatus

PURPOSE = "kiosk"
EVENTS = 1000  # in the select of a new kiosk


@dataclass(frozen=True)
class Device:
    """The kiosk that speaks, as its requests need it."""

    id: int
    scope: Scope
    region_path: str
    team_id: int | None
    event_id: int | None
    until: datetime
    revoked_at: datetime | None
    drift: Drift
    pin: tuple[str, int, str]  # salt, rounds and digest of the leader's PIN


_kiosk = Kiosk.__table__.c
_DEVICES = select(
    _kiosk.id, _kiosk.scope, _kiosk.region_path, _kiosk.team_id, _kiosk.event_id, _kiosk.until, _kiosk.revoked_at, _kiosk.drift, _kiosk.drift_at,
    _kiosk.drift_before, _kiosk.drift_before_at, _kiosk.pin_salt, _kiosk.pin_rounds, _kiosk.pin_digest,
)  # fmt: skip
_BY_KEY = _DEVICES.where(_kiosk.key_digest == bindparam("digest"))


def device_by_key(key: str) -> Device | None:
    """Whose key this is; revoked ones, too."""
    found: Row | None = alone.asked(_BY_KEY, {"digest": crypto.digest("kiosk.key", key)})
    return _device(found) if found is not None else None


def device_by_id(kiosk_id: int) -> Device:
    """A kiosk as its own requests would have it."""
    found = db.session.execute(_DEVICES.where(_kiosk.id == kiosk_id)).one()
    return _device(found)


def _device(row: Row) -> Device:
    return Device(*row[:7], Drift(*row[7:11]), tuple(row[11:]))  # type: ignore[arg-type, call-arg]


def in_scope(device: Device | Kiosk) -> ColumnElement[bool]:
    """Which events a kiosk may see; a question about `event` rows."""
    return within_scope(device.scope, device.region_path, device.team_id, device.event_id, Event)


def within_scope(scope: Scope, region_path: str, team_id: int | None, event_id: int | None, event: Any) -> ColumnElement[bool]:
    """The same of a scope by its parts, asked of whatever has an event's columns."""
    if scope is Scope.EVENT:
        return event.id == event_id
    if scope is Scope.TEAM:
        return event.team_id == team_id
    return within(event.region_path, region_path)


def keys_of(event_ids: Iterable[int]) -> dict[int, bytes]:
    """The keys of events that have one."""
    wanted = [*event_ids]
    if not wanted:
        return {}
    return {row.event_id: b64decode(row.key) for row in db.session.execute(select(EventKey.event_id, EventKey.key).where(EventKey.event_id.in_(wanted)))}


def events_without_key(limit: int = 100) -> Sequence[int]:
    """Events with a shift in the coming days that have no key yet."""
    now = clock.now()
    soon = select(Shift.event_id).where(Shift.status == ShiftStatus.OPEN, Shift.ends_at > now, Shift.starts_at < now + 2 * rules.SEES_AHEAD)
    return db.session.scalars(
        select(Event.id)
        .outerjoin(EventKey, EventKey.event_id == Event.id)
        .where(EventKey.event_id.is_(None), Event.status.in_([EventStatus.PUBLISHED, EventStatus.CLOSED]), Event.id.in_(soon))
        .limit(limit)
    ).all()


def alias_of(person_id: int, event_id: int) -> str:
    """What a person is called within one event on kiosks."""
    return crypto.aliases(PURPOSE, [(person_id, event_id)])[0]


def person_of(alias: str, event_id: int | None = None) -> tuple[int, int] | None:
    """(person, event) behind an alias; None where it is made up or belongs to another event."""
    found = crypto.of_alias(PURPOSE, alias)
    if found is None or max(found) >= 1 << 53 or (event_id is not None and found[1] != event_id):
        return None
    return found


def may_tend(actor: Actor, kiosk: Kiosk) -> bool:
    """Whether somebody pairs, revokes and decides for this kiosk: organisers there, and leaders of its team or its event's."""
    if may(actor, Permission.EVENT_RUN, kiosk.region_path):
        return True
    team_id = kiosk.team_id or (kiosk.event.team_id if kiosk.event is not None else None)
    return team_id is not None and people.leads(actor.person_id, team_id)


def led_teams(actor: Actor) -> Sequence[int]:
    """The teams that the actor leads, without those that stand within them."""
    if actor.person_id is None:
        return []
    today = clock.today()
    return db.session.scalars(
        select(TeamMember.team_id).where(
            TeamMember.person_id == actor.person_id, TeamMember.is_leader, or_(TeamMember.until.is_(None), TeamMember.until >= today)
        )
    ).all()


def reach(actor: Actor) -> ColumnElement[bool] | None:
    """Which kiosks the actor tends, as a question about `kiosk` rows; None: none at all."""
    paths = actor.paths_for(Permission.EVENT_RUN)
    teams = led_teams(actor)
    parts: list[ColumnElement[bool]] = [within(Kiosk.region_path, path) for path in paths]
    if teams:
        inner = select(Team.id).where(Team.id.in_(teams) | Team.parent_id.in_(teams))
        parts += [Kiosk.team_id.in_(inner), Kiosk.event_id.in_(select(Event.id).where(Event.team_id.in_(inner)))]
    return or_(*parts) if parts else None


def kiosks_of(actor: Actor, *, limit: int = 100) -> listing.Some[Kiosk]:
    """The kiosks the actor tends: working ones first."""
    where = reach(actor)
    if where is None:
        return listing.Some()
    return listing.some(
        select(Kiosk)
        .where(where)
        .options(joinedload(Kiosk.region), joinedload(Kiosk.team), joinedload(Kiosk.event))
        .order_by(Kiosk.revoked_at.is_not(None), Kiosk.id.desc()),
        limit,
    )


def events_for(actor: Actor, team_ids: Sequence[int], *, limit: int = EVENTS) -> listing.Some[Event]:
    """Events a kiosk may be named for: of the actor's places and teams, with shifts still to come."""
    parts: list[ColumnElement[bool]] = [within(Event.region_path, path) for path in actor.paths_for(Permission.EVENT_RUN)]
    if team_ids:
        parts.append(Event.team_id.in_(team_ids))
    if not parts:
        return listing.Some()
    coming = select(Shift.event_id).where(Shift.status == ShiftStatus.OPEN, Shift.ends_at > clock.now())
    return listing.some(
        select(Event).where(or_(*parts), Event.status.in_([EventStatus.PUBLISHED, EventStatus.CLOSED]), Event.id.in_(coming)).order_by(Event.id.desc()), limit
    )


def kiosk_by_id(kiosk_id: int) -> Kiosk | None:
    return db.session.get(Kiosk, kiosk_id)
