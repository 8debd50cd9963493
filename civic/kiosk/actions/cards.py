"""Member cards: issued to people of one's teams, revoked when they are lost; a new one ends the one before."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db
from civic.core.errors import Invalid, NotNow
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.queries import cards as questions
from civic.volunteering.actions import signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.people import Team
from civic.volunteering.queries import people

SHEET = 10  # cards on one A4


def _tended(actor: Actor, team_id: int) -> Team:
    team = people.team_by_id(team_id)
    if team is None or not (may(actor, Permission.EVENT_RUN, team.region_path) or people.leads(actor.person_id, team.id)):
        raise out_of_reach()
    return team


def issue(actor: Actor, team_id: int, person_ids: Sequence[int]) -> list[MemberCard]:
    """Valid cards of these members, made where there are none; printing again makes no new ones."""
    team = _tended(actor, team_id)
    members = {member.person_id for member in people.members_of(team.id)}
    if not set(person_ids) <= members:
        raise out_of_reach()
    if not person_ids:
        raise Invalid("nobody_picked", _l("请先勾上给谁发卡。"))
    return [_card(actor, team, person_id) for person_id in sorted(set(person_ids))]


def _card(actor: Actor, team: Team, person_id: int) -> MemberCard:
    # The person first: two desks at once make one card.
    signing.person_held(person_id)
    known = questions.card_of(person_id)
    if known is not None:
        return known
    assert actor.user_id is not None
    token = b32encode(secrets.token_bytes(13)).decode()[:20]
    card = MemberCard(
        person_id=person_id, token=token, token_digest=crypto.digest("member_card", token), pin=crypto.one_time_code(4), issued_at=clock.now(),
        issued_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(card)
    db.session.flush()
    _touch(person_id)
    audit.record(actor.user_id, "card.issue", ("member_card", card.id), region_path=team.region_path, person=person_id)
    return card


def revoke(actor: Actor, team_id: int, card_id: int, *, reason: str) -> MemberCard:
    """A lost card works no more, on kiosks from their next roster on."""
    team = _tended(actor, team_id)
    card = db.session.get(MemberCard, card_id)
    if card is None or card.person_id not in {member.person_id for member in people.members_of(team.id)}:
        raise out_of_reach()
    if card.revoked_at is not None:
        raise NotNow("card_revoked", _l("这张卡已经挂失了。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么挂失，比如“丢了”。"), field="reason")
    card.revoked_at, card.revoked_by_id, card.revoked_for = clock.now(), actor.user_id, reason.strip()[:200]
    db.session.flush()
    _touch(card.person_id)
    audit.record(actor.user_id, "card.revoke", ("member_card", card.id), region_path=team.region_path, person=card.person_id)
    return card


def _touch(person_id: int) -> None:
    """Kiosks learn of it with their next delta."""
    db.session.execute(
        update(SignUp).where(SignUp.person_id == person_id, SignUp.ends_at > clock.now() - rules.SEES_BACK).values(touched_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
