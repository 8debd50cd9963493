"""Runs migrations in the application's database, one transaction for all steps."""

from __future__ import annotations

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import text

from civic.core.crypto import Sealed
from civic.core.db import UtcDateTime

database = current_app.extensions["migrate"].db


def _render(kind: str, value: object, _context: AutogenContext) -> str | bool:
    """Migrations name plain types only: the house's own may change, old steps must not."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, Sealed):
        return "sa.Text()"
    return False


def run() -> None:
    arguments = dict(current_app.extensions["migrate"].configure_args, render_item=_render)
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Batch steps rebuild tables; with foreign keys on, dropping the old one would cascade into its children.
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(connection=connection, target_metadata=database.metadata, **arguments)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if is_sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration left {len(broken)} dangling references")


run()
