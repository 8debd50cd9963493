"""A month of 礼让斑马线: an organiser makes it from the template, people fill it on phones, an offer lapses and passes on, a
rain day is called off, the leader ticks, hours settle, points arrive, an umbrella is fetched, the certificate verifies."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from civic.core import clock
from civic.core.db import db, transaction
from civic.identity.permissions import Role
from civic.outbox.delivery import deliver_due
from civic.points import queries as ledger
from civic.points.jobs import JOBS as POINT_JOBS
from civic.volunteering.jobs import JOBS
from civic.volunteering.queries import hours
from tests.support import builders
from tests.support.browser import violations

pytestmark = pytest.mark.browser
PHONE, OFFICE = {"width": 390, "height": 844}, {"width": 1366, "height": 768}


def signed_in(browser, live, login, viewport):
    """Somebody signed in; a phone is one's own and stays so for a month, the office's machine is everybody's."""
    page = browser.new_context(viewport=viewport, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    page.goto(f"{live}/identity/sign_in")
    if viewport is PHONE:
        page.check("#remember")
    sign_in(page, login)
    return page


def sign_in(page, login):
    page.fill("#contact", login)
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")


def signs_in_again(organiser, address):
    """Who works here is signed out after half an hour without a page, and comes to the page they wanted once they signed in."""
    organiser.goto(address)
    assert "/identity/sign_in" in organiser.url
    sign_in(organiser, "luo@civic.example")
    organiser.wait_for_url(address)


def run_jobs():
    for job in (*JOBS, *POINT_JOBS):
        job.run()
    db.session.remove()


def letters(smtp, address):
    while deliver_due():
        pass
    return [str(letter["Subject"]) for letter in smtp.to(address)]


@pytest.fixture
def town(app):
    found = builders.city()
    with transaction():
        from civic.points.actions import tariffs
        from civic.volunteering.actions import categories, policies

        tariffs.ensure_tariff(clock.today())
        policies.ensure_policy(clock.today())
        categories.ensure_categories(clock.today())
        builders.account(Role.ORGANISER, found.line[3], name="罗秀琴", email="luo@civic.example")
        builders.account(name="佟立新", phone="13911112222")
        for name in ("huang", "wei", "he", "zhao"):
            builders.account(name=f"{name}", email=f"{name}@civic.example")
    return found


def test_a_month_of_courteous_crossings(town, app, live, browser, smtp):
    app.config["BASE_URL"] = live
    organiser = signed_in(browser, live, "luo@civic.example", OFFICE)
    make_team(organiser, live)
    event = make_event(organiser, live)
    phones = {name: signed_in(browser, live, f"{name}@civic.example", PHONE) for name in ("huang", "wei", "he", "zhao")}
    day = organiser.locator("nav[aria-label='哪一天'] a").first.get_attribute("href").split("day=")[1]
    for name, page in phones.items():
        register(page, live)
        take(page, f"{event}?day={day}", "报上了" if name in ("huang", "wei") else "候补")
    assert "候补第 2 位" in phones["zhao"].inner_text("main")
    assert not violations(phones["he"])

    # Huang cannot come; He is asked, lets it lapse; Zhao is asked and comes.
    phones["huang"].click("text=来不了，退掉")
    assert "候补的有 2 位，马上问第一位" in phones["huang"].inner_text("main")
    assert not violations(phones["huang"])
    phones["huang"].click(".form__bar button")
    assert "退好了" in phones["huang"].inner_text("body")
    assert any("有空位了" in s for s in letters(smtp, "he@civic.example"))
    clock.advance(timedelta(hours=2, minutes=1))
    run_jobs()
    phones["he"].reload()
    assert "过时了" in phones["he"].inner_text("main")
    phones["zhao"].reload()
    assert not violations(phones["zhao"])
    phones["zhao"].click("text=我来")
    assert "给您留着了" in phones["zhao"].inner_text("body")

    rain(organiser, phones["huang"], live, event, smtp)
    clock.advance(timedelta(hours=8))
    assert any("别忘了" in s for s in letters(smtp, "wei@civic.example"))
    assert not any("别忘了" in s for s in letters(smtp, "huang@civic.example"))

    tick(browser, live)
    run_jobs()
    phones["wei"].goto(f"{live}/volunteering/hours")
    assert "90 分钟" in phones["wei"].inner_text("main")
    assert "入账" in phones["wei"].inner_text("main")
    clock.advance(timedelta(days=7))
    run_jobs()
    redeem(organiser, phones["wei"], live)
    certify(phones["wei"], browser, live)
    assert ledger.discrepancies() == hours.discrepancies() == []


def test_a_place_goes_to_a_named_person_and_the_paper_is_read_by_two(town, app, live, browser, smtp):
    """Huang cannot come and Zhao lives nearby: the leader names her. It rains on the tablet, so the sheet is on paper."""
    app.config["BASE_URL"] = live
    with transaction():
        builders.account(name="鲁大海", phone="13911113333")
    organiser = signed_in(browser, live, "luo@civic.example", OFFICE)
    make_team(organiser, live, ("佟立新", "13911112222"), ("鲁大海", "13911113333"))
    event = make_event(organiser, live)
    day = organiser.locator("nav[aria-label='哪一天'] a").first.get_attribute("href").split("day=")[1]
    huang, zhao = (signed_in(browser, live, f"{name}@civic.example", PHONE) for name in ("huang", "zhao"))
    register(huang, live)
    register(zhao, live)
    take(huang, f"{event}?day={day}", "报上了")

    leader = opened_list(browser, live, "13911112222")
    name_successor(leader, number_of("zhao"))
    assert any("转给您" in s or "来不了" in s for s in letters(smtp, "zhao@civic.example"))
    zhao.goto(f"{live}/volunteering/mine")
    assert "想转给您" in zhao.inner_text("main")
    assert not violations(zhao)
    zhao.click("text=我接")
    assert "安全须知" in zhao.inner_text(".errs")
    zhao.check("[name=has_read_briefing]")
    zhao.click("text=我接")
    assert "这一班是您的了" in zhao.inner_text("body")
    huang.goto(f"{live}/volunteering/mine")
    assert "来不了，退掉" not in huang.inner_text("main")
    leader.reload()
    assert "zhao" in leader.inner_text(".ticks")
    assert "huang" not in leader.inner_text(".ticks")

    clock.freeze(builders.db.session.query(builders_shift()).order_by(builders_shift().starts_at).first().ends_at + timedelta(minutes=10))
    type_paper(leader)
    second = signed_in(browser, live, "13911113333", PHONE)
    second.goto(leader.url.removesuffix("/paper/check"))
    read_paper(second)
    clock.advance(timedelta(hours=1))
    run_jobs()
    zhao.goto(f"{live}/volunteering/hours")
    assert "85 分钟" in zhao.inner_text("main")


def number_of(name):
    from civic.identity.models import Person
    from civic.volunteering.models.people import Volunteer

    found = db.session.query(Volunteer.number).join(Person, Person.id == Volunteer.person_id).filter(Person.name == name).scalar()
    db.session.remove()
    return str(found)


def opened_list(browser, live, login):
    """The list of the team's first shift on a leader's phone."""
    leader = signed_in(browser, live, login, PHONE)
    leader.goto(f"{live}/volunteering/lists")
    leader.locator(".mine a").first.click()
    return leader


def name_successor(leader, number):
    leader.click("text=转给指定的人")
    leader.fill("[name=who]", number)
    leader.click("button:text-is('问他（她）')")
    assert "要写明原因" in leader.inner_text(".errs")
    leader.click("text=转给指定的人")
    leader.fill("[name=who]", number)
    leader.locator("form[action*='/successor/'] [name=reason]").fill("她就住在路口，熟悉")
    assert not violations(leader)
    leader.click("button:text-is('问他（她）')")
    assert "正在转给zhao" in leader.inner_text("main")


def type_paper(leader):
    """The leader types what the signed sheet says, and photographs it."""
    leader.reload()
    leader.click("text=录纸签到表")
    leader.locator("[name^=came-]").first.fill("7:35")
    leader.locator("[name^=went-]").first.fill("9:00")
    leader.click("text=录好了，请人核对")
    assert "请拍一张签到表" in leader.inner_text(".errs")
    leader.set_input_files("#photo", {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    assert not violations(leader)
    leader.click("text=录好了，请人核对")
    leader.wait_for_url("**/paper/check")
    assert "这一张是您录的" in leader.inner_text("main")
    assert leader.locator("text=都对得上，记成签到").count() == 0


def photograph():
    from PIL import Image

    made = io.BytesIO()
    Image.effect_noise((900, 640), 60).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def read_paper(second):
    """Another leader reads it line by line beside the photograph; only then it counts."""
    assert "等另一位队长核对" in second.inner_text("main")
    second.click("text=核对纸签到表")
    assert "7:35" in second.inner_text("table")
    assert not violations(second)
    second.click("text=都对得上，记成签到")
    assert second.locator(".errs").count() == 1
    second.check("[name=right]")
    second.click("text=都对得上，记成签到")
    assert "核对好了" in second.inner_text("body")


def make_team(page, live, *leaders):
    page.goto(f"{live}/volunteering/desk/teams")
    page.fill("#name", "青松志愿服务队")
    page.click("text=建好")
    page.click("text=打开")
    for name, phone in leaders or (("佟立新", "13911112222"),):
        page.fill("#name", name)
        page.fill("#phone", phone)
        page.check("#is_leader")
        page.click(".form__bar button")
    assert "队长" in page.inner_text(".list")


def make_event(page, live):
    page.goto(f"{live}/volunteering/desk/events")
    page.click("text=照“礼让斑马线”新建")
    page.fill("#place", "文昌路沿线")
    page.click("text=存好")
    page.fill("#post-name", "育才小学路口")
    page.locator("form[action$='/post'] button:not([type])").click()
    page.locator("form[action$='/generation'] button").click()
    assert "新排" in page.inner_text("body")
    # Without insurance the law says no.
    page.click("button:text-is('发布')")
    assert "意外险" in page.inner_text(".errs")
    page.click("text=改文字和保险")
    page.fill("#insurance_number", "PICC-2026-0088")
    page.fill("#insured_from", "2026-07-01")
    page.fill("#insured_until", "2027-07-01")
    page.fill("#police_contact", "交警二中队")
    page.fill("#emergency_contact", "罗秀琴 13900000001")
    page.click("text=存好")
    page.click("button:text-is('发布')")
    assert "可以报名了" in page.inner_text("body")
    # Two people a shift, so that the third has to wait.
    row = page.locator("tbody tr").first
    row.locator("summary").click()
    row.locator("[name=most]").fill("2")
    row.locator("text=改好").click()
    return page.locator("text=看公开的页面").get_attribute("href") and f"{live}{page.locator('text=看公开的页面').get_attribute('href')}"


def register(page, live):
    page.goto(f"{live}/volunteering/register")
    page.fill("#birth_date", "1965-04-02")
    page.check("#agrees")
    page.click(".form__bar button")
    assert "您是我们的志愿者了" in page.inner_text("body")


def take(page, address, expected):
    page.goto(address)
    page.locator(".shift input[type=checkbox]").first.check()
    page.click(".signbar button")
    assert "安全须知" in page.inner_text(".errs")
    page.locator(".shift input[type=checkbox]").first.check()
    page.check("#has_read_briefing")
    assert not violations(page)
    page.click(".signbar button")
    page.wait_for_url("**/mine")
    assert expected in page.inner_text("main")


def rain(organiser, phone, live, event, smtp):
    desk = organiser.locator("nav[aria-label='哪一天'] a").nth(1).get_attribute("href")
    wet = desk.split("day=")[1]
    phone.goto(f"{event}?day={wet}")
    phone.locator(".shift input[type=checkbox]").first.check()
    phone.check("#has_read_briefing")
    phone.click(".signbar button")
    signs_in_again(organiser, f"{live}{desk}")
    organiser.click("text=下雨了，这一天不办")
    organiser.fill("#rain-reason", "大雨")
    organiser.locator("form[action$='/rain'] button").click()
    assert "通知了 1 个人" in organiser.inner_text("body")
    clock.advance(timedelta(hours=1))
    assert any("不办了" in s for s in letters(smtp, "huang@civic.example"))


def tick(browser, live):
    clock.freeze(builders.db.session.query(builders_shift()).order_by(builders_shift().starts_at).first().starts_at)
    leader = signed_in(browser, live, "13911112222", PHONE)
    leader.goto(f"{live}/volunteering/lists")
    leader.locator(".mine a").first.click()
    assert not violations(leader)
    for _ in range(2):
        leader.locator("button:has-text('到了')").first.click()
    assert "到了 2 人" in leader.inner_text("main")
    clock.advance(timedelta(minutes=90))
    for _ in range(2):
        leader.locator("button:has-text('走了')").first.click()
    clock.advance(timedelta(hours=1))


def builders_shift():
    from civic.volunteering.models.events import Shift

    return Shift


def redeem(organiser, phone, live):
    signs_in_again(organiser, f"{live}/points/desk/goods")
    for name, value in (("name", "雨伞一把"), ("donor", "桥东百货"), ("counter", "便民服务台"), ("points", "10"), ("count", "2")):
        organiser.fill(f"#{name}", value)
    organiser.click("button:text-is('上架')")
    phone.goto(f"{live}/points/")
    assert "15" in phone.inner_text(".pass__pts")
    phone.click("text=换东西")
    phone.locator("button:has-text('换')").first.click()
    assert not violations(phone)
    code = phone.inner_text(".pickup")
    organiser.goto(f"{live}/points/desk/counter")
    organiser.fill("#code", code)
    organiser.click("text=找一找")
    assert not violations(organiser)
    organiser.click("text=东西给他（她）了")
    organiser.click("text=给了，记下")
    phone.reload()
    assert "谢谢您的付出" in phone.inner_text("main")


def certify(phone, browser, live):
    phone.goto(f"{live}/volunteering/hours")
    phone.fill("#first", "2026-07-01")
    phone.fill("#last", "2026-08-31")
    phone.click("text=开一份")
    number = phone.inner_text("#certificates b")
    paper = phone.request.get(f"{live}/volunteering/certificates/{number}.pdf").body()
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert number in words
    assert "1.5" in words
    stranger = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    stranger.goto(f"{live}/volunteering/verify")
    stranger.fill("#number", number.lower())
    stranger.click("text=查一查")
    seen = stranger.inner_text("main")
    assert "有效" in seen
    assert "1.5 小时" in seen
    assert "wei" not in seen
