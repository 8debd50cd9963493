"""From a sentence somebody left to a name on the wall: triage, a visit, a stairwell's council on paper, the community's
vote on phones with a recusal, two departments, a notice with one objection that is rejected. In a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.models import Kinship
from civic.identity.permissions import Role
from civic.nominations.models.cases import Nomination
from civic.outbox.delivery import deliver_due
from tests.support import builders
from tests.support.browser import violations
from tests.support.by_pages import agree_and_approve
from tests.support.pictures import jpeg_with_place

pytestmark = pytest.mark.browser
OFFICE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@pytest.fixture
def town(app):
    found = builders.city(staffed=False)
    builders.by_round(1, notice_days=3)
    builders.by_round(2, needs_opinions=True, notice_days=3)
    with transaction():
        for login, level in (("li@civic.example", 2), ("zhou@civic.example", 2), ("street@civic.example", 3), ("city@civic.example", 5)):
            builders.account(Role.REVIEWER, found.line[level], name=login.split("@")[0], email=login)
    found.members = builders.council(found.line[2])
    return found


def opened(browser, live, login=None, size=OFFICE):
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    if login:
        page.goto(f"{live}/identity/sign_in")
        page.fill("#contact", login)
        page.fill("#password", builders.PASSWORD)
        page.click(".form__bar button")
    return page


def goes_on(page, live, login):
    """Days later the same person signs in again: a desk's session does not outlast half an hour of nothing."""
    where = page.url
    page.context.clear_cookies()
    page.goto(f"{live}/identity/sign_in")
    page.fill("#contact", login)
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")
    page.goto(where)


def test_a_sentence_becomes_a_name_on_the_wall(town, app, live, browser, smtp):
    app.config["BASE_URL"] = live
    a_clue_is_left_and_sent_down(town, live, browser)
    li, zhou = opened(browser, live, "li@civic.example"), opened(browser, live, "zhou@civic.example")
    somebody_goes_to_see(zhou, live)
    the_stairwell_meets_on_paper(li, zhou, live, town)
    departments_answer(li, live, browser, smtp)
    the_community_votes(li, live, browser, town)
    street = opened(browser, live, "street@civic.example")
    an_objection_is_rejected(street, live, browser)
    goes_on(li, live, "li@civic.example")
    li.goto(f"{live}/nominations/desk/rounds")
    li.click("tr:has-text('社区一期') a:has-text('打开')")
    closed(li)
    li.goto(f"{live}/roll?level=2")
    assert "葛元庆" in li.inner_text("#roll-list")


def a_clue_is_left_and_sent_down(town, live, browser):
    somebody = opened(browser, live, size=PHONE)
    somebody.goto(f"{live}/nominations/clue")
    somebody.fill("#who", "葛元庆")
    somebody.fill("#place", "桥东街道")
    somebody.check("text=助人为乐")
    somebody.fill("#deed", "给整栋楼修了九年灯")
    somebody.fill("#contact", "13912345678")
    somebody.click("button:has-text('说给他们')")
    somebody.wait_for_selector(".notes")
    city = opened(browser, live, "city@civic.example")
    city.goto(f"{live}/nominations/desk/clues")
    city.click("a:has-text('打开')")
    for place in ("汀南区", "桥东街道", "梧桐里社区", "3栋2单元"):
        city.click(f".pick__row a:has-text('{place}') >> nth=-1" if place != "3栋2单元" else ".pick__row a:text-is('3栋2单元')")
    city.fill("#story", builders.STORY)
    city.click("button:has-text('转给3栋2单元')")
    city.click(".form__bar button")
    city.wait_for_selector(".notes")


