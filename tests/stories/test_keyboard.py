"""The keyboard alone: a neighbour is nominated, five desks decide, one asks for more, the name is published; no pointer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.nominations.models.cases import Nomination
from civic.outbox.delivery import deliver_due
from tests.support import builders

pytestmark = pytest.mark.browser


def reach(page, selector):
    """Press Tab until the focus is there; what cannot be reached fails."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def choose(page, selector):
    """Focus a radio button's group by Tab, then walk to the wanted one with the arrows."""
    name = page.get_attribute(selector, "name")
    reach(page, f"input[name='{name}']")
    for _ in range(20):
        page.keyboard.press("Space")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows never reach {selector}")


def test_the_whole_story_needs_no_pointer(app, live, browser, smtp):
    town = builders.city()
    with transaction():
        for level in range(1, 6):
            role = Role.STEWARD if level == 1 else Role.REVIEWER
            builders.account(role, town.line[level], email=f"desk{level}@civic.example")
    clock.release()
    app.config["BASE_URL"] = live
    resident = opened(browser, live)
    nominate(resident, smtp)
    reach(resident, "a[href*='/track/t/']")
    resident.keyboard.press("Enter")
    resident.wait_for_selector("#sum")

    desks = {level: signed_in(browser, live, level) for level in range(1, 6)}
    decide(desks[1], live, "a")
    decide(desks[2], live, "b", "请再拍一张近照")
    resident.reload()
    reach(resident, "a[href*='/supplement/']")
    resident.keyboard.press("Enter")
    resident.wait_for_selector("#words")
    reach(resident, "#words")
    resident.keyboard.type("近照下周补，先写清了时间")
    submit(resident)
    resident.wait_for_selector("#sum")
    for level, key in ((2, "a"), (3, "a"), (4, "a"), (5, "e")):
        decide(desks[level], live, key)
    publish(desks[2], live)

    later()
    resident.goto(live)
    reach(resident, "nav a[href='/roll']")
    resident.keyboard.press("Enter")
    resident.wait_for_selector("#roll-list")
    assert "陈桂兰" in resident.inner_text("#roll-list")
    db.session.rollback()
    case = db.session.query(Nomination).one()
    assert (case.level, case.status.value) == (5, "elected")


def later():
    """The ten minutes in which the desk could have undone it are over."""
    clock.freeze(clock.now() + timedelta(minutes=11))


def opened(browser, live):
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    page.goto(live)
    return page


def nominate(page, smtp):
    reach(page, ".skip")
    reach(page, ".hero__do .btn--main")
    page.keyboard.press("Enter")
    page.wait_for_selector("#nominee_name")
    reach(page, "#nominee_name")
    page.keyboard.type("陈桂兰")
    choose(page, "input[value='neighbour']")
    choose(page, "input[name='category']")
    submit(page)
    for place in ("汀南区", "桥东街道", "梧桐里社区"):
        page.wait_for_selector(f".pick a:text-is('{place}')")
        href = page.get_attribute(f".pick a:text-is('{place}')", "href")
        reach(page, f".pick__row a[href='{href}']")
        page.keyboard.press("Enter")
    page.wait_for_selector("input[name='region']")
    choose(page, "input[name='region']")
    submit(page)
    page.wait_for_selector("#story")
    reach(page, "#headline")
    page.keyboard.type("校门口缝补十二年")
    reach(page, "#story")
    page.keyboard.type(builders.STORY)
    reach(page, "#deed_on")
    page.fill("#deed_on", f"{clock.today()}")  # the parts of a date are typed in the order of each browser's language
    submit(page)
    page.wait_for_selector("#contact")
    reach(page, "#nominator_name")
    page.keyboard.type("黄素芬")
    reach(page, "#contact")
    page.keyboard.type("huang@civic.example")
    reach(page, "#truth")
    page.keyboard.press("Space")
    submit(page)
    page.wait_for_selector("#code")
    while deliver_due():
        pass
    reach(page, "#code")
    page.keyboard.type(re.search(r"\d{6}", str(smtp.to("huang@civic.example")[-1]["Subject"]))[0])
    submit(page)
    page.wait_for_selector(".code")


