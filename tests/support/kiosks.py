"""A kiosk in a real browser: its town, its camera film, its scanner, and what the server has of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from PIL import Image
from playwright.sync_api import TimeoutError
from sqlalchemy import select

from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.identity.permissions import Actor
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.models.cards import MemberCard
from civic.kiosk.models.scans import Scan
from civic.kiosk.queries import devices
from civic.kiosk.states import Scope
from civic.volunteering.actions import signing
from civic.volunteering.models.attendance import Punch
from tests.support import builders
from tests.support.browser import OPTIONS

PIN = "246813"
PORTRAIT, LANDSCAPE = {"width": 1080, "height": 1920}, {"width": 1280, "height": 800}
# A camera, and sounds without a touch: as docs/kiosk.md starts a PC.
CAMERA = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"]
BORN = date(1962, 7, 3)


@dataclass
class Duty:
    """A morning at the crossing: who is expected, and the moment it begins (at which the server's clock stands)."""

    zebra: builders.Crossing
    shift: Any
    places: dict[str, int]
    actors: dict[str, Actor]

    @property
    def event(self) -> int:
        return self.zebra.event_id

    def alias(self, name: str) -> str:
        return devices.alias_of(self.actors[name].person_id, self.event)

    def pass_text(self, name: str, moment: datetime | None = None) -> str:
        key = devices.keys_of([self.event])[self.event]
        return rules.pass_text(self.event, key, self.alias(name), moment or clock.now())

    def punches(self, name: str) -> list[tuple[str, bool]]:
        """(direction, whether it is live) of somebody, as the server has them."""
        db.session.rollback()
        rows = db.session.scalars(select(Punch).where(Punch.sign_up_id == self.places[name], Punch.undoes_id.is_(None)).order_by(Punch.id)).all()
        return [(row.direction.value, row.is_live) for row in rows]


def duty(names: dict[str, str]) -> Duty:
    """The crossing with these people (name → phone) on its next morning; the clock is frozen at the first moment of the shift."""
    zebra = builders.crossing(most=max(4, len(names)), kit="红马甲、小旗、哨")
    shift = zebra.shifts()[0]
    places, actors = {}, {}
    for name, phone in names.items():
        actor = builders.volunteer(name, phone=phone)
        with transaction():
            places[name] = signing.sign_up(actor, shift.id, has_read_briefing=True).id
        actors[name] = actor
        with transaction():
            db.session.get(Person, actor.person_id).birth_date = BORN
    clock.freeze(shift.starts_at)
    with transaction():
        enrolling.ensure_keys()
    return Duty(zebra, shift, places, actors)


def card(duty_: Duty, name: str, token: str, pin: str = "1357") -> str:
    """A member card; the text of its code."""
    with transaction():
        db.session.add(
            MemberCard(
                person_id=duty_.actors[name].person_id, token=token, token_digest=crypto.digest("member_card.token", token), pin=pin,
                issued_at=clock.now(), issued_by_id=duty_.zebra.organiser.user_id,
            )
        )  # fmt: skip
    return f"HRK1.{token}"


def invited(duty_: Duty, name: str = "育才小学路口") -> tuple[int, str]:
    """A kiosk of the desk and its one-time code."""
    with transaction():
        kiosk = enrolling.found(
            duty_.zebra.organiser, name=name, place="梧桐里社区", scope=Scope.EVENT, thing_id=duty_.event, until=clock.now() + timedelta(days=9), pin=PIN
        )
        _, code = enrolling.open_pairing(duty_.zebra.organiser, kiosk.id)
    return kiosk.id, code


def scans(kiosk_id: int) -> list[tuple[str, str]]:
    """(outcome, code) of what a kiosk sent, as it came."""
    db.session.rollback()
    rows = db.session.scalars(select(Scan).where(Scan.kiosk_id == kiosk_id).order_by(Scan.id)).all()
    return [(row.outcome.value, row.code.value) for row in rows]


def film(path: Path, *texts: str, seconds: float = 2.0) -> Path:
    """A camera's film (MJPEG) that shows one QR code after the other ("" shows none), as held by a hand before a grey wall."""
    frames = b""
    for text in texts:
        wall = Image.new("L", (640, 480), 120)
        if text:
            code = BytesIO()
            segno.make(text, error="m", micro=False).save(code, kind="png", scale=7, border=4)
            picture = Image.open(code).convert("L")
            wall.paste(picture, ((640 - picture.width) // 2, (480 - picture.height) // 2))
        frame = BytesIO()
        wall.save(frame, "JPEG", quality=80)
        frames += frame.getvalue() * int(30 * seconds)
    path.write_bytes(frames)
    return path


@contextmanager
def chromium(player: Any, film_: Path, profile: Path | None = None) -> Iterator[Any]:
    """A browser of its own whose camera shows the film; with a profile, a context that survives the browser's end."""
    arguments = [*OPTIONS, *CAMERA, f"--use-file-for-fake-video-capture={film_}"]
    path = shutil.which("chromium")
    if profile:
        opened = player.chromium.launch_persistent_context(str(profile), executable_path=path, args=arguments, viewport=LANDSCAPE, locale="zh-CN")
    else:
        opened = player.chromium.launch(executable_path=path, args=arguments)
    yield opened
    opened.close()


# The shell and the decoder, where there is one, are kept by the service worker.
ON_THE_DEVICE = """async () => {
  const wanted = (await (await fetch("/kiosk/files.json")).json()).lazy;
  const all = async () => (await Promise.all(Object.keys(wanted).map(address => caches.match(address)))).every(Boolean);
  while (!navigator.serviceWorker.controller || !(await all())) await new Promise(done => setTimeout(done, 50));
}"""


WEDGE = """keys => keys.forEach(key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""
# Somebody's finger is on the screen all the time: it stays as it is, however slow the machine of the test.
TOUCHED = "setInterval(() => document.dispatchEvent(new Event('pointerdown')), 1000)"

# Where the test moves the page's clock, a minute passes in no time – but the server answers in its own: no request may run
# out of its seconds before the answer had a chance to come.
PATIENT = "AbortController.prototype.abort = () => {}"

# The page's requests to one address wait for the test. Held in the page: a service worker stands behind it, and of what
# passes there the browser does not tell the test everything.
HELD = """path => {
  const send = window.fetch;
  window.held = [];
  window.fetch = (address, options) => !address.includes(path) ? send(address, options) : new Promise((answer, cut) => window.held.push({
    go: async () => { const came = await send(address, options); answer(came); return came.status; },
    answer: ([status, body]) => answer(new Response(JSON.stringify(body), { status })),
    cut: () => cut(new TypeError("cut")),
  }));
}"""


def grown(screen: Screen) -> None:
    """The rest of the joining form: a birthday of somebody grown, and the briefing was read."""
    screen.page.fill("#main [name=birth]", "19610402")
    screen.page.check("#main [name=briefing]")


class Screen:
    """What stands before the volunteer: one page of one browser."""

    def __init__(self, context: Any, address: str, *, touched: bool = False) -> None:
        self.context = context
        self.address = address
        self.page = context.new_page()
        self.page.set_default_timeout(20000)
        if touched:
            self.page.add_init_script(TOUCHED)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda line: self._hear(line))

    def _hear(self, line: Any) -> None:
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.faults.append(line.text)

    def open(self, then: str) -> Screen:
        self.page.goto(f"{self.address}/kiosk/")
        return self.shows(then)

    def pair(self, code: str) -> Screen:
        self.open("pairing")
        self.page.fill("#main input", code)
        self.page.click("#main form button")
        self.shows("idle")
        # The shell has to be on the device before anybody pulls the plug.
        self.page.evaluate(ON_THE_DEVICE)
        return self

    def shows(self, *names: str) -> Screen:
        try:
            self.page.wait_for_selector(", ".join(f'body[data-screen="{name}"]' for name in names))
        except TimeoutError as error:
            there = self.page.evaluate("[document.body.dataset.screen, document.getElementById('still').hidden, document.getElementById('main').innerText]")
            raise AssertionError(f"{names} did not come; there stands {there}; {self.faults}") from error
        return self

    def says(self, words: str) -> Screen:
        self.page.locator("#main").filter(has_text=words).wait_for()
        return self

    def notes(self, words: str) -> Screen:
        """The line for whoever scans while somebody else is at work."""
        try:
            self.page.locator("#note").filter(has_text=words, visible=True).wait_for()
        except TimeoutError as error:
            raise AssertionError(f"{words} was not said; there stands {self.page.text_content('#note')}; {self.faults}") from error
        return self

    def scanner(self, text: str) -> Screen:
        """The wedge: keys so fast after each other that no person typed them, however slow the machine of the test."""
        self.page.evaluate(WEDGE, [*text, "Enter"])
        return self

    def holds_up(self, duty_: Duty, name: str) -> Screen:
        """Somebody holds up the pass of this moment, as the device has it: it ran on since it last heard the server's frozen clock."""
        moment = self.page.evaluate("async () => (await import('/static/kiosk/time.js')).now()")
        return self.scanner(duty_.pass_text(name, datetime.fromtimestamp(moment / 1000, UTC)))

    def type(self, digits: str) -> Screen:
        for digit in digits:
            self.page.click(f'#main [data-key="{digit}"]')
        return self

    def do(self, deed: str, more: str = "") -> Screen:
        self.page.click(f'[data-do="{deed}"]{more}:visible >> nth=0')
        return self

    def clock(self) -> Any:
        """The page's clock is the test's from here on."""
        self.page.evaluate(PATIENT)
        self.page.clock.install()
        return self.page.clock

    def holds(self, path: str) -> Screen:
        """From here on, what the page asks of this path is under way until the test says what becomes of it."""
        self.page.evaluate(HELD, path)
        return self

    def becomes(self, what: str, given: object = None) -> Any:
        """What becomes of the request that is held: "go" (to the server; its status), "answer" (with a status and a body), "cut"."""
        self.page.wait_for_function("() => window.held.length > 0")
        return self.page.evaluate("([what, given]) => window.held.shift()[what](given)", [what, given])

    def home(self) -> Screen:
        self.page.keyboard.press("Escape")
        return self.shows("idle", "offline")

    def bar(self, words: str) -> Screen:
        """The bar at the top says this until it is drawn anew."""
        self.page.evaluate("words => { document.getElementById('net').textContent = words; }", words)
        return self

    def offline(self) -> Screen:
        self.context.set_offline(True)
        return self.shows("offline")

    def online(self) -> Screen:
        self.context.set_offline(False)
        return self.shows("idle").sent()

    def sent(self) -> Screen:
        """Nothing waits any more."""
        self.page.locator("#net").filter(has_not_text="待上传").wait_for()
        return self
