"""Questions about scans, and the places that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    and_,
    bindparam,
    exists,
    false,
    literal_column,
    null,
    or_,
    select,
    text,
    true,
    union_all,
)

from civic.core import alone, crypto
from civic.core.db import db
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.scans import OUT_FIRST_IS_OPEN, Scan
from civic.kiosk.queries import devices
from civic.kiosk.queries.devices import Device
from civic.kiosk.rules import Mark, Place
from civic.kiosk.states import Scope
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.states import ShiftStatus

# The hot path asks tables, not entities, with statements that are put together once; and the connection, which asks less of
# itself than the session that holds it.
_place, _shift, _event, _punch, _scan = (kind.__table__ for kind in (SignUp, Shift, Event, Punch, Scan))


_THEIRS = _place.join(_shift, _shift.c.id == _place.c.shift_id).join(_event, _event.c.id == _shift.c.event_id)
_PLACE = (_place.c.id, _place.c.person_id, _shift.c.event_id, _event.c.region_path, _place.c.starts_at, _place.c.ends_at, _place.c.status, _shift.c.status)


@lru_cache(maxsize=1024)
def _places_in(scope: Scope, region_path: str, team_id: int | None, event_id: int | None) -> Any:
    return (
        select(*_PLACE)
        .select_from(_THEIRS)
        .where(_place.c.id.in_(bindparam("places", expanding=True)), devices.within_scope(scope, region_path, team_id, event_id, _event.c))
        .order_by(_place.c.id)
        .with_for_update(of=_place)
    )


def held(device: Device, ids: Iterable[int]) -> dict[int, Place]:
    """The places that scans are about, locked in the order of their ids; only those that the device may see.

    Who came and went is asked afterwards (`standing`): whoever waits here for a lock gets the new place, but would get the
    punches beside it as they were before; and a going would wait for ever for a coming that has just arrived.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = _places_in(device.scope, device.region_path, device.team_id, device.event_id)
    return {row[0]: Place(*row) for row in db.session.connection().execute(query, {"places": wanted})}


TABLE = _scan
SCAN = tuple(
    _scan.c[name]
    for name in ("id", "scan_id", "kiosk_id", "content", "outcome", "code", "place_id", "at", "device_at", "punch_id", "decision", "kind", "kit", "direction")
)
_BY_NAME = (_scan.c.kiosk_id == bindparam("kiosk")) & _scan.c.scan_id.in_(bindparam("names", expanding=True))
# In the index's own words: parameters would hide from a prepared plan that the partial index fits, and it would be made anew each time.
_WAITING = _scan.c.place_id.in_(bindparam("places", expanding=True)) & text(OUT_FIRST_IS_OPEN)
_PUNCHED = {"id": _punch.c.id, "kiosk_id": _punch.c.kiosk_id, "place_id": _punch.c.sign_up_id, "at": _punch.c.at, "direction": _punch.c.direction}
_KNOWN = select(*SCAN).where(_BY_NAME).order_by(_scan.c.id)
_STANDING = union_all(
    select(true().label("is_scan"), *SCAN).where(_BY_NAME),
    select(true(), *SCAN).where(_WAITING),
    select(false(), *(_PUNCHED.get(column.name, null()) for column in SCAN)).where(
        _punch.c.sign_up_id.in_(bindparam("places", expanding=True)), _punch.c.is_live
    ),
)  # fmt: skip


def known(kiosk_id: int, scan_ids: Iterable[str]) -> Sequence[Row]:
    """The scans of a kiosk by the names it gave them."""
    return db.session.execute(_KNOWN, {"kiosk": kiosk_id, "names": [*scan_ids]}).all()


_came, _went = _punch.alias("came"), _punch.alias("went")
_ENTANGLED = or_(
    exists().where(_scan.c.kiosk_id == bindparam("kiosk"), _scan.c.scan_id == bindparam("name")),
    exists().where(_scan.c.place_id == bindparam("place"), text(OUT_FIRST_IS_OPEN)),
)


