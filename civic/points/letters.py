"""What points tell: that some expire soon, that an exchange was given back."""

from __future__ import annotations

from civic.core.db import db
from civic.identity.letters import address_of
from civic.identity.models import Person, User
from civic.outbox import actions as outbox
from civic.outbox.delivery import Kind
from civic.outbox.models import Message
from civic.points import queries
from civic.points.models import Redemption


def _soon(message: Message) -> dict[str, object]:
    person = int(str(message.fact("person")))
    points, day = queries.expiring_soon(person) or (0, None)
    hearer = db.session.get(User, message.recipient_id)
    if hearer is None or hearer.person_id == person:
        return {"whom": None, "points": points, "day": day, "link": "/points/goods"}
    return {"whom": db.session.get_one(Person, person).name, "points": points, "day": day, "link": f"/points/goods?of={person}"}


def tell_given_back(redemption: Redemption) -> None:
    """That a good was taken off the shelf, and its points came back."""
    hearer = queries.hearer_of(redemption.person_id)
    if hearer is not None:
        outbox.enqueue("good_taken_down", str(redemption.id), ("user", hearer), redemption=redemption.id)


def _given_back(message: Message) -> dict[str, object]:
    found = db.session.get_one(Redemption, message.fact("redemption"))
    hearer = db.session.get(User, message.recipient_id)
    whom = None if hearer is None or hearer.person_id == found.person_id else found.person.name
    expired = queries.back_too_late(found.id)
    return {"whom": whom, "redemption": found, "good": found.good, "expired": expired, "link": f"/points/?of={found.person_id}" if whom else "/points/"}


KINDS = {
    "good_taken_down": Kind(still_due=lambda m: True, address=address_of, context=_given_back),
    "points_expiring": Kind(
        still_due=lambda m: queries.expiring_soon(int(str(m.fact("person")))) is not None, address=address_of, context=_soon
    )
}
