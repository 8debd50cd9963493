"""The letter that answers a complaint."""

from __future__ import annotations

from civic.core.db import db
from civic.identity.rules import Contact, contact_from
from civic.outbox.delivery import Address, Kind
from civic.outbox.models import Message
from civic.pages.models import Complaint


def _complaint(message: Message) -> Complaint | None:
    return db.session.get(Complaint, message.recipient_id)


def _is_due(message: Message) -> bool:
    complaint = _complaint(message)
    return complaint is not None and complaint.answer is not None


def _address(message: Message) -> Address | None:
    complaint = _complaint(message)
    if complaint is None or not complaint.contact:
        return None
    contact: Contact = contact_from(complaint.contact)
    return Address("email" if contact.kind == "email" else "sms", contact.value, "")


def _context(message: Message) -> dict[str, object]:
    return {"complaint": _complaint(message)}


KINDS = {"complaint_answered": Kind(still_due=_is_due, address=_address, context=_context)}
