"""The kiosk at the crossing, in a real browser against the real server: every way in, with and without a network."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Person
from civic.kiosk import rules
from civic.kiosk.actions import enrolling
from civic.kiosk.queries import conflicts, devices
from civic.volunteering.actions import attendance, signing
from civic.volunteering.states import Direction
from tests.support import builders, kiosks
from tests.support.browser import violations
from tests.support.kiosks import LANDSCAPE, PORTRAIT, Screen

pytestmark = pytest.mark.browser

TOKEN = "ABCDEFGHIJKLMNOPQRST"
TOO_OFTEN = (429, {"code": "too_often", "sentence": "试得太勤了，请过十分钟再来"})


@pytest.fixture
def needs_decoder(app):
    """Debian's Chromium reads no codes by itself."""
    if app.test_client().get("/static/vendor/jsQR.js").status_code != 200:
        pytest.skip("static/vendor/jsQR.js is missing: make vendor")


def test_the_camera_reads_a_pass_and_refuses_an_old_screenshot(app, player, live, tmp_path, needs_decoder):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    number, code = kiosks.invited(duty)
    old = duty.pass_text("孙小骏", clock.now() - timedelta(minutes=5))
    with kiosks.chromium(player, kiosks.film(tmp_path / "film.mjpeg", old, duty.pass_text("孙小骏"))) as browser:
        screen = Screen(browser.new_context(viewport=PORTRAIT, locale="zh-CN"), live)
        sent: list[bytes] = []
        screen.context.on("request", lambda request: sent.append(request.post_data_buffer or b""))
        screen.pair(code)
        screen.context.grant_permissions(["camera"], origin=live)
        screen.page.reload()
        screen.says("这张码过时了").says("孙＊骏").sent()  # the film goes on meanwhile: one look for each
        assert not screen.faults
        assert max(len(body) for body in sent) < 2000, "more than a scan left the device"
        assert screen.page.evaluate(KEPT) < 50_000, "more than a roster stayed on the device: one frame has 691,200 bytes"
    assert duty.punches("孙小骏") == [("in", True)]
    assert kiosks.scans(number) == [("recorded", "in")]


