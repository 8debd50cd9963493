"""A scan that reached us after its shift was counted: one at a time, under all the locks that hours need.

A tablet was offline for a day; meanwhile hours were drafted, and whoever had no punch was noted as missed. As long as nothing
is final, the punch counts as if it had come in time: hours are drafted anew, missed becomes came.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from civic.core.db import db, locked
from civic.identity.models import Person
from civic.kiosk.actions import scanning
from civic.kiosk.actions.sent import Sent
from civic.kiosk.queries import scans
from civic.kiosk.queries.devices import Device
from civic.volunteering.models.events import Shift, SignUp


def take_in(device: Device, sent: Sent, undone: Collection[str] = ()) -> None:
    """Deal with a scan that the hot path left over. `undone`: the names that a later scan of the same upload takes back."""
    place_id = sent.place
    if place_id is None and sent.undoes is not None:
        place_id = next((row.place_id for row in scans.known(device.id, [sent.undoes])), None)
    if place_id is not None:
        hold(place_id)
    scanning.take_in(device, [sent], undone=undone)


def hold(place_id: int) -> SignUp | None:
    """A place with its person and shift, locked in the fixed order."""
    found = db.session.execute(select(SignUp.person_id, SignUp.shift_id).where(SignUp.id == place_id)).first()
    if found is None:
        return None
    db.session.scalars(locked(select(Person.id).where(Person.id == found.person_id), may_be_named=True)).one()
    db.session.scalars(locked(select(Shift).where(Shift.id == found.shift_id))).one()
    return db.session.scalars(locked(select(SignUp).where(SignUp.id == place_id))).one()
