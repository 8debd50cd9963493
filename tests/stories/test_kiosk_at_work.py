"""Somebody is at work on the kiosk – the leader, or whoever joins on the spot – and the next person holds up their code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.kiosk import rules
from civic.kiosk.queries import devices
from tests.support import kiosks
from tests.support.browser import violations
from tests.support.kiosks import LANDSCAPE, PORTRAIT

pytestmark = pytest.mark.browser

TOKEN = "ABCDEFGHIJKLMNOPQRST"
CAST = {"孙小骏": "13700004821", "黄桂芬": "13600004821", "张小明": "13700000101", "王秀兰": "13700000202"}

# Each note that begins is written down, and forgotten when it is asked for.
NOTES = """
window.notes = [];
window.heard = () => window.notes.splice(0);
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.notes.push(this.frequency.value); return start.apply(this, given); };
null;
"""
YES, NO = [660, 880], [220]
FOCUS = "document.activeElement.ariaLabel || document.activeElement.name"


def leader(screen, page: str):
    return screen.do("staff").shows("pin").type(kiosks.PIN).do("enter").shows("leader").do(page).shows(page)


def row(screen, name: str):
    return screen.page.locator(".k-rows li").filter(has_text=name)


def at_work(screen, line: str):
    """The network goes while somebody is at work, or it does not."""
    screen.page.evaluate(NOTES)
    screen.context.set_offline(line == "offline")
    screen.page.locator("#net").filter(has_text="没有网" if line == "offline" else "网络正常").wait_for()
    return screen


def every_answer(screen, duty: kiosks.Duty, card: str) -> None:
    """One after the other holds up a code; the last one each time wins the line."""
    heard = lambda: screen.page.evaluate("heard()")  # noqa: E731
    screen.holds_up(duty, "孙小骏").notes("孙＊骏 签到成功 7:3")
    assert heard() == YES
    screen.holds_up(duty, "孙小骏").notes("孙＊骏 已经签过了，7:3")
    assert heard() == YES
    screen.scanner(duty.pass_text("王秀兰", clock.now() - timedelta(minutes=5))).notes("这张码过时了。请打开新码再扫一次")
    assert heard() == NO
    screen.scanner(card).notes("卡读到了，还要按四位数字。请等前面的人办完再来")
    assert heard() == NO
    screen.scanner("HTTP://EXAMPLE.CN/PAY").notes("这张码没认出来。请等前面的人办完再来")
    assert heard() == NO
    stranger = devices.alias_of(duty.zebra.leader.person_id, duty.event)
    key = devices.keys_of([duty.event])[duty.event]
    screen.scanner(rules.pass_text(duty.event, key, stranger, clock.now())).notes("工作人员会核对")
    assert heard() == YES
    assert not violations(screen.page)


def settled(screen, duty: kiosks.Duty, number: int) -> None:
    screen.context.set_offline(False)
    screen.page.locator("#net").filter(has_text="网络正常").wait_for()
    assert duty.punches("孙小骏") == [("in", True)]
    assert duty.punches("张小明") == []
    assert sorted(kiosks.scans(number)) == [("recorded", "in"), ("undecided", "not_signed_up")]


@pytest.mark.parametrize("line", ["online", "offline"])
def test_who_scans_while_the_leader_works_is_in_and_the_leader_keeps_list_and_focus(line, app, kiosk):
    duty = kiosks.duty(CAST)
    card = kiosks.card(duty, "张小明", TOKEN)
    number, code = kiosks.invited(duty)
    screen = at_work(leader(kiosk(PORTRAIT if line == "online" else LANDSCAPE).pair(code), "list"), line)
    screen.page.focus('[aria-label="王＊兰 来了"]')
    screen.page.evaluate("document.getElementById('said').textContent = ''")
    every_answer(screen, duty, card)
    row(screen, "孙＊骏").filter(has_text="到了").wait_for()
    assert screen.shows("list").page.evaluate(FOCUS) == "王＊兰 来了"
    assert screen.page.inner_text("#said") == "", "the whole page is read out again, though it is the line that has news"
    screen.do("menu").shows("leader").do("board").shows("board")
    screen.holds_up(duty, "黄桂芬").notes("黄＊芬 签到成功").shows("board")
    screen.page.locator('[data-part="here"]').filter(has_text="黄＊芬").wait_for()
    screen.do("home").shows("idle", "offline").do("staff").shows("pin")
    screen.holds_up(duty, "黄桂芬").shows("already").do("undo").shows("undone")
    assert not screen.page.is_visible("#note"), "whoever scans next has the whole screen again"
    screen.page.keyboard.press("Escape")
    screen.context.set_offline(False)
    screen.shows("idle").sent()
    assert duty.punches("孙小骏") == [("in", True)]
    assert [is_live for _direction, is_live in duty.punches("黄桂芬")] == [False]
    assert sorted(kiosks.scans(number)) == [("recorded", "in"), ("recorded", "in"), ("recorded", "undone"), ("undecided", "not_signed_up")]


@pytest.mark.parametrize("line", ["online", "offline"])
def test_who_scans_while_somebody_joins_takes_no_letter_of_the_form(line, app, kiosk):
    duty = kiosks.duty({name: phone for name, phone in CAST.items() if name != "黄桂芬"})  # one place is left
    card = kiosks.card(duty, "张小明", TOKEN)
    number, code = kiosks.invited(duty)
    screen = kiosk(LANDSCAPE if line == "online" else PORTRAIT).pair(code).do("walk_in").shows("walk_in")
    at_work(screen, line)
    screen.page.keyboard.type("李")
    every_answer(screen, duty, card)
    screen.page.keyboard.type("小雷")
    assert screen.shows("walk_in").page.input_value("#main [name=name]") == "李小雷"
    settled(screen, duty, number)
    screen.page.fill("#main [name=phone]", "139 0000 7788")
    kiosks.grown(screen)
    screen.page.click("#main form button")
    screen.shows("in").says("李＊雷")

# A scanner types into whatever field has the focus, as keys do that nobody holds back; its Enter sends the form.
INTO_FIELD = """keys => {
  const field = document.activeElement;
  for (const key of keys) {
    const isFree = field.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    if (!isFree) continue;
    if (key === "Enter") field.form.requestSubmit();
    else field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
  }
  return [field.value, field.selectionStart];
}"""


def test_a_scanner_types_no_code_into_the_form(app, kiosk):
    """A code is no name; what a person types, however fast, is left alone."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk().pair(code).do("walk_in").shows("walk_in")
    screen.page.keyboard.type("李雷")
    screen.page.keyboard.press("ArrowLeft")
    assert screen.page.evaluate(INTO_FIELD, [*duty.pass_text("孙小骏"), "Enter"]) == ["李雷", 1]
    screen.notes("孙＊骏 签到成功")
    screen.page.keyboard.type("小")
    assert screen.page.input_value("#main [name=name]") == "李小雷"
    screen.page.focus("#main [name=phone]")
    assert screen.page.evaluate(INTO_FIELD, list("13900007788")) == ["13900007788", 11]
    screen.page.focus("#main form button")
    screen.page.keyboard.type("4821")
    screen.page.keyboard.press("Backspace")
    screen.scanner("HTTP://EXAMPLE.CN/PAY").notes("没认出来").shows("walk_in")


