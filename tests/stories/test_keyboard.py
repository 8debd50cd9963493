"""The keyboard alone: a neighbour is nominated and a desk decides, without a pointer."""

from __future__ import annotations

import re

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.nominations.models import Nomination
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


def test_nominating_and_deciding_need_no_pointer(app, live, browser, smtp):
    town = builders.city()
    with transaction():
        builders.account(Role.STEWARD, town.line[1], email="desk@civic.example")
    clock.release()
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    page.goto(live)
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

    desk = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    desk.set_default_timeout(8000)
    desk.goto(f"{live}/identity/sign_in")
    reach(desk, "#contact")
    desk.keyboard.type("desk@civic.example")
    reach(desk, "#password")
    desk.keyboard.type(builders.PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/me")
    desk.goto(f"{live}/nominations/desk/queue")
    desk.wait_for_selector("#rows a")
    desk.wait_for_timeout(300)
    desk.keyboard.press("j")
    assert desk.evaluate("document.activeElement.matches('#rows a')")
    desk.keyboard.press("a")
    desk.wait_for_selector(".notes")
    db.session.rollback()
    case = db.session.query(Nomination).one()
    assert (case.level, case.nominee_name) == (2, "陈桂兰")


def submit(page):
    reach(page, ".form__bar .btn--main")
    page.keyboard.press("Enter")
