"""What points tell: that some expire soon."""

from __future__ import annotations

from civic.core.db import db
from civic.identity.models import User
from civic.outbox.delivery import Address, Kind
from civic.outbox.models import Message
from civic.points import queries


def address_of(message: Message) -> Address | None:
    """The account's mailbox, else its phone."""
    user = db.session.get(User, message.recipient_id)
    if user is None or user.closed_at is not None:
        return None
    if user.email:
        return Address("email", user.email, user.person.name)
    return Address("sms", user.phone, user.person.name) if user.phone else None


def _soon(message: Message) -> dict[str, object]:
    person = int(str(message.fact("person")))
    points, day = queries.expiring_soon(person) or (0, None)
    return {"points": points, "day": day, "link": "/points/goods"}


KINDS = {
    "points_expiring": Kind(
        still_due=lambda m: queries.expiring_soon(int(str(m.fact("person")))) is not None, address=address_of, context=_soon
    )
}
