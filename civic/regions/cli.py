"""Commands of the places."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from civic.core.db import db, transaction
from civic.core.errors import Invalid
from civic.regions import files, queries
from civic.regions.actions import loading, stairwells
from civic.regions.rules import SHORT

commands = AppGroup("regions", help="Places: load, template, import.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@commands.command()
@click.argument("sources", nargs=-1, required=True, type=FILE)
@click.option("--root", help="Code of the place that stands without the ones above it.")
@click.option("--skip-bad", is_flag=True, help="Load the good rows although there are bad ones.")
def load(sources: tuple[Path, ...], root: str | None, skip_bad: bool) -> None:
    """Load published division files (code,name,…); running it again changes nothing."""
    rows: list[files.Row] = []
    problems: list[files.Problem] = []
    for source in sources:
        found, wrong = files.rows_of(source.name, source.read_bytes())
        rows += found
        problems += wrong
    with transaction():
        report = loading.load(rows, problems, root=root, skip_bad=skip_bad)
    for problem in report.problems:
        click.echo(str(problem), err=True)
    if report.is_refused:
        raise click.ClickException(f"{len(report.problems)} 行有问题，什么都没有装入。改好再来，或者加 --skip-bad。")
    for level in (5, 4, 3, 2):
        if report.added[level] or report.renamed[level] or report.recoded[level]:
            click.echo(f"{SHORT[level]}：新增 {report.added[level]}，改名 {report.renamed[level]}，换代码 {report.recoded[level]}")
    click.echo(f"没有变化 {report.unchanged}，跳过 {len(report.problems)}。")


@commands.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--under", help="Code of the place whose communities are listed.")
def template(target: Path, under: str | None) -> None:
    """Write the .xlsx that a community fills in with its stairwells or groups."""
    target.write_bytes(files.template(queries.leaves_for_template(under)))
    click.echo(f"{target}")


@commands.command("import")
@click.argument("source", type=FILE)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_(source: Path, dry_run: bool) -> None:
    """Take in a filled-in .xlsx of stairwells and groups."""
    try:
        with source.open("rb") as stream:
            leaves, problems = files.leaves_of(stream)
    except Invalid as error:
        raise click.ClickException(str(error.sentence)) from error
    with transaction():
        wanted = stairwells.plan(leaves, problems)
        for problem in wanted.problems:
            click.echo(f"{source.name}{problem}", err=True)
        for note in wanted.notes:
            click.echo(str(note), err=True)
        click.echo(f"新增 {len(wanted.added)}，户数有变 {len(wanted.changed)}，没有变化 {wanted.unchanged}。")
        if not dry_run and not wanted.problems:
            stairwells.apply(None, wanted)
    if wanted.problems and not dry_run:
        raise click.ClickException(f"{len(wanted.problems)} 行有问题，什么都没有装入。")
    db.session.remove()
