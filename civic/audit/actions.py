"""Writing the record of a deed in the deed's own transaction, and sealing records into the chain."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import insert, select, update

from civic.audit.models import AuditHead, AuditRecord
from civic.audit.queries import CONTENT
from civic.audit.rules import FIRST, Content, seal_of
from civic.core import clock, crypto
from civic.core.db import db, locked


def record(
    actor_id: int | None,
    verb: str,
    subject: tuple[str, int | None],
    *,
    region_path: str | None = None,
    **facts: object,
) -> AuditRecord:
    """Note who did what to which thing.

    `verb` is `feature.deed`; `subject` is (kind, id); `facts` are ids, numbers, codes and dates, never names, phone
    numbers or texts that people wrote.
    """
    row = AuditRecord(
        at=clock.now(),
        actor_id=actor_id,
        verb=verb,
        subject_kind=subject[0],
        subject_id=subject[1],
        region_path=region_path,
        facts=facts_of(facts),
    )
    db.session.add(row)
    return row


def record_with_reason(actor_id: int | None, verb: str, subject: tuple[str, int | None], reason: str, *, region_path: str | None = None, **facts: object) -> AuditRecord:
    """The same where somebody has to say why. The words are kept sealed beside the record, under it only their mark."""
    row = record(actor_id, verb, subject, region_path=region_path, **facts, reason_mark=crypto.mark(f"reason:{reason}"))
    row.reason = reason
    return row


def record_all(rows: Sequence[tuple[int | None, str, tuple[str, int | None], str | None, dict[str, object]]]) -> None:
    """The same for many deeds at once, in one statement: (actor, verb, subject, region path, facts) of each."""
    now = clock.now()
    lines = [
        {
            "at": now, "actor_id": actor_id, "verb": verb, "subject_kind": subject[0], "subject_id": subject[1], "region_path": path,
            "facts": facts_of(facts),
        }
        for actor_id, verb, subject, path, facts in rows
    ]  # fmt: skip
    if lines:
        db.session.execute(insert(AuditRecord.__table__), lines)


def facts_of(facts: dict[str, object]) -> str:
    """The facts of a record as they are kept: compact, in one order."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def seal(limit: int = 1000) -> int:
    """Chain up to `limit` records that are not sealed yet; how many.

    The head's row is locked first, so several workers may seal at once. The chain has an order of its own: a record
    whose transaction ended late is sealed late, and nobody's deed ever waited for the chain.
    """
    head = db.session.scalars(locked(select(AuditHead))).first()
    if head is None:
        head = AuditHead(id=1, seal_number=0, seal=FIRST)
        db.session.add(head)
        db.session.flush()
    number, previous = head.seal_number, head.seal
    rows = db.session.execute(
        select(*CONTENT).where(AuditRecord.seal_number.is_(None)).order_by(AuditRecord.id).limit(limit)
    ).all()
    links = []
    for row in rows:
        number += 1
        previous = seal_of(previous, number, Content(*row))
        links.append({"id": row.id, "seal_number": number, "seal": previous})
    if links:
        db.session.execute(update(AuditRecord), links)
        head.seal_number, head.seal = number, previous
    return len(links)
