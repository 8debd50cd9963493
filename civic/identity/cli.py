"""Commands about accounts and roles."""

from __future__ import annotations

import secrets
from datetime import date

import click
from flask.cli import AppGroup

from civic.core import clock
from civic.core.db import transaction
from civic.core.errors import DomainError
from civic.identity.actions import accounts, grants
from civic.identity.permissions import MACHINE, Role
from civic.identity.rules import contact_from
from civic.regions import queries as regions

commands = AppGroup("identity", help="Accounts and roles.")


@commands.command()
@click.argument("login")
@click.argument("role", type=click.Choice([r.value for r in Role]))
@click.option("--region", required=True, help="Code, or names from the city down: 云汀市/汀南区.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--name", help="Opens the account where there is none; its password is printed once.")
def appoint(login: str, role: str, region: str, since: object, until: object, name: str | None) -> None:
    """Give LOGIN (phone or e-mail) a role in a region."""
    place = regions.by_code(region) or regions.by_line_of_names(region.split("/"))
    if place is None:
        raise click.ClickException(f"没有这个地方：{region}")
    begin: date = since.date() if since else clock.today()  # type: ignore[attr-defined]
    finish: date | None = until.date() if until else None  # type: ignore[attr-defined]
    try:
        with transaction():
            contact = contact_from(login)
            user = accounts.user_of(contact)
            if user is None:
                if not name:
                    raise click.ClickException("没有这个账号。加 --name 姓名 就替他开一个。")
                password = secrets.token_urlsafe(9)
                user = accounts.register(name, contact, password)
                click.echo(f"新账号的密码（只显示这一次）：{password}")
            grants.appoint(MACHINE, user, Role(role), place, since=begin, until=finish)
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error
    click.echo(f"{login} 从 {begin} 起是“{place.name}”的 {role}。")


@commands.command("set-password")
@click.argument("login")
@click.password_option()
def set_password(login: str, password: str) -> None:
    """Set a password; all sessions of the account end."""
    try:
        with transaction():
            user = accounts.user_of(contact_from(login))
            if user is None:
                raise click.ClickException("没有这个账号。")
            accounts.set_password(user.id, password)
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error
    click.echo("改好了。")
