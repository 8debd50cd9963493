"""Cost of volunteering's pages in a city of 600,000 volunteers beside one of 6,000, on PostgreSQL.

Both cities are laid by statements (no passwords, no letters): people, teams, events, shifts that are over and settled with
their sign-ups, steps, punches, hours and ledger lines, and shifts to come. In each lives one person with the same history
and one event with the same shifts, so that only the rest of the city differs. The pages are asked in shuffled, interleaved
rounds in one process, as in `benchmarks.pages`; only the ratio means something.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from dataclasses import dataclass

import psycopg
from flask import Flask
from sqlalchemy import text

from benchmarks.pages import Meter
from civic.app import create_app
from civic.core.db import db, transaction
from civic.identity.actions import sessions
from civic.volunteering.actions import signing
from tests.support import builders
from tests.support.engines import plain, server_url
from tests.support.keys import DATA_KEYS, SECRET_KEY

GOAL = 1.25
LARGE, SMALL = 600_000, 6_000
OVER, TO_COME, EACH = 166, 10, 10  # shifts of an event that are over and to come, people on each that is over
ON_BOARD = 50  # people of the measured team who stand on its board
OWN = 24  # shifts in the measured person's past
DRAFTS = 31  # events nobody saw yet, in either city: a desk's first page is full in both
SETTINGS = {"SECRET_KEY": SECRET_KEY, "DATA_KEYS": DATA_KEYS, "ARGON2_CHEAP": True, "WTF_CSRF_ENABLED": False, "CODE_SENDER": "page"}

# {n} people from number {p} on, {e} events from number {v} on; `:own` is the measured person.
CITY = """
INSERT INTO person (id, kind, name, normal_name, is_minor, is_deceased, region_id, created_at)
 SELECT {p} + n, 'individual', '志愿者' || n, '志愿者' || n, false, false, {r}, now() FROM generate_series(1, {n}) AS n;
INSERT INTO volunteer (person_id, number, registered_at, verified_minutes, attested_minutes, stars)
 SELECT {p} + n, 1000 + n, now(), 100, 0, 0 FROM generate_series(1, {n}) AS n;
INSERT INTO point_balance (person_id, points) SELECT {p} + n, 0 FROM generate_series(1, {n}) AS n;
INSERT INTO team (id, region_id, region_path, name, since) SELECT {v} + n, {r}, '{path}', '服务队' || n, current_date FROM generate_series(1, greatest({e} / 10, 1)) AS n;
INSERT INTO event (id, team_id, region_id, region_path, name, subtitle, description, place, requirements, kit, risk, status, opens_days, closes_hours,
  withdraw_hours, gap_minutes, created_at, published_at)
 SELECT {v} + n, {v} + 1 + (n - 1) / 10, {r}, '{path}', '活动' || n, '', '到社区陪老人说话。', '社区', '', '', 'indoor', 'published', 30, 0, 11, 0, now(), now()
 FROM generate_series(1, {e}) AS n;
INSERT INTO event (id, team_id, region_id, region_path, name, subtitle, description, place, requirements, kit, risk, status, opens_days, closes_hours,
  withdraw_hours, gap_minutes, created_at)
 SELECT {v} + {e} + n, {v} + 1, {r}, '{path}', '草稿' || n, '', '到社区陪老人说话。', '社区', '', '', 'indoor', 'draft', 30, 0, 11, 0, now() FROM generate_series(1, {d}) AS n;
INSERT INTO post (id, event_id, name, corner, role, is_on_carriageway, position) SELECT {v} + n, {v} + n, '大厅', '', 'general', false, 0 FROM generate_series(1, {e}) AS n;
INSERT INTO shift (event_id, post_id, county_id, name, day, starts_at, ends_at, least, normal, most, taken, waiting, status)
 SELECT {v} + e, {v} + e, {c}, '上午', (now() - s * interval '1 day')::date, now() - s * interval '1 day', now() - s * interval '1 day' + interval '2 hours',
  1, {x}, {x}, 0, 0, 'settled' FROM generate_series(1, {e}) AS e, generate_series(1, {o}) AS s;
INSERT INTO shift (event_id, post_id, county_id, name, day, starts_at, ends_at, least, normal, most, taken, waiting, status)
 SELECT {v} + e, {v} + e, {c}, '上午', (now() + s * interval '1 day')::date, now() + s * interval '1 day' + e * interval '7 seconds', now() + s * interval '1 day' + interval '3 hours',
  1, {x}, {x}, 0, 0, 'open' FROM generate_series(1, {e}) AS e, generate_series(1, {t}) AS s;
