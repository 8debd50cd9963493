"""Giving an honour, showing and hiding it, counting the roll, adding a category."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked, next_number
from civic.core.errors import Invalid, NotNow
from civic.honours.actions import benefits
from civic.honours.models import Benefit, Category, Honour, HonourChange, HonourSeries, HonourStatus, HonourTally, Visibility
from civic.honours.queries import is_shown
from civic.honours.rules import BENEFITS_END, CODE, NEXT, STANDARD, Face, months_later
from civic.identity.permissions import Actor, Permission, concerned, demand, out_of_reach
from civic.points.actions import entries as points
from civic.regions.models import Region


def bestow(
    actor: Actor,
    *,
    person_id: int,
    nomination_id: int,
    category_id: int,
    region: Region,
    line: Sequence[Region],
    days: int | None = None,
    document: str | None = None,
    public_from: datetime | None = None,
    review_months: int | None = None,
) -> Honour:
    """Name a person 好人 of a region's level. `line` is the home's ancestors, for the roll's filters.

    `days`: how many days it stands on the board, none for good. `document`: only with one it is a 表彰. Before
    `public_from` nobody sees it, for whoever gave it may take it back until then.
    """
    places = {place.level: place.id for place in line}
    honour = Honour(
        person_id=person_id,
        nomination_id=nomination_id,
        category_id=category_id,
        level=region.level,
        region_id=region.id,
        region_path=region.path,
        county_id=places.get(4),
        community_id=places.get(2),
        number=next_number(HonourSeries, region.id),
        awarded_at=clock.now(),
        visibility=Visibility.HIDDEN,
        document=document,
        until=clock.today() + timedelta(days=days) if days else None,
        public_from=public_from or clock.now(),
        review_months=review_months,
        review_due=months_later(clock.today(), review_months) if review_months else None,
    )
    db.session.add(honour)
    db.session.flush()
    audit.record(
        actor.user_id,
        "honour.bestow",
        ("honour", honour.id),
        region_path=region.path,
        nomination=nomination_id,
        level=region.level,
    )
    return honour


def show(actor: Actor, honour: Honour, face: Face) -> None:
    """Give the honour its public face; what is no longer consented to is gone from the row, not only from the page.

    Only an active honour has a face at all.
    """
    if honour.status is not HonourStatus.ACTIVE:
        face = Face(Visibility.HIDDEN)
    before = honour.visibility
    honour.visibility = face.visibility
    honour.shown_name = face.name
    honour.headline = face.headline
    honour.story = face.story
    honour.photo_key = face.photo_key
    if face.visibility is not Visibility.HIDDEN and honour.published_at is None:
        honour.published_at = clock.now()
    if before is not face.visibility:
        audit.record(
            actor.user_id,
            "honour.show",
            ("honour", honour.id),
            region_path=honour.region_path,
            visibility=face.visibility.value,
        )


def held(honour_id: int) -> Honour:
    """The honour, locked."""
    found = db.session.scalars(locked(select(Honour).where(Honour.id == honour_id))).first()
    if found is None:
        raise out_of_reach()
    return found


def change(
    actor: Actor, honour_id: int, after: HonourStatus, *, reason: str, document: str | None = None
) -> Honour:
    """Suspend, restore or revoke an honour: it leaves the public wall at once, its history stays.

    Whoever restores it lets the publication desk show it again; nothing reappears by itself.
    """
    honour = held(honour_id)
    demand(actor, Permission.HONOUR_CHANGE, honour.region_path, concerned(honour.person_id))
    if after not in NEXT[honour.status]:
        raise NotNow("not_now", _l("它现在的状态不能这样改。请刷新看看。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    document = (document or "").strip() or None
    if after is HonourStatus.REVOKED and document is None:
        raise Invalid("document_missing", _l("撤销要有文号，请写上。"), field="document")
    _changed(honour, after, actor.user_id, reason.strip(), document)
    if after is HonourStatus.REVOKED:
        points.take_back_honour(actor, honour.id, words="荣誉撤销，积分冲回")
    return honour


def _changed(honour: Honour, after: HonourStatus, actor_id: int | None, reason: str, document: str | None) -> None:
    before = honour.status
    db.session.add(
        HonourChange(
            honour_id=honour.id, before=before, after=after, reason=reason, document=document, actor_id=actor_id,
            at=clock.now(),
        )
    )  # fmt: skip
    honour.visibility = Visibility.HIDDEN
    honour.shown_name = honour.headline = honour.story = honour.photo_key = None
    honour.status = after
    if after in BENEFITS_END:
        benefits.end_all(actor_id, honour.id, why=reason)
    audit.record(
        actor_id, f"honour.{after.value}", ("honour", honour.id), region_path=honour.region_path, before=before.value
    )


def take_back(actor: Actor, honour_id: int) -> None:
    """Undo an honour that was given by a slip: as if it had never been, but for its row."""
    honour = held(honour_id)
    if honour.status is not HonourStatus.ACTIVE:
        raise NotNow("honour_changed", _l("这份荣誉已经改过状态，不能再撤回这一步。"))
    _changed(honour, HonourStatus.TAKEN_BACK, actor.user_id, "办错了，十分钟内撤回", None)


def expire_due(limit: int = 200) -> int:
    """Take from the board what has stood its time (轮换)."""
    due = db.session.scalars(
        locked(
            select(Honour)
            .where(Honour.status == HonourStatus.ACTIVE, Honour.until < clock.today())
            .order_by(Honour.until, Honour.id)
            .limit(limit)
        )
    ).all()
    for honour in due:
        _changed(honour, HonourStatus.EXPIRED, None, "榜期已满", None)
    return len(due)


def add_category(
    actor: Actor, *, code: str, character: str, name: str, description: str, city_path: str, since: date, until: date | None = None
) -> Category:
    """Add a class of the city's own, for good or for a time."""
    demand(actor, Permission.RULES_EDIT, city_path)
    if not CODE.fullmatch(code):
        raise Invalid("category_code", _l("代码请用 2 到 12 个大写字母，比如 WMJT。"), field="code")
    if not character.strip() or not name.strip() or not description.strip():
        raise Invalid("category_words", _l("请写一个字、名称和一句说明。"), field="name")
    if until is not None and until < since:
        raise Invalid("term_backwards", _l("到期的日子要在开始之后。"), field="until")
    if db.session.scalars(select(Category).where(Category.code == code)).first() is not None:
        raise Invalid("category_known", _l("这个代码已经用过了，换一个。"), field="code")
    category = Category(
        code=code, character=character, name=name, description=description, icon="star", position=100, since=since, until=until
    )
    db.session.add(category)
    db.session.flush()
    audit.record(actor.user_id, "category.add", ("category", category.id), code=code)
    return category