def somebody_goes_to_see(zhou, live):
    zhou.goto(f"{live}/nominations/desk/queue")
    zhou.click("text=走访和部门意见")
    zhou.fill("#companion", "网格员小孙")
    zhou.fill("#report", "问了二楼和五楼两户，都说灯是他换的，电费也是他出。")
    zhou.check("input[name='is_true'][value='yes']")
    zhou.set_input_files("#visit-photos", {"name": "v.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place((800, 600))})
    zhou.click("button:has-text('签名记下')")
    zhou.wait_for_selector("text=前有效")
    zhou.fill("#deed_on", f"{clock.today():%Y-%m}")
    zhou.click("form[action$='deed_day'] button")
    assert not violations(zhou)


def seats(page, live, region, names):
    for name in names:
        page.goto(f"{live}/nominations/desk/seats?at={region}")
        page.fill("#name", name)
        page.click("button:has-text('添上')")
        page.wait_for_selector(f"th:has-text('{name}')")


def round_opened(page, live, region, name):
    page.goto(f"{live}/nominations/desk/rounds/open?at={region}")
    page.fill("#name", name)
    page.fill("#closes_on", f"{clock.today() + timedelta(days=60):%Y-%m-%d}")
    page.click("button:has-text('开这一期')")
    page.wait_for_selector(".notes")
    page.goto(f"{live}/nominations/desk/queue")
    page.click("button:has-text('初审通过，等评议')")
    page.wait_for_selector(".notes")
    page.goto(f"{live}/nominations/desk/rounds")
    page.click(f"tr:has-text('{name}') a:has-text('打开')")


def put_up(page):
    """The list goes on the wall; the page asks first, for it is public at once."""
    page.click("button:has-text('公示这 1 位')")
    page.wait_for_selector("text=马上贴出来，谁都看得到")
    page.click(".form__bar button")
    page.wait_for_selector("text=三、公示的（1）")


def closed(page):
    """The round ends through its rehearsal: every name and letter is read first."""
    page.click("button:has-text('先看一遍名单和每一封信')")
    page.click("button:has-text('都看过了，发布')")
    page.wait_for_selector("text=已发布")


def the_stairwell_meets_on_paper(li, zhou, live, town):
    stairwell = town.line[1].id
    seats(li, live, stairwell, ("一楼老赵", "三楼王姐", "五楼刘叔"))
    round_opened(li, live, stairwell, "楼道一期")
    li.check("#is_on_paper")
    li.click("button:has-text('开会，评这 1 件')")
    # Two clerks read the same paper, each alone.
    zhou.goto(li.url)
    for clerk in (li, zhou):
        for box in clerk.query_selector_all("input[name='paper']"):
            box.check()
        for choice in clerk.query_selector_all("select[name^='choice_']"):
            choice.select_option("yes")
        clerk.click("button:has-text('这一遍录好了')")
        clerk.wait_for_selector(".notes")
    li.click("button:has-text('结束评议，定结果')")
    li.set_input_files("#minutes", {"name": "m.jpg", "mimeType": "image/jpeg", "buffer": jpeg_with_place((800, 600))})
    li.click(".form__bar button")
    li.wait_for_selector("text=看会议记录")
    case = db.session.scalars(db.select(Nomination.id)).one()
    agree_and_approve(li, live, case)
    li.goto(f"{live}/nominations/desk/rounds")
    li.click("tr:has-text('楼道一期') a:has-text('打开')")
    li.click("button:has-text('拟评上，往上推')")
    li.wait_for_selector("button:has-text('公示这 1 位')")
    put_up(li)
    clock.advance(timedelta(days=4))
    goes_on(li, live, "li@civic.example")
    closed(li)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get(Nomination, case).level == 2


def departments_answer(li, live, browser, smtp):
    li.goto(f"{live}/nominations/desk/queue")
    li.click("text=走访和部门意见")
    li.fill("#d-police", "police@city.example")
    li.fill("#d-court", "court@city.example")
    li.click("button:has-text('发函')")
    li.wait_for_selector(".notes")
    while deliver_due():
        pass
    for department in ("police", "court"):
        words = smtp.to(f"{department}@city.example")[-1].get_content()
        officer = opened(browser, live)
        officer.goto(re.search(r"http\S+/nominations/opinion/\S+", words)[0])
        officer.check("input[value='no_objection']")
        officer.click("button:has-text('答复')")
        officer.wait_for_selector("text=答复收到了，谢谢")
        assert not violations(officer)


def the_community_votes(li, live, browser, town):
    """Five members on their phones; one is the nominee's cousin and is kept out."""
    members = town.members
    # The nominee has no account and no phone, so no page can tie the two.
    with transaction():
        case = db.session.scalars(db.select(Nomination)).one()
        db.session.add(Kinship(person_id=members[0].person_id, kin_id=case.nominee_id, relation="cousin", declared_at=clock.now()))
    round_opened(li, live, town.line[2].id, "社区一期")
    li.click("button:has-text('开会，评这 1 件')")
    li.wait_for_selector("text=是亲属或住在一家")
    for at, member in enumerate(members):
        phone = opened(browser, live, member.phone, PHONE)
        phone.goto(f"{live}/nominations/council")
        phone.click("a:has-text('去投票')")
        if at == 0:
            assert "这件请您回避" in phone.inner_text("main")
            assert not phone.query_selector("button:has-text('投这一票')")
            continue
        phone.check("input[name='choice'][value='yes']")
        phone.click("button:has-text('投这一票')")
        phone.wait_for_selector("text=投过了")
        assert not violations(phone)
    li.reload()
    li.click("button:has-text('结束评议，定结果')")
    li.click(".form__bar button")
    li.wait_for_selector("text=到会 4，回避 0，同意 4")
    li.goto(f"{live}/nominations/desk/rounds")
    li.click("tr:has-text('社区一期') a:has-text('打开')")
    li.click("button:has-text('拟评上，到此为止')")
    put_up(li)


def an_objection_is_rejected(street, live, browser):
    neighbour = opened(browser, live, size=PHONE)
    neighbour.goto(f"{live}/nominations/notices")
    neighbour.fill("#words", "灯是物业换的吧")
    neighbour.click("button:has-text('把情况说给他们')")
    neighbour.wait_for_selector("text=收到了，谢谢您")
    street.goto(f"{live}/nominations/desk/objections")
    street.click("a:has-text('打开')")
    street.click("button:has-text('我来查')")
    street.fill("#finding", "物业证实不是他们换的")
    street.fill("#answer", "问过物业，确实是他换的。")
    street.click("button:has-text('查了，不成立')")
    street.click(".form__bar button")
    street.wait_for_selector(".notes")
    neighbour.reload()
    assert "确实是他换的" in neighbour.inner_text("main")
    clock.advance(timedelta(days=5))
