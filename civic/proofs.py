"""Every proof of the house, run one after the other, with one exit code: for the night, after a restore, for whoever doubts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from civic.audit import contents
from civic.audit import queries as audit
from civic.core.db import db
from civic.nominations.queries import proving as votes
from civic.points import queries as points
from civic.volunteering.queries import proving as hours


def _audit() -> Iterator[str]:
    file = current_app.config["SEAL_HEAD_FILE"]
    for broken in audit.verify(audit.head_beside(file) if file else None).breaks:
        yield f"link {broken.seal_number}: {broken.what}"
    yield from (f"record {number}: not the reason that was given" for number in audit.changed_reasons())


def _contents() -> Iterable[str]:
    return contents.breaks({"punch": hours.unmarked_punches})


PROOFS: dict[str, Callable[[], Iterable[str]]] = {
    "audit": _audit,  # the chain, its end noted elsewhere, the reasons
    "contents": _contents,  # decisions, punches, votes, verdicts, hours, entries as they were written
    "points": points.discrepancies,  # entries, balances, lots and stock
    "hours": hours.discrepancies,
    "votes": votes.discrepancies,
}


def all_discrepancies() -> Iterator[tuple[str, str]]:
    """(proof, line) of everything that does not hold."""
    for name, proof in PROOFS.items():
        for line in proof():
            yield name, line
        db.session.rollback()


@click.command("verify")
@with_appcontext
def command() -> None:
    """Run every proof: audit chain, contents, points and stock, hours, votes. Ends with 1 and the lines where one does not hold."""
    count = 0
    for name, line in all_discrepancies():
        count += 1
        click.echo(f"{name}: {line}")
    if count:
        raise SystemExit(1)
    click.echo("都对得上：" + "、".join(PROOFS))
