"""Questions to the records: a list for auditors, and whether the chain is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ColumnElement, false, func, or_, select

from civic.audit.models import AuditHead, AuditRecord
from civic.audit.rules import FIRST, Content, seal_of
from civic.core import crypto, paging, typed
from civic.core.db import db

# The columns a seal covers, in the order of Content.
CONTENT = tuple(getattr(AuditRecord, name) for name in Content._fields)


@dataclass(frozen=True)
class Break:
    """One place where the chain does not hold."""

    seal_number: int
    record_id: int | None
    what: str  # changed | missing | cut_off | not_as_noted


@dataclass
class Verification:
    sealed: int = 0
    unsealed: int = 0
    breaks: list[Break] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.breaks


def head_beside(file: str) -> tuple[int, str] | None:
    """The end of the chain as it was noted outside the database, None where it never was."""
    try:
        number, _, seal = Path(file).read_text(encoding="ascii").strip().partition(" ")
    except FileNotFoundError:
        return None
    known = typed.whole_number(number)
    return (known if known is not None else -1, seal)


def verify(noted: tuple[int, str] | None = None) -> Verification:
    """Walk the whole chain, in constant memory. Each changed or missing record is named.

    `noted` is its end as it was written down elsewhere: who takes the newest links away, head and all, or brings back an
    older database, cannot take that back.

    After a break the next link may hang on the seal that stands there or on the one it should have: one change, one report.
    """
    found = Verification(unsealed=db.session.scalar(select(func.count()).select_from(AuditRecord).where(AuditRecord.seal_number.is_(None))))
    rows = db.session.execute(
        select(*CONTENT, AuditRecord.seal_number, AuditRecord.seal)
        .where(AuditRecord.seal_number.is_not(None))
        .order_by(AuditRecord.seal_number)
        .execution_options(yield_per=2000)
    )
    number, previous, options = 0, FIRST, (FIRST,)
    for row in rows:
        *content, at_number, seal = row
        while number + 1 < at_number:
            number += 1
            found.breaks.append(Break(number, None, "missing"))
            options = ()
        number = at_number
        if noted is not None and number == noted[0] and seal == noted[1]:
            noted = None
        # Behind a missing link the seal before is not known: the row cannot be proved, nor is it accused.
        reckoned = [seal_of(option, number, Content(*content)) for option in options]
        if reckoned and seal not in reckoned:
            found.breaks.append(Break(number, content[0], "changed"))
        found.sealed += 1
        previous, options = seal, (seal, *reckoned[:1])
    head = db.session.scalars(select(AuditHead)).first()
    end = (head.seal_number, head.seal) if head is not None else (0, FIRST)
    if end != (number, previous):
        found.breaks.append(Break(end[0], None, "cut_off"))
    if noted is not None and noted != (0, FIRST):
        found.breaks.append(Break(noted[0], None, "not_as_noted"))
    return found


def changed_reasons() -> list[int]:
    """Records whose reason is not the one that was given."""
    rows = db.session.execute(select(AuditRecord.id, AuditRecord.reason, AuditRecord.facts).where(AuditRecord.reason.is_not(None)))
    return [row.id for row in rows if json.loads(row.facts).get("reason_mark") != crypto.mark(f"reason:{row.reason}")]


def within(paths: tuple[str, ...]) -> ColumnElement[bool]:
    """Records of the regions at `paths`. Those of no region, sign-ins say, are the whole city's, and only its to read."""
    here: list[ColumnElement[bool]] = [(AuditRecord.region_path >= p) & (AuditRecord.region_path < p[:-1] + "/") for p in paths]
    if any(path.count(".") == 1 for path in paths):
        here.append(AuditRecord.region_path.is_(None))
    return or_(*here) if here else false()


def downloads(paths: tuple[str, ...], *, after: str | None = None, limit: int = 50) -> paging.Page[AuditRecord]:
    """What left the house with personal data in it, from the regions at `paths`, newest first."""
    query = select(AuditRecord).where(or_(AuditRecord.verb == "sheet.download", AuditRecord.verb.startswith("print.")))
    query = query.where(within(paths)).order_by(AuditRecord.id.desc()).limit(limit + 1)
    start = paging.values_of(after, (int,))
    if start is not None:
        query = query.where(AuditRecord.id < start[0])
    return paging.cut(db.session.scalars(query).all(), limit, lambda r: (r.id,), is_first=start is None)


def records(
    paths: tuple[str, ...],
    *,
    verb: str | None = None,
    subject: tuple[str, int] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> paging.Page[AuditRecord]:
    """Records of the regions at `paths`, newest first."""
    query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit + 1)
    query = query.where(within(paths))
    if verb:
        query = query.where(AuditRecord.verb == verb)
    if subject is not None:
        query = query.where(AuditRecord.subject_kind == subject[0], AuditRecord.subject_id == subject[1])
    start = paging.values_of(after, (int,))
    if start is not None:
        query = query.where(AuditRecord.id < start[0])
    return paging.cut(db.session.scalars(query).all(), limit, lambda r: (r.id,), is_first=start is None)


def last_actor_of(subject: tuple[str, int]) -> int | None:
    """Whose account did the last deed on a thing; none, where nobody did or the clock."""
    return db.session.scalars(
        select(AuditRecord.actor_id).where(AuditRecord.subject_kind == subject[0], AuditRecord.subject_id == subject[1]).order_by(AuditRecord.id.desc()).limit(1)
    ).first()


def about(user_id: int, person_id: int) -> list[AuditRecord]:
    """What was done by an account, and to it or its person: who looked at a number is among it."""
    subject = or_(
        (AuditRecord.subject_kind == "user") & (AuditRecord.subject_id == user_id), (AuditRecord.subject_kind == "person") & (AuditRecord.subject_id == person_id)
    )
    return list(db.session.scalars(select(AuditRecord).where(or_(AuditRecord.actor_id == user_id, subject)).order_by(AuditRecord.id)))
