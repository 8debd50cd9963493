"""Drafts of nominations: whose they are, which are unfinished, their photographs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from civic.core import clock, crypto
from civic.core.db import db
from civic.nominations.models.cases import Draft, Photo
from civic.nominations.rules import telling

MOST_LISTED = 20


def holder_digest(holder: str) -> str:
    """What the table keeps of the token a browser holds."""
    return crypto.digest("draft", holder)


def _whose(holder: str | None, user_id: int | None) -> ColumnElement[bool]:
    """A draft is its account's, wherever that signs in; one that has no account is its browser's."""
    ways = []
    if user_id is not None:
        ways.append(Draft.user_id == user_id)
    if holder:
        ways.append(and_(Draft.user_id.is_(None), Draft.holder_digest == holder_digest(holder)))
    return or_(*ways) if ways else false()


def by_key(key: str) -> Draft | None:
    """The draft at this address, whoever asks."""
    return db.session.scalars(select(Draft).where(Draft.key == key)).first()


def by_id(draft_id: int) -> Draft | None:
    return db.session.get(Draft, draft_id)


def is_of(draft: Draft, holder: str | None, user_id: int | None) -> bool:
    """Whether the draft belongs to whoever asks: the account, or the browser where there is none."""
    if draft.user_id is not None:
        return draft.user_id == user_id
    return bool(holder) and draft.holder_digest == holder_digest(holder or "")


def waits_for_its_account(draft: Draft, holder: str | None) -> bool:
    """Whether it was written in this browser by somebody whose session has ended since."""
    return draft.user_id is not None and bool(holder) and draft.holder_digest == holder_digest(holder or "")


def unfinished(holder: str | None, user_id: int | None) -> list[Draft]:
    """The drafts that somebody began and has not sent, the last touched first."""
    found = db.session.scalars(
        select(Draft)
        .where(_whose(holder, user_id), Draft.submitted_as_id.is_(None), Draft.changed_at > clock.now() - telling.DRAFT_KEPT)
        .order_by(Draft.changed_at.desc(), Draft.id.desc())
        .limit(MOST_LISTED)
    )
    return [draft for draft in found if not is_left_behind(draft)]


def count_unfinished(holder: str, user_id: int | None) -> int:
    """How many unfinished drafts somebody has, those that nobody sees any more included."""
    return db.session.scalar(select(func.count()).select_from(Draft).where(_whose(holder, user_id), Draft.submitted_as_id.is_(None))) or 0


def is_left_behind(draft: Draft) -> bool:
    """Whether it lies on a device that others use, and whoever wrote it has gone."""
    return draft.is_on_shared_device and is_older(draft, telling.SHARED_KEPT)


def is_older(draft: Draft, than: timedelta) -> bool:
    """Whether nobody has touched it for so long."""
    return draft.changed_at < clock.now() - than


def photos_of(draft_id: int) -> Sequence[Photo]:
    return db.session.scalars(select(Photo).where(Photo.draft_id == draft_id).order_by(Photo.position, Photo.id)).all()