def test_who_types_is_still_there_and_too_often_is_not_called_no_network(app, kiosk):
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = kiosk(touched=False).pair(code)
    time = screen.clock()
    screen.do("walk_in").shows("walk_in")
    for letter in "李小雷":
        time.run_for(40_000)
        screen.page.keyboard.type(letter)
    assert not screen.page.is_visible("#still"), "the question takes the focus, and the next letters go nowhere"
    assert screen.page.input_value("#main [name=name]") == "李小雷"
    screen.page.fill("#main [name=phone]", "13900007788")
    kiosks.grown(screen)
    screen.holds("/walk-ins").page.click("#main form button")
    screen.becomes("answer", (429, {"code": "too_often", "sentence": "试得太勤了，请过十分钟再来"}))
    screen.says("试得太勤了")


def test_the_line_goes_by_itself_and_a_tick_that_the_finger_is_on_is_heard(app, kiosk):
    """The page is drawn anew for whoever came only when the finger is gone; a tap meant for the button before is none."""
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = leader(kiosk(touched=False).pair(code), "list")
    time = screen.clock()
    time.pause_at(screen.page.evaluate("Date.now() / 1000") + 1)
    box = screen.page.locator('[aria-label="王＊兰 来了"]').bounding_box()
    screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.mouse.down()
    screen.holds_up(duty, "孙小骏").notes("孙＊骏 签到成功")
    assert "到了" not in row(screen, "孙＊骏").inner_text().split("\n")
    screen.page.mouse.up()
    time.run_for(100)
    row(screen, "王＊兰").filter(has_text="到了").wait_for()
    row(screen, "孙＊骏").filter(has_text="到了").wait_for()
    screen.page.click('[aria-label="孙＊骏 按错了"]')
    time.run_for(1_500)
    assert row(screen, "孙＊骏").filter(has_text="到了").count() == 1, "the leader meant the button that stood here a moment ago"
    time.run_for(6_000)
    screen.page.wait_for_selector("#note", state="hidden")
    screen.scanner("HTTP://EXAMPLE.CN/PAY").notes("没认出来")
    time.run_for(14_000)
    screen.notes("没认出来")
    time.run_for(2_000)
    screen.page.wait_for_selector("#note", state="hidden")
    time.run_for(45_000)
    screen.page.wait_for_selector("#still:not([hidden])")  # others' scans are no sign that the leader is still here
    screen.scanner("HTTP://EXAMPLE.CN/PAY").shows("unread")


