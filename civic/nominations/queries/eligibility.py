"""Whether a rule stands against electing somebody here and now: asked under the lock of the person, with the sentence to say."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.core.errors import NotNow
from civic.honours import queries as honours
from civic.identity import queries as identity
from civic.nominations.models.cases import Nomination
from civic.nominations.models.rounds import Round

BRAVE = "JYYW"


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def bar_to(nomination: Nomination) -> NotNow | None:
    """The rule that stands against electing this person at this level, or none. Locks the person's rows."""
    return _too_old(nomination) or _honoured(nomination)


def _too_old(nomination: Nomination) -> NotNow | None:
    if nomination.deed_on is None:
        return None
    rule, told_on = nomination.rule, clock.local(nomination.created_at).date()
    # New enough whatever its class: nobody has to look the class up.
    if nomination.deed_on >= years_before(told_on, min(rule.brave_deed_years, rule.deed_years)):
        return None
    years = rule.brave_deed_years if nomination.category.code == BRAVE else rule.deed_years
    if nomination.deed_on >= years_before(told_on, years):
        return None
    return NotNow(
        "deed_too_old",
        _l(
            "这件事是 %(year)s 年的，规则只评 %(years)s 年以内的。要是他（她）后来还在做，请问清最近一次是哪天，在“走访和部门意见”里改过来。",
            year=nomination.deed_on.year, years=years,
        ),
        nomination=nomination.id,
    )  # fmt: skip


def _honoured(nomination: Nomination) -> NotNow | None:
    people = identity.same_people(nomination.nominee_id)
    years = nomination.rule.again_years
    if not years:
        return None
    found = honours.latest_of_people(
        people, level=nomination.level, besides=nomination.id, since=years_before(clock.today(), years) - timedelta(days=1)
    )
    if found is None:
        return None
    return NotNow(
        "honoured_already",
        _l(
            "%(name)s在 %(year)s 年 %(month)s 月已经是%(place)s好人，%(years)s 年内同一级不再评。请选“不通过”，原因里告诉推荐人；有了新的事迹，过后可以再推荐。",
            name=nomination.nominee_name, year=clock.local(found.awarded_at).year, month=clock.local(found.awarded_at).month,
            place=found.region.name, years=years,
        ),
        nomination=nomination.id, honour=found.id,
    )  # fmt: skip


def other_class_in(round_: Round, nomination: Nomination) -> Nomination | None:
    """Another case of the same person on this round's list: one class per person and round. The caller holds the round."""
    people = identity.same_people(nomination.nominee_id)
    return db.session.scalars(
        select(Nomination).where(
            Nomination.round_id == round_.id, Nomination.nominee_id.in_(people), Nomination.id != nomination.id
        )
    ).first()
