"""The clock of a kiosk is set while its network is gone: everybody is in at the time when they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from civic.core import clock
from civic.core.db import db
from civic.kiosk.models.scans import Scan
from tests.support import kiosks

pytestmark = pytest.mark.browser

# The clock of the device is an hour back from here on; its counter runs on as it did.
SET_BACK = """() => {
  const Real = Date;
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() - 3600000); }
    static now() { return Real.now() - 3600000; }
  };
}"""


def test_a_clock_set_offline_records_nobody_an_hour_early(app, kiosk):
    duty = kiosks.duty({"孙小骏": "13700004821", "黄桂芬": "13600004822"})
    number, code = kiosks.invited(duty)
    screen = kiosk().pair(code)
    screen.offline()
    screen.page.evaluate(SET_BACK)
    screen.home().holds_up(duty, "孙小骏").shows("in")
    screen.home().do("staff").type(kiosks.PIN).do("enter").do("self").says("机器的钟被调过").do("home")
    screen.online()
    assert kiosks.scans(number) == [("recorded", "in")]
    scan = db.session.scalars(select(Scan)).one()
    assert abs(scan.at - clock.now()) < timedelta(minutes=3)
    assert scan.device_at < datetime.now(UTC) - timedelta(minutes=50)
