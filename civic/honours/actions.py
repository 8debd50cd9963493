"""Giving an honour, showing and hiding it, counting the roll, adding a category."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, next_number
from civic.core.errors import Invalid
from civic.honours.models import Category, Honour, HonourSeries, HonourTally, Visibility
from civic.honours.rules import STANDARD, Face
from civic.identity.permissions import Actor, Permission, demand
from civic.regions.models import Region


def bestow(
    actor: Actor,
    *,
    person_id: int,
    nomination_id: int,
    category_id: int,
    region: Region,
    line: Sequence[Region],
) -> Honour:
    """Name a person 好人 of a region's level. `line` is the home's ancestors, for the roll's filters."""
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
    """Give the honour its public face; what is no longer consented to is gone from the row, not only from the page."""
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


def add_category(
    actor: Actor, *, code: str, character: str, name: str, description: str, city_path: str, since: date
) -> Category:
    """Add a class of the city's own."""
    demand(actor, Permission.RULES_EDIT, city_path)
    if db.session.scalars(select(Category).where(Category.code == code)).first() is not None:
        raise Invalid("category_known", _l("这个代码已经用过了，换一个。"), field="code")
    category = Category(
        code=code, character=character, name=name, description=description, icon="star", position=100, since=since
    )
    db.session.add(category)
    db.session.flush()
    audit.record(actor.user_id, "category.add", ("category", category.id), code=code)
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
        .where(Honour.visibility != Visibility.HIDDEN)
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
    db.session.execute(
        update(Honour)
        .where(Honour.region_path >= old, Honour.region_path < old[:-1] + "/")
        .values(region_path=new + func.substr(Honour.region_path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
