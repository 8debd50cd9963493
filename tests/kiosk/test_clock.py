"""A clock that is set: the device notices it by a counter that nobody sets, carries the time on, and says what it cannot vouch
for; the server believes what it measured itself for a while, and what a scan brings only where it fits. What nobody can vouch
for is a question to the leader, never a certain hour too early."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.kiosk import rules
from civic.kiosk.models.scans import Scan
from civic.kiosk.rules import Drift
from civic.kiosk.states import Outcome, Scope
from tests.support import builders
from tests.support.tablets import place, tablet

HOUR = 3600.0


@pytest.fixture
def zebra(app):
    return builders.crossing(most=4)


@pytest.fixture
def shift(zebra):
    found = zebra.shifts()[0]
    clock.freeze(found.starts_at - timedelta(hours=1))
    return found


@pytest.fixture
def device(app, zebra, shift):
    return tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)


def places(shift, count: int) -> list[int]:
    return [place(builders.volunteer(), shift.id) for _ in range(count)]


def fast_clock_set_right_offline(device) -> None:
    """An hour fast, as we measured; then the network is gone, and somebody sets it right."""
    device.behind = -HOUR
    assert device.status().status_code == 200
    clock.advance(timedelta(minutes=50))


def test_whoever_came_after_the_clock_was_set_right_is_not_in_an_hour_early(app, device, shift):
    before, after, vouched = places(shift, 3)
    fast_clock_set_right_offline(device)
    early = device.scan(before, at=clock.now() - timedelta(minutes=1), sure=True)
    # It knows the true time, and still takes an hour off: an app that does not watch its clock.
    device.behind = 0
    wrong = device.scan(after) | {"offset": -HOUR}
    right = device.scan(vouched, sure=True)
    device.status()
    assert device.upload(early, wrong, right) == ["in", "clock_off", "in"]
    rows = {row.place_id: row for row in db.session.scalars(select(Scan))}
    assert rows[after].outcome is Outcome.UNDECIDED
    assert rows[vouched].at == clock.now()


def test_what_the_device_cannot_vouch_for_is_a_question_whatever_its_offset(app, device, shift):
    (one,) = places(shift, 1)
    device.status()
    assert device.upload(device.scan(one, sure=False)) == ["clock_off"]


def test_an_old_drift_holds_of_what_the_device_watched_but_not_for_ever(app, device, shift):
    NOW, LASTS, MINUTE = clock.now(), rules.DRIFT_LASTS, timedelta(minutes=1)
    set_right = Drift(0.0, NOW, -HOUR, NOW - 2 * LASTS)
    cases = [
        (Drift(None, None), 12.0, NOW, None, False),  # never measured: nothing speaks against it
        (Drift(0.0, NOW), 0.0, NOW, None, False),
        (Drift(0.0, NOW), 0.0, NOW, False, True),
        (Drift(0.0, NOW), 0.0, NOW + timedelta(minutes=3), True, True),  # ahead of us
        (Drift(0.0, NOW - LASTS), 0.0, NOW, None, False),
        (Drift(0.0, NOW - LASTS - MINUTE), 0.0, NOW, True, True),  # measured too long ago
        (Drift(0.0, NOW), HOUR, NOW, True, True),
        (set_right, -HOUR, NOW - 2 * LASTS - MINUTE, True, False),  # from before it was set
        (set_right, -HOUR, NOW - 2 * LASTS - MINUTE, None, True),  # or only looks so: who did not watch cannot tell
        (set_right, -HOUR, NOW - LASTS, True, False),  # it watched its clock all the while
        (set_right, -HOUR, NOW - LASTS + MINUTE, True, True),
        (Drift(0.0, NOW, -HOUR, None), -HOUR, NOW - MINUTE, True, True),  # of a time when nobody noted when
    ]
    for drift, offset, at, is_sure, is_off in cases:
        assert rules.clock_is_off(at, NOW, offset, drift, is_sure=is_sure) is is_off, (drift, offset, at, is_sure)


# ── the device ──

# A copy of the module of its own, on a clock and a counter of the test's: `set` moves the clock alone, `pass` both.
DEVICE = """async ({ deeds, kept }) => {
  const real = { now: Date.now, counter: performance.now, hidden: Object.getOwnPropertyDescriptor(Document.prototype, "hidden") };
  let wall = 1.8e12, counter = 0, isHidden = false, stored = kept;
  Date.now = () => wall;
  performance.now = () => counter;
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  const open = async () => {
    const m = await import(`/static/kiosk/time.js?copy=${real.counter.call(performance)}`);
    m.resume(stored, (state) => { stored = state; });
    return m;
  };
  let m = await open();
  const seen = [];
  const does = {
    pass: (seconds) => { wall += seconds * 1000; counter += seconds * 1000; },
    set: (seconds) => { wall += seconds * 1000; },
    hide: () => { isHidden = true; document.dispatchEvent(new Event("visibilitychange")); },
    show: () => { isHidden = false; document.dispatchEvent(new Event("visibilitychange")); },
    ask: (seconds) => m.correct(seconds),
    close: () => { m.watch(); dispatchEvent(new Event("pagehide")); counter = 0; },
    open: async () => { m = await open(); },
    look: () => { const { offset, sure, era } = m.stamp(); seen.push([offset, sure, era]); },
  };
  for (const [deed, given] of deeds) await does[deed](given);
  Date.now = real.now;
  performance.now = real.counter;
  delete document.hidden;
  return seen;
}"""


@pytest.fixture
def page(app, browser, live):
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{live}/kiosk/")
    yield opened
    context.close()


def stamps(page, *deeds, kept=None) -> list[list]:
    """[offset, sure, era] at each look."""
    return page.evaluate(DEVICE, {"deeds": [[deed, given] for deed, given in deeds], "kept": kept})


LOOK = ("look", None)
ASKED = [("ask", -3600), ("pass", 60), LOOK]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("deeds", "offset", "sure"),
    [
        ([("pass", 7200)], -3600, True),
        ([("set", 20)], -3600, True),  # a network's own small step
        ([("set", -3600)], 0, False),  # set right: the time goes on as the counter has it
        ([("set", 3600)], -7200, False),
        ([("set", -3600), ("pass", 60), ("ask", 0)], 0, True),
        ([("hide", None), ("set", 1800), ("show", None)], -3600, False),  # asleep, or set: nobody can tell
        ([("hide", None), ("set", -3600), ("show", None)], 0, False),
        ([("close", None), ("pass", 30), ("open", None)], -3600, True),  # a reload
        ([("close", None), ("pass", 3600), ("open", None)], -3600, False),  # after so long nobody knows
        ([("close", None), ("set", -3600), ("open", None)], -3600, False),  # set back while the page was closed
        ([("set", -3600), LOOK, ("close", None), ("pass", 30), ("open", None)], 0, False),  # unsure it stays over a reload
    ],
)
def test_a_jump_of_the_clock_is_noticed_and_what_cannot_be_vouched_for_is_said(page, deeds, offset, sure):
    found = stamps(page, *ASKED, *deeds, LOOK)
    assert found[0][:2] == [-3600, True]
    assert found[-1][:2] == [offset, sure]


@pytest.mark.browser
def test_scans_made_since_the_jump_are_settled_by_the_next_answer_and_older_ones_are_not(page):
    script = """async () => {
      const { Queue } = await import('/static/kiosk/queue.js');
      const time = await import('/static/kiosk/time.js');
      const kept = new Map();
      const store = { append: async scan => { kept.set(kept.size + 1, scan); return kept.size; }, replace: async (n, scan) => kept.set(n, scan) };
      const queue = new Queue(store);
      const real = Date.now;
      let ahead = 0;
      Date.now = () => real() + ahead;
      time.correct(0);
      await queue.add({ place: 1 });
      ahead = -3600000; await queue.add({ place: 2 });
      ahead = 7200000; await queue.add({ place: 3 });
      const later = [...queue.unsettled()];
      const sent = queue.batch(9).map(scan => [scan.place, scan.sure, "era" in scan]);
      await queue.settle(time.correct(-7200));
      Date.now = real;
      return [later, sent, queue.batch(9).map(scan => [scan.place, scan.sure, scan.offset]), [...kept.values()].map(scan => scan.sure)];
    }"""
    later, sent, settled, kept = page.evaluate(script)
    assert later == [3], "what the next answer settles is not sent before it"
    assert sent == [[1, True, False], [2, False, False], [3, False, False]]
    assert [[n, sure] for n, sure, _ in settled] == [[1, True], [2, False], [3, True]]
    assert settled[2][2] == -7200
    assert kept == [True, False, True], "as it is on the disk"
