"""Ten thousand made-up requests against the kiosk's description: no 5xx, every answer as documented.

    python -m benchmarks.fuzz [--cases 10000] [--seed 1]

On the engine of CIVIC_TEST_ENGINE (SQLite where none is said), with a database of its own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from civic.app import create_app
from civic.core import crypto
from civic.core.db import db
from civic.kiosk.states import Scope
from tests.support import builders, engines
from tests.support.fuzzing import fuzz
from tests.support.tablets import place, tablet

OPERATIONS = 5


def run(cases: int, number: int) -> Counter[str]:
    engine = engines.wanted()
    with (
        tempfile.TemporaryDirectory() as folder,
        engines.server_if_needed(engine),
        engines.fresh_database(engine, Path(folder), "fuzz") as url,
    ):
        app = create_app(
            {"TESTING": True, "SECRET_KEY": "fuzz", "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": url, "UPLOAD_FOLDER": folder, "ARGON2_CHEAP": True, "CODE_SENDER": "page"}
        )
        with app.app_context():
            db.create_all()
            zebra = builders.crossing(most=4, kit="红马甲、小旗、哨")
            place(builders.volunteer("孙骏", phone="13900004821"), zebra.shifts()[0].id)
            door = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
            seen = fuzz(app, door.key, each=-(-cases // OPERATIONS), number=number)
            db.session.remove()
            db.engine.dispose()
    return seen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261124)
    arguments = parser.parse_args()
    began = time.monotonic()
    seen = run(arguments.cases, arguments.seed)
    for label, count in sorted(seen.items()):
        print(f"{count:6d}  {label}")
    print(f"{sum(seen.values())} cases on {os.environ.get('CIVIC_TEST_ENGINE', 'sqlite')} in {time.monotonic() - began:.0f} s, each answered as described, no 5xx")
    if sum(seen.values()) < arguments.cases:
        raise SystemExit(f"only {sum(seen.values())} of {arguments.cases} cases were made")


if __name__ == "__main__":
    main()
