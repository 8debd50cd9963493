"""Scanners as they are sold: slow, without Enter, through an input method, with a prefix, on another layout. Each is read, or
said to be unreadable; none types into the keys for a phone's last digits, and none is silent."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

CARD = "HRK1.ABCDEFGHIJKLMNOPQRST"
BARCODE = "6901234567892"
# What is heard is written down. Time is the test's: a busy machine would make a fast scanner of a slow one, and a person of both.
LISTEN = """async most => {
  let timers = [], number = 0;
  window.moment = 1000;
  window.setTimeout = (work, wait) => { timers.push({ at: window.moment + wait, work, number: ++number }); return number; };
  window.clearTimeout = gone => { timers = timers.filter(timer => timer.number !== gone); };
  window.passes = (milliseconds) => {
    const end = window.moment + milliseconds;
    for (;;) {
      const next = timers.filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      window.moment = next.at;
      window.clearTimeout(next.number);
      next.work();
    }
    window.moment = end;
  };
  const { listen } = await import('/static/kiosk/wedge.js');
  const { read } = await import('/static/kiosk/codes.js');
  window.scanned = []; window.typed = [];
  listen({ scanned: text => window.scanned.push((read(text) || {text: '没认出来'}).text), typed: key => window.typed.push(key), most: () => most });
}"""
# [[key, code, more]] so many milliseconds apart, at the body or into a field that takes them as fields do.
TYPE = """async ([keys, gap, into]) => {
  const target = into ? document.querySelector(into) : document.body;
  if (into) target.focus();
  for (const [key, code, more, written] of keys) {
    const event = new KeyboardEvent(more.up ? "keyup" : "keydown", {key, code, bubbles: true, cancelable: true, ...more});
    Object.defineProperty(event, "timeStamp", { value: window.moment });
    const isFree = target.dispatchEvent(event);
    if (into && isFree && written) target.setRangeText(written, target.selectionStart, target.selectionEnd, "end");
    window.passes(gap);
  }
}"""
ENTER = ("Enter", "Enter", {}, "")


@pytest.fixture
def page(app, browser, live):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{live}/kiosk/")
    opened.wait_for_selector('body[data-screen="pairing"]')
    opened.evaluate(LISTEN, 4)
    yield opened
    context.close()


def place_of(character: str) -> str:
    if character.isdigit():
        return f"Digit{character}"
    return "Period" if character == "." else f"Key{character.upper()}"


def keys(text: str, **more) -> list[tuple]:
    return [(character, place_of(character), more, character) for character in text]


def hears(page, pressed, gap=0, into=None, wait=900) -> tuple[list[str], list[str]]:
    """(what was read or told, what went to the pad) of these keys."""
    page.evaluate(TYPE, [pressed, gap, into])
    page.evaluate("wait => window.passes(wait)", wait)
    return page.evaluate("[window.scanned.splice(0), window.typed.splice(0)]")


READ = ([CARD], [])
SCANNERS = {
    "fast, with Enter": ([*keys(CARD), ENTER], 0, READ),
    "without Enter": (keys(CARD), 0, READ),
    "with Tab": ([*keys(CARD), ("Tab", "Tab", {}, "")], 0, READ),
    "120 ms between two keys": ([*keys(CARD), ENTER], 120, READ),
    "120 ms, without Enter": (keys(CARD), 120, READ),
    "a full stop of a Chinese keyboard": ([(c if c != "." else "。", place_of(c), {}, c) for c in CARD] + [ENTER], 0, READ),
    "an AIM prefix": ([("]", "BracketRight", {}, "]"), *keys("Q1"), *keys(CARD), ENTER], 0, READ),
    "an AIM prefix of a Chinese keyboard": ([("】", "BracketRight", {}, "】"), *keys("Q1"), *keys(CARD), ENTER], 0, READ),
    "an input method": ([("Process", place_of(c), {"isComposing": True}, "") for c in CARD] + [ENTER], 0, READ),
    "another layout": ([({"A": "q", "Q": "a", "M": ",", "1": "&", ".": ":"}.get(c, c.lower()), place_of(c), {}, c) for c in CARD] + [ENTER], 0, READ),
    "small letters": ([*keys(CARD.lower()), ENTER], 0, READ),
    "Alt and the number of each character": (
        [stroke for c in CARD for stroke in [*[(d, f"Numpad{d}", {"altKey": True}, "") for d in f"{ord(c):04d}"], ("Alt", "AltLeft", {"up": True}, "")]], 0, READ
    ),
    "a barcode of goods": ([*keys(BARCODE), ENTER], 0, (["没认出来"], [])),
    "a barcode of goods at 120 ms": ([*keys(BARCODE), ENTER], 120, (["没认出来"], [])),
    "a barcode of goods at 120 ms without Enter": (keys(BARCODE), 120, (["没认出来"], [])),
    "half of a code": ([*keys(CARD[:12]), ENTER], 0, (["没认出来"], [])),
    "an address": ([*keys("http"), (":", "Semicolon", {"shiftKey": True}, ":"), ("/", "Slash", {}, "/"), *keys("example.cn"), ENTER], 0, (["没认出来"], [])),
}  # fmt: skip


@pytest.mark.parametrize("how", SCANNERS)
def test_what_a_scanner_types_is_read_or_told_and_never_goes_to_the_pad(page, how):
    pressed, gap, heard = SCANNERS[how]
    assert hears(page, pressed, gap) == list(heard)


@pytest.mark.parametrize("gap", [0, 120, 200, 340, 400])
def test_a_persons_digits_are_a_persons_however_fast(page, gap):
    assert hears(page, keys("4821"), gap) == [[], ["4", "8", "2", "1"]]
    assert hears(page, [*keys("48"), ("Backspace", "Backspace", {}, "")], gap) == [[], ["4", "8", "Backspace"]]
    assert hears(page, [*keys("4821"), ENTER], gap) == [[], ["4", "8", "2", "1", "Enter"]]


def test_a_pin_of_eight_digits_is_no_barcode(app, browser, live):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{live}/kiosk/")
    opened.wait_for_selector('body[data-screen="pairing"]')
    opened.evaluate(LISTEN, 8)
    assert hears(opened, [*keys("24681357"), ENTER], 120) == [[], [*"24681357", "Enter"]]
    context.close()


FIELD = "#main input"


@pytest.mark.parametrize(
    ("how", "gap"), [("plain", 0), ("plain", 120), ("composing", 0), ("composing", 120)]
)
@pytest.mark.parametrize("ends", [True, False], ids=["enter", "pause"])
def test_what_a_scanner_types_into_a_field_is_taken_out_again(page, how, gap, ends):
    """Through an input method the keys say only where they are, and what comes into the field is the method's."""
    page.fill(FIELD, "李雷")
    page.evaluate(f"() => document.querySelector('{FIELD}').setSelectionRange(1, 1)")
    pressed = keys(CARD) if how == "plain" else [("Process", place_of(c), {"isComposing": True}, c.lower()) for c in CARD]
    assert hears(page, [*pressed, *([ENTER] if ends else [])], gap, FIELD) == [[CARD], []]
    assert page.evaluate(f"() => [document.querySelector('{FIELD}').value, document.querySelector('{FIELD}').selectionStart]") == ["李雷", 1]


def test_what_a_person_typed_just_before_the_scan_stays(page):
    page.fill(FIELD, "")
    assert hears(page, [*keys("li"), *keys(CARD), ENTER], 0, FIELD) == [[CARD], []]
    assert page.input_value(FIELD) == "li"
    assert hears(page, keys("lilei"), 120, FIELD) == [[], []]
    assert page.input_value(FIELD) == "lililei"


def test_a_code_that_pairs_nothing_is_told_on_the_pairing_page(page):
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate(TYPE, [[*keys(BARCODE), ENTER], 0, None])
    page.locator("#main [data-wrong]").filter(has_text="八位").wait_for()
