"""Who is meant by what was typed: a volunteer's number or a phone."""

from __future__ import annotations

from civic.core.typed import whole_number
from civic.identity.rules import contact_from, phone_digest
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import people


def volunteer_named(typed: str | None) -> Volunteer | None:
    """The volunteer behind a number or a phone, None where there is none."""
    number = whole_number(typed or "")
    if number is not None and number < 10**10:
        return people.by_number(number)
    contact = contact_from(typed or "")
    return people.by_phone(phone_digest(contact.value)) if contact.kind == "phone" else None
