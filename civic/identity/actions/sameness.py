"""Rows of one human being: known by the digest of a card's number, or joined by somebody's word; never deleted, so that honours and history stay where they are."""

from __future__ import annotations

from sqlalchemy import select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.identity import rules
from civic.identity.models import Person
from civic.identity.permissions import Actor


def recognise(actor: Actor, person_id: int, number: str, *, region_path: str) -> None:
    """An officer read the number off the card: its digest is kept, so that the same human being is found. Said again, it replaces."""
    person = db.session.scalars(locked(select(Person).where(Person.id == person_id))).one()
    before, person.identity_digest = person.identity_digest, rules.identity_digest(number)
    birth = rules.birth_date_of(number)
    # What protects a child is taken from the number, whatever somebody ticked; the birthday itself is not kept.
    if birth is not None and rules.is_minor(birth, clock.today()):
        person.is_minor = True
    db.session.flush()
    audit.record(
        actor.user_id, "person.recognise", ("person", person_id), region_path=region_path,
        corrected=before not in (None, person.identity_digest),
    )  # fmt: skip


def unite(actor: Actor, one_id: int, other_id: int, *, region_path: str) -> None:
    """Note that two persons are one: all their rows point to the first that was known."""
    rows = db.session.scalars(locked(select(Person).where(Person.id.in_((one_id, other_id))).order_by(Person.id))).all()
    roots = {row.same_as_id or row.id for row in rows}
    if len(roots) < 2:
        return
    first, later = min(roots), max(roots)
    db.session.execute(
        update(Person)
        .where((Person.id == later) | (Person.same_as_id == later))
        .values(same_as_id=first)
        .execution_options(synchronize_session="fetch")
    )
    audit.record(actor.user_id, "person.unite", ("person", first), region_path=region_path, other=later)
