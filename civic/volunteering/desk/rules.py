"""The city's rules of service as versions: hours, stars, points. A new one begins on a day to come; old lines keep theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from civic.core import clock
from civic.identity.permissions import Permission, out_of_reach
from civic.points import queries as tariffs
from civic.points.actions.tariffs import Rates, change_tariff
from civic.points.models import FactorKind
from civic.regions import queries as regions
from civic.regions.models import Region
from civic.volunteering.actions import policies as actions
from civic.volunteering.actions.policies import BOUNDS
from civic.volunteering.desk import pages
from civic.volunteering.forms.rules import PolicyForm, StarsForm, tariff_form
from civic.volunteering.forms.words import ROLE_WORDS
from civic.volunteering.models.events import Role
from civic.volunteering.queries import categories
from civic.volunteering.queries import hours as questions
from civic.web import session
from civic.web.forms import Form
from civic.web.guards import needs

Answer = str | Response | tuple[str, int]
FACTORS = ("factors", "category_factors")


def _kinds() -> dict[str, str]:
    """The kinds of service that can have a factor: code → name."""
    return {c.code: c.name for c in categories.in_use(clock.today())}


def _form(kind: str) -> type[Form]:
    return tariff_form(_kinds()) if kind == "tariff" else {"policy": PolicyForm, "stars": StarsForm}[kind]


def _now() -> dict[str, Form]:
    """The forms, filled with what is in force and a beginning tomorrow."""
    tomorrow, today = clock.today() + timedelta(days=1), clock.today()
    policy, tariff = questions.policy_on(today), tariffs.tariff_on(today)
    kinds = _kinds()
    return {
        "policy": PolicyForm(formdata=None, prefix="policy", since=tomorrow, name=policy.name, **{name: getattr(policy, name) for name in BOUNDS}),
        "stars": StarsForm(formdata=None, prefix="stars", since=tomorrow, **{f"star_{stars}": hours for stars, hours in questions.stars_on(today)}),
        "tariff": tariff_form(kinds)(
            formdata=None, prefix="tariff", since=tomorrow, **{n: getattr(tariff, n) for n in Rates.__dataclass_fields__ if n not in FACTORS},
            **{f"factor_{role.value}": tariff.percent(FactorKind.ROLE, role.value) for role in Role},
            **{f"category_{code}": tariff.percent(FactorKind.CATEGORY, code) for code in kinds},
        ),
    }  # fmt: skip


def _page(forms: dict[str, Form], wrong: Form | None = None) -> str:
    today = clock.today()
    shortfalls = tariffs.open_shortfalls()
    return render_template(
        "volunteering/desk/rules.html", policies=questions.policies(), stars=questions.star_versions(), tariffs=tariffs.tariffs(), forms=forms, wrong=wrong,
        today=today, policy=questions.policy_on(today), tariff=tariffs.tariff_on(today), roles={role.value: words for role, words in ROLE_WORDS.items()}, kinds={c.code: c.name for c in categories.every()},
        shortfalls=len(shortfalls) + shortfalls.more,
    )  # fmt: skip


@pages.get("/rules")
@needs(Permission.RULES_EDIT)
def rules() -> str:
    return _page(_now())


def _policy(city: Region, form: Any) -> None:
    actions.change_policy(session.actor(), city, since=form.since.data, name=form.name.data, numbers={name: form[name].data for name in BOUNDS})


def _stars(city: Region, form: Any) -> None:
    actions.change_stars(session.actor(), city, since=form.since.data, hours={n: form[f"star_{n}"].data for n in range(1, 6)})


def _tariff(city: Region, form: Any) -> None:
    factors = {role.value: form[f"factor_{role.value}"].data for role in Role}
    of_kinds = {field.short_name.removeprefix("category_"): 100 if field.data is None else field.data for field in form.category_factors}
    numbers = {name: form[name].data for name in Rates.__dataclass_fields__ if name not in FACTORS}
    change_tariff(session.actor(), city, since=form.since.data, rates=Rates(**numbers, factors=factors, category_factors=of_kinds))


DEEDS: dict[str, Callable[[Region, Any], None]] = {"policy": _policy, "stars": _stars, "tariff": _tariff}


@pages.post("/rules/<kind>")
@needs(Permission.RULES_EDIT)
def change_rules(kind: str) -> Answer:
    """A new version of one of them; what was wrong stands beside its field."""
    city = regions.root()
    if kind not in DEEDS or city is None:
        raise out_of_reach()
    forms = _now()
    form = forms[kind] = _form(kind)(prefix=kind)
    if form.carried_out(lambda: DEEDS[kind](city, form)):
        flash(_("记下了，%(day)s起用。以前记的不变。", day=form.since.data.isoformat()))
        return redirect(url_for("volunteering.desk.rules") + f"#{kind}", 303)
    return _page(forms, form), form.status
