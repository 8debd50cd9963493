"""Whom a scan means that names no place: by the alias of a pass, or by a card."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row

from civic.kiosk import rules
from civic.kiosk.actions.sent import Sent
from civic.kiosk.queries import devices, scans
from civic.kiosk.queries.devices import Device
from civic.kiosk.rules import Place
from civic.kiosk.states import Code, Kind
from civic.volunteering.states import Direction


def is_of(alias: str | None, place: Place) -> bool:
    """Whether the alias names the person of the place (none names nobody else)."""
    return alias is None or devices.person_of(alias, place.event_id) == (place.person_id, place.event_id)


def find_places(device: Device, batch: Sequence[Sent]) -> None:
    """Somebody whom the kiosk did not know may have signed up after its roster was made: look for their place."""
    vague = [s for s in batch if s.place is None and not s.fault and s.kind is not Kind.UNDO and s.at is not None]
    if not vague:
        return
    whose = _persons(vague)
    named = {s.event for s in vague if s.event is not None} | {event for _, event in whose.values() if event is not None}
    in_sight = scans.events_in_sight(device, named)
    first, last = min(s.at for s in vague), max(s.at for s in vague)
    rows = scans.places_of(device, {person for person, _ in whose.values()}, first, last) if whose else ()
    for sent in vague:
        person, event = whose.get(sent.scan_id, (None, None))
        event = event if event is not None else sent.event
        if event is not None and event not in in_sight:
            sent.unplaced = Code.NOT_YOURS
        elif person is None:
            sent.unplaced = Code.UNKNOWN_CODE
        else:
            sent.unplaced = Code.NOT_SIGNED_UP
            sent.place = _best(rows, sent, person, event)
            # A card's code is a secret: from here on the person is known by a name that only we can read.
            if sent.place is None and sent.alias is None:
                sent.alias = devices.alias_of(person, event or 0)
            sent.raw = None


def _persons(vague: Sequence[Sent]) -> dict[str, tuple[int, int | None]]:
    """(person, event if the code says it) by the name of the scan."""
    whose: dict[str, tuple[int, int | None]] = {}
    cards: dict[str, str] = {}
    for sent in vague:
        words = (sent.raw or "").strip().upper()
        seen = rules.PASS.fullmatch(words)
        alias = sent.alias or (seen[2] if seen else None)
        if alias is not None:
            event = sent.event if sent.event is not None else int(seen[1]) if seen else None
            found = devices.person_of(alias, event)
            if found is not None and (event is not None or found[1] > 0):
                whose[sent.scan_id] = found
        elif card := rules.CARD.fullmatch(words):
            cards[sent.scan_id] = card[1]
    owners = scans.people_of_cards(cards.values())
    return whose | {name: (owners[token], None) for name, token in cards.items() if token in owners}


def _best(rows: Sequence[Row], sent: Sent, person: int, event: int | None) -> int | None:
    """The place they most likely mean: one that they hold and whose time it is."""
    assert sent.at is not None
    mine = [row for row in rows if row.person_id == person and (event is None or row.event_id == event)]
    late = rules.GOING_UNTIL if sent.direction is Direction.OUT else rules.GOING_UNTIL * 0
    timely = [row for row in mine if row.starts_at - rules.EARLY <= sent.at <= row.ends_at + late]
    held = [row for row in timely if row.status in rules.HELD]
    return next((row.id for row in [*held, *timely]), None)
