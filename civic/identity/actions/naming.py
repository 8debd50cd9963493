"""Putting right the name of an account, by the city's staff, with a reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotAllowed
from civic.core.text import normalised_name
from civic.identity.actions.accounts import user_of
from civic.identity.models import NameCorrection, Person
from civic.identity.permissions import Actor, Permission, demand
from civic.identity.rules import Contact
from civic.outbox import actions as outbox

NAME_MOST, REASON_MOST = 60, 200


def correct(actor: Actor, contact: Contact, *, before: str, after: str, reason: str, city_path: str) -> NameCorrection:
    """Change the name of an account. `before` proves that it is the right one; its owner is told.

    A card that somebody saw was seen under the old name: the community looks at it again.
    """
    demand(actor, Permission.PERSON_CORRECT, city_path)
    user = user_of(contact)
    if user is None:
        raise Invalid("no_such_account", _l("没有找到这个手机号或邮箱的账号，请再对一遍。"), field="contact")
    person = db.session.scalars(locked(select(Person).where(Person.id == user.person_id))).one()
    if person.id == actor.person_id:
        raise NotAllowed("not_oneself", _l("自己的名字请别的同志来改。"))
    if normalised_name(before) != person.normal_name:
        raise Invalid("name_differs", _l("账号里现在不是这个名字，怕改错了人。请问清他（她）账号里写的是什么。"), field="before")
    wanted = after.strip()[:NAME_MOST]
    if not normalised_name(wanted):
        raise Invalid("name_missing", _l("请写要改成的名字。"), field="after")
    if wanted == person.name:
        raise Invalid("name_same", _l("和原来的一样，不用改。"), field="after")
    if len(reason.strip()) < 4:
        raise Invalid("reason_missing", _l("请写为什么改，比如“注册时打错一个字，看过证件”。"), field="reason")
    row = NameCorrection(
        person_id=person.id, before=person.name, after=wanted, reason=reason.strip()[:REASON_MOST], at=clock.now(), by_id=actor.user_id
    )
    person.name, person.normal_name = wanted, normalised_name(wanted)
    person.attested_at = person.attested_by_id = None
    db.session.add(row)
    db.session.flush()
    outbox.enqueue("name_corrected", str(row.id), ("user", user.id), correction=row.id)
    audit.record(actor.user_id, "person.correct_name", ("person", person.id), correction=row.id)
    return row
