"""Commands of the audit chain."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from civic.audit import queries
from civic.audit.jobs import seal_all

commands = AppGroup("audit", help="Who did what, provably.")


@commands.command()
def verify() -> None:
    """Walk the chain; exit 1 and name each break where it does not hold."""
    found = queries.verify(queries.head_beside(current_app.config["SEAL_HEAD_FILE"]) if current_app.config["SEAL_HEAD_FILE"] else None)
    for broken in found.breaks:
        record = f"record {broken.record_id}" if broken.record_id is not None else "no record"
        click.echo(f"link {broken.seal_number}: {broken.what} ({record})")
    click.echo(f"{found.sealed} sealed, {found.unsealed} not yet sealed, {len(found.breaks)} breaks.")
    if found.breaks:
        raise SystemExit(1)


@commands.command()
def seal() -> None:
    """Seal what is not sealed yet."""
    click.echo(f"{seal_all()} records sealed.")
