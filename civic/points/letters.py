"""What points tell: that some expire soon."""

from __future__ import annotations

from civic.core.db import db
from civic.identity.letters import address_of
from civic.identity.models import Person, User
from civic.outbox.delivery import Kind
from civic.outbox.models import Message
from civic.points import queries


def _soon(message: Message) -> dict[str, object]:
    person = int(str(message.fact("person")))
    points, day = queries.expiring_soon(person) or (0, None)
    hearer = db.session.get(User, message.recipient_id)
    if hearer is None or hearer.person_id == person:
        return {"whom": None, "points": points, "day": day, "link": "/points/goods"}
    return {"whom": db.session.get_one(Person, person).name, "points": points, "day": day, "link": f"/points/goods?of={person}"}


KINDS = {
    "points_expiring": Kind(
        still_due=lambda m: queries.expiring_soon(int(str(m.fact("person")))) is not None, address=address_of, context=_soon
    )
}