def retire_category(actor: Actor, category_id: int, *, until: date, city_path: str) -> Category:
    """Let a class end with a day: nobody nominates in it afterwards; what was given stays."""
    demand(actor, Permission.RULES_EDIT, city_path)
    category = db.session.scalars(locked(select(Category).where(Category.id == category_id))).first()
    if category is None:
        raise out_of_reach()
    if until < category.since or until < clock.today():
        raise Invalid("term_backwards", _l("到期的日子要在开始之后，也不能已经过去。"), field="until")
    left = [c for c in db.session.scalars(select(Category)) if c.id != category_id and (c.until is None or c.until > until)]
    if not left:
        raise NotNow("last_category", _l("这是最后一个类别，停了就没法推荐了。"))
    category.until = until
    audit.record(actor.user_id, "category.retire", ("category", category.id), until=until)
    return category


def ensure_categories(since: date) -> None:
    """The five standard classes, where they are missing."""
    known = set(db.session.scalars(select(Category.code)))
    for position, (code, character, name, description, icon) in enumerate(STANDARD, start=1):
        if code not in known:
            db.session.add(
                Category(
                    code=code,
                    character=character,
                    name=name,
                    description=description,
                    icon=icon,
                    position=position,
                    since=since,
                )
            )
    db.session.flush()


def refresh_tally() -> int:
    """Count the public roll per level: by the worker, so that no page does."""
    rows = db.session.execute(
        select(Honour.level, func.count(), func.min(Honour.awarded_at))
        .where(is_shown())
        .group_by(Honour.level)
    ).all()
    counted = {level: (count, first) for level, count, first in rows}
    for level in range(1, 6):
        row = db.session.get(HonourTally, level) or HonourTally(level=level)
        row.shown, row.first_at = counted.get(level, (0, None))
        row.as_of = clock.now()
        db.session.add(row)
    return len(counted)


def repath(old: str, new: str) -> None:
    """Follow a region that moved: every path that began with `old` begins with `new`."""
    for table in (Honour, Benefit):
        db.session.execute(
            update(table)
            .where(table.region_path >= old, table.region_path < old[:-1] + "/")
            .values(region_path=new + func.substr(table.region_path, len(old) + 1))
            .execution_options(synchronize_session=False)
        )
