"""A season of one street in a real browser: checked, judged on paper, put up, objected to, published; and revoked later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.honours import queries as roll
from civic.identity.permissions import Role
from civic.nominations.models.cases import Nomination
from tests.support import builders
from tests.support.browser import violations
from tests.support.by_pages import agree_and_approve
from tests.support.pictures import jpeg_with_place

pytestmark = pytest.mark.browser
OFFICE = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def town(app):
    found = builders.city()
    builders.by_round(3)
    with transaction():
        for level in (3, 4):
            builders.account(Role.REVIEWER, found.line[level], name=f"审核{level}", email=f"desk{level}@civic.example")
    for name in ("陈桂兰", "韩大川"):
        builders.climbed(found, 3, nominee_name=name)
    # The council's members: two with accounts would vote on the phone; here all come to the room.
    return found


def signed_in(browser, live, login):
    page = browser.new_context(viewport=OFFICE, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    page.goto(f"{live}/identity/sign_in")
    page.fill("#contact", login)
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")
    return page


def test_a_street_holds_a_round(town, live, browser):
    street = signed_in(browser, live, "desk3@civic.example")
    for name in ("王会计", "李老师", "赵书记", "钱阿姨", "孙大爷"):
        street.goto(f"{live}/nominations/desk/seats")
        street.fill("#name", name)
        street.fill("#standing", "居民代表")
        street.click("button:has-text('添上')")
        street.wait_for_selector(".notes")
    street.goto(f"{live}/nominations/desk/rounds/open")
    street.fill("#name", "2026 年三季度")
    street.fill("#closes_on", f"{clock.today() + timedelta(days=30):%Y-%m-%d}")
    street.fill("#most", "5")
    street.click("button:has-text('开这一期')")
    street.wait_for_selector(".notes")
    assert not violations(street)
    for _ in range(2):
        street.goto(f"{live}/nominations/desk/queue")
        street.click("#rows a >> nth=0")
        street.click("button:has-text('初审通过，等评议')")
        street.wait_for_selector(".notes")
    judged_on_paper(street, live, signed_in(browser, live, "desk4@civic.example"))
    proposed_and_put_up(street, live, town)
    objections(browser, live)
    closed(street, live)
    revoked(browser, live)


def judged_on_paper(street, live, county):
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    street.check("#is_secret")
    street.check("#is_on_paper")
    street.click("button:has-text('开会，评这 2 件')")
    street.wait_for_selector("text=谁到会了")
    assert not violations(street)
    # 钱阿姨 lives next door to 陈桂兰 and stays out.
    street.select_option("#r-member", label="钱阿姨")
    street.select_option("#r-case", label="陈桂兰")
    street.click("button:has-text('请他（她）回避')")
    assert "请写明为什么要他（她）回避" in street.inner_text(".errs")
    street.select_option("#r-member", label="钱阿姨")
    street.select_option("#r-case", label="陈桂兰")
    street.fill("#r-words", "住在她家隔壁")
    street.click("button:has-text('请他（她）回避')")
    street.wait_for_selector("text=会议记录会写：钱阿姨")
    street.click(".form__bar button")
    street.wait_for_selector("text=钱阿姨 · 住在她家隔壁")
    for box in street.query_selector_all("input[name='paper']"):
        box.check()
    yes = street.query_selector_all("input[name^='yes_']")
    yes[0].fill("5")
    yes[1].fill("4")
    street.query_selector_all("input[name^='abstain_']")[1].fill("1")
    street.click("button:has-text('这一遍录好了')")
    assert "票数比能投票的人还多" in street.inner_text(".errs")
    street.query_selector_all("input[name^='yes_']")[0].fill("4")
    street.click("button:has-text('这一遍录好了')")
    street.wait_for_selector("text=现在录了 1 遍")
    street.click("button:has-text('结束评议，定结果')")
    assert "请另一位同志也录一遍" in street.inner_text(".errs")
    the_county_enters_it_again(street, county)
    street.click("button:has-text('结束评议，定结果')")
    street.wait_for_selector("text=到会 5 人，2 件，票都齐了")
    assert not violations(street)
    street.click(".form__bar button")
    assert "请附会议记录的照片" in street.inner_text(".errs")
    street.set_input_files("#minutes", {"name": "m.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place((800, 600))})
    street.click(".form__bar button")
    street.wait_for_selector("text=看会议记录")


def the_county_enters_it_again(street, county):
    # A second pair of eyes, which has not seen the first sheet; a slip of the pen shows at once.
    county.goto(street.url.removesuffix("/closing"))
    assert [box.is_checked() for box in county.query_selector_all("input[name='paper']")] == [False] * 5
    assert {box.input_value() for box in county.query_selector_all("input[name^='yes_']")} == {""}
    for box in county.query_selector_all("input[name='paper']"):
        box.check()
    yes = county.query_selector_all("input[name^='yes_']")
    yes[0].fill("4")
    yes[1].fill("3")
    county.query_selector_all("input[name^='no_']")[1].fill("1")
    county.query_selector_all("input[name^='abstain_']")[1].fill("1")
    county.click("button:has-text('这一遍录好了')")
    county.wait_for_selector("th:has-text('哪里不一样')")
    assert not violations(county)
    county.query_selector_all("input[name^='yes_']")[1].fill("4")
    county.query_selector_all("input[name^='no_']")[1].fill("0")
    county.click("button:has-text('这一遍录好了')")
    county.wait_for_selector("strong:has-text('两遍一样')")
    street.goto(street.url.removesuffix("/closing"))


def proposed_and_put_up(street, live, town):
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    street.click("button:has-text('拟评上，到此为止') >> nth=0")
    street.wait_for_selector("text=本人还没有同意公开姓名")
    street.click("button:has-text('拟评上，往上推') >> nth=0")
    street.wait_for_selector("text=二、拟定的名单（2）")
    street.click("button:has-text('公示这 2 位')")
    assert "还有 2 件不能公示" in street.inner_text(".errs")
    for case in db.session.scalars(db.select(Nomination.id)).all():
        agree_and_approve(street, live, case)
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    street.click("button:has-text('公示这 2 位')")
    street.wait_for_selector("text=马上贴出来，谁都看得到")
    assert not violations(street)
    street.click(".form__bar button")
    street.wait_for_selector("text=三、公示的（2）")
    assert not violations(street)


def objections(browser, live):
    """One anonymous objection to each: one is found untrue, the other true."""
    neighbour = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    county = signed_in(browser, live, "desk4@civic.example")
    for name, words, button in (("韩大川", "这是他弟弟做的", "成立，撤下来"), ("陈桂兰", "听说她收过钱", "查了，不成立")):
        neighbour.goto(f"{live}/nominations/notices")
        neighbour.click(f"a:has-text('{name}')")
        neighbour.fill("#words", words)
        neighbour.click("text=把情况说给他们")
        neighbour.wait_for_selector("text=收到了，谢谢您")
        assert not violations(neighbour)
        county.goto(f"{live}/nominations/desk/objections")
        county.click("a:has-text('打开')")
        county.click("button:has-text('我来查')")
        county.wait_for_selector(f"text={words}")
        county.fill("#finding", "走访了三户邻居")
        county.fill("#answer", "谢谢您，查清楚了。")
        county.click(f"button:has-text('{button}')")
        assert "提异议的人没有留联系方式" in county.inner_text("main")
        county.click(".form__bar button")
        county.wait_for_selector(".notes")
        neighbour.reload()
        assert "谢谢您，查清楚了。" in neighbour.inner_text("main")
    neighbour.goto(f"{live}/nominations/notices")
    assert "韩大川" not in neighbour.inner_text("main")


def closed(street, live):
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    # There is no ending by one click: first everything is read, and that too is refused before its time.
    assert street.locator("form[action$='/closing']").count() == 0
    street.click("button:has-text('先看一遍名单和每一封信')")
    assert "公示还没有到期" in street.inner_text(".errs")
    clock.advance(timedelta(days=9))
    # Half an hour of nothing ends a desk's session.
    street.context.clear_cookies()
    street.goto(f"{live}/identity/sign_in")
    street.fill("#contact", "desk3@civic.example")
    street.fill("#password", builders.PASSWORD)
    street.click(".form__bar button")
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    street.click("button:has-text('先看一遍名单和每一封信')")
    street.wait_for_selector("text=还什么都没有发出去")
    assert "陈桂兰" in street.inner_text("main")
    assert not violations(street)
    street.goto(f"{live}/roll?level=3")
    assert "陈桂兰" not in street.inner_text("main")
    street.goto(f"{live}/nominations/desk/rounds")
    street.click("a:has-text('打开')")
    street.click("button:has-text('先看一遍名单和每一封信')")
    street.click("button:has-text('都看过了，发布')")
    street.wait_for_selector("text=已发布")
    street.goto(f"{live}/roll?level=3")
    assert "陈桂兰" in street.inner_text("#roll-list")
    assert "韩大川" not in street.inner_text("main")


def revoked(browser, live):
    """A year later it turns out otherwise: gone from the wall, kept in the file."""
    clock.advance(timedelta(days=365))
    db.session.rollback()
    case = db.session.scalars(db.select(Nomination).where(Nomination.nominee_name == "陈桂兰")).one()
    honour = roll.of_nomination(case.id)[-1].id
    county = signed_in(browser, live, "desk4@civic.example")
    county.goto(f"{live}/honours/desk/{honour}")
    county.fill("#reason", "查实事迹不是本人所做")
    county.click("button:has-text('撤销')")
    assert "文号" in county.inner_text(".errs")
    county.fill("#document", "汀文明办〔2027〕3 号")
    county.click("button:has-text('撤销')")
    assert "撤销了不能恢复" in county.inner_text("main")
    county.click(".form__bar button")
    county.wait_for_selector("text=有效 → 撤销")
    assert not violations(county)
    county.goto(f"{live}/roll?level=3")
    assert "陈桂兰" not in county.inner_text("main")
    assert county.goto(f"{live}/story/{honour}").status == 404
