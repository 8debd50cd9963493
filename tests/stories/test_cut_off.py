"""A leader in the rain: the network is gone, and nothing that was typed or ticked goes with it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.volunteering.actions import signing
from civic.volunteering.models.attendance import Punch
from tests.support import builders
from tests.support.browser import violations

pytestmark = pytest.mark.browser


def test_a_tick_without_a_network_stays_on_the_list_and_says_so(app, live, browser):
    zebra = builders.crossing(most=3)
    shift, comer = zebra.shifts()[0], builders.volunteer("孙骏")
    with transaction():
        signing.sign_up(comer, shift.id, has_read_briefing=True)
    phone = db.session.merge(zebra.leader).phone
    clock.freeze(shift.starts_at)
    here = live.replace("127.0.0.1", "civic.localhost")  # to itself a machine always has a way
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{here}/identity/sign_in")
    page.fill("#contact", phone)
    page.fill("#password", builders.PASSWORD)
    page.click(".form__bar button")
    page.goto(f"{here}/volunteering/lists/{shift.id}")
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    page.fill("#name", "季春生")
    page.click("form[action*='/in/'] button")
    page.wait_for_selector("form[action*='/in/'] [role=alert]")
    page.click("form[action*='/in/'] button")
    assert page.locator("form[action*='/in/'] [role=alert]").count() == 1
    assert "没有网" in page.inner_text("form[action*='/in/'] [role=alert]")
    assert page.input_value("#name") == "季春生"
    assert not violations(page)
    context.set_offline(False)
    page.click("form[action*='/in/'] button")
    page.wait_for_selector("form[action*='/out/'] button")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Punch)) == 1
