"""Decided is not published: recording consent, the redacted text, its approval, and what the roll then shows."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.honours.rules import face
from civic.identity.actions import consents
from civic.identity.models import ConsentMethod, Purpose
from civic.identity.permissions import Actor, Permission, demand
from civic.nominations import rules
from civic.nominations.models.cases import LevelRule, Nomination, Photo
from civic.nominations.queries import cases, guardians


def _held(actor: Actor, nomination_id: int, expected: int | None) -> Nomination:
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.PUBLICATION_EDIT, nomination.home_path, cases.parties_of(nomination))
    if expected is not None and nomination.version != expected:
        raise Conflict("changed_meanwhile", _l("您打开之后，这里被人改过。请看看新的样子，再办一次。"))
    return nomination


def record_consent(actor: Actor, nomination_id: int, purposes: Iterable[Purpose], method: ConsentMethod) -> None:
    """Write down what the nominee (or next of kin) allows to be made public."""
    nomination = _held(actor, nomination_id, None)
    if nomination.nominee.is_minor:
        raise Invalid("minor_not_public", _l("未成年人的姓名、照片、事迹都不公开，不用记录同意。"))
    consents.give(actor, nomination.nominee_id, purposes, method, region_path=nomination.home_path)
    refresh(actor, nomination)


def withdraw_consent(actor: Actor, nomination_id: int, purpose: Purpose) -> None:
    """Take back one consent: what hangs on it is gone from the roll at once."""
    nomination = _held(actor, nomination_id, None)
    consents.withdraw(actor, nomination.nominee_id, purpose, region_path=nomination.home_path)
    refresh(actor, nomination)


def edit_text(actor: Actor, nomination_id: int, *, headline: str, story: str, expected: int) -> None:
    """Write the redacted public text; an approval that stood falls with the old wording."""
    nomination = _held(actor, nomination_id, expected)
    if not headline.strip():
        raise Invalid("headline_missing", _l("请写标题，一句话。"), field="headline")
    if len(headline.strip()) > rules.HEADLINE_MOST:
        raise Invalid("headline_too_long", _l("标题请不超过 70 个字。"), field="headline")
    if not story.strip():
        raise Invalid("public_story_missing", _l("请写可以公开的事迹。"), field="story")
    if nomination.is_of_a_child and nomination.nominee.name in headline + story:
        raise Invalid("name_in_text", _l("文字里还有孩子的名字，请改成“他”“她”或者“这位同学”。"), field="story")
    nomination.public_headline = headline.strip()
    nomination.public_story = story.strip()
    nomination.public_approved_at = nomination.public_approved_by_id = None
    audit.record(
        actor.user_id, "publication.edit", ("nomination", nomination.id), region_path=nomination.home_path,
        length=len(story.strip()),
    )
    refresh(actor, nomination)


def approve(actor: Actor, nomination_id: int, *, expected: int) -> None:
    """Let the text go out as it stands, as far as consents reach."""
    nomination = _held(actor, nomination_id, expected)
    if not nomination.public_story:
        raise Invalid("public_story_missing", _l("还没有可以公开的文字，请先写好再批准。"))
    nomination.public_approved_at = clock.now()
    nomination.public_approved_by_id = actor.user_id
    audit.record(actor.user_id, "publication.approve", ("nomination", nomination.id), region_path=nomination.home_path)
    refresh(actor, nomination)


def refresh(actor: Actor, nomination: Nomination, levels: dict[int, LevelRule] | None = None) -> None:
    """Let every honour of the case show what may be shown now, and no more. `levels`: the rules in force, where known."""
    honours_of = roll.of_nomination(nomination.id)
    if not honours_of:
        return
    person = nomination.nominee
    given = frozenset(p.value for p in consents.running(person.id))
    levels = levels or {rule.level: rule for rule in cases.rules_in_force(clock.today())}
    approved = None
    if nomination.public_approved_at is not None and nomination.public_story:
        approved = (nomination.public_headline or nomination.headline, nomination.public_story)
    guardian_agrees = nomination.is_of_a_child and bool(guardians.agreed([nomination.id])) and approved is not None
    photo_key = _photo_key(nomination.id) if "photo" in given else None
    for honour in honours_of:
        honours.show(
            actor,
            honour,
            face(
                name=person.name,
                sex=person.sex,
                is_minor=nomination.is_of_a_child,
                consents=given,
                approved=approved,
                photo_key=photo_key,
                surname_allowed=levels[honour.level].surname_without_consent,
                guardian_agrees=guardian_agrees,
            ),
        )


def _photo_key(nomination_id: int) -> str | None:
    return db.session.scalar(
        select(Photo.key).where(Photo.nomination_id == nomination_id).order_by(Photo.position, Photo.id).limit(1)
    )
