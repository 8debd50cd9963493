"""What the device does by itself, in a real browser: codes as the server makes them, decisions over their whole table, back-off."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from civic.kiosk import rules

pytestmark = pytest.mark.browser

KEY = bytes(range(32))
ALIAS = "MJ4KQXBCDEFGHIJKLMNOPQRSTU"
MOMENT = datetime(2026, 11, 24, 6, 58, 3, tzinfo=UTC)
HOUR = 3_600_000
MINUTE = 60_000
SETTINGS = {
    "early_minutes": rules.EARLY.seconds // 60, "again_minutes": rules.AGAIN.seconds // 60, "late_minutes": rules.LATE.seconds // 60,
}  # fmt: skip


@pytest.fixture
def page(app, browser, live):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{live}/kiosk/")
    yield opened
    context.close()


def run(page, module: str, script: str, argument: object = None) -> object:
    """Evaluate with a module of the kiosk at hand as `m`."""
    return page.evaluate(f"async argument => {{ const m = await import('/static/kiosk/{module}.js'); {script} }}", argument)


def test_digests_and_passes_are_the_servers(page):
    words = ["tail:4821", "card:" + "A" * 20, f"pin:{ALIAS}:1357", f"month:{ALIAS}:07"]
    script = """
      const bytes = await import('/static/kiosk/bytes.js');
      const key = await m.eventKey(bytes.fromBase64(argument.key));
      let extractable = key.extractable;
      const digests = await Promise.all(argument.words.map(words => m.digest(key, words)));
      return {digests, extractable, code: await m.passCode(key, argument.alias, argument.half)};
    """
    half = int(MOMENT.timestamp()) // 30
    found = run(page, "codes", script, {"key": b64encode(KEY).decode(), "words": words, "alias": ALIAS, "half": half})
    assert found["digests"] == [rules.digest_of(KEY, word) for word in words]
    assert found["code"] == rules.pass_code(KEY, ALIAS, MOMENT)
    assert found["extractable"] is False


@pytest.mark.parametrize(("seconds", "is_fresh"), [(-31, False), (-30, True), (0, True), (29, True), (59, True), (60, False), (3600, False)])
def test_a_pass_is_good_for_its_half_minute_and_the_ones_beside_it(page, seconds, is_fresh):
    shown = datetime(2026, 11, 24, 6, 58, 0, tzinfo=UTC)
    script = """
      const bytes = await import('/static/kiosk/bytes.js');
      const pass = m.read(argument.text);
      return m.isFresh(await m.eventKey(bytes.fromBase64(argument.key)), pass.alias, pass.code, argument.now);
    """
    now = (shown + timedelta(seconds=seconds)).timestamp() * 1000
    assert run(page, "codes", script, {"key": b64encode(KEY).decode(), "text": rules.pass_text(7, KEY, ALIAS, shown), "now": now}) is is_fresh


def test_only_our_codes_are_read_however_a_scanner_writes_them(page):
    text = rules.pass_text(7, KEY, ALIAS, MOMENT)
    texts = [text, text.lower(), f" {text}\r", "ＨＲＫ１." + "A" * 20, "HRK1.SHORT", "https://example.com", "HR1.x.y.z", ""]
    kinds = run(page, "codes", "return argument.map(text => (m.read(text) || {}).kind || null)", texts)
    assert kinds == ["pass", "pass", "pass", "card", None, None, None, None]
    invitations = ["https://civic.example/kiosk/#ABCD2345", "abcd 2345", "ABCD-2345", "ABCD234", "https://civic.example/"]
    assert run(page, "codes", "return argument.map(text => m.invitation(text))", invitations) == ["ABCD2345"] * 3 + ["", ""]


def place(name, starts, ends, came=None, went=None):
    return {"name": name, "starts": int(starts * HOUR), "ends": int(ends * HOUR), "in": came and int(came * HOUR), "out": went and int(went * HOUR)}


MORNING, NEXT, EVENING = ("morning", 7, 9), ("next", 9, 11), ("evening", 17, 18)
# what the person holds, the hour of the day, and what the kiosk says
DECISIONS = [
    ([], 7, {"kind": "unknown"}),
    ([place(*MORNING)], 4.9, {"kind": "early", "from": 5 * HOUR}),
    ([place(*MORNING)], 5, {"kind": "coming", "late": 0}),
    ([place(*MORNING)], 7 + 9 / 60, {"kind": "coming", "late": 0}),
    ([place(*MORNING)], 7 + 25 / 60, {"kind": "coming", "late": 25}),
    ([place(*MORNING)], 8.99, {"kind": "coming", "late": 119}),
    ([place(*MORNING)], 9, {"kind": "over"}),
    ([place(*MORNING, came=7)], 7 + 5 / 60, {"kind": "already"}),
    ([place(*MORNING, came=7)], 7 + 11 / 60, {"kind": "going", "early": 109}),
    ([place(*MORNING, came=7)], 9.5, {"kind": "going", "early": 0}),
    ([place(*MORNING, came=7), place(*NEXT)], 8.5, {"kind": "going", "early": 30}),
    ([place(*MORNING, came=7), place(*NEXT)], 8.8, {"kind": "handover", "next": "next"}),
    ([place(*MORNING, came=7), place(*NEXT)], 9.1, {"kind": "handover", "next": "next"}),
    ([place(*MORNING, came=8.9), place(*NEXT)], 9, {"kind": "already"}),
    ([place(*MORNING, came=7), place(*EVENING)], 9, {"kind": "going", "early": 0}),
    ([place(*MORNING, came=7, went=9), place(*EVENING)], 9.1, {"kind": "early", "from": 15 * HOUR}),
    ([place(*MORNING, came=7, went=9), place(*EVENING)], 16, {"kind": "coming", "place": "evening"}),
    ([place(*MORNING, came=7, went=9)], 10, {"kind": "done"}),
    ([place(*EVENING), place(*MORNING)], 6, {"kind": "coming", "place": "morning"}),
    ([place(*MORNING), place(*EVENING)], 12, {"kind": "early", "from": 15 * HOUR}),
]


def test_the_kiosks_table_of_decisions(page):
    """docs/kiosk.md, "What the kiosk decides by itself": every row."""
    script = """
      return argument.cases.map(([places, hour]) => {
        const found = m.decide(places, hour * 3600000, argument.settings);
        return {...found, place: found.place && found.place.name, next: found.next && found.next.name};
      });
    """
    found = run(page, "decide", script, {"cases": [[places, hour] for places, hour, _ in DECISIONS], "settings": SETTINGS})
    for (places, hour, wanted), got in zip(DECISIONS, found, strict=True):
        assert wanted.items() <= got.items(), (places, hour, got)


def test_what_the_board_calls_a_place(page):
    cases = [
        (place(*MORNING), 7, "coming"), (place(*MORNING), 7.2, "late"), (place(*MORNING), 7.6, "missing"), (place(*MORNING), 12, "missing"),
        (place(*MORNING, came=7), 8, "here"), (place(*MORNING, came=7, went=9), 10, "gone"),
    ]  # fmt: skip
    script = "return argument.cases.map(([place, hour]) => m.presence(place, hour * 3600000, argument.settings))"
    assert run(page, "decide", script, {"cases": [case[:2] for case in cases], "settings": SETTINGS}) == [case[2] for case in cases]


def test_a_time_to_come_says_its_day(page):
    """By the calendar of the city, not by hours: nine hours ahead may be tomorrow, thirteen today."""
    def at(day: int, hour: int, minute: int = 0) -> int:
        return int(datetime(2026, 7, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)

    cases = [
        (at(17, 5), at(16, 20), "明天 5:00"), (at(16, 18), at(16, 5), "18:00"), (at(17, 2), at(17, 0, 10), "2:00"),
        (at(18, 7), at(16, 20), "后天 7:00"), (at(17, 0), at(16, 23, 59), "明天 0:00"),
    ]  # fmt: skip
    script = "return argument.map(([moment, now]) => m.when(moment, now))"
    assert run(page, "telling", script, [case[:2] for case in cases]) == [case[2] for case in cases]


def test_an_end_says_its_day_where_the_shift_crosses_midnight(page):
    def at(day: int, hour: int, minute: int = 0) -> int:
        return int(datetime(2026, 7, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)

    cases = [
        (at(16, 7, 30), at(16, 9), "7:30–9:00"), (at(16, 22), at(17, 2), "22:00–次日2:00"), (at(16, 20), at(17, 0), "20:00–24:00"),
        (at(17, 0), at(17, 4), "0:00–4:00"), (at(31, 23, 30), at(31, 0, 15) + 24 * HOUR, "23:30–次日0:15"),
    ]  # fmt: skip
    assert run(page, "telling", "return argument.map(([starts, ends]) => m.hours({ starts, ends }))", [case[:2] for case in cases]) == [case[2] for case in cases]
    english = "(await import('/static/kiosk/words.js')).speak('en'); return m.until(...argument)"
    assert run(page, "telling", english, [at(17, 2), at(16, 22)]) == "2:00 next day"


def test_five_wrong_tries_within_a_minute_pause_the_keys(page):
    script = """
      let now = 0;
      const attempts = new m.Attempts(() => now);
      const misses = argument.map(second => { now = second * 1000; return attempts.miss(); });
      const paused = attempts.isPaused;
      now += m.PAUSE;
      return [misses, paused, attempts.isPaused];
    """
    assert run(page, "attempts", script, [0, 1, 2, 3, 4]) == [[False] * 4 + [True], True, False]
    assert run(page, "attempts", script, [0, 20, 40, 61, 81])[0] == [False] * 5


def test_a_decoder_is_fetched_unless_the_browser_says_that_it_reads_qr_codes(page):
    """An Android without its play services has the interface and nothing behind it."""
    script = """
      const found = [];
      for (const answer of argument) {
        if (answer === null) delete window.BarcodeDetector;
        else window.BarcodeDetector = { getSupportedFormats: () => answer === "fails" ? Promise.reject(new Error()) : Promise.resolve(answer) };
        found.push(await m.needsDecoder());
      }
      return found;
    """
    assert run(page, "camera", script, [None, ["qr_code", "ean_13"], ["ean_13"], [], "fails"]) == [True, False, True, True, True]


def test_the_screen_is_kept_awake_again_after_it_was_hidden(page):
    script = """
      const locks = [];
      Object.defineProperty(navigator, 'wakeLock', {value: {request: async kind => {
        const lock = new EventTarget();
        locks.push([kind, lock]);
        return lock;
      }}});
      await m.stay();
      await m.stay();
      const first = locks.length;
      locks[0][1].dispatchEvent(new Event('release'));
      document.dispatchEvent(new Event('visibilitychange'));
      return [first, locks.map(([kind]) => kind)];
    """
    assert run(page, "awake", script) == [1, ["screen", "screen"]]


def test_the_pause_between_tries_grows_to_five_minutes_and_differs_from_kiosk_to_kiosk(page):
    pauses = run(page, "sync", "return argument.map(([failures, chance]) => m.pause(failures, chance))", [[1, 0], [2, 0], [3, 0], [20, 0], [1, 1], [20, 1]])
    assert pauses == [2000, 4000, 8000, 300_000, 1000, 150_000]


def test_a_scan_made_while_a_turn_ends_does_not_wait_for_the_next_minute(page):
    """The turn plans the next minute when it ends; a scan made just before must not be overwritten by that."""
    script = """
      const asked = [];
      const sync = new m.Sync({told: {online() {}, changed() {}}, store: {}, marks: {}, roster: {}, queue: {}});
      sync.isOnline = true;
      sync.greet = async () => asked.push('greet');
      sync.upload = async () => asked.push('upload');
      let end;
      sync.fetchRoster = () => new Promise(resolve => { end = resolve; });
      sync.run();
      while (!end) await new Promise(resolve => setTimeout(resolve, 1));
      sync.soon();
      end();
      await new Promise(resolve => setTimeout(resolve, 500));
      sync.stop();
      return asked;
    """
    assert run(page, "sync", script) == ["greet", "upload", "greet", "upload"]