CREATE TEMPORARY TABLE place AS
 SELECT row_number() OVER (ORDER BY s.id, k) AS n, s.id AS shift, s.day, s.starts_at, s.ends_at, {p} + 1 + (row_number() OVER (ORDER BY s.id, k) - 1) % {n} AS person
 FROM shift AS s, generate_series(1, {x}) AS k WHERE s.event_id > {v} AND s.status = 'settled';
INSERT INTO place SELECT (SELECT max(n) FROM place) + row_number() OVER (), id, day, starts_at, ends_at, {own} FROM (SELECT * FROM shift WHERE event_id = {v} + 1 AND status = 'settled' ORDER BY id LIMIT {w}) AS s;
INSERT INTO sign_up (id, shift_id, person_id, status, basis, is_working_time, starts_at, ends_at, at, touched_at, times)
 SELECT {v} + n, shift, person, 'came', 'self_signup', false, starts_at, ends_at, starts_at - interval '3 days', ends_at, 1 FROM place;
INSERT INTO sign_up_step (sign_up_id, verb, after, at) SELECT {v} + n, 'sign', 'confirmed', starts_at - interval '3 days' FROM place;
INSERT INTO sign_up_step (sign_up_id, verb, after, at) SELECT {v} + n, 'attend', 'came', ends_at FROM place;
INSERT INTO punch (sign_up_id, direction, at, recorded_at, means, is_live) SELECT {v} + n, d, CASE d WHEN 'in' THEN starts_at ELSE ends_at END, ends_at, 'tick', true FROM place, unnest(ARRAY['in', 'out']) AS d;
INSERT INTO hours (id, person_id, sign_up_id, shift_id, kind, day, minutes, policy_id, how, earns_points, drafted_at, final_from, final_at)
 SELECT {v} + n, person, {v} + n, shift, 'verified', day, 120, (SELECT min(id) FROM hours_policy), 'full', true, ends_at, ends_at, ends_at FROM place;
INSERT INTO point_entry (id, person_id, kind, points, balance_after, source, reason, words, day, at, tariff_id)
 SELECT {v} + n, person, 'earn', 20, 20 * row_number() OVER (PARTITION BY person ORDER BY n), 'hours:' || {v} + n, 'service', '活动 · 上午', day, ends_at, (SELECT min(id) FROM point_tariff) FROM place;
INSERT INTO point_lot (entry_id, person_id, points, "left", expires_on) SELECT {v} + n, person, 20, 20, day + 1096 FROM place;
INSERT INTO point_balance (person_id, points) SELECT {own}, 0 ON CONFLICT DO NOTHING;
UPDATE point_balance AS b SET points = s.points FROM (SELECT person_id, sum(points) AS points FROM point_entry GROUP BY person_id) AS s WHERE s.person_id = b.person_id;
INSERT INTO board_name (team_id, person_id, nickname, since)
 SELECT {v} + 1, person, '志愿者' || row_number() OVER (), current_date FROM (
  SELECT DISTINCT p.person FROM place AS p JOIN shift AS s ON s.id = p.shift JOIN event AS e ON e.id = s.event_id WHERE e.team_id = {v} + 1 ORDER BY p.person DESC LIMIT {b}) AS q;
