"""Signing in on a device begins a row here, signing out ends it: a cookie that was copied before opens nothing afterwards."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db
from civic.identity.models import SignIn

KEPT = timedelta(days=40)
BATCH = 1000


def digest_of(token: str) -> str:
    """What is kept of a session's token: a stolen table opens nothing."""
    return crypto.digest("session", token)


def begin(user_id: int, *, is_remembered: bool = False, device: str | None = None) -> str:
    """Open a session of an account; its token, which only the browser keeps. `device` is the browser's own random mark."""
    token = crypto.token()
    mark = device_digest(device) if device else None
    db.session.add(SignIn(user_id=user_id, token_digest=digest_of(token), began_at=clock.now(), is_remembered=is_remembered, device_digest=mark))
    db.session.flush()
    return token


def device_digest(device: str) -> str:
    """What is kept of a browser's mark."""
    return crypto.digest("device", device)


def confirm(token: str) -> None:
    """Whoever sits there has just shown once more that the account is theirs."""
    db.session.execute(
        update(SignIn).where(SignIn.token_digest == digest_of(token)).values(confirmed_at=clock.now()).execution_options(synchronize_session=False)
    )


def end(token: str, user_id: int) -> None:
    """End one session."""
    _end(SignIn.token_digest == digest_of(token))
    audit.record(user_id, "account.sign_out", ("user", user_id))


def end_all(user_id: int) -> None:
    """End every session of an account."""
    _end(SignIn.user_id == user_id)


def _end(which: object) -> None:
    db.session.execute(
        update(SignIn).where(which, SignIn.ended_at.is_(None)).values(ended_at=clock.now()).execution_options(synchronize_session=False)  # type: ignore[arg-type]
    )


def purge() -> int:
    """Forget sessions that are over for good; how many."""
    old = db.session.scalars(select(SignIn.id).where(SignIn.began_at < clock.now() - KEPT).limit(BATCH)).all()
    if old:
        db.session.execute(delete(SignIn).where(SignIn.id.in_(old)).execution_options(synchronize_session=False))
    return len(old)
