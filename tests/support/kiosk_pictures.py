"""`make handbook`: every state of the kiosk in both orientations, from the real app against a real server of an invented morning."""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from civic.app import create_app
from civic.core import clock, crypto
from civic.core.db import db, transaction
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.queries import devices
from civic.volunteering.actions import offers, signing
from civic.volunteering.models.people import Volunteer
from tests.support import kiosks
from tests.support.keys import SECRET_KEY
from tests.support.kiosks import LANDSCAPE, PIN, PORTRAIT, Screen

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "handbook" / "pictures"
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
COLOURS = 96
CAST = {
    "孙大骏": "13900004821", "黄桂芬": "13800004821", "张小明": "13900000101", "王秀兰": "13900000202", "李国强": "13900000303",
    "周小敏": "13900000404", "赵春梅": "13900005555", "吴建国": "13800005555", "郑雪英": "13700005555", "陈玉兰": "13600005555", "沈卫红": "13500005555",
    "韩冬玲": "13900000606",
}  # fmt: skip
TOKEN = "ABCDEFGHIJKLMNOPQRST"


class Album:
    """One orientation: shoots what stands there, small and in few colours."""

    def __init__(self, screen: Screen, orientation: str) -> None:
        self.screen = screen
        self.orientation = orientation

    def shoot(self, name: str) -> None:
        self.screen.page.wait_for_timeout(300)
        picture = Image.open(BytesIO(self.screen.page.screenshot())).convert("RGB")
        picture = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        picture.quantize(COLOURS).save(PICTURES / f"kiosk-{name}-{self.orientation}.png", optimize=True)
        print(f"kiosk-{name}-{self.orientation}")


def laid(folder: Path) -> tuple[Any, kiosks.Duty]:
    """The application with an invented morning at the crossing."""
    app = create_app(
        {
            "SECRET_KEY": SECRET_KEY, "DATA_KEYS": crypto.new_key(), "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'civic.db'}",
            "ARGON2_CHEAP": True, "UPLOAD_FOLDER": str(folder / "uploads"), "CODE_SENDER": "page",
        }
    )  # fmt: skip
    clock.release()
    app.app_context().push()
    db.create_all()
    duty = kiosks.duty(CAST)
    clock.release()
    with transaction():
        offers.withdraw(duty.actors["韩冬玲"], duty.places["韩冬玲"])
        later = duty.zebra.shifts()[2]
        duty.places["韩冬玲"] = signing.sign_up(duty.actors["韩冬玲"], later.id, has_read_briefing=True).id
        for actor in duty.actors.values():
            volunteer = db.session.get(Volunteer, actor.person_id)
            volunteer.stars, volunteer.verified_minutes = 3, 712 * 60
    clock.freeze(duty.shift.starts_at - timedelta(minutes=28))
    return app, duty


def ways(album: Album, duty: kiosks.Duty, card: str) -> None:
    screen, shoot = album.screen, album.shoot
    shoot("idle")
    screen.scanner(duty.pass_text("孙大骏")).shows("in")
    shoot("in")
    screen.scanner(duty.pass_text("孙大骏")).shows("already")
    shoot("already")
    screen.do("undo").shows("undone")
    shoot("undone")
    screen.home().type("4821").shows("pick")
    shoot("pick")
    screen.do("pick").shows("prove")
    shoot("prove")
    screen.home().type("5555").shows("months")
    shoot("months")
    screen.scanner(card).shows("card")
    shoot("card")
    screen.home().do("language").says("Scan your code")
    shoot("english")
    screen.home()


def failures(album: Album, duty: kiosks.Duty) -> None:
    screen, shoot = album.screen, album.shoot
    screen.scanner(duty.pass_text("王秀兰", clock.now() - timedelta(minutes=5))).shows("stale")
    shoot("stale")
    screen.scanner("HTTPS://EXAMPLE.CN/PAY").shows("unread")
    shoot("unread")
    screen.scanner(duty.pass_text("韩冬玲")).shows("early")
    shoot("early")
    stranger = devices.alias_of(duty.zebra.leader.person_id, duty.event)
    screen.scanner(rules.pass_text(duty.event, devices.keys_of([duty.event])[duty.event], stranger, clock.now())).shows("recorded")
    shoot("recorded")
    screen.home().type("0000").shows("nobody")
    shoot("nobody")
    screen.do("help").shows("help")
    shoot("help")
    screen.home().do("walk_in").shows("walk_in")
    shoot("walk_in")
    screen.home()


def leader(album: Album, duty: kiosks.Duty) -> None:
    screen, shoot = album.screen, album.shoot
    screen.do("staff").shows("pin").type(PIN[:4])
    shoot("pin")
    screen.type(PIN[4:]).do("enter").shows("leader")
    shoot("leader")
    screen.do("list").shows("list").do("tick", '[data-what="in"]')
    shoot("list")
    screen.scanner(duty.pass_text("沈卫红")).notes("沈＊红 签到成功")
    shoot("note")
    screen.do("menu").do("board").shows("board")
    shoot("board")
    screen.do("menu").do("self").shows("self")
    shoot("self")
    screen.do("home").shows("idle")


def going_and_offline(album: Album, duty: kiosks.Duty) -> None:
    screen, shoot = album.screen, album.shoot
    screen.scanner(duty.pass_text("李国强")).shows("in").sent()
    clock.freeze(duty.shift.ends_at - timedelta(minutes=12))
    screen.home().do("staff").type(PIN).do("enter").do("sync").says("8:48 同步过").do("home")
    screen.scanner(duty.pass_text("李国强")).shows("out")
    shoot("out")
    screen.scanner(duty.pass_text("李国强")).shows("done")
    shoot("done")
    screen.home().sent().offline()
    for name in ("王秀兰", "周小敏"):
        screen.scanner(duty.pass_text(name)).shows("in").home()
    shoot("offline")
    while screen.page.evaluate("document.body.dataset.screen") != "paused":
        screen.home().type("0000").shows("nobody", "paused")
    shoot("paused")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for orientation, size in SIZES.items():
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
            app, duty = laid(Path(folder))
            card = kiosks.card(duty, "张小明", TOKEN)
            server = make_server("127.0.0.1", 0, app, threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with kiosks.chromium(play, kiosks.film(Path(folder) / "wall.mjpeg", "")) as browser:
                context = browser.new_context(viewport=size, locale="zh-CN", permissions=["camera"])
                screen = Screen(context, f"http://127.0.0.1:{server.server_port}", touched=True)
                album = Album(screen, orientation)
                number, code = kiosks.invited(duty)
                screen.open("pairing")
                album.shoot("pairing")
                screen.pair(code).says("小窗")
                ways(album, duty, card)
                failures(album, duty)
                leader(album, duty)
                going_and_offline(album, duty)
                with transaction():
                    enrolling.revoke(duty.zebra.organiser, number, reason="平板丢了")
                context.set_offline(False)
                screen.shows("pairing")
                album.shoot("revoked")
            server.shutdown()
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