DROP TABLE place;
"""


@dataclass
class City:
    app: Flask
    event: int
    shift: int
    team: int
    volunteer: str
    organiser: str


def city_of(base: str, people: int, *, anew: bool) -> City:
    """The application over a city with so many volunteers; the database is kept for the next time, with what it holds
    written in its comment."""
    name = f"civic_city_{people}"
    url = base.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(plain(base), autocommit=True) as connection:
        known = connection.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if anew or not known or not known[0]:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
            known = None
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        facts = json.loads(known[0]) if known else laid(people)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"COMMENT ON DATABASE \"{name}\" IS '{json.dumps(facts)}'")
            counts = connection.execute(text("SELECT (SELECT count(*) FROM volunteer), (SELECT count(*) FROM sign_up), (SELECT count(*) FROM point_entry)")).one()
        print("{:,} volunteers, {:,} sign-ups, {:,} ledger entries".format(*counts), flush=True)
        found = City(app, facts["event"], facts["shift"], facts["team"], _cookie(app, facts["volunteer"]), _cookie(app, facts["organiser"]))
        db.session.remove()
    return found


def laid(people: int) -> dict[str, int]:
    """Lay the city; the numbers of what is measured."""
    db.create_all()
    zebra = builders.crossing(most=4, days=14, posts=("育才小学路口", "中医院路口"))
    me = builders.volunteer(name="黄素芬", email="volunteer@civic.example")
    shifts = zebra.shifts()
    for shift in shifts[::4][:6]:
        with transaction():
            signing.sign_up(me, shift.id, has_read_briefing=True)
    town = zebra.town
    places = {
        "n": people, "p": 1_000_000, "e": people // 600, "v": 1_000_000, "r": town.line[2].id, "path": town.line[2].path, "c": town.line[4].id,
        "o": OVER, "t": TO_COME, "x": EACH, "w": OWN, "b": ON_BOARD, "own": me.person_id, "d": DRAFTS,
    }  # fmt: skip
    with db.engine.begin() as connection:
        for statement in CITY.format(**places).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return {"event": zebra.event_id, "shift": shifts[0].id, "team": places["v"] + 1, "volunteer": me.user_id or 0, "organiser": zebra.organiser.user_id or 0}


def _cookie(app: Flask, user_id: int) -> str:
    with transaction():
        token = sessions.begin(user_id)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"session={signer.dumps({'_user_id': token, '_fresh': True})}"


def pages_of(city: City) -> dict[str, tuple[str, str]]:
    """Page → (address, who opens it)."""
    return {
        "my page": ("/me", city.volunteer),
        "my shifts": ("/volunteering/mine", city.volunteer),
        "my hours": ("/volunteering/hours", city.volunteer),
        "my points": ("/points/", city.volunteer),
        "event": (f"/volunteering/events/{city.event}", city.volunteer),
        "event list": ("/volunteering/", city.volunteer),
        "event list, public": ("/volunteering/", ""),
        "team board, hours": (f"/volunteering/board/{city.team}?span=year", city.volunteer),
        "team board, points": (f"/volunteering/board/{city.team}?span=year&by=points", city.volunteer),
        "events on the desk": ("/volunteering/desk/events", city.organiser),
        "hours on the desk": ("/volunteering/desk/hours", city.organiser),
        "tick list": (f"/volunteering/lists/{city.shift}", city.organiser),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", type=int, default=SMALL)
    options.add_argument("--large", type=int, default=LARGE)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--anew", action="store_true", help="lay the cities again")
    chosen = options.parse_args()
    with server_url() as base:
        began = time.perf_counter()
        cities = {n: city_of(base, n, anew=chosen.anew) for n in (chosen.small, chosen.large)}
        print(f"laid in {time.perf_counter() - began:.0f} s", flush=True)
        meters = {n: Meter(city.app) for n, city in cities.items()}
        clients = {n: city.app.test_client(use_cookies=False) for n, city in cities.items()}
        pages = {n: pages_of(city) for n, city in cities.items()}
        found: dict[tuple[int, str], list[tuple[int, float, float]]] = {}
        work = [(n, page) for n in cities for page in pages[n]]
        for turn in range(chosen.rounds + 5):
            random.shuffle(work)
            for size, page in work:
                into = found.setdefault((size, page), []) if turn >= 5 else []
                address, cookie = pages[size][page]
                with meters[size].measured(into):
                    answer = clients[size].get(address, headers={"Cookie": cookie} if cookie else {})
                assert answer.status_code == 200, (page, answer.status_code)
    return report(found, list(pages[chosen.small]), chosen.small, chosen.large)


def report(found: dict[tuple[int, str], list[tuple[int, float, float]]], pages: list[str], small: int, large: int) -> int:
    """The table, and whether the goal was missed."""
    print(f"{'page':<24}{'statements':>12}{'ms small':>10}{'ms large':>10}{'ratio':>8}")
    worst, constant = 0.0, True
    for page in pages:
        counts = {n: {count for count, _, _ in found[n, page]} for n in (small, large)}
        one, two = (statistics.median(s for _, s, _ in found[n, page]) * 1000 for n in (small, large))
        worst, constant = max(worst, two / one), constant and counts[small] == counts[large]
        print(f"{page:<24}{'/'.join(map(str, sorted(counts[small] | counts[large]))):>12}{one:>10.1f}{two:>10.1f}{two / one:>8.2f}")
    print(f"{small:,} → {large:,} volunteers; worst ratio {worst:.2f}, goal {GOAL}; statements {'constant' if constant else 'NOT constant'}")
    return int(worst > GOAL or not constant)


if __name__ == "__main__":
    sys.exit(main())
