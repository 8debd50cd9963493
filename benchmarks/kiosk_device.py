"""The kiosk on its device: from a scan or a tap to the green screen, opening a large roster, the size of the shell.

Chromium slowed down four times (an old tablet on a fast machine), offline, with 5,000 people on the roster. Every sample is
another person; the time ends when the green screen was painted. Prints medians and the slowest tenth beside the limits.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import tempfile
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import sync_playwright
from sqlalchemy import func, insert, select
from werkzeug.serving import make_server

from civic.app import create_app
from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.queries import devices
from civic.volunteering.actions import scheduling
from civic.volunteering.models.events import SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.states import SignUpStatus
from tests.support import builders, kiosks
from tests.support.browser import OPTIONS
from tests.support.keys import SECRET_KEY
from tests.support.tablets import machine

PEOPLE, SAMPLES, SLOWER = 5000, 25, 4
GREEN_MOST, ROSTER_MOST, SHELL_MOST = 300, 2000, 150 * 1024

OPEN = """async () => {
  const [{open}, {Roster}, {Marks}] = await Promise.all(["store", "roster", "marks"].map(name => import(`/static/kiosk/${name}.js`)));
  const store = await open();
  const times = [];
  let people = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    const begun = performance.now();
    const roster = await new Roster(store, await new Marks(store).load()).load();
    times.push(performance.now() - begun);
    people = roster.byPlace.size;
  }
  return {times, people};
}"""
PAINTED = """async ([keys, selector, screen]) => {
  const begun = performance.now();
  if (selector) document.querySelector(selector).click();
  else keys.forEach(key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})));
  while (document.body.dataset.screen !== screen) await new Promise(done => requestAnimationFrame(done));
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
}"""


def laid(folder: Path, people: int) -> tuple[Flask, int, str, list[str]]:
    """The application with that many people on one shift that begins now; (app, event, pairing code, aliases)."""
    app = create_app(
        {
            "SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'civic.db'}",
            "ARGON2_CHEAP": True, "UPLOAD_FOLDER": str(folder / "uploads"), "CODE_SENDER": "page",
        }
    )  # fmt: skip
    with app.app_context():
        db.create_all()
        zebra = builders.crossing(most=5, days=7)
        shift = zebra.shifts()[0]
        with transaction():
            scheduling.resize(zebra.organiser, shift.id, most=people)
            first = db.session.scalar(select(func.max(Person.id))) + 1
            now = clock.now()
            persons = [
                {
                    "id": first + n, "name": f"王好{n % 10}", "normal_name": f"王好{n}", "created_at": now, "birth_date": date(1960, n % 12 + 1, 3),
                    "phone": f"139{n:08d}", "phone_digest": f"{n:064d}",
                }
                for n in range(people)
            ]  # fmt: skip
            db.session.execute(insert(Person), persons)
            db.session.execute(insert(Volunteer), [{"person_id": p["id"], "number": p["id"], "registered_at": now, "stars": 3} for p in persons])
            held = {"shift_id": shift.id, "status": SignUpStatus.CONFIRMED, "starts_at": shift.starts_at, "ends_at": shift.ends_at, "at": now}
            db.session.execute(insert(SignUp), [{"person_id": p["id"], "touched_at": now, **held} for p in persons])
        clock.freeze(shift.starts_at)
        duty = kiosks.Duty(zebra, shift, {}, {})
        _kiosk, code = kiosks.invited(duty)
        with transaction():
            enrolling.ensure_keys()
        aliases = [devices.alias_of(p["id"], zebra.event_id) for p in persons[: 2 * SAMPLES]]
        return app, zebra.event_id, code, aliases


def measured(page: Any, app: Flask, event: int, aliases: list[str]) -> dict[str, list[float]]:
    """Seconds are milliseconds here: scans and taps in turn, each by somebody new."""
    with app.app_context():
        key = devices.keys_of([event])[event]
        texts = [rules.pass_text(event, key, alias, clock.now() + timedelta(seconds=30)) for alias in aliases[:SAMPLES]]
    scans, taps = [], []
    for number, text in enumerate(texts):
        scans.append(page.evaluate(PAINTED, [[*text, "Enter"], None, "in"]))
        home(page)
        for digit in f"{SAMPLES + number:04d}":
            page.click(f'#main [data-key="{digit}"]')
        page.wait_for_selector('body[data-screen="pick"]')
        taps.append(page.evaluate(PAINTED, [[], ".k-name", "in"]))
        home(page)
    return {"scan to green": scans, "tap to green": taps}


def home(page: Any) -> None:
    page.keyboard.press("Escape")
    page.wait_for_selector('body[data-screen="offline"]')


def shell_size(app: Flask) -> int:
    """The whole shell as it is sent, compressed, with the decoder's loader and without the decoder."""
    client = machine(app)
    files = client.get("/kiosk/files.json").get_json()["files"]
    return sum(len(gzip.compress(client.get(address).data)) for address in (*files, "/kiosk/worker.js", "/kiosk/decoder.js"))


def line(name: str, values: list[float], most: float) -> bool:
    median, slow = statistics.median(values), sorted(values)[int(len(values) * 0.9)]
    print(f"{name:<32} median {median:7.0f} ms   slowest tenth {slow:7.0f} ms   limit {most:5.0f} ms   {'ok' if median <= most else 'TOO SLOW'}")
    return median <= most


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=PEOPLE)
    people = asked.parse_args().people
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        app, event, code, aliases = laid(Path(folder), people)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        context = browser.new_context(viewport=kiosks.LANDSCAPE, locale="zh-CN")
        screen = kiosks.Screen(context, f"http://127.0.0.1:{server.server_port}")
        screen.page.set_default_timeout(60000)
        screen.pair(code).offline()
        context.new_cdp_session(screen.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        times = measured(screen.page, app, event, aliases)
        opened = screen.page.evaluate(OPEN)
        size = shell_size(app)
        fine = [line(name, values, GREEN_MOST) for name, values in times.items()]
        assert opened["people"] == people, opened["people"]
        fine.append(line(f"roster of {people:,} opened", opened["times"], ROSTER_MOST))
        fine.append(size <= SHELL_MOST)
        print(f"{'shell, compressed':<32} {size / 1024:7.1f} kB                               limit {SHELL_MOST // 1024:5d} kB   {'ok' if fine[-1] else 'TOO LARGE'}")
        browser.close()
        server.shutdown()
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
