"""Commands of the demonstration."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from civic.core.db import transaction
from civic.demo import actions, doors, keeping, queries, rules, scenes, serving
from civic.honours import actions as honours
from civic.nominations.actions import timing

commands = AppGroup("demo", help="An invented city to look around in.")


@commands.command()
@click.option("--nominations", default=400, show_default=True, help="How many cases; a million takes some minutes.")
@click.option("--if-empty", is_flag=True, help="Do nothing where there are places already.")
def load(nominations: int, if_empty: bool) -> None:
    """Build the demonstration city; places and accounts only where there are none yet."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("这不是演示（CIVIC_DEMO 没有打开），什么都没有装入。")
    if if_empty and not queries.is_empty():
        return
    if queries.is_empty():
        click.echo("正在搭演示城市…")
        with transaction():
            actions.lay_basics()
            actions.lay_places()
        with transaction():
            actions.lay_accounts()
    before = queries.case_count()
    with transaction():
        # Another seed for each load, so that a second one adds other people.
        actions.lay_cases(nominations, seed=actions.SEED + 2 + before)
    if not before:
        with transaction():
            actions.lay_rounds()
        with transaction():
            scenes.lay_likenesses()
            scenes.lay_told()
            scenes.lay_second_look()
            scenes.lay_protected()
        with transaction():
            scenes.lay_jury()
        with transaction():
            keeping.lay_comforts()
            keeping.lay_courtesies()
        with transaction():
            serving.lay_events()
        with transaction():
            doors.lay_doors()
    with transaction():
        timing.refresh_tallies()
        honours.refresh_tally()
    click.echo(f"演示城市“{rules.CITY}”准备好了，{before + nominations} 件推荐。")


@commands.command("accounts")
@click.option("--json", "as_json", is_flag=True)
def accounts_(as_json: bool) -> None:
    """The sign-ins of the demonstration."""
    found = queries.sign_ins()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for account in found:
        click.echo(f"{account['login']:<30} {account['password']:<14} {account['role']:<14} {account['region']}")
