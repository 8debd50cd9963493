"""The closing of a round read before it is done: what becomes of each case, and every letter as it would go out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select

from civic.core import text
from civic.core.db import db, locked
from civic.core.errors import Conflict
from civic.identity.permissions import Actor
from civic.nominations.actions import rounds
from civic.nominations.models.cases import Nomination
from civic.nominations.models.decisions import Decision
from civic.nominations.models.rounds import Round
from civic.nominations.queries import cases
from civic.nominations.queries import rounds as queries
from civic.nominations.states import IN_ROUND
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
    queries.held(round_id)
    last = db.session.scalar(select(func.max(Message.id))) or 0
    before = _standing(round_id)
    savepoint = db.session.begin_nested()
    try:
        rounds.close(actor, round_id, tell)
        db.session.flush()
        found = _what_became(before)
        for message in db.session.scalars(select(Message).where(Message.id > last).order_by(Message.id)):
            letter = delivery.read(message)
            row = found.get(int(str(message.fact("nomination") or 0)))
            if row is not None and letter is not None:
                row.letters.append((_masked(letter[0]), letter[1], letter[2]))
        return list(found.values())
    finally:
        savepoint.rollback()
        db.session.expire_all()


def seen(rows: Sequence[dict[str, Any]]) -> str:
    """What somebody who read the rehearsal has seen, as one word: which case goes where, and who is written what about it."""
    lines = sorted((row["reference"], row["what"], [list(letter[:2]) for letter in row["letters"]]) for row in rows)
    return sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


def close_as_seen(actor: Actor, round_id: int, seen_by_them: str, tell: rounds.Tell = rounds.untold) -> int:
    """Close the round if that does exactly what its rehearsal showed; else nothing, and it wants to be read again."""
    queries.held(round_id)
    # Held through both, so that nobody withdraws between the look and the deed.
    db.session.scalars(locked(select(Nomination.id).where(_of(round_id)).order_by(Nomination.id))).all()
    if seen([asdict(row) for row in rehearse(actor, round_id)]) != seen_by_them:
        raise Conflict("changed_since_asked", _l("您看过以后，这里有了变化。请再看一遍，再定。"))
    return rounds.close(actor, round_id, tell)


def _standing(round_id: int) -> dict[int, tuple[int, int]]:
    """How each case that a closing may touch stands: (number of its last step, how often it was carried over)."""
    rows = db.session.execute(
        select(Nomination.id, func.coalesce(func.max(Decision.number), 0), Nomination.carried)
        .outerjoin(Decision, Decision.nomination_id == Nomination.id)
        .where(_of(round_id))
        .group_by(Nomination.id, Nomination.carried)
        .order_by(Nomination.id)
    )
    return {case: (number, carried) for case, number, carried in rows}


def _what_became(before: dict[int, tuple[int, int]]) -> dict[int, Rehearsed]:
    """The cases that the closing moved, whether or not anybody hears of it by letter."""
    found: dict[int, Rehearsed] = {}
    for case in db.session.scalars(select(Nomination).where(Nomination.id.in_(before)).order_by(Nomination.id)):
        number, carried = before[case.id]
        newest = cases.last_decision(case.id)
        if newest is not None and newest.number > number:
            found[case.id] = Rehearsed(case.nominee_name, case.reference, newest.verb.value, [])
        elif case.carried > carried:
            found[case.id] = Rehearsed(case.nominee_name, case.reference, "carry", [])
    return found


def _of(round_id: int) -> ColumnElement[bool]:
    """The cases a closing may touch: those of the round and those that wait in its region."""
    region = select(Round.region_id).where(Round.id == round_id).scalar_subquery()
    return or_(Nomination.round_id == round_id, (Nomination.region_id == region) & Nomination.status.in_(IN_ROUND))


def _masked(address: delivery.Address) -> str:
    value = text.masked_email(address.value) if address.channel == "email" else text.masked_phone(address.value)
    return f"{text.masked_name(address.name)} {value}"
