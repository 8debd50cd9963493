"""What stories share: a kiosk's screen."""

from __future__ import annotations

import pytest

from tests.support.kiosks import LANDSCAPE, Screen


@pytest.fixture
def kiosk(browser, live):
    """Opens a kiosk's screen in a context of its own, and lets no fault of its scripts pass."""
    opened: list[Screen] = []

    def open_one(size: dict[str, int] = LANDSCAPE, context=None, touched: bool = True) -> Screen:
        where = context or browser.new_context(viewport=size, locale="zh-CN")
        opened.append(Screen(where, live, touched=touched))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.context.close()
    assert not [fault for screen in opened for fault in screen.faults]
