"""Member cards: everybody registered may have one; issued by whose circle one is in, revoked when lost."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, may, out_of_reach
from civic.kiosk import rules
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.queries import cards as questions
from civic.volunteering.actions import signing
from civic.volunteering.models.events import SignUp
from civic.volunteering.queries import events, people

SHEET = 10  # cards on one A4


@dataclass(frozen=True)
class Circle:
    """Whose cards somebody may print and revoke: the people of a team, of an event, or oneself and one's family."""

    name: str
    people: Mapping[int, str]  # person → name
    path: str | None = None


def of_team(actor: Actor, team_id: int) -> Circle:
    """A team's people, for its leaders and whoever runs events there."""
    team = people.team_by_id(team_id)
    if team is None or not (may(actor, Permission.EVENT_RUN, team.region_path) or people.leads(actor.person_id, team.id)):
        raise out_of_reach()
    return Circle(team.name, {member.person_id: member.person.name for member in people.members_of(team.id)}, team.region_path)


def of_event(actor: Actor, event_id: int) -> Circle:
    """The registered volunteers on an event's shifts, of a team or not, for whoever runs it."""
    event = events.in_reach_of(actor, event_id)
    return Circle(event.name, questions.volunteers_on(event.id), event.region_path)


def of_oneself(actor: Actor) -> Circle:
    """Oneself and those one signs up, where they are registered."""
    own = people.volunteer_of(actor.person_id)
    found = {own.person_id: own.person.name} if own is not None else {}
    return Circle("", found | {ward.id: ward.name for ward in identity.family_of(actor.person_id or 0)})


def issue(actor: Actor, circle: Circle, person_ids: Sequence[int]) -> list[MemberCard]:
    """Valid cards of these people, made where there are none; printing again makes no new ones."""
    if not set(person_ids) <= set(circle.people):
        raise out_of_reach()
    if not person_ids:
        raise Invalid("nobody_picked", _l("请先勾上给谁发卡。"))
    return [_card(actor, circle, person_id) for person_id in sorted(set(person_ids))]


def _card(actor: Actor, circle: Circle, person_id: int) -> MemberCard:
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
    touch(person_id)
    audit.record(actor.user_id, "card.issue", ("member_card", card.id), region_path=circle.path, person=person_id)
    return card


def revoke(actor: Actor, circle: Circle, card_id: int, *, reason: str) -> MemberCard:
    """A lost card works no more, on kiosks from their next roster on."""
    card = db.session.scalars(locked(select(MemberCard).where(MemberCard.id == card_id))).first()
    if card is None or card.person_id not in circle.people:
        raise out_of_reach()
    if card.revoked_at is not None:
        raise NotNow("card_revoked", _l("这张卡已经挂失了。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么挂失，比如“丢了”。"), field="reason")
    card.revoked_at, card.revoked_by_id, card.revoked_for = clock.now(), actor.user_id, reason.strip()[:200]
    db.session.flush()
    touch(card.person_id)
    audit.record(actor.user_id, "card.revoke", ("member_card", card.id), region_path=circle.path, person=card.person_id)
    return card


def lose(actor: Actor, circle: Circle, person_id: int) -> MemberCard:
    """Somebody says that their card, or one of their family's, is lost."""
    if person_id not in circle.people:
        raise out_of_reach()
    card = questions.card_of(person_id)
    if card is None:
        raise NotNow("no_card", _l("没有在用的卡，不用挂失。"))
    return revoke(actor, circle, card.id, reason="本人挂失")


def touch(person_id: int) -> None:
    """Kiosks learn of it with their next delta."""
    db.session.execute(
        update(SignUp).where(SignUp.person_id == person_id, SignUp.ends_at > clock.now() - rules.SEES_BACK).values(touched_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
