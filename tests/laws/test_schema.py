"""Laws of the database and of starting: migrations make what the models say; unsafe settings do not start."""

from __future__ import annotations

import re

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from civic.app import ROOT, NotReady, create_app, with_migrations
from civic.core import crypto
from civic.core.db import db
from tests.support import engines
from tests.support.keys import SECRET_KEY


def shape(engine):
    """Tables, columns, indexes and constraints as the database tells them."""
    look = inspect(engine)
    found = {}
    for table in sorted(look.get_table_names()):
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)),
            "indexes": sorted((i["name"] or "", tuple(i["column_names"]), bool(i["unique"])) for i in look.get_indexes(table)),
            "checks": sorted((c["name"] or "", re.sub(r"\s+", " ", c["sqltext"])) for c in look.get_check_constraints(table)),
            "uniques": sorted((c["name"] or "", tuple(c["column_names"])) for c in look.get_unique_constraints(table)),
            "keys": sorted((tuple(c["constrained_columns"]), c["referred_table"]) for c in look.get_foreign_keys(table)),
        }
    return found


def test_migrations_make_what_the_models_say_and_can_be_undone(tmp_path, engine_name):
    with engines.server_if_needed(engine_name), engines.fresh_database(engine_name, tmp_path, "migrated") as url:
        app = with_migrations(create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(tmp_path)}))
        with app.app_context():
            upgrade()
            migrated = shape(db.engine)
            downgrade(revision="base")
            assert inspect(db.engine).get_table_names() == ["alembic_version"]
            db.create_all()
            made = shape(db.engine)
            db.session.remove()
            db.engine.dispose()
        create_engine(url).dispose()
    assert migrated == made


def test_the_last_step_is_the_one_that_readiness_asks_for():
    assert ScriptDirectory(str(ROOT / "migrations")).get_heads() == [(ROOT / "migrations" / "head").read_text().strip()]


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATA_KEYS"])
def test_a_deployment_without_its_keys_stops_with_one_sentence(missing, monkeypatch):
    for name in ("CIVIC_SECRET_KEY", "CIVIC_DATA_KEYS", "CIVIC_DEMO"):
        monkeypatch.delenv(name, raising=False)
    settings = {"SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key()}
    settings.pop(missing)
    with pytest.raises(NotReady, match=missing):
        create_app(settings)
