"""The closing of a round read before it is done: what becomes of each case, and every letter as it would go out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from civic.core import text
from civic.core.db import db
from civic.identity.permissions import Actor
from civic.nominations.actions import rounds
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.rounds import Round
from civic.nominations.queries import cases
from civic.outbox import delivery
from civic.outbox.models import Message


@dataclass(frozen=True)
class Rehearsed:
    """What the closing would do with one case, and the letters about it: (masked address, subject, text)."""

    name: str
    reference: str
    what: str  # the last step's verb, or "carry" for the next round
    letters: list[tuple[str, str, str]]


def rehearse(actor: Actor, round_id: int, tell: rounds.Tell = rounds.untold) -> list[Rehearsed]:
    """Close the round, read what came of it and every letter, and take it all back: the very deed, not a likeness of it.

    The caller's transaction holds the locks meanwhile; the savepoint leaves nothing behind.
    """
    last = db.session.scalar(select(func.max(Message.id))) or 0
    numbers = select(Decision.nomination_id, func.max(Decision.number)).join(Nomination, Nomination.id == Decision.nomination_id)
    before = dict(db.session.execute(numbers.where(_of(round_id)).group_by(Decision.nomination_id)).all())
    savepoint = db.session.begin_nested()
    try:
        rounds.close(actor, round_id, tell)
        db.session.flush()
        found: dict[int, Rehearsed] = {}
        for message in db.session.scalars(select(Message).where(Message.id > last).order_by(Message.id)):
            case = db.session.get(Nomination, message.fact("nomination"))
            letter = delivery.read(message)
            if case is None or letter is None:
                continue
            if case.id not in found:
                newest = cases.last_decision(case.id)
                is_new = newest is not None and newest.number > before.get(case.id, 0)
                found[case.id] = Rehearsed(case.nominee_name, case.reference, newest.verb.value if is_new and newest is not None else "carry", [])
            found[case.id].letters.append((_masked(letter[0]), letter[1], letter[2]))
        return list(found.values())
    finally:
        savepoint.rollback()
        db.session.expire_all()


def _of(round_id: int) -> ColumnElement[bool]:
    """The cases a closing may touch: those of the round and those that wait in its region."""
    region = select(Round.region_id).where(Round.id == round_id).scalar_subquery()
    return or_(Nomination.round_id == round_id, Nomination.region_id == region)


def _masked(address: delivery.Address) -> str:
    value = text.masked_email(address.value) if address.channel == "email" else text.masked_phone(address.value)
    return f"{text.masked_name(address.name)} {value}"
