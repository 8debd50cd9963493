"""Writing the record of a deed, in the deed's own transaction."""

from __future__ import annotations

import json

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db


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
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str),
    )
    db.session.add(row)
    return row