# Debian's Chromium has no BarcodeDetector, so this one stands in for it: it shows that the kiosk uses the browser's own
# reader where there is one and then fetches no decoder, not how well a real one reads.
DETECTOR = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["aztec", "qr_code"]; }
  constructor({ formats }) { this.formats = formats; }
  async detect(video) {
    if (this.formats.join() !== "qr_code" || !video.videoWidth) throw new Error("not what was asked for");
    return window.before ? [{ rawValue: window.before }] : [];
  }
};
"""


# Each note that begins is written down.
NOTES = """
window.notes = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.notes.push(this.frequency.value); return start.apply(this, given); };
"""


def test_a_kiosk_that_nobody_touched_sounds(app, player, live, tmp_path, needs_decoder):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    _number, code = kiosks.invited(duty)
    with kiosks.chromium(player, kiosks.film(tmp_path / "film.mjpeg", "", duty.pass_text("孙小骏"))) as browser:
        context = browser.new_context(viewport=PORTRAIT, locale="zh-CN", permissions=["camera"])
        context.add_init_script(NOTES)
        screen = Screen(context, live).pair(code)
        screen.page.reload()
        screen.shows("in", "already")
        assert screen.page.evaluate("window.notes") == [660, 880], "two rising notes"


def test_a_muted_kiosk_is_silent_but_for_its_bell(app, player, live, tmp_path):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    _number, code = kiosks.invited(duty)
    with kiosks.chromium(player, kiosks.film(tmp_path / "film.mjpeg", "")) as browser:
        context = browser.new_context(viewport=PORTRAIT, locale="zh-CN")
        context.add_init_script(NOTES)
        screen = Screen(context, live, touched=True).pair(code)
        screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader").do("sound").says("声音关了")
        screen.page.evaluate("window.notes = []")
        screen.home().scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")
        screen.page.reload()
        screen.shows("idle").scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")
        assert screen.page.evaluate("window.notes") == [], "and it stays so"
        screen.do("help").shows("help")
        assert screen.page.title().startswith("已经按铃，马上有人来")
        assert screen.page.evaluate("window.notes") == [1320, 1056], "who rings must be heard"
        screen.page.evaluate("AudioContext.prototype.createOscillator = null; Object.defineProperty(AudioContext.prototype, 'state', {get: () => 'suspended'})")
        screen.do("help")
        assert screen.page.title().startswith("请工作人员帮一下"), "no bell was heard, so none is claimed"


def test_a_browser_that_reads_codes_itself_is_given_no_decoder(app, player, live, tmp_path):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    number, code = kiosks.invited(duty)
    with kiosks.chromium(player, kiosks.film(tmp_path / "film.mjpeg", "")) as browser:
        context = browser.new_context(viewport=PORTRAIT, locale="zh-CN", permissions=["camera"])
        context.add_init_script(DETECTOR)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        screen = Screen(context, live).open("pairing")
        screen.page.evaluate("code => { window.before = `https://civic.example/kiosk/#${code}`; }", code)
        screen.shows("idle")
        screen.page.evaluate("text => { window.before = text; }", duty.pass_text("孙小骏"))
        screen.shows("in").says("孙＊骏").sent()
        screen.page.evaluate("window.before = ''")
        assert not [*audit(screen.home(), "idle with a camera"), *screen.faults]
    assert not [address for address in asked if "decoder" in address or "jsQR" in address]
    assert kiosks.scans(number) == [("recorded", "in")]


def test_two_kiosks_without_a_network_take_the_same_person_in_and_one_counts(app, player, live, tmp_path, needs_decoder):
    """The camera of both sees the pass; one tablet is switched off and on again before the network is back."""
    duty = kiosks.duty({"孙小骏": "13700004821", "黄桂芬": "13700004822"})
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


# Numbers that builders never give: 139… is everybody else's.
CAST = {"孙小骏": "13700004821", "黄桂芬": "13600004821", "张小明": "13700000101", "王秀兰": "13700000202", "李国强": "13700000303", "周小敏": "13700000404"}


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

    screen.holds_up(duty, "王秀兰").shows("in").says("王＊兰").do("kit").says("领了红马甲")
    screen.scanner(duty.pass_text("王秀兰", clock.now() - timedelta(minutes=2))).shows("stale")
    faults += audit(screen, "stale")
    screen.scanner(text).shows("card").type("0000").shows("wrong")
    screen.scanner(text).shows("card").type("0101").shows("in").says("张＊明")
    screen.home().type("0303").shows("pick").says("李＊强").do("pick").shows("in")
    screen.holds_up(duty, "李国强").shows("already").says("不用再签").do("undo").shows("undone")
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
    return [f"{state}: {fault}" for fault in violations(screen.page)] + too_big(screen, state)


def too_big(screen: Screen, state: str) -> list[str]:
    names = screen.page.evaluate(
        "[...document.getElementById('main').children].filter(e => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2).map(e => e.className)"
    )
    return [f"{state} does not fit: {name}" for name in names]


def tick(screen: Screen, name: str) -> list[str]:
    """The leader's list, behind the PIN."""
    screen.home().do("staff").shows("pin").type("111111").do("enter").shows("wrong")
    screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader")
    faults = audit(screen, "leader")
    screen.do("list").shows("list")
    faults += audit(screen, "list")
    screen.page.click(f'[data-do="tick"][data-what="in"][aria-label="{name} 来了"]')
    screen.page.wait_for_selector(f'[data-do="tick"][data-what="undo"][aria-label="{name} 按错了"]:visible')
    assert screen.page.inner_text("#said").startswith(f"点名。{name} 到了"), "whoever does not see the list hears what came of it"
    assert screen.page.evaluate("document.activeElement.ariaLabel") == f"{name} 按错了", "and stays on the line"
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


