"""What a migration fills in for rows that were there before it."""

from __future__ import annotations

from flask_migrate import upgrade
from sqlalchemy import text

from civic.app import create_app, with_migrations
from civic.core import crypto
from civic.core.db import db
from tests.support import engines
from tests.support.keys import SECRET_KEY

REGION = "INSERT INTO region (id, level, kind, name, path, since, version) VALUES (1, 5, 'city', '云汀・⾼市', '1.', '2026-01-01', 1)"
PERSON = "INSERT INTO person (id, kind, name, normal_name, is_minor, is_deceased, created_at) VALUES (1, 'individual', '阿迪力∙买买提', '阿迪力∙买买提', false, false, '2026-01-01 00:00:00')"


def test_names_that_were_there_are_compared_like_new_ones(tmp_path, engine_name):
    with engines.server_if_needed(engine_name), engines.fresh_database(engine_name, tmp_path, "backfill") as url:
        app = with_migrations(create_app({"SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": str(tmp_path)}))
        with app.app_context():
            upgrade(revision="0029")
            with db.engine.begin() as connection:
                connection.execute(text(REGION))
                connection.execute(text(PERSON))
            upgrade()
            with db.engine.connect() as connection:
                assert connection.scalar(text("SELECT normal_name FROM region")) == "云汀高市"
                assert connection.scalar(text("SELECT normal_name FROM person")) == "阿迪力买买提"
            db.session.remove()
            db.engine.dispose()