def _live(punch: Any, direction: Direction) -> ColumnElement[bool]:
    return and_(punch.c.sign_up_id == _place.c.id, punch.c.direction == literal_column(f"'{direction.value}'"), punch.c.is_live)


@lru_cache(maxsize=1024)
def _place_in(scope: Scope, region_path: str, team_id: int | None, event_id: int | None) -> Any:
    marks = [punch.c[name] for punch in (_came, _went) for name in ("at", "kiosk_id", "id")]
    return (
        select(literal_column("CAST(sign_up.xmin AS text)", String), *_PLACE, *marks)
        .select_from(_THEIRS.outerjoin(_came, _live(_came, Direction.IN)).outerjoin(_went, _live(_went, Direction.OUT)))
        .where(_place.c.id == bindparam("place"), devices.within_scope(scope, region_path, team_id, event_id, _event.c), ~_ENTANGLED)
    )


def glimpsed(device: Device, place_id: int, scan_id: str) -> tuple[str, Place] | None:
    """A place as it stands, not held, and the version of its row, which changes with all that a scan is judged by. None where
    the device may not see it, knows the scan already, or a going waits there for its coming. Only on PostgreSQL."""
    query = _place_in(device.scope, device.region_path, device.team_id, device.event_id)
    row = alone.asked(query, {"place": place_id, "kiosk": device.id, "name": scan_id})
    if row is None:
        return None
    came, went = (Mark(*mark) if mark[0] is not None else None for mark in (row[9:12], row[12:15]))
    return row[0], Place(*row[1:9], came, went)  # type: ignore[call-arg]


def standing(kiosk_id: int, scan_ids: Iterable[str], places: dict[int, Place]) -> Sequence[Row]:
    """What is known of these scans: those of the kiosk by the names it gave them, and goings that wait at these places for
    their coming. Writes into the places who came and went. One statement, asked while the places are held: whoever sent
    the same at the same moment is through by now."""
    rows = db.session.connection().execute(_STANDING, {"kiosk": kiosk_id, "names": [*scan_ids], "places": [*places]}).all()
    for row in rows:
        if not row.is_scan:
            place, mark = places[row.place_id], Mark(row.at, row.kiosk_id, row.id)
            if row.direction is Direction.IN:
                place.came = mark
            else:
                place.went = mark
    # One that waits under its own name comes twice.
    by_id = {row.id: row for row in rows if row.is_scan}
    return [by_id[key] for key in sorted(by_id)]


def people_of_cards(tokens: Iterable[str]) -> dict[str, int]:
    """Whose valid cards these are."""
    by_digest = {crypto.digest("member_card", token): token for token in tokens}
    if not by_digest:
        return {}
    rows = db.session.execute(
        select(MemberCard.token_digest, MemberCard.person_id).where(MemberCard.token_digest.in_(by_digest), MemberCard.revoked_at.is_(None))
    )
    return {by_digest[digest]: person_id for digest, person_id in rows}


def places_of(device: Device, person_ids: Iterable[int], first: datetime, last: datetime) -> Sequence[Row]:
    """(id, person, event, starts, ends, status) of places in a kiosk's reach that these people may mean at these times."""
    return db.session.execute(
        select(SignUp.id, SignUp.person_id, Shift.event_id, SignUp.starts_at, SignUp.ends_at, SignUp.status)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            SignUp.person_id.in_([*person_ids]), SignUp.starts_at <= last + rules.EARLY, SignUp.ends_at >= first - rules.GOING_UNTIL,
            Shift.status != ShiftStatus.CANCELLED, devices.in_scope(device),
        )
        .order_by(SignUp.starts_at, SignUp.id)
    ).all()  # fmt: skip


def events_in_sight(device: Device, event_ids: Iterable[int]) -> set[int]:
    """Those of these events that the kiosk may see."""
    wanted = [*event_ids]
    if not wanted:
        return set()
    return set(db.session.scalars(select(Event.id).where(Event.id.in_(wanted), devices.in_scope(device))))