PHONE = {"width": 390, "height": 844}
QUEUES = {
    "zh": ("网络正常", "112 条待上传，最早 132 分钟前"),
    "en": ("Network fine", "112 waiting to be sent, the oldest 132 min ago"),
    "offline": ("No network, carry on", "112 waiting to be sent, the oldest 132 min ago"),
}


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, PHONE], ids=["portrait", "landscape", "phone"])
def test_no_tap_is_lost_while_the_words_in_the_bar_change(size, app, kiosk):
    """What waits is told and is sent while somebody taps: what the finger is on must stay beneath it."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk(size).pair(code)
    screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader")
    for fine, queue in QUEUES.values():
        screen.do("list").shows("list").bar(queue)
        box = screen.page.locator('[data-do="menu"]').bounding_box()
        screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        screen.page.mouse.down()
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), queue
        assert screen.page.evaluate("(bar => bar.scrollHeight <= bar.clientHeight && bar.scrollWidth <= bar.clientWidth)(document.querySelector('.k-top'))"), queue
        screen.bar(fine)
        assert screen.page.locator('[data-do="menu"]').bounding_box() == box
        screen.page.mouse.up()
        screen.shows("leader")

# What old tablets have, in the browser's pixels.
SMALL = [(800, 1280), (768, 1024), (600, 960), (1024, 600), (960, 540)]


def test_every_state_fits_on_a_small_tablet_too(app, kiosk):
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    faults: list[str] = []

    def seen(state: str) -> None:
        for width, height in SMALL:
            screen.page.set_viewport_size({"width": width, "height": height})
            faults.extend(too_big(screen, f"{state} on {width} × {height}"))

    seen("idle")
    screen.holds_up(duty, "孙小骏").shows("in")
    seen("in")
    screen.home().type("4821").shows("pick")
    seen("pick")
    screen.scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")
    seen("unread")
    screen.home().do("walk_in").shows("walk_in")
    seen("walk_in")
    screen.home().do("staff").shows("pin")
    seen("pin")
    screen.type(kiosks.PIN).do("enter").shows("leader").do("list").shows("list")
    seen("list")
    screen.do("menu").shows("leader").do("board").shows("board")
    seen("board")
    screen.home().offline()
    seen("offline")
    assert not faults


def test_the_idle_screen_takes_new_numbers_beneath_a_finger(app, kiosk):
    """Somebody came at the other door: the line changes, the key that is being pressed stays where it is and is heard."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code).says("已到 0 人，还有 6 人")
    key = screen.page.locator('#main [data-key="0"]').bounding_box()
    screen.page.mouse.move(key["x"] + 30, key["y"] + 30)
    screen.page.mouse.down()
    screen.page.evaluate("document.getElementById('said').textContent = ''")
    with transaction():
        attendance.tick(builders.identity.actor_of(duty.zebra.leader), duty.places["王秀兰"], Direction.IN)
    screen.page.evaluate("dispatchEvent(new Event('online'))")
    screen.says("已到 1 人，还有 5 人")
    screen.page.mouse.up()
    assert screen.page.inner_text("#said") == "", "the whole screen is read out again, each minute"
    screen.type("303").shows("pick").says("李＊强")


# The disk of an old tablet: the next thing that is sealed for it waits.
SLOW = """() => {
  const seal = SubtleCrypto.prototype.encrypt;
  SubtleCrypto.prototype.encrypt = async function (...given) {
    SubtleCrypto.prototype.encrypt = seal;
    await new Promise(done => { window.sealed = done; });
    return seal.apply(this, given);
  };
}"""


