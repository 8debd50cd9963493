"""Preparing a city: what every deployment needs before its first visitor."""

from __future__ import annotations

from datetime import date

import click
from flask import current_app
from flask.cli import AppGroup

from civic import settings
from civic.core.db import transaction
from civic.honours import actions as honours
from civic.nominations.actions import timing
from civic.points.actions import tariffs
from civic.volunteering.actions import categories, policies

commands = AppGroup("city", help="The city as a whole.")


@commands.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default="2020-01-01", show_default=True, help="From which day on they hold.")
def prepare(since: date) -> None:
    """Lay in the default categories, level rules, kinds of service, hours policy, stars and tariff where they are missing."""
    day = since.date()  # type: ignore[attr-defined]
    with transaction():
        honours.ensure_categories(day)
        timing.ensure_level_rules(day)
        tariffs.ensure_tariff(day)
        policies.ensure_policy(day)
        categories.ensure_categories(day)
    click.echo("类别、各级规则、时长和积分的规则都有了。")


@commands.command("settings")
def settings_() -> None:
    """Every setting: its name, its value here, what it is. Secrets are not shown."""
    for setting in settings.TABLE:
        value = current_app.config.get(setting.name)
        shown = ("set" if value else "not set") if setting.is_secret else value
        click.echo(f"{settings.PREFIX}{setting.name}\t{shown}\t{setting.says}")
