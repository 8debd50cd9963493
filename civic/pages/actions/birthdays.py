"""A birthday put right, and what the rules of service make of the new age, in one transaction."""

from __future__ import annotations

from datetime import date

from civic.identity.actions import birthdays
from civic.identity.permissions import Actor
from civic.identity.rules import Contact
from civic.volunteering.actions import rechecking


def mend(actor: Actor, person_id: int, *, birth_date: date, reason: str) -> None:
    """By oneself, or by whoever speaks for the person."""
    birthdays.mend(actor, person_id, birth_date=birth_date, reason=reason)
    rechecking.ask_again(person_id)


def mend_for(actor: Actor, contact: Contact, *, name: str, birth_date: date, reason: str, city_path: str) -> None:
    """By the city's staff."""
    mended = birthdays.mend_for(actor, contact, name=name, birth_date=birth_date, reason=reason, city_path=city_path)
    rechecking.ask_again(mended.person_id)
