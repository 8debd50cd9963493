"""The kiosk at the crossing, in a real browser against the real server: every way in, with and without a network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import transaction
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.queries import devices
from civic.volunteering.actions import signing
from tests.support import kiosks
from tests.support.browser import violations
from tests.support.kiosks import LANDSCAPE, PORTRAIT, Screen

pytestmark = pytest.mark.browser

TOKEN = "ABCDEFGHIJKLMNOPQRST"


@pytest.fixture
def kiosk(browser, live):
    """Opens a kiosk's screen in a context of its own, and lets no fault of its scripts pass."""
    opened: list[Screen] = []

    def open_one(size: dict[str, int] = LANDSCAPE, context=None) -> Screen:
        where = context or browser.new_context(viewport=size, locale="zh-CN")
        opened.append(Screen(where, live, touched=True))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.context.close()
    assert not [fault for screen in opened for fault in screen.faults]


@pytest.fixture
def needs_decoder(app):
    """Debian's Chromium reads no codes by itself."""
    if app.test_client().get("/static/vendor/jsQR.js").status_code != 200:
        pytest.skip("static/vendor/jsQR.js is missing: make vendor")


def test_the_camera_reads_a_pass_and_refuses_an_old_screenshot(app, player, live, tmp_path, needs_decoder):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    number, code = kiosks.invited(duty)
    old = duty.pass_text("孙小骏", clock.now() - timedelta(minutes=5))
    with kiosks.chromium(player, kiosks.film(tmp_path / "film.mjpeg", old, duty.pass_text("孙小骏"))) as browser:
        screen = Screen(browser.new_context(viewport=PORTRAIT, locale="zh-CN"), live)
        screen.pair(code)
        screen.context.grant_permissions(["camera"], origin=live)
        screen.page.reload()
        screen.shows("stale").says("这张码过时了")
        screen.shows("in").says("孙＊骏").sent()
        assert not [*screen.faults, *audit(screen.home(), "idle with a camera")]
    assert duty.punches("孙小骏") == [("in", True)]
    assert kiosks.scans(number) == [("recorded", "in")]


def test_two_kiosks_without_a_network_take_the_same_person_in_and_one_counts(app, player, live, tmp_path, needs_decoder):
    """The camera of both sees the pass; one tablet is switched off and on again before the network is back."""
    duty = kiosks.duty({"孙小骏": "13900004821", "黄桂芬": "13900004822"})
    (first, code), (second, other_code) = kiosks.invited(duty), kiosks.invited(duty, "中医院路口")
    film = kiosks.film(tmp_path / "film.mjpeg", duty.pass_text("孙小骏"))
    profile = tmp_path / "profile"
    with kiosks.chromium(player, film, profile) as tablet:
        Screen(tablet, live).pair(code)
    with kiosks.chromium(player, film, profile) as tablet:
        tablet.set_offline(True)
        tablet.grant_permissions(["camera"], origin=live)
        Screen(tablet, live).open("in").says("孙＊骏")
    with kiosks.chromium(player, film) as browser:
        there = Screen(browser.new_context(viewport=LANDSCAPE, locale="zh-CN"), live).pair(other_code).offline()
        there.context.grant_permissions(["camera"], origin=live)
        there.page.reload()
        there.shows("in").says("孙＊骏")
        assert duty.punches("孙小骏") == []
        with kiosks.chromium(player, film, profile) as tablet:
            tablet.set_offline(True)
            here = Screen(tablet, live).open("offline").says("1 条待上传")
            here.type("4822").shows("pick").do("pick").shows("in").says("黄＊芬")
            here.home().online()
        clock.advance(timedelta(minutes=1))
        there.home().online()
    assert kiosks.scans(first) == [("recorded", "in"), ("recorded", "in")]
    assert kiosks.scans(second) == [("undecided", "second_kiosk")]
    assert duty.punches("孙小骏") == [("in", True)]


CAST = {"孙小骏": "13900004821", "黄桂芬": "13800004821", "张小明": "13900000101", "王秀兰": "13900000202", "李国强": "13900000303", "周小敏": "13900000404"}