def test_a_scan_that_cannot_be_kept_is_told_and_leaves_the_leader_alone(app, kiosk):
    duty = kiosks.duty(CAST)
    _number, code = kiosks.invited(duty)
    screen = leader(kiosk().pair(code), "list")
    screen.page.evaluate("() => { SubtleCrypto.prototype.encrypt = () => Promise.reject(new Error('the disk is full')); }")
    screen.holds_up(duty, "孙小骏").notes("机器没记上这一次。请等前面的人办完再来").shows("list")
    assert row(screen, "孙＊骏").filter(has_text="到了").count() == 0
    assert [fault for fault in screen.faults if "the disk is full" in fault]
    screen.faults.clear()


def test_an_answer_to_joining_that_comes_late_takes_no_screen_and_a_no_is_told_all_the_same(app, kiosk):
    """Whoever joined went back to the beginning before the server answered; by then the next person stands there, or nobody."""
    duty = kiosks.duty({"孙小骏": "13700004821", "黄桂芬": "13600004821"})  # two places are left
    number, code = kiosks.invited(duty)
    screen = kiosk(PORTRAIT).pair(code).holds("/walk-ins")

    def leaves(name: str, phone: str) -> None:
        screen.home().do("walk_in").shows("walk_in")
        screen.page.fill("#main [name=name]", name)
        screen.page.fill("#main [name=phone]", phone)
        kiosks.grown(screen)
        screen.page.click("#main form button")
        screen.do("home").shows("idle")

    leaves("李小雷", "13900007788")
    assert screen.becomes("go") == 200
    screen.shows("in").says("李＊雷")
    leaves("韩梅梅", "13900007799")
    screen.type("4821").shows("pick")
    assert screen.becomes("go") == 200
    screen.do("pick", ':has-text("孙＊骏")').shows("prove")
    assert "韩" not in screen.page.inner_text("body")
    screen.home().says("已到 2 人")
    leaves("赵铁柱", "13900007700")
    screen.type("4821").shows("pick")
    assert screen.becomes("go") == 409
    screen.notes("刚才现场加入的那位还没登记上。这一班刚好满了").shows("pick")
    leaves("赵铁柱", "13900007700")
    screen.becomes("cut")
    screen.notes("刚才现场加入的那位还没登记上。网断了，请找工作人员记在纸上").shows("idle")
    assert kiosks.scans(number) == [("recorded", "in")] * 2
