"""`make test`: the whole suite once on each engine, and a last line that says which ones it ran on."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.engines import ENGINES, server_url


def main(arguments: list[str]) -> int:
    engines = os.environ.get("CIVIC_TEST_ENGINES", " ".join(ENGINES)).split()
    missing = set(os.environ.get("CIVIC_REQUIRE_ENGINES", "").split()) - set(engines)
    if missing:
        print(f"required but not chosen: {', '.join(sorted(missing))}")
        return 2
    # The races open many connections each; more processes than this would ask too much of one server.
    side_by_side = () if "-n" in arguments else ("-n", str(min(4, os.cpu_count() or 1)))
    worst = 0
    with server_url() as url:
        for engine in engines:
            print(f"── {engine} ──", flush=True)
            env = {**os.environ, "CIVIC_TEST_ENGINE": engine, "CIVIC_TEST_DATABASE_URL": url}
            worst = max(worst, subprocess.call([sys.executable, "-m", "pytest", "-q", *side_by_side, *arguments], env=env))
    print(f"ran on: {', '.join(engines)} — {'all passed' if worst == 0 else 'FAILED'}")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
