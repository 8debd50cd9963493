"""Uploads that overtake each other: a going that is on its way while its coming is being written."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import event, select

from civic.core import clock
from civic.core.db import db
from civic.kiosk.states import Scope
from civic.volunteering.models.attendance import Direction, Punch
from tests.support import builders
from tests.support.tablets import place, tablet


def test_a_going_that_waits_while_its_coming_is_written_sees_it(app):
    zebra = builders.crossing(most=4)
    first = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    shift = zebra.shifts()[0]
    held = place(builders.volunteer("孙骏"), shift.id)
    clock.freeze(shift.starts_at)
    coming = first.scan(held)
    clock.advance(timedelta(hours=2))
    going = first.scan(held, direction="out")
    codes: list[str] = []

    def upload_going() -> None:
        with app.app_context():
            codes.extend(first.upload(going))

    other = threading.Thread(target=upload_going)

    def meanwhile(_connection, _cursor, statement, *_rest) -> None:
        # The place is held, and what is written is not committed: whoever asks for it now has to wait.
        if "INSERT INTO scan" in statement and not other.ident:
            other.start()
            other.join(1)

    event.listen(db.engine, "before_cursor_execute", meanwhile)
    try:
        assert first.upload(coming) == ["in"]
        other.join(20)
    finally:
        event.remove(db.engine, "before_cursor_execute", meanwhile)
    assert codes == ["out"]
    db.session.rollback()
    assert set(db.session.scalars(select(Punch.direction).where(Punch.sign_up_id == held, Punch.is_live))) == set(Direction)
