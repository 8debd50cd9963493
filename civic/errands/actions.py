"""Asking for an errand, stopping it, and forgetting what is over since a day."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from civic.core import clock, storage
from civic.core.db import db, insert_or_leave, locked
from civic.core.errors import NotAllowed, NotNow
from civic.errands.models import Errand, ErrandStatus
from civic.identity.permissions import Actor, out_of_reach

KEPT = timedelta(days=1)
BATCH = 50


def ask(actor: Actor, kind: str, key: str, *, name: str, **details: Any) -> int:
    """Leave the work to the worker; asked again under the same `key` while it is under way, it is the same errand."""
    assert actor.user_id is not None
    whole = f"{kind}:{actor.user_id}:{key}"[:120]
    db.session.execute(
        insert_or_leave(Errand.__table__),
        {
            "kind": kind, "key": whole, "name": name[:120], "asked_by_id": actor.user_id, "asked_at": clock.now(),
            "details": json.dumps({**details, "held": held_by(actor)}, ensure_ascii=False), "status": ErrandStatus.WAITING, "done": 0, "tries": 0,
        },
    )  # fmt: skip
    return db.session.scalars(select(Errand.id).where(Errand.key == whole, Errand.ended_at.is_(None))).one()


def held_by(actor: Actor) -> list[str]:
    """The roles somebody has now, in words to be kept: by these they may ask for what they ask for."""
    return sorted(f"{grant.role.value}@{grant.path}@{grant.for_id or ''}" for grant in actor.grants)


def demand_still(actor: Actor, facts: dict[str, Any]) -> None:
    """Refuse what was asked for in a role that has ended since: neither carried out nor shown nor fetched."""
    if not set(facts.get("held", ())) <= set(held_by(actor)):
        raise NotAllowed("role_over", _l("您那时的角色已经结束了，这一份不能再办、再看、再取。要用，请现在在任的同志来办。"))


def leave(actor: Actor) -> None:
    """Nothing more is done for an account that closes, and nothing of what was made for it stays."""
    for errand in db.session.scalars(locked(select(Errand).where(Errand.asked_by_id == actor.user_id).order_by(Errand.id))):
        if errand.status is ErrandStatus.RUNNING:
            errand.stop_asked_at = clock.now()
            continue
        if errand.file_key is not None:
            storage.remove(errand.file_key)
        db.session.delete(errand)
    db.session.flush()


def stop(actor: Actor, errand_id: int) -> None:
    """Do no more of it. What nobody has begun is over at once; else after the piece at hand."""
    found = db.session.scalars(locked(select(Errand).where(Errand.id == errand_id, Errand.asked_by_id == actor.user_id))).first()
    if found is None:
        raise out_of_reach()
    if not found.is_open:
        raise NotNow("errand_over", _l("已经办完了，停不下来了。"))
    found.stop_asked_at = clock.now()
    if found.status is ErrandStatus.WAITING:
        found.status, found.ended_at = ErrandStatus.STOPPED, clock.now()


def purge() -> int:
    """Forget what ended a day ago, file and all. How many."""
    old = db.session.scalars(
        locked(select(Errand).where(Errand.ended_at < clock.now() - KEPT).order_by(Errand.ended_at).limit(BATCH))
    ).all()
    for errand in old:
        # The file first: a row without a file is tried again, a file without a row would stay for ever.
        if errand.file_key is not None:
            storage.remove(errand.file_key)
        db.session.delete(errand)
    return len(old)


def fence(errand_id: int, mine: str, **values: Any) -> Any:
    """Write this of an errand that one still holds: (when a stop was asked,), or None where it is another's by now."""
    return db.session.execute(
        update(Errand)
        .where(Errand.id == errand_id, Errand.holder == mine)
        .values(**values)
        .returning(Errand.stop_asked_at)
        .execution_options(synchronize_session=False)
    ).first()
