"""One person at the door: a coming or going of a place that the tablet knows, in one question and one writing.

Nothing is held in between. What was read has a version, and is written only while the place still has it; whatever is less
simple, or was overtaken, is left to `scanning`, which holds the place. Only PostgreSQL is asked this way: it writes all of
it in one statement, whole or not at all.
"""

from __future__ import annotations

from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from civic.core.db import db
from civic.kiosk.actions import noting, scanning
from civic.kiosk.actions.sent import Sent
from civic.kiosk.queries import scans
from civic.kiosk.queries.devices import Device
from civic.kiosk.states import Kind


def take_in(device: Device, sent: Sent) -> bool:
    """Deal with a scan that came alone; it has its code afterwards. False: nothing was written."""
    if sent.fault or sent.kind is not Kind.PUNCH or sent.place is None or db.engine.dialect.name != "postgresql":
        return False
    try:
        seen = scans.glimpsed(device, sent.place, sent.scan_id)
        if seen is None:
            return False
        version, place = seen
        note = scanning.judged_alone(device, place, sent)
        return note is not None and noting.noted_alone(note, version)
    except (IntegrityError, DataError, OperationalError):
        # Known by now, not fit to be kept, or the way to the database broke off: `scanning` finds out which.
        return False
