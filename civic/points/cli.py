"""Commands of the ledger."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from civic.points import queries

commands = AppGroup("points", help="The ledger of points.")


@commands.command()
def verify() -> None:
    """Prove that entries, balances, lots and stock agree; ends with 1 and the lines where they do not."""
    found = queries.discrepancies()
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("账目一致：明细、余额、批次、库存都对得上。")
