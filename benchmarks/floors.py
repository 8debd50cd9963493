"""What the least possible page costs here, to measure ours against: (a) a bare answer, a bare list, (c) a bare check-in."""

from __future__ import annotations

import itertools
import os

from flask import Flask, render_template_string
from sqlalchemy import create_engine, text

LIST = """<!doctype html><title>{{ title }}</title><ol>{% for r in rows %}<li><b>{{ r.shown_name }}</b> {{ r.headline }}</li>{% endfor %}</ol>"""
TABLES = """
CREATE TABLE IF NOT EXISTS floor_person (id bigint PRIMARY KEY, code text UNIQUE, balance bigint NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS floor_punch (person_id bigint, scan bigint, PRIMARY KEY (person_id, scan));
CREATE TABLE IF NOT EXISTS floor_entry (person_id bigint, amount bigint, source bigint UNIQUE);
INSERT INTO floor_person (id, code) SELECT n, 'c' || n FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING;
TRUNCATE floor_punch, floor_entry;
"""


def app(url: str) -> Flask:
    """Flask, SQLAlchemy Core and psycopg, nothing else, over one of the measured databases."""
    bare = Flask("floor")
    engine = create_engine(url)
    numbers = itertools.count(1)
    with engine.begin() as connection:
        connection.execute(text(TABLES))

    @bare.get("/hello")
    def hello() -> str:
        return "hello"

    @bare.get("/list")
    def listed() -> str:
        """Two statements and 24 lines: the event page's and the roll's floor."""
        with engine.connect() as connection:
            title = connection.execute(text("SELECT name FROM region ORDER BY id LIMIT 1")).scalar_one()
            rows = connection.execute(
                text(
                    "SELECT id, shown_name, headline FROM honour WHERE level = 5 AND visibility <> 'hidden'"
                    " ORDER BY awarded_at DESC, id DESC LIMIT 24"
                )
            ).all()
        return render_template_string(LIST, title=title, rows=rows)

    @bare.get("/check_in")
    def check_in() -> str:
        """(c): four statements, one transaction."""
        n = next(numbers)
        with engine.begin() as connection:
            person = connection.execute(text("SELECT id FROM floor_person WHERE code = :c"), {"c": f"c{n % 20000 + 1}"}).scalar_one()
            connection.execute(text("INSERT INTO floor_punch VALUES (:p, :n) ON CONFLICT DO NOTHING"), {"p": person, "n": n})
            connection.execute(text("INSERT INTO floor_entry VALUES (:p, 10, :n)"), {"p": person, "n": n})
            connection.execute(text("UPDATE floor_person SET balance = balance + 10 WHERE id = :p"), {"p": person})
        return "in"

    return bare


def check_in() -> Flask:
    """(c) alone, for gunicorn: the tables are laid by whoever measures."""
    bare = Flask("floor")
    engine = create_engine(os.environ["FLOOR_URL"])

    @bare.get("/health/live")
    def live() -> str:
        return "ok"

    @bare.get("/hello")
    def hello() -> str:
        return "hello"

    @bare.post("/check_in/<int:n>")
    def one(n: int) -> str:
        with engine.begin() as connection:
            person = connection.execute(text("SELECT id FROM floor_person WHERE code = :c"), {"c": f"c{n % 20000 + 1}"}).scalar_one()
            connection.execute(text("INSERT INTO floor_punch VALUES (:p, :n) ON CONFLICT DO NOTHING"), {"p": person, "n": n})
            connection.execute(text("INSERT INTO floor_entry VALUES (:p, 10, :n)"), {"p": person, "n": n})
            connection.execute(text("UPDATE floor_person SET balance = balance + 10 WHERE id = :p"), {"p": person})
        return "in"

    return bare


RUSH = """
DROP TABLE IF EXISTS floor_shift, floor_place;
CREATE TABLE floor_shift (id int PRIMARY KEY, places int NOT NULL, taken int NOT NULL DEFAULT 0 CHECK (taken <= places));
CREATE TABLE floor_place (shift_id int, person_id int, PRIMARY KEY (shift_id, person_id));
"""


def rush() -> Flask:
    """(c'): the least sign-up that is correct, for gunicorn. Each worker lays the tables only where they are missing."""
    bare = Flask("floor")
    engine = create_engine(os.environ["FLOOR_URL"])
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        if connection.execute(text("SELECT to_regclass('floor_shift')")).scalar() is None:
            connection.execute(text(RUSH))
            connection.execute(text("INSERT INTO floor_shift VALUES (1, :n, 0)"), {"n": int(os.environ["FLOOR_PLACES"])})
    engine.dispose()  # what was opened before the workers are forked is not for them

    @bare.get("/health/live")
    def live() -> str:
        return "ok"

    @bare.post("/take/<int:person>")
    def take(person: int) -> str:
        with engine.begin() as connection:
            left = connection.execute(text("SELECT places - taken FROM floor_shift WHERE id = 1 FOR UPDATE")).scalar_one()
            known = connection.execute(text("SELECT 1 FROM floor_place WHERE shift_id = 1 AND person_id = :p"), {"p": person}).first()
            if known:
                return "in"
            if left < 1:
                return "full"
            connection.execute(text("INSERT INTO floor_place VALUES (1, :p)"), {"p": person})
            connection.execute(text("UPDATE floor_shift SET taken = taken + 1 WHERE id = 1"))
        return "in"

    return bare
