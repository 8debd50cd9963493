"""Uploads that overtake each other: a going that is on its way while its coming is being written."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from civic.core import clock
from civic.core.db import db
from civic.kiosk.states import Scope
from civic.volunteering.models.attendance import Direction, Punch
from tests.support import builders
from tests.support.tablets import place, tablet


@pytest.mark.parametrize("how", ["alone", "in a batch"])
def test_a_going_that_overtakes_its_coming_while_that_is_written_counts(app, engine_name, how):
    zebra = builders.crossing(most=4)
    first = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    shift = zebra.shifts()[0]
    held, beside = (place(builders.volunteer(name), shift.id) for name in ("孙骏", "季春生"))
    clock.freeze(shift.starts_at)
    coming = [first.scan(held)] if how == "alone" else [first.scan(held), first.scan(beside)]
    clock.advance(timedelta(hours=2))
    going = first.scan(held, direction="out")
    codes: list[str] = []

    def upload_going() -> None:
        with app.app_context():
            codes.extend(first.upload(going))

    other = threading.Thread(target=upload_going)

    def meanwhile(_connection, _cursor, statement, *_rest) -> None:
        # In a batch the place is held by now, and the going has to wait. Who is written alone holds nothing yet: the going is
        # first, waits for its coming, and the coming has to notice.
        if "INSERT INTO scan" in statement and not other.ident:
            other.start()
            other.join(1)

    event.listen(db.engine, "before_cursor_execute", meanwhile)
    try:
        assert first.upload(*coming) == ["in"] * len(coming)
        other.join(20)
    finally:
        event.remove(db.engine, "before_cursor_execute", meanwhile)
    assert codes == ["out_first" if how == "alone" and engine_name == "postgresql" else "out"]
    db.session.rollback()
    assert set(db.session.scalars(select(Punch.direction).where(Punch.sign_up_id == held, Punch.is_live))) == set(Direction)
