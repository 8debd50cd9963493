"""The tariff: what an hour brings, by versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid
from civic.identity.permissions import Actor, Permission, demand
from civic.points.models import Factor, FactorKind, Tariff
from civic.regions.models import Region

FACTOR_FIELDS = {FactorKind.ROLE: "factor", FactorKind.CATEGORY: "category"}


def ensure_tariff(since: date) -> None:
    """The default tariff, where there is none: 10 points an hour, recorders a quarter more."""
    if db.session.scalars(select(Tariff.id).limit(1)).first() is None:
        db.session.add(Tariff(since=since, factors=[Factor(code="recorder", percent=125)]))
        db.session.flush()


@dataclass(frozen=True)
class Rates:
    """The numbers of a tariff; `factors`, `category_factors`: role, or code of a kind of service → percent of the hour."""

    per_hour: int
    most_a_day: int
    most_a_month: int
    lasts_days: int
    nominee_points: int = 0
    nominator_points: int = 0
    factors: Mapping[str, int] = field(default_factory=dict)
    category_factors: Mapping[str, int] = field(default_factory=dict)


def change_tariff(actor: Actor, city: Region, *, since: date, rates: Rates) -> Tariff:
    """A new version of the tariff; entries made before keep theirs."""
    demand(actor, Permission.RULES_EDIT, city.path)
    # The city's row stands for its rules: two versions cannot be written for one day at once.
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    if since <= clock.today():
        raise Invalid("since_past", _l("新规则最早从明天起。已经记的分不变。"), field="since")
    if db.session.scalars(select(Tariff.id).where(Tariff.since == since)).first() is not None:
        raise Invalid("since_taken", _l("那一天已经有一版规则了，换一天。"), field="since")
    if not 0 <= rates.per_hour <= 1000:
        raise Invalid("per_hour_wrong", _l("每小时 0 到 1000 分。"), field="per_hour")
    if not 0 <= rates.most_a_day <= rates.most_a_month:
        raise Invalid("caps_order", _l("一个月的上限不能小于一天的上限。"), field="most_a_month")
    if not 1 <= rates.lasts_days <= 36600:
        raise Invalid("lasts_wrong", _l("至少能用一天。"), field="lasts_days")
    for name in ("nominee_points", "nominator_points"):
        if not 0 <= getattr(rates, name) <= 10_000:
            raise Invalid("honours_wrong", _l("0 到 10000 分，0 就是不给。"), field=name)
    for kind, factors in ((FactorKind.ROLE, rates.factors), (FactorKind.CATEGORY, rates.category_factors)):
        for code, percent in factors.items():
            if not 0 <= percent <= 500:
                raise Invalid("factor_wrong", _l("系数在 0 到 500 之间，100 就是照常。"), field=f"{FACTOR_FIELDS[kind]}_{code}")
    tariff = Tariff(
        since=since, per_hour=rates.per_hour, most_a_day=rates.most_a_day, most_a_month=rates.most_a_month, lasts_days=rates.lasts_days,
        nominee_points=rates.nominee_points, nominator_points=rates.nominator_points,
        factors=[
            Factor(kind=kind, code=code, percent=percent)
            for kind, factors in ((FactorKind.ROLE, rates.factors), (FactorKind.CATEGORY, rates.category_factors))
            for code, percent in sorted(factors.items()) if percent != 100
        ],
    )  # fmt: skip
    db.session.add(tariff)
    db.session.flush()
    audit.record(actor.user_id, "tariff.change", ("tariff", tariff.id), since=since, per_hour=rates.per_hour)
    return tariff
