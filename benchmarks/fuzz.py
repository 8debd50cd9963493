"""Ten thousand made-up requests against the demonstration: no 5xx, and every refusal says why.

    python -m benchmarks.fuzz [--cases 10000] [--seed 1]

Four fifths go to every route there is, as a stranger and as each role of the demonstration: paths, queries and forms, made
from the URL map and from the forms that the pages show. One fifth goes to the kiosk's description, in JSON, and every answer
has to be as documented. On the engine of CIVIC_TEST_ENGINE (SQLite where none is said), with a database of its own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from civic.app import create_app
from civic.core import crypto
from civic.core.db import db
from civic.kiosk.states import Scope
from tests.support import builders, engines
from tests.support.everywhere import Everywhere
from tests.support.fuzzing import fuzz
from tests.support.keys import SECRET_KEY
from tests.support.tablets import place, tablet

OPERATIONS = 5
ROLES = ("resident", "steward", "community", "street", "county", "city", "region-admin", "city-admin", "organiser", "auditor")


@contextmanager
def city(**settings: object) -> Iterator[Flask]:
    """An application on a fresh database of the wanted engine."""
    engine = engines.wanted()
    with (
        tempfile.TemporaryDirectory() as folder,
        engines.server_if_needed(engine),
        engines.fresh_database(engine, Path(folder), "fuzz") as url,
    ):
        app = create_app(
            {"TESTING": True, "SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": folder, "ARGON2_CHEAP": True, "CODE_SENDER": "page", **settings}
        )
        with app.app_context():
            db.create_all()
            yield app
            db.session.remove()
            db.engine.dispose()


def pages(cases: int, number: int) -> Everywhere:
    """Every route, as everybody."""
    with city(DEMO=True, WTF_CSRF_ENABLED=False) as app:
        loaded = app.test_cli_runner().invoke(args=["demo", "load", "--nominations", "120"])
        assert loaded.exit_code == 0, loaded.output
        db.session.remove()
        found = Everywhere(app, {role: f"{role}@demo.example" for role in ROLES}, seed=number)
        found.enter()
        found.look_around()
        found.sweep()
        found.go(cases - sum(found.seen.values()))
    return found


def documents(cases: int, number: int) -> Counter[str]:
    """The kiosk's interface, as its description says and as it does not."""
    with city() as app:
        zebra = builders.crossing(most=4, kit="红马甲、小旗、哨")
        place(builders.volunteer("孙骏", phone="13900004821"), zebra.shifts()[0].id)
        door = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
        return fuzz(app, door.key, each=-(-cases // OPERATIONS), number=number)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261124)
    arguments = parser.parse_args()
    began = time.monotonic()
    wide = pages(arguments.cases * 4 // 5, arguments.seed)
    for label, count in sorted(wide.seen.items()):
        print(f"{count:6d}  {label}")
    print(f"{len(wide.touched)} of {len(wide.rules)} routes and methods, {sum(map(len, wide.forms.values()))} forms, as {len(wide.logins)} people")
    if wide.faults:
        raise SystemExit("\n".join([*wide.faults, f"{len(wide.faults)} faults"]))
    seen = documents(arguments.cases - arguments.cases * 4 // 5, arguments.seed)
    for label, count in sorted(seen.items()):
        print(f"{count:6d}  {label}")
    total = sum(wide.seen.values()) + sum(seen.values())
    print(f"{total} cases on {os.environ.get('CIVIC_TEST_ENGINE', 'sqlite')} in {time.monotonic() - began:.0f} s, every refusal with its sentence, no 5xx")
    if total < arguments.cases:
        raise SystemExit(f"only {total} of {arguments.cases} cases were made")


if __name__ == "__main__":
    main()