def test_what_comes_late_takes_the_screen_from_nobody(app, kiosk):
    """A tick is still being kept when the leader locks the list; joining is answered when the next person stands there."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT).pair(code)
    screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader").do("list").shows("list")
    screen.page.evaluate(SLOW)
    screen.page.click('[data-do="tick"][aria-label="周＊敏 来了"]')
    screen.page.wait_for_function("() => Boolean(window.sealed)")
    screen.do("home").shows("idle")
    screen.page.evaluate("window.sealed()")
    screen.says("已到 1 人").shows("idle")
    assert "周＊敏" not in screen.page.inner_text("body")


def test_five_with_one_tail_say_their_month_first(app, kiosk):
    duty = kiosks.duty({name: f"1370{at}004821" for at, name in enumerate(("孙小骏", "黄桂芬", "张小明", "王秀兰", "李国强"))})
    with transaction():
        db.session.get(Person, duty.actors["王秀兰"].person_id).birth_date = date(1970, 3, 1)
    number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT).pair(code)
    screen.type("4821").shows("months").says("今天报名的有 5 位")
    faults = audit(screen, "months")
    screen.page.click('[data-month="01"]')
    screen.shows("wrong").type("4821").shows("months").page.click('[data-month="03"]')
    assert "孙＊骏" not in screen.shows("pick").says("王＊兰").page.inner_text("#main")
    screen.do("pick").shows("in").says("王＊兰").sent()
    screen.home().type("4821").shows("months").page.click('[data-month="07"]')
    screen.says("孙＊骏").says("李＊强").do("pick", ':has-text("张＊明")').shows("in").says("张＊明").sent()
    assert not faults, faults
    assert [name for name in duty.places if duty.punches(name)] == ["张小明", "王秀兰"]
    assert kiosks.scans(number) == [("recorded", "in")] * 2


def test_of_two_with_one_tail_the_card_has_a_pin(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821", "黄桂芬": "13600004821"})
    kiosks.card(duty, "孙小骏", TOKEN, pin="1357")
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code).offline()
    screen.type("4821").shows("pick").do("pick", ':has-text("孙＊骏")').shows("prove").type("7531").shows("wrong")
    screen.type("4821").shows("pick").do("pick", ':has-text("孙＊骏")').shows("prove").type("1357")
    assert "1357" not in screen.shows("in").says("孙＊骏").page.inner_text("body")


def test_a_list_expires_by_itself_and_what_is_scanned_then_is_kept(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    _number, code = kiosks.invited(duty)
    screen = kiosk()
    screen.page.clock.install()
    screen.pair(code).offline()
    screen.page.clock.fast_forward("37:00:00")
    screen.shows("empty").says("名单还没有来")
    assert screen.page.evaluate(LEFT) == {"keys": ["device"], "sealed": ["credential"], "marks": [], "queue": []}
    screen.holds_up(duty, "孙小骏").shows("recorded")
    screen.page.keyboard.press("Escape")
    screen.shows("empty").online()


def test_what_is_said_to_a_screen_reader_is_what_stands_there(app, kiosk):
    """Once, without the sentences of other cases; and the focus is on what comes next."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    focus = "[document.activeElement.tagName, document.activeElement.textContent]"
    screen.type("4821").shows("pick")
    assert screen.page.inner_text("#said") == "尾号 4821，今天报名的有 2 位。哪一位是您？没带手机？按手机号后四位"
    assert screen.page.evaluate(focus) == ["H1", "哪一位是您？"]
    screen.home().holds_up(duty, "孙小骏").shows("in")
    assert screen.page.inner_text("#said").count("已服务") == 1
    screen.scanner("HTTP://EXAMPLE.CN/PAY").shows("unread").do("help").shows("help")
    assert screen.page.title() == "已经按铃，马上有人来 · 好人城"
    screen.home().do("staff").shows("pin")
    assert screen.page.evaluate(focus) == ["H1", "队长密码"]


