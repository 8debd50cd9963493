"""Somebody joins at the door: registered with the least that is needed, signed up and in. Only online, for rules are asked."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, insert_or_leave
from civic.core.errors import Invalid, NotFound
from civic.identity.models import Person
from civic.identity.permissions import MACHINE, Actor, out_of_reach
from civic.identity.rules import contact_from
from civic.kiosk.actions.noting import Overtaken
from civic.kiosk.actions.sent import Sent
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import conflicts, devices, scans
from civic.kiosk.queries.devices import Device
from civic.kiosk.states import OUTCOME, Code, Kind
from civic.volunteering.actions import attendance, people, signing
from civic.volunteering.models.attendance import Means
from civic.volunteering.models.rechecks import Recheck
from civic.volunteering.queries import rechecks, shifts
from civic.volunteering.rules.doors import Door
from civic.volunteering.states import Direction


def walk_in(device: Device, sent: Sent, *, shift_id: int, name: str, phone: str, birth_date: date | None, has_read_briefing: bool) -> None:
    """Register, sign up and punch in one transaction; the same `scan_id` again gets the same answer and the same place.

    The time is the server's: whoever can ask it needs no clock of their own.
    """
    before = next(iter(scans.known(device.id, [sent.scan_id])), None)
    if before is not None:
        sent.place = before.place_id if before.content == sent.content else None
        sent.code = before.code if before.content == sent.content else Code.SCAN_ID_REUSED
        return
    shift = shifts.shift_by_id(shift_id)
    if shift is None or shift.event_id not in scans.events_in_sight(device, [shift.event_id]):
        raise NotFound("shift_unknown", _l("没有找到这一班，可能重新排过了。请看看最新的班次。"))
    contact = contact_from(phone)
    if contact.kind != "phone":
        raise Invalid("contact_unclear", _l("请写手机号。"), field="phone")
    person = people.guest(MACHINE, name=name, phone=contact.value)
    if birth_date is not None and person.birth_date is None:
        people.say_birthday(MACHINE, person, birth_date)
    row = signing.sign_up_at_table(MACHINE, shift_id, person.id, door=Door.KIOSK, has_read_briefing=has_read_briefing)
    known = attendance.live(row.id, Direction.IN)
    punch = attendance.punched(row, Direction.IN, at=clock.now(), means=Means.KIOSK, kiosk_id=device.id, device_at=sent.device_at)
    sent.code, sent.place = Code.AGAIN if known is not None else Code.IN, row.id
    written = db.session.execute(
        insert_or_leave(Scan.__table__).returning(Scan.id),
        {
            "kiosk_id": device.id, "scan_id": sent.scan_id, "content": sent.content, "kind": Kind.WALK_IN, "device_at": sent.device_at, "offset": sent.offset,
            "at": clock.now(), "received_at": clock.now(), "event_id": shift.event_id, "place_id": row.id, "direction": Direction.IN,
            "alias": devices.alias_of(person.id, shift.event_id), "outcome": OUTCOME[sent.code], "code": sent.code, "punch_id": punch.id,
        },
    ).first()  # fmt: skip
    if written is None:
        raise Overtaken


def complete(actor: Actor, number: int, *, birth_date: date) -> tuple[Person, list[Recheck]]:
    """Add the birthday that was not asked at the door: insurance and the rules for minors need it. The rules are asked anew of
    the places they have; what stands against one now."""
    scan = db.session.get(Scan, number)
    if scan is None or scan.kind is not Kind.WALK_IN or scan.place is None or not conflicts.may_decide(actor, scan):
        raise out_of_reach()
    person = signing.person_held(scan.place.person_id)
    if person.birth_date is None:
        people.say_birthday(actor, person, birth_date)
        audit.record(actor.user_id, "person.complete", ("person", person.id), region_path=scan.kiosk.region_path, scan=scan.id)
    return person, rechecks.open_of_person(person.id)
