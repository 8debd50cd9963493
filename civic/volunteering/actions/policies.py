"""New versions of the rules of hours and stars. They begin on a day to come; lines made before keep theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid
from civic.identity.permissions import Actor, Permission, demand
from civic.regions.models import Region
from civic.volunteering.models.attendance import HoursPolicy, StarRule
from civic.volunteering.rules import hours as rules

# field → (least, most), as the table's CHECK has them.
BOUNDS = {
    "least_minutes": (0, 120), "most_a_day": (60, 1440), "grace_minutes": (0, 240), "missing_out_percent": (0, 100), "objection_days": (0, 30),
    "leader_days": (0, 30),
}  # fmt: skip


def ensure_policy(since: object) -> None:
    """The default hours policy and stars, where there are none."""
    assert hasattr(since, "isoformat")
    if db.session.scalars(select(HoursPolicy.id).limit(1)).first() is None:
        db.session.add(HoursPolicy(name="按签到签退计", since=since))
    if db.session.scalars(select(StarRule.id).limit(1)).first() is None:
        db.session.add_all(StarRule(since=since, stars=stars, hours=needed) for stars, needed in rules.DEFAULT_STARS)
    db.session.flush()


def change_policy(actor: Actor, city: Region, *, since: date, name: str, numbers: Mapping[str, int]) -> HoursPolicy:
    """How punches become minutes from a day on."""
    _may_begin(actor, city, since, select(HoursPolicy.id).where(HoursPolicy.since == since))
    if not name.strip():
        raise Invalid("name_missing", _l("请给这一版规则起个名字。"), field="name")
    for field, (least, most) in BOUNDS.items():
        if not least <= numbers[field] <= most:
            raise Invalid("number_wrong", _l("请写 %(least)s 到 %(most)s。", least=least, most=most), field=field)
    policy = HoursPolicy(since=since, name=name.strip()[:40], **{field: numbers[field] for field in BOUNDS})
    db.session.add(policy)
    db.session.flush()
    audit.record(actor.user_id, "hours_policy.change", ("hours_policy", policy.id), region_path=city.path, since=since, **dict(numbers))
    return policy


def change_stars(actor: Actor, city: Region, *, since: date, hours: Mapping[int, int]) -> list[StarRule]:
    """From how many verified hours on there are how many stars, from a day on. Stars given stay until hours are settled
    anew."""
    _may_begin(actor, city, since, select(StarRule.id).where(StarRule.since == since))
    before = 0
    for stars, _default in rules.DEFAULT_STARS:
        if hours[stars] <= before:
            raise Invalid("stars_order", _l("要比前一星的小时数多。"), field=f"star_{stars}")
        before = hours[stars]
    rows = [StarRule(since=since, stars=stars, hours=hours[stars]) for stars, _default in rules.DEFAULT_STARS]
    db.session.add_all(rows)
    db.session.flush()
    audit.record(actor.user_id, "star_rule.change", ("star_rule", rows[0].id), region_path=city.path, since=since)
    return rows


def _may_begin(actor: Actor, city: Region, since: date, same_day: object) -> None:
    demand(actor, Permission.RULES_EDIT, city.path)
    # The city's row stands for its rules: two versions cannot be written for one day at once.
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    if since <= clock.today():
        raise Invalid("since_past", _l("新规则最早从明天起。已经记的时长不变。"), field="since")
    if db.session.scalars(same_day).first() is not None:  # type: ignore[call-overload]
        raise Invalid("since_taken", _l("那一天已经有一版规则了，换一天。"), field="since")
