"""What changed in a case since somebody last looked, and the filters they kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from civic.core import text
from civic.core.db import db
from civic.identity.permissions import Actor, Permission
from civic.nominations.models.cases import Nomination
from civic.nominations.models.looks import Look, Revision, SavedFilter
from civic.nominations.queries.inquiries import facts_of
from civic.nominations.states import Verb

# Fields that people wrote, shown word by word; the others are shown as was and is.
TEXTS = ("headline", "summary", "story")
FACTS = ("is_party_member", "is_public_employee", "is_business_person", "is_head_of_enterprise")


@dataclass(frozen=True)
class Change:
    """One field that says something else than it did: its pieces, each the same, gone or new."""

    field: str
    before: str
    after: str

    @property
    def pieces(self) -> list[tuple[str, str]]:
        return text.differences(self.before, self.after)


@dataclass(frozen=True)
class Changes:
    """Everything that changed since a moment."""

    since: datetime
    fields: dict[str, Change]
    new_photos: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.fields or self.new_photos)


def last_look(nomination: Nomination, actor: Actor) -> datetime | None:
    """When this person last read or handled the case; else when somebody of its present level did. Needs decisions loaded."""
    mine = [d.at for d in nomination.decisions if d.actor_id == actor.user_id]
    look = db.session.scalar(select(Look.at).where(Look.nomination_id == nomination.id, Look.user_id == actor.user_id))
    if look is not None:
        mine.append(look)
    if mine:
        return max(mine)
    if nomination.desk_path not in actor.paths_for(Permission.NOMINATION_REVIEW):
        return None
    of_desk = [d.at for d in nomination.decisions if d.level == nomination.level and d.verb in (Verb.TAKE, Verb.RETURN, Verb.PASS)]
    return max(of_desk, default=None)


def changes(nomination: Nomination, actor: Actor) -> Changes | None:
    """What is new for this reader; None for somebody who never saw it. Two statements."""
    since = last_look(nomination, actor)
    if since is None:
        return None
    rows = db.session.scalars(
        select(Revision).where(Revision.nomination_id == nomination.id, Revision.at > since).order_by(Revision.id)
    ).all()
    first: dict[str, Revision] = {}
    for row in rows:
        first.setdefault(row.field, row)
    found = {}
    for field, row in first.items():
        now = _now(facts_of(nomination.id) if field in FACTS else nomination, field)
        if now != row.before:
            found[field] = Change(field, row.before, now)
    return Changes(since, found, frozenset(p.id for p in nomination.photos if p.added_at > since))


def _now(row: object, field: str) -> str:
    value = getattr(row, field, None)
    return "" if value is None else str(value)


def filters_of(actor: Actor) -> Sequence[SavedFilter]:
    return db.session.scalars(select(SavedFilter).where(SavedFilter.user_id == actor.user_id).order_by(SavedFilter.id)).all()