@pytest.mark.parametrize("line", ["online", "offline"])
def test_every_way_in_without_a_camera(line, app, kiosk):
    duty = kiosks.duty(CAST)
    text = kiosks.card(duty, "张小明", TOKEN)
    number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT if line == "online" else LANDSCAPE).pair(code)
    if line == "offline":
        screen.offline()
        screen.page.reload()
        screen.shows("offline").says("名单是")
    faults = audit(screen, "idle")

    screen.scanner(duty.pass_text("王秀兰")).shows("in").says("王＊兰").do("kit").says("领了红马甲")
    screen.scanner(duty.pass_text("王秀兰", clock.now() - timedelta(minutes=2))).shows("stale")
    faults += audit(screen, "stale")
    screen.scanner(text).shows("card").type("0000").shows("wrong")
    screen.scanner(text).shows("card").type("0101").shows("in").says("张＊明")
    screen.home().type("0303").shows("pick").says("李＊强").do("pick").shows("in")
    screen.scanner(duty.pass_text("李国强")).shows("already").says("不用再签").do("undo").shows("undone")
    faults += audit(screen, "undone")
    screen.home()
    screen.type("4821").shows("pick").says("今天报名的有 2 位")
    faults += audit(screen, "pick")
    screen.do("pick", ':has-text("黄＊芬")').shows("prove")
    faults += audit(screen, "prove")
    screen.page.click('[data-month="08"]')
    screen.shows("wrong")
    screen.type("4821").shows("pick").do("pick", ':has-text("黄＊芬")').shows("prove").page.click('[data-month="07"]')
    screen.shows("in").says("黄＊芬")
    faults += audit(screen, "in")
    screen.scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")
    screen.scanner(f"HR1.{duty.event}.{'A' * 26}.ABCDEFGHIJ").shows("stale")
    faults += tick(screen, "周＊敏")
    faults += paper_or_form(screen, line)
    if line == "offline":
        screen.home().says("条待上传").online()
    screen.sent()
    assert not faults, faults
    assert [duty.punches(name) for name in ("王秀兰", "张小明", "周小敏", "黄桂芬")] == [[("in", True)]] * 4
    assert [live for _direction, live in duty.punches("李国强")] == [False]
    assert duty.punches("孙小骏") == []
    assert {outcome for outcome, _code in kiosks.scans(number)} == {"recorded"}
    assert [code for _outcome, code in kiosks.scans(number)] == ["in", "kit", "in", "in", "undone", "in", "in"]


def audit(screen: Screen, state: str) -> list[str]:
    """What axe finds on the state, and what does not fit on the screen without scrolling."""
    too_big = screen.page.evaluate(
        "[...document.getElementById('main').children].filter(e => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2).map(e => e.className)"
    )
    return [f"{state}: {fault}" for fault in violations(screen.page)] + [f"{state} does not fit: {name}" for name in too_big]


def tick(screen: Screen, name: str) -> list[str]:
    """The leader's list, behind the PIN."""
    screen.home().do("staff").shows("pin").type("111111").do("enter").shows("wrong")
    screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader")
    faults = audit(screen, "leader")
    screen.do("list").shows("list")
    faults += audit(screen, "list")
    screen.page.click(f'[data-do="tick"][data-what="in"][aria-label="{name} 来了"]')
    screen.page.wait_for_selector(f'[data-do="tick"][data-what="undo"][aria-label="{name} 按错了"]:visible')
    screen.do("menu").shows("leader").do("board").shows("board").says(name)
    faults += audit(screen, "board")
    screen.do("home").shows("idle", "offline")
    return faults


def paper_or_form(screen: Screen, line: str) -> list[str]:
    """Whoever is not signed up: on the spot with a network, on paper without."""
    if line == "offline":
        return audit(screen.says("请找工作人员记在纸上"), "offline")
    screen.do("walk_in").shows("walk_in")
    screen.page.fill("#main [name=name]", "李雷")
    screen.page.fill("#main [name=phone]", "1390000")
    screen.page.click("#main form button")
    faults = audit(screen.says("手机号要 11 位"), "walk_in")
    assert screen.page.input_value("#main [name=name]") == "李雷"
    screen.do("home").shows("idle")
    return faults


