"""Commands of the outbox."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from civic.core.db import transaction
from civic.outbox import actions, queries
from civic.outbox.delivery import deliver_due
from civic.outbox.models import MessageStatus

commands = AppGroup("outbox", help="Letters that are owed.")


@commands.command()
@click.option("--limit", default=500, show_default=True)
def deliver(limit: int) -> None:
    """Send what is due."""
    click.echo(f"{deliver_due(limit)} letters came to an end.")


@commands.command("list")
@click.option("--failed", is_flag=True)
def list_(failed: bool) -> None:
    """The newest letters: number, kind, status, problem. No names, no texts."""
    for message in queries.messages(status=MessageStatus.FAILED if failed else None).items:
        click.echo(f"{message.id}\t{message.kind}\t{message.status.value}\t{message.problem or ''}")


@commands.command()
@click.argument("message_id", type=int)
def retry(message_id: int) -> None:
    """Try a failed letter again."""
    with transaction():
        found = actions.retry(message_id)
    if not found:
        raise click.ClickException("no failed letter has this number")
    click.echo("It will be tried at once.")
