"""Decided is not published: recording consent, the redacted text, its approval, and what the roll then shows."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db
from civic.core.errors import Conflict, Invalid, NotNow
from civic.core.privacy import NEVER_PUBLIC
from civic.honours import actions as honours
from civic.honours import queries as roll
from civic.honours.models import Visibility
from civic.honours.rules import Face, face
from civic.identity.actions import consents
from civic.identity.models import ConsentMethod, PersonKind, Purpose
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.nominations.actions import withholding
from civic.nominations.models.cases import Nomination, Photo
from civic.nominations.models.levels import LevelRule
from civic.nominations.models.mentioned import Agreement, Mentioned
from civic.nominations.queries import cases, guardians, mentions
from civic.nominations.rules import telling


def _held(actor: Actor, nomination_id: int, expected: int | None) -> Nomination:
    nomination = cases.held_in_reach_of(actor, nomination_id)
    demand(actor, Permission.PUBLICATION_EDIT, nomination.home_path, cases.parties_of(nomination))
    if expected is not None and nomination.version != expected:
        raise Conflict("changed_meanwhile", _l("您打开之后，这里被人改过。请看看新的样子，再办一次。"))
    return nomination


def record_consent(actor: Actor, nomination_id: int, purposes: Iterable[Purpose], method: ConsentMethod) -> None:
    """Write down what the nominee (or next of kin) allows to be made public."""
    nomination = _held(actor, nomination_id, None)
    if nomination.is_protected:
        raise Invalid("protected_not_public", _l("这一件要保护当事人，什么都不公开，不用记录同意。"))
    if nomination.nominee.is_minor:
        raise Invalid("minor_not_public", _l("未成年人的姓名、照片、事迹都不公开，不用记录同意。"))
    consents.give(actor, nomination.nominee_id, purposes, method, region_path=nomination.home_path)
    refresh(actor, nomination)
    withholding.settle(actor, nomination)


def withdraw_consent(actor: Actor, nomination_id: int, purpose: Purpose) -> None:
    """Take back one consent: what hangs on it is gone from the roll and from the wall at once."""
    nomination = _held(actor, nomination_id, None)
    consents.withdraw(actor, nomination.nominee_id, purpose, region_path=nomination.home_path)
    refresh(actor, nomination)
    withholding.settle(actor, nomination)


def edit_text(actor: Actor, nomination_id: int, *, headline: str, story: str, expected: int) -> None:
    """Write the redacted public text; an approval that stood falls with the old wording."""
    nomination = _held(actor, nomination_id, expected)
    if not headline.strip():
        raise Invalid("headline_missing", _l("请写标题，一句话。"), field="headline")
    if len(headline.strip()) > telling.HEADLINE_MOST:
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


def record_mentioned(
    actor: Actor, nomination_id: int, *, name: str, relation: str, is_recognisable: bool, agreement: Agreement,
    method: ConsentMethod | None, row_id: int | None = None,
) -> Mentioned:  # fmt: skip
    """Write down somebody the story tells of and whether they agree. What was approved falls while one of them has not."""
    nomination = _held(actor, nomination_id, None)
    if not name.strip() or not relation.strip():
        raise Invalid("mentioned_unclear", _l("请写怎么称呼他（她）、是本人的什么人。"), field="who")
    if (agreement is Agreement.NOT_ASKED) != (method is None):
        raise Invalid("asked_how", _l("问过的，请选怎么问的；没问过的，先选“还没问”。"), field="how")
    row = _mentioned(nomination, row_id) if row_id is not None else Mentioned(nomination_id=nomination.id)
    row.name, row.relation, row.is_recognisable = name.strip(), relation.strip(), is_recognisable
    row.agreement, row.method, row.wording = agreement, method, consents.WORDING if method is not None else None
    row.recorded_at, row.recorded_by_id = clock.now(), actor.user_id
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor.user_id, "mentioned.record", ("nomination", nomination.id), region_path=nomination.home_path, row=row.id,
        agreement=agreement.value, method=method.value if method else None, recognisable=is_recognisable,
    )  # fmt: skip
    if row.stands_in_the_way:
        nomination.public_approved_at = nomination.public_approved_by_id = None
    refresh(actor, nomination)
    withholding.settle(actor, nomination)
    return row


def forget_mentioned(actor: Actor, nomination_id: int, row_id: int) -> None:
    """They are no longer in the text."""
    nomination = _held(actor, nomination_id, None)
    _mentioned(nomination, row_id).removed_at = clock.now()
    audit.record(actor.user_id, "mentioned.forget", ("nomination", nomination.id), region_path=nomination.home_path, row=row_id)


def _mentioned(nomination: Nomination, row_id: int) -> Mentioned:
    row = db.session.get(Mentioned, row_id)
    if row is None or row.nomination_id != nomination.id or row.removed_at is not None:
        raise out_of_reach()
    return row


def approve(actor: Actor, nomination_id: int, *, expected: int, has_checked: bool = False) -> None:
    """Let the text go out as it stands, as far as consents reach.

    Numbers and doors never; whoever can be recognised agrees first; what else looks private, a person has looked at
    (`has_checked`).
    """
    nomination = _held(actor, nomination_id, expected)
    if not nomination.public_story:
        raise Invalid("public_story_missing", _l("还没有可以公开的文字，请先写好再批准。"))
    _demand_discretion(nomination, has_checked)
    nomination.public_approved_at = clock.now()
    nomination.public_approved_by_id = actor.user_id
    audit.record(actor.user_id, "publication.approve", ("nomination", nomination.id), region_path=nomination.home_path)
    refresh(actor, nomination)


def _demand_discretion(nomination: Nomination, has_checked: bool) -> None:
    people = mentions.of_case(nomination.id)
    waiting = [row for row in people if row.stands_in_the_way]
    if waiting:
        raise NotNow(
            "mentioned_not_agreed",
            _l("%(names)s认得出来，还没有同意。请先去问，或者改得认不出来。", names="、".join(row.name for row in waiting)),
        )
    found = mentions.finds_in_public(nomination, people)
    never = [f for f in found if f.kind in NEVER_PUBLIC]
    if never:
        raise Invalid(
            "private_in_text", _l("公开的文字里有“%(words)s”，这样的号码、门牌、生日不能公开，请去掉。", words="”“".join(f.words for f in never[:3])),
            field="story",
        )  # fmt: skip
    if found and not has_checked:
        raise Invalid(
            "private_unchecked", _l("有 %(count)s 处像是别人的隐私，看一看下面标出来的。改掉，或者勾上“都看过，可以公开”。", count=len(found)),
            field="has_checked",
        )  # fmt: skip


def refresh(actor: Actor, nomination: Nomination, levels: dict[int, LevelRule] | None = None) -> None:
    """Let every honour of the case show what may be shown now, and no more. `levels`: the rules in force, where known."""
    honours_of = roll.of_nomination(nomination.id)
    if not honours_of:
        return
    person = nomination.nominee
    given = frozenset(p.value for p in consents.running(person.id))
    levels = levels or {rule.level: rule for rule in cases.rules_in_force(clock.today())}
    approved = None
    if nomination.public_approved_at is not None and nomination.public_story and not nomination.is_protected:
        approved = (nomination.public_headline or nomination.headline, nomination.public_story)
    guardian_agrees = nomination.is_of_a_child and bool(guardians.agreed([nomination.id])) and approved is not None
    photo_key = _photo_key(nomination.id) if "photo" in given else None
    for honour in honours_of:
        honours.show(
            actor,
            honour,
            Face(Visibility.HIDDEN)
            if nomination.is_protected
            else face(
                name=person.name,
                sex=person.sex,
                is_minor=nomination.is_of_a_child,
                consents=given,
                approved=approved,
                photo_key=photo_key,
                surname_allowed=levels[honour.level].surname_without_consent,
                guardian_agrees=guardian_agrees,
                is_group=person.kind is PersonKind.GROUP,
            ),
        )


def _photo_key(nomination_id: int) -> str | None:
    return db.session.scalar(
        select(Photo.key).where(Photo.nomination_id == nomination_id).order_by(Photo.position, Photo.id).limit(1)
    )