def test_going_is_early_or_handed_over_and_five_wrong_tries_rest(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    screen.holds_up(duty, "孙小骏").shows("in").sent()
    clock.freeze(duty.shift.ends_at - timedelta(minutes=40))
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("8:20 同步过").do("home")
    screen.holds_up(duty, "孙小骏").shows("out").says("比结束早 40 分钟，时长按实际算").sent()
    screen.holds_up(duty, "孙小骏").shows("done").says("今天已经签退了")
    for _try in range(4):
        screen.home().type("0000").shows("nobody")
    screen.home().type("0000").shows("paused").says("歇 30 秒")
    assert duty.punches("孙小骏") == [("in", True), ("out", True)]
    assert kiosks.scans(number) == [("recorded", "in"), ("recorded", "out")]


def test_one_scan_hands_over_from_one_shift_to_the_next(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    with transaction():
        later = duty.zebra.shifts()[1]
        later.starts_at, later.ends_at = duty.shift.ends_at, duty.shift.ends_at + timedelta(hours=2)
        later_place = signing.sign_up(duty.actors["孙小骏"], later.id, has_read_briefing=True).id
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    screen.holds_up(duty, "孙小骏").shows("in").do("kit").says("领了红马甲").sent()
    clock.freeze(duty.shift.ends_at - timedelta(minutes=5))
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("8:55 同步过").do("home")
    screen.holds_up(duty, "孙小骏").shows("swap").says("接着来").sent()
    assert not audit(screen, "swap")
    assert duty.punches("孙小骏") == [("in", True), ("out", True)]
    clock.freeze(duty.shift.ends_at + timedelta(hours=2))
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("11:00 同步过").do("home")
    screen.holds_up(duty, "孙小骏").shows("out").says("还红马甲").do("kit").says("还了红马甲").sent()
    assert still_out(duty) == []
    duty.places["孙小骏"] = later_place
    assert duty.punches("孙小骏") == [("in", True), ("out", True)]


def still_out(duty: kiosks.Duty) -> list[str]:
    db.session.rollback()
    return [loan.item for loan in conflicts.loans(duty.zebra.organiser)]


def test_what_another_kiosk_lent_comes_back_here(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    (_there, code), (_here, other_code) = kiosks.invited(duty), kiosks.invited(duty, "中医院路口")
    there, here = kiosk().pair(code), kiosk().pair(other_code)
    there.holds_up(duty, "孙小骏").shows("in").do("kit").says("领了红马甲").sent()
    assert still_out(duty) == ["红马甲"]
    clock.freeze(duty.shift.ends_at)
    here.do("staff").type(kiosks.PIN).do("enter").do("sync").says("9:00 同步过").do("home")
    here.holds_up(duty, "孙小骏").shows("out").says("还红马甲").do("kit").says("还了红马甲").sent()
    assert still_out(duty) == []


def test_a_stranger_is_recorded_and_a_revoked_kiosk_forgets_everything(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    stranger = devices.alias_of(duty.zebra.leader.person_id, duty.event)
    key = devices.keys_of([duty.event])[duty.event]
    screen.scanner(rules.pass_text(duty.event, key, stranger, clock.now())).shows("recorded").says("工作人员会核对").sent()
    assert kiosks.scans(number) == [("undecided", "not_signed_up")]
    screen.home().offline()
    screen.holds_up(duty, "孙小骏").shows("in")
    with transaction():
        enrolling.revoke(duty.zebra.organiser, number, reason="平板丢了")
    screen.context.set_offline(False)
    screen.shows("pairing").says("停用")
    assert screen.page.evaluate(LEFT) == {"keys": ["device"], "sealed": [], "marks": [], "queue": []}
    assert duty.punches("孙小骏") == []


def test_somebody_joins_at_the_door_takes_a_vest_and_brings_it_back(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT).pair(code)
    screen.do("walk_in").shows("walk_in")
    screen.page.fill("#main [name=name]", "李小雷")
    screen.page.fill("#main [name=phone]", "139 0000 7788")
    kiosks.grown(screen)
    screen.page.click("#main form button")
    screen.shows("in", "recorded")
    faults = audit(screen, "walked in")
    screen.home().holds_up(duty, "孙小骏").shows("in").do("kit").says("领了红马甲").sent()
    clock.freeze(duty.shift.ends_at)
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("sync").says("9:00 同步过").do("home")
    screen.holds_up(duty, "孙小骏").shows("out").says("还红马甲").do("kit").says("还了红马甲").sent()
    faults += audit(screen, "out")
    assert not faults, faults
    assert [code for _outcome, code in kiosks.scans(number)] == ["in", "in", "kit", "out", "kit"]


def test_the_language_is_for_one_visit_and_a_manual_screen_asks_whether_one_is_still_there(app, browser, live):
    duty = kiosks.duty({"孙小骏": "13700004821"})
    _number, code = kiosks.invited(duty)
    context = browser.new_context(viewport=LANDSCAPE, locale="zh-CN")
    screen = Screen(context, live).pair(code)
    screen.do("language").says("Scan your code")
    screen.type("4821").shows("pick").says("Which one is you?").do("pick").shows("in").says("孙＊骏")
    screen.home().says("请扫签到码")
    clock = screen.clock()
    screen.do("language").says("Scan your code")
    screen.holds("/roster").page.evaluate("dispatchEvent(new Event('online'))")
    assert screen.becomes("go") in (200, 304)
    clock.run_for(21_000)
    screen.says("请扫签到码")
    screen.do("walk_in").shows("walk_in").page.fill("#main [name=name]", "李小雷")
    clock.run_for(61_000)
    screen.page.wait_for_selector("#still:not([hidden])")
    screen.do("still").page.wait_for_selector("#still", state="hidden")
    assert screen.page.input_value("#main [name=name]") == "李小雷"
    assert screen.page.evaluate("document.activeElement.name") == "name"
    clock.run_for(61_000)
    screen.page.wait_for_selector("#still:not([hidden])")
    screen.scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")  # nobody answers, and the next person is there
    screen.home().do("walk_in").shows("walk_in")
    clock.run_for(80_000)
    screen.shows("idle")
    other = Screen(context, live)
    other.open("taken").says("另一个窗口")
    screen.page.close()
    other.shows("idle")
    assert not screen.faults + other.faults
    context.close()


def test_english_is_one_tap_before_pairing_and_on_the_leaders_pages_too(app, kiosk):
    """A scanner types the whole address of the desk's code into the field."""
    duty = kiosks.duty({"孙小骏": "13700004821"})
    _number, code = kiosks.invited(duty)
    screen = kiosk().open("pairing").do("language").says("Pairing code").do("language").says("配对码")
    screen.page.keyboard.type(f"https://civic.example/kiosk/#{code}\n")
    screen.shows("idle").do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader")
    for page, words, chinese in (("list", "Tick list", "点名"), ("board", "Who is here", "谁到了"), ("self", "Self-check", "自检")):
        screen.do(page).shows(page).do("language").says(words).do("language").says(chinese).do("menu").shows("leader")


def test_who_tries_codes_too_often_is_not_told_that_the_network_is_gone(app, kiosk):
    screen = kiosk().open("pairing").holds("/pair")
    screen.page.fill("#main input", "ABCD2345")
    screen.page.click("#main form button")
    screen.becomes("answer", TOO_OFTEN)
    screen.says("试得太勤了")


# Bytes on the device but for the shell, of which each file is known by its digest.
KEPT = """async () => {
  const shell = await (await fetch("/kiosk/files.json")).json();
  const known = { ...shell.files, ...shell.lazy };
  let bytes = JSON.stringify([{ ...localStorage }, { ...sessionStorage }]).length;
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      if (!(new URL(request.url).pathname in known)) bytes += 1e6;
  for await (const _entry of (await navigator.storage.getDirectory()).keys()) bytes += 1e6;
  const size = value => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength
    : value instanceof Blob ? value.size
    : value && typeof value === "object" ? Object.values(value).reduce((sum, part) => sum + size(part), 0) : String(value).length;
  const database = await new Promise(done => { indexedDB.open("civic-kiosk").onsuccess = event => done(event.target.result); });
  for (const room of database.objectStoreNames) {
    const request = database.transaction(room).objectStore(room).getAll();
    bytes += size(await new Promise(done => { request.onsuccess = () => done(request.result); }));
  }
  const others = (await indexedDB.databases()).filter(one => one.name !== "civic-kiosk");
  database.close();
  return bytes + others.length * 1e6;
}"""

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
