"""Declared relatives and households: who keeps away from whose case."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Invalid
from civic.identity.models import Kinship, Person
from civic.identity.permissions import Actor
from civic.identity.rules import Contact, contact_digest

RELATIONS = ("spouse", "parent", "child", "sibling", "in_law", "household")


def declare(actor: Actor, contact: Contact, relation: str) -> int:
    """Declare somebody known by this phone as one's kin, in both directions; how many persons it names."""
    if relation not in RELATIONS or actor.person_id is None:
        raise Invalid("relation_unknown", _l("请选是什么关系。"), field="relation")
    others = db.session.scalars(
        select(Person.id).where(Person.phone_digest == contact_digest(contact), Person.id != actor.person_id)
    ).all()
    for other in others:
        for one, two in ((actor.person_id, other), (other, actor.person_id)):
            known = db.session.scalar(select(Kinship.id).where(Kinship.person_id == one, Kinship.kin_id == two))
            if known is None:
                db.session.add(Kinship(person_id=one, kin_id=two, relation=relation, declared_at=clock.now()))
    audit.record(actor.user_id, "kin.declare", ("person", actor.person_id), found=len(others), relation=relation)
    return len(others)


def bind(person_id: int, kin_id: int, relation: str) -> None:
    """Note a relation between two persons, in both directions (imports, desks)."""
    for one, two in ((person_id, kin_id), (kin_id, person_id)):
        db.session.add(Kinship(person_id=one, kin_id=two, relation=relation, declared_at=clock.now()))


def withdraw(actor: Actor, kin_id: int) -> None:
    """Take one's own declaration back; the other direction goes too."""
    mine = actor.person_id
    db.session.execute(
        delete(Kinship).where(
            ((Kinship.person_id == mine) & (Kinship.kin_id == kin_id))
            | ((Kinship.person_id == kin_id) & (Kinship.kin_id == mine))
        )
    )
    audit.record(actor.user_id, "kin.withdraw", ("person", mine))
