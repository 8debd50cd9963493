"""A phone-sized resident nominates a neighbour, five desks decide, and the roll shows her: in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import transaction
from civic.identity.permissions import Role
from civic.outbox.delivery import deliver_due
from tests.support import builders
from tests.support.browser import violations
from tests.support.pictures import jpeg_with_place

PHONE = {"width": 390, "height": 844}
OFFICE = {"width": 1366, "height": 768}
STORY = builders.STORY
pytestmark = pytest.mark.browser


@pytest.fixture
def town(app):
    found = builders.city()
    with transaction():
        for level in range(1, 6):
            builders.account(
                Role.STEWARD if level == 1 else Role.REVIEWER,
                found.line[level],
                name=f"审核{level}",
                email=f"desk{level}@civic.example",
            )
    return found


def letters(app, smtp, address):
    while deliver_due():
        pass
    return [str(letter["Subject"]) for letter in smtp.to(address)]


def test_a_neighbour_reaches_the_roll(town, app, live, browser, smtp, tmp_path):
    app.config["BASE_URL"] = live
    resident = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    resident.set_default_timeout(8000)
    nominate(resident, live, tmp_path)
    code = re.search(r"\d{6}", letters(app, smtp, "huang@civic.example")[-1])[0]
    resident.fill("#code", code)
    resident.click("text=提交推荐")
    reference = resident.inner_text(".code")
    assert not violations(resident)
    assert re.fullmatch(r"T\d{4}-\d{4}", reference)
    resident.click("text=看走到哪一级了")
    tracking = resident.url
    assert "楼道收到了" in resident.inner_text("#sum")

    desks = {level: sign_in(browser, live, level) for level in range(1, 6)}
    decide(desks[1], live, "通过，推到社区")
    # The community wants one thing more.
    decide(desks[2], live, "退回补充", "请再拍一张近照")
    later()
    assert any("请您补" in subject for subject in letters(app, smtp, "huang@civic.example"))
    resident.goto(tracking)
    assert "请再拍一张近照" in resident.inner_text("#sum")
    resident.click("text=现在补")
    resident.fill("#words", "补好了")
    resident.set_input_files("#photos", {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place((800, 600))})
    resident.click("text=补好了，接着走")
    for level, words in ((2, "通过，推到街道"), (3, "通过，推到县区"), (4, "通过，推到市"), (5, "评上市级好人")):
        decide(desks[level], live, words, "事迹属实")

    publish(desks[2], live)
    later()
    resident.goto(f"{live}/roll")
    assert "陈桂兰" in resident.inner_text("#roll-list")
    resident.goto(tracking)
    seen = resident.inner_text("main")
    assert "评上了市好人" in seen
    assert seen.count("用 ") >= 5
    assert not violations(resident)
    # Four desks decided within half an hour: one letter tells all of it.
    assert [s.split("，")[0] for s in letters(app, smtp, "huang@civic.example")[2:]] == [
        "3栋2单元通过了", "请您补一点材料", "您推荐的好人走了 4 步",
    ]  # fmt: skip


def later():
    """The ten minutes in which the desk could have undone its step are over."""
    clock.freeze(clock.now() + timedelta(minutes=11))


def nominate(page, live, tmp_path):
    page.goto(live)
    page.click("text=推荐一位好人")
    page.fill("#nominee_name", "陈桂兰")
    page.check("text=邻居")
    page.check("text=助人为乐")
    page.click("text=下一步")
    for place in ("汀南区", "桥东街道", "梧桐里社区"):
        page.click(f".pick a:text-is('{place}')")
    page.check("text=3栋2单元")
    assert not violations(page)
    page.click("text=下一步")
    page.fill("#headline", "校门口缝补十二年")
    page.fill("#story", "太短了")
    page.click("text=下一步")
    assert "还差" in page.inner_text(".errs")
    assert not violations(page)
    page.fill("#story", STORY)
    page.fill("#deed_on", f"{clock.today()}")
    page.set_input_files("#photo-files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place()})
    page.wait_for_selector(".shot img")
    page.click("text=下一步")
    assert not violations(page)
    page.fill("#nominator_name", "黄素芬")
    page.fill("#contact", "huang@civic.example")
    page.check("text=我说的是真事")
    page.click("text=提交推荐")
    page.wait_for_selector("#code")
    assert not violations(page)


def sign_in(browser, live, level):
    page = browser.new_context(viewport=OFFICE, locale="zh-CN").new_page()
    page.goto(f"{live}/identity/sign_in")
    page.fill("#contact", f"desk{level}@civic.example")
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")
    return page


def decide(page, live, button, words=""):
    page.goto(f"{live}/nominations/desk/queue")
    page.click("#rows a >> nth=0")
    if words:
        page.fill("#reason", words)
    page.click(f".q-act__do button:has-text('{button}')")
    page.wait_for_selector(".notes")


def publish(page, live):
    page.goto(f"{live}/nominations/desk/published")
    page.click("text=去办")
    for chosen in ("purposes'][value='name", "purposes'][value='story", "method'][value='in_person"):
        page.check(f"input[name='{chosen}']")
    page.click("text=记下同意")
    page.click("text=看过了，批准公开")
    page.wait_for_selector(".chip--pass")