def signed_in(browser, live, level):
    desk = opened(browser, f"{live}/identity/sign_in")
    reach(desk, "#contact")
    desk.keyboard.type(f"desk{level}@civic.example")
    reach(desk, "#password")
    desk.keyboard.type(builders.PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/me")
    return desk


def decide(desk, live, key, words=""):
    """Walk to the first case with J, write the reason where one is wanted, press the deed's letter."""
    desk.goto(f"{live}/nominations/desk/queue")
    desk.wait_for_selector("#rows a")
    desk.wait_for_timeout(300)
    desk.keyboard.press("j")
    assert desk.evaluate("document.activeElement.matches('#rows a')")
    if words:
        reach(desk, "#reason")
        desk.keyboard.type(words)
        desk.keyboard.press("Escape")
    desk.keyboard.press(key)
    desk.wait_for_selector(".notes")


def publish(desk, live):
    desk.goto(f"{live}/nominations/desk/published")
    reach(desk, "a[href*='/publication/']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("input[name='purposes']")
    for purpose in ("name", "story"):
        reach(desk, f"input[name='purposes'][value='{purpose}']")
        desk.keyboard.press("Space")
    choose(desk, "input[name='method'][value='in_person']")
    reach(desk, "form[action$='/consent'] button")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".notes")
    reach(desk, "button[value='approve']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".chip--pass")


def submit(page):
    reach(page, ".form__bar .btn--main")
    page.keyboard.press("Enter")


def test_a_reviewer_works_through_a_long_list_without_the_mouse(app, live, browser):
    """Walk, read, decide with and without a reason, tick on two pages, decide those together, take them back."""
    town = builders.city()
    with transaction():
        builders.account(Role.REVIEWER, town.line[2], email="desk2@civic.example")
    ids = [builders.voice(town.line[2], nominee_name=f"好人{n:02d}").nomination_id for n in range(54)]
    clock.release()
    desk = signed_in(browser, live, 2)
    desk.goto(f"{live}/nominations/desk/queue")
    reads(desk, "好人00")
    keys(desk, "j", "j")
    reads(desk, "好人02")
    keys(desk, "k")
    reads(desk, "好人01")
    # The reason is asked for in place; the list goes on behind the case that was decided.
    keys(desk, "x")
    assert "Ctrl+Enter" in desk.inner_text("[data-hint]")
    desk.keyboard.type("和往年重复")
    desk.keyboard.press("Control+Enter")
    reads(desk, "好人02")
    keys(desk, "1", "a")
    reads(desk, "好人03")
    keys(desk, "s", "j")
    reads(desk, "好人04")
    keys(desk, "s", "n")
    reads(desk, "好人52")
    keys(desk, "s")
    assert desk.inner_text("[data-count]") == "3"
    keys(desk, "m")
    desk.wait_for_selector("#count")
    choose(desk, "input[name='deed'][value='endorsement']")
    reach(desk, "#count")
    desk.keyboard.type("3")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("a[autofocus]")
    assert desk.inner_text("h1") == "办好了 3 件"
    desk.wait_for_timeout(300)
    desk.keyboard.press("Enter")
    reads(desk, "好人00")
    assert desk.inner_text("[data-count]") == ""
    keys(desk, "u")
    desk.wait_for_selector("h2")
    reach(desk, "form[action*='/undoing/batch/'] button")
    desk.keyboard.press("Enter")
    desk.wait_for_function("() => document.querySelector('h1').textContent.startsWith('撤回了 3')")
    db.session.rollback()
    left = db.session.query(Nomination).filter(Nomination.level == 2, Nomination.status == "submitted").count()
    assert left == len(ids) - 2


def keys(desk, *pressed):
    """One key after the other, as a hand presses them when the page stands."""
    for key in pressed:
        desk.keyboard.press(key)
        desk.wait_for_timeout(60)


def reads(desk, name):
    """The case is open beside the list, and the page listens to keys."""
    desk.wait_for_function("name => document.querySelector('#pane-h')?.textContent.startsWith(name)", arg=name)
    desk.wait_for_load_state("networkidle")
    desk.wait_for_timeout(250)