def test_going_is_early_or_handed_over_and_five_wrong_tries_rest(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    screen.scanner(duty.pass_text("孙小骏")).shows("in").sent()
    clock.freeze(duty.shift.ends_at - timedelta(minutes=40))
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("8:20 同步过").do("home")
    screen.scanner(duty.pass_text("孙小骏")).shows("out").says("比结束早 40 分钟，时长按实际算").sent()
    screen.scanner(duty.pass_text("孙小骏")).shows("done").says("今天已经签退了")
    for _try in range(4):
        screen.home().type("0000").shows("nobody")
    screen.home().type("0000").shows("paused").says("歇 30 秒")
    assert duty.punches("孙小骏") == [("in", True), ("out", True)]
    assert kiosks.scans(number) == [("recorded", "in"), ("recorded", "out")]


def test_one_scan_hands_over_from_one_shift_to_the_next(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    with transaction():
        later = duty.zebra.shifts()[1]
        later.starts_at, later.ends_at = duty.shift.ends_at, duty.shift.ends_at + timedelta(hours=2)
        later_place = signing.sign_up(duty.actors["孙小骏"], later.id, has_read_briefing=True).id
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    screen.scanner(duty.pass_text("孙小骏")).shows("in").sent()
    clock.freeze(duty.shift.ends_at - timedelta(minutes=5))
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("8:55 同步过").do("home")
    screen.scanner(duty.pass_text("孙小骏")).shows("swap").says("接着来").sent()
    assert not audit(screen, "swap")
    assert duty.punches("孙小骏") == [("in", True), ("out", True)]
    duty.places["孙小骏"] = later_place
    assert duty.punches("孙小骏") == [("in", True)]


def test_a_stranger_is_recorded_and_a_revoked_kiosk_forgets_everything(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    stranger = devices.alias_of(duty.zebra.leader.person_id, duty.event)
    key = devices.keys_of([duty.event])[duty.event]
    screen.scanner(rules.pass_text(duty.event, key, stranger, clock.now())).shows("recorded").says("工作人员会核对").sent()
    assert kiosks.scans(number) == [("undecided", "not_signed_up")]
    screen.home().offline()
    screen.scanner(duty.pass_text("孙小骏")).shows("in")
    with transaction():
        enrolling.revoke(duty.zebra.organiser, number, reason="平板丢了")
    screen.context.set_offline(False)
    screen.shows("pairing").says("停用")
    assert screen.page.evaluate(LEFT) == {"keys": ["device"], "sealed": [], "marks": [], "queue": []}
    assert duty.punches("孙小骏") == []


def test_somebody_joins_at_the_door_takes_a_vest_and_brings_it_back(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT).pair(code)
    screen.do("walk_in").shows("walk_in")
    screen.page.fill("#main [name=name]", "李小雷")
    screen.page.fill("#main [name=phone]", "139 0000 7788")
    screen.page.click("#main form button")
    screen.shows("in", "recorded")
    faults = audit(screen, "walked in")
    screen.home().scanner(duty.pass_text("孙小骏")).shows("in").do("kit").says("领了红马甲").sent()
    clock.freeze(duty.shift.ends_at)
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("9:00 同步过").do("home")
    screen.scanner(duty.pass_text("孙小骏")).shows("out").says("还红马甲").do("kit").says("还了红马甲").sent()
    faults += audit(screen, "out")
    assert not faults, faults
    assert [code for _outcome, code in kiosks.scans(number)] == ["in", "in", "kit", "out", "kit"]


def test_the_language_is_for_one_visit_and_a_manual_screen_asks_whether_one_is_still_there(app, browser, live):
    duty = kiosks.duty({"孙小骏": "13900004821"})
    _number, code = kiosks.invited(duty)
    context = browser.new_context(viewport=LANDSCAPE, locale="zh-CN")
    screen = Screen(context, live).pair(code)
    screen.do("language").says("Scan your code")
    screen.type("4821").shows("pick").says("Which one is you?").do("pick").shows("in").says("孙＊骏")
    screen.home().says("请扫签到码")
    screen.page.clock.install()
    screen.do("walk_in").shows("walk_in").page.fill("#main [name=name]", "李小雷")
    screen.page.clock.run_for(61_000)
    screen.page.wait_for_selector("#still:not([hidden])")
    screen.do("still").page.wait_for_selector("#still", state="hidden")
    assert screen.page.input_value("#main [name=name]") == "李小雷"
    screen.page.clock.run_for(80_000)
    screen.shows("idle", "offline")  # a request that was under way has run out of its time, too
    other = Screen(context, live)
    other.open("taken").says("另一个窗口")
    screen.page.close()
    other.shows("idle")
    assert not screen.faults + other.faults
    context.close()


# What is still in the device's store, by its rooms.
LEFT = """() => new Promise(resolve => {
  const opening = indexedDB.open("civic-kiosk");
  opening.onsuccess = async () => {
    const found = {};
    for (const room of ["keys", "sealed", "marks", "queue"]) {
      const request = opening.result.transaction(room).objectStore(room).getAllKeys();
      found[room] = await new Promise(done => { request.onsuccess = () => done(request.result); });
    }
    opening.result.close();
    resolve(found);
  };
})"""
