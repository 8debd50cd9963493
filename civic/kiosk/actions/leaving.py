"""What ends at the kiosk with an account: the person's card and those of family nobody speaks for, and open pairing codes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.identity.permissions import Actor
from civic.kiosk.actions.cards import touch
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.devices import Pairing


def leave(actor: Actor, person_id: int) -> None:
    """A card of somebody who left checks nobody in; kiosks hear of it with their next roster."""
    assert actor.user_id is not None
    card = db.session.scalars(locked(select(MemberCard).where(MemberCard.person_id == person_id, MemberCard.revoked_at.is_(None)))).first()
    if card is not None:
        card.revoked_at, card.revoked_by_id, card.revoked_for = clock.now(), actor.user_id, "账号注销"
        db.session.flush()
        touch(person_id)
        audit.record(actor.user_id, "card.revoke", ("member_card", card.id), person=person_id)
    end_pairings(actor.user_id)


def end_pairings(user_id: int) -> None:
    """Codes that somebody opened and nobody has used pair nothing any more."""
    now = clock.now()
    for row in db.session.scalars(select(Pairing).where(Pairing.opened_by_id == user_id, Pairing.used_at.is_(None), Pairing.expires_at > now)):
        row.expires_at = max(now, row.opened_at + timedelta(microseconds=1))
