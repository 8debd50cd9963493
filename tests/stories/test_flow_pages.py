"""Pages that only a flow reaches: registering by code, and a draft found again. Each is checked where it is met."""

from __future__ import annotations

import re

import pytest

from civic.core import clock
from civic.outbox.delivery import deliver_due
from tests.support import builders
from tests.support.browser import violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "mode"), [(1366, "text=normal&lang=zh"), (390, "text=large&lang=zh"), (768, "text=normal&lang=en")])
def test_registering_and_a_draft_found_again(width, mode, app, live, browser, smtp):
    builders.city()
    clock.release()
    page = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN").new_page()
    page.set_default_timeout(8000)
    page.goto(f"{live}/?{mode}")
    page.goto(f"{live}/identity/contact/register")
    page.fill("#contact", "huang@civic.example")
    page.click(".form__bar button")
    page.wait_for_selector("#code")
    assert not violations(page)
    while deliver_due():
        pass
    page.fill("#code", re.search(r"\d{6}", str(smtp.to("huang@civic.example")[-1]["Subject"]))[0])
    page.click(".form__bar button")
    page.wait_for_selector("#name")
    assert not violations(page)
    page.fill("#name", "黄素芬")
    page.fill("#birth_date", "1962-05-04")
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")
    page.wait_for_url("**/residence")
    assert not violations(page)

    page.goto(f"{live}/nominations/step/1")
    page.fill("#nominee_name", "陈桂兰")
    page.check("input[value='neighbour']")
    page.check("input[name='category'] >> nth=0")
    page.click(".form__bar .btn--main")
    page.wait_for_url("**/step/2")
    page.goto(f"{live}/nominations/start")
    assert "陈桂兰" in page.inner_text("main")
    assert not violations(page)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
