"""Declared relatives: who keeps away from whose case.

Whoever declares a relation binds themselves at once, and nobody else: the one they named is bound when they say yes. They may
say no, and either may end it later. A declaration looks the same whether anybody has that number: it is no directory.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, or_, select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid
from civic.identity.models import Kinship, Person, User
from civic.identity.permissions import Actor, out_of_reach
from civic.identity.rules import RELATIONS, Contact, contact_digest
from civic.outbox import actions as outbox


def declare(actor: Actor, contact: Contact, relation: str) -> None:
    """Declare whoever has this phone or mailbox as one's kin. Who has an account is asked whether it is so."""
    if relation not in RELATIONS or actor.person_id is None:
        raise Invalid("relation_unknown", _l("请选是什么关系。"), field="relation")
    mark = contact_digest(contact)
    # Clicked twice it is one: the second waits here.
    db.session.scalars(locked(select(Person).where(Person.id == actor.person_id), may_be_named=True)).one()
    mine = select(Kinship.id).where(Kinship.person_id == actor.person_id, Kinship.ended_at.is_(None))
    if db.session.scalars(mine.where(Kinship.contact_digest == mark).limit(1)).first() is not None:
        raise Conflict("kin_known", _l("这个号码您已经说过了。关系写错了，先去掉再写。"), field="contact")
    people = _with(mark)
    if actor.person_id in people:
        raise Invalid("kin_oneself", _l("这是您自己的号码。"), field="contact")
    named: list[int | None] = [*sorted(people)] or [None]
    for kin_id in named:
        if kin_id is not None and _said_by_them(actor, kin_id):
            continue
        row = Kinship(
            person_id=actor.person_id, kin_id=kin_id, contact=contact.value, contact_digest=mark, relation=relation, declared_at=clock.now()
        )
        db.session.add(row)
        db.session.flush()
        _ask(row)
    # How many it names is no fact for the records: who reads them would learn who is known here.
    audit.record(actor.user_id, "kin.declare", ("person", actor.person_id), relation=relation)


def _with(mark: str) -> set[int]:
    """Everybody known with this phone, and whose account has it."""
    found = set(db.session.scalars(select(Person.id).where(Person.phone_digest == mark)))
    accounts = select(User.person_id).where(or_(User.phone_digest == mark, User.email_digest == mark), User.closed_at.is_(None))
    return found | set(db.session.scalars(accounts))


def _said_by_them(actor: Actor, kin_id: int) -> bool:
    """The other said it before: declaring it back is saying yes. Whether there was anything to say yes to."""
    row = db.session.scalars(
        locked(select(Kinship).where(Kinship.person_id == kin_id, Kinship.kin_id == actor.person_id, Kinship.ended_at.is_(None)))
    ).first()
    if row is None:
        known = select(Kinship.id).where(Kinship.person_id == actor.person_id, Kinship.kin_id == kin_id, Kinship.ended_at.is_(None))
        return db.session.scalars(known.limit(1)).first() is not None
    _confirmed(actor, row)
    return True


def _ask(row: Kinship) -> None:
    """A letter to the one who was named, once: who said no before finds it on their page, and no second letter."""
    if row.kin_id is None:
        return
    account = db.session.scalars(select(User.id).where(User.person_id == row.kin_id, User.closed_at.is_(None))).first()
    was_asked = exists().where(Kinship.person_id == row.person_id, Kinship.kin_id == row.kin_id, Kinship.id != row.id)
    if account is not None and not db.session.scalar(select(was_asked)):
        outbox.enqueue("kin_named", str(row.id), ("user", account), kinship=row.id)


def attach(person_id: int, contact: Contact) -> None:
    """Somebody proved a contact that others named before they were known here: the word holds for them now."""
    rows = select(Kinship).where(
        Kinship.contact_digest == contact_digest(contact), Kinship.kin_id.is_(None), Kinship.ended_at.is_(None), Kinship.person_id != person_id
    )
    for row in db.session.scalars(locked(rows.order_by(Kinship.id))):
        known = select(Kinship.id).where(Kinship.person_id == row.person_id, Kinship.kin_id == person_id, Kinship.ended_at.is_(None))
        if db.session.scalars(known.limit(1)).first() is None:
            row.kin_id = person_id
            db.session.flush()
            _ask(row)


def bind(person_id: int, kin_id: int, relation: str) -> None:
    """Note a relation that both have confirmed elsewhere (imports, desks)."""
    now = clock.now()
    db.session.add(Kinship(person_id=person_id, kin_id=kin_id, relation=relation, declared_at=now, confirmed_at=now))


def _held(actor: Actor, kinship_id: int) -> Kinship:
    """A running relation of the actor's, locked, whichever side; anybody else's is nowhere."""
    row = db.session.scalars(locked(select(Kinship).where(Kinship.id == kinship_id))).first()
    if row is None or row.ended_at is not None or actor.person_id is None or actor.person_id not in (row.person_id, row.kin_id):
        raise out_of_reach()
    return row


def confirm(actor: Actor, kinship_id: int) -> Kinship:
    """Yes, it is so: from now on it counts for both."""
    row = _held(actor, kinship_id)
    if row.kin_id != actor.person_id:
        raise out_of_reach()
    _confirmed(actor, row)
    return row


def _confirmed(actor: Actor, row: Kinship) -> None:
    if row.confirmed_at is None:
        row.confirmed_at = clock.now()
        audit.record(actor.user_id, "kin.confirm", ("person", row.person_id), kinship=row.id)
        _tell_other(actor, row, "kin_confirmed")


def end(actor: Actor, kinship_id: int) -> Kinship:
    """No, or no more: by either side, at any time. It counts for nobody from now on."""
    row = _held(actor, kinship_id)
    # One number of a whole household is several rows and one word.
    same = [Kinship.person_id == row.person_id, Kinship.ended_at.is_(None), Kinship.contact_digest == row.contact_digest]
    is_mine = row.person_id == actor.person_id and row.contact_digest is not None and row.confirmed_at is None
    rows = db.session.scalars(locked(select(Kinship).where(*same, Kinship.confirmed_at.is_(None)).order_by(Kinship.id))).all() if is_mine else [row]
    for each in rows:
        each.ended_at = clock.now()
        # What was typed is of no use any more; that there was a relation may be asked for later.
        each.contact = each.contact_digest = None
        audit.record(actor.user_id, "kin.end", ("person", each.person_id), kinship=each.id)
        if not is_mine or each.confirmed_at is not None:
            _tell_other(actor, each, "kin_ended")
    db.session.flush()
    return row


def _tell_other(actor: Actor, row: Kinship, kind: str) -> None:
    other = row.kin_id if row.person_id == actor.person_id else row.person_id
    account = db.session.scalars(select(User.id).where(User.person_id == other, User.closed_at.is_(None))).first()
    if account is not None and not outbox.is_owed(kind, str(row.id)):
        outbox.enqueue(kind, str(row.id), ("user", account), kinship=row.id, other=actor.person_id)


def end_all(actor: Actor, person_id: int) -> None:
    """End every relation of somebody who leaves; without a letter, for nothing changes for the other."""
    mine = or_(Kinship.person_id == person_id, Kinship.kin_id == person_id)
    for row in db.session.scalars(locked(select(Kinship).where(mine, Kinship.ended_at.is_(None)).order_by(Kinship.id))):
        row.ended_at, row.contact, row.contact_digest = clock.now(), None, None
        audit.record(actor.user_id, "kin.end", ("person", row.person_id), kinship=row.id)
    db.session.flush()
