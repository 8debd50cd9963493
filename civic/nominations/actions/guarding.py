"""A child's case: writing down the guardian's word, and what happens when it is taken back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotFound
from civic.identity.models import ConsentMethod
from civic.identity.permissions import NOBODY, Actor, Permission, demand
from civic.identity.rules import contact_from
from civic.nominations import letters
from civic.nominations.actions import publishing
from civic.nominations.actions.moving import step_taken
from civic.nominations.models.cases import Nomination
from civic.nominations.models.guardians import Guardian
from civic.nominations.queries import cases, guardians
from civic.nominations.rules.telling import GuardianWord
from civic.nominations.states import OPEN, Verb

WORDING = "2026-11"  # the version of the text a guardian agrees to


def check(word: GuardianWord) -> str:
    """The guardian's contact, made comparable; or what is missing."""
    if not word.name.strip():
        raise Invalid("guardian_name_missing", _l("请写监护人的姓名，比如孩子的爸爸或妈妈。"), field="guardian_name")
    if word.method not in (ConsentMethod.IN_PERSON, ConsentMethod.BY_PHONE, ConsentMethod.ON_PAPER):
        raise Invalid("guardian_method_missing", _l("请选监护人是怎么同意的。"), field="guardian_method")
    try:
        return contact_from(word.contact).value
    except Invalid as error:
        raise Invalid("guardian_contact_unclear", error.sentence, field="guardian_contact") from None


def record(actor: Actor, nomination: Nomination, word: GuardianWord) -> Guardian:
    """Keep the guardian's word and send them their own link, by which they can take it back."""
    contact = check(word)
    row = Guardian(
        nomination_id=nomination.id, name=word.name.strip(), contact=contact, method=word.method, wording=WORDING,
        given_at=clock.now(), recorded_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    letters.tell_guardian(nomination.id)
    audit.record(
        actor.user_id, "guardian.agree", ("nomination", nomination.id), region_path=nomination.home_path, wording=WORDING,
        method=word.method.value,
    )  # fmt: skip
    return row


def record_at_desk(actor: Actor, nomination_id: int, word: GuardianWord) -> Guardian:
    """A desk asked the guardian of a child whom somebody nominated outside the school channel."""
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.PUBLICATION_EDIT, nomination.home_path, cases.parties_of(nomination))
    if not nomination.nominee.is_minor:
        raise Invalid("not_a_minor", _l("成年人自己同意就行，不用问监护人。"))
    if guardians.guardian_of(nomination.id) is not None:
        raise Conflict("guardian_known", _l("监护人的话已经记过了。"))
    row = record(actor, nomination, word)
    publishing.refresh(actor, nomination)
    return row


def withdraw(token: str) -> Nomination:
    """The guardian says no after all: the case ends, what was shown is gone at once, the nominators are told."""
    found = guardians.by_token(token)
    if found is None:
        raise NotFound("not_found", _l("这个链接不对，或者已经过期。请打热线，报孩子的名字就行。"))
    nomination = cases.held(found.nomination_id)
    assert nomination is not None
    if found.withdrawn_at is not None:
        return nomination
    found.withdrawn_at = clock.now()
    db.session.flush()
    audit.record(None, "guardian.withdraw", ("nomination", nomination.id), region_path=nomination.home_path)
    if nomination.status in OPEN:
        decision = step_taken(nomination, Verb.WITHDRAW, actor_id=None, reason="监护人不同意，这份推荐不再往下办。")
        letters.tell_all("withdrawn", nomination, decision)
    publishing.refresh(NOBODY, nomination)
    return nomination
