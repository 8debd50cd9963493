"""Uploads that are overtaken: by a going that is on its way while its coming is being written, by a leader, by themselves."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from civic.audit.models import AuditRecord
from civic.core import clock
from civic.core.db import db, transaction
from civic.kiosk.models.scans import Scan
from civic.kiosk.states import Scope
from civic.volunteering.actions import attendance, cancelling, offers
from civic.volunteering.models.attendance import Direction, Punch
from civic.volunteering.models.events import SignUp
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


def _withdrawn(first, zebra, place_id, _scan):
    with transaction():
        offers.withdraw(zebra.organiser, place_id)


def _ticked(first, zebra, place_id, _scan):
    with transaction():
        attendance.tick(builders.identity.actor_of(zebra.leader), place_id, Direction.IN)


def _sent_twice(first, _zebra, _place_id, scan):
    assert first.upload(scan) == ["in"]


def _called_off(first, zebra, place_id, _scan):
    with transaction():
        cancelling.cancel_shift(zebra.organiser, db.session.get_one(SignUp, place_id).shift_id, reason="下雨")


@pytest.mark.parametrize(
    ("deed", "code", "comings"), [(_withdrawn, "not_signed_up", 0), (_ticked, "second_kiosk", 1), (_sent_twice, "in", 1), (_called_off, "cancelled", 0)]
)
def test_what_happens_between_reading_and_writing_is_noticed(app, engine_name, deed, code, comings):
    if engine_name == "sqlite":
        pytest.skip("on SQLite the writer holds everything from the first reading on")
    zebra = builders.crossing(most=4)
    first = tablet(app, zebra.organiser, Scope.EVENT, zebra.event_id)
    shift = zebra.shifts()[0]
    held = place(builders.volunteer("孙骏"), shift.id)
    clock.freeze(shift.starts_at - timedelta(minutes=5))
    scan = first.scan(held, at=clock.now() - timedelta(minutes=1))
    overtakes: list[str] = []

    def meanwhile(_connection, _cursor, statement, *_rest) -> None:
        if "xmin = CAST" not in statement or overtakes:
            return
        overtakes.append(statement)

        def overtake() -> None:
            with app.app_context():
                deed(first, zebra, held, scan)

        other = threading.Thread(target=overtake)
        other.start()
        other.join(20)

    event.listen(db.engine, "before_cursor_execute", meanwhile)
    try:
        assert first.upload(scan) == [code]
    finally:
        event.remove(db.engine, "before_cursor_execute", meanwhile)
    assert overtakes, "it was not written alone"
    db.session.rollback()
    live = select(func.count()).select_from(Punch).where(Punch.sign_up_id == held, Punch.is_live, Punch.direction == Direction.IN)
    assert db.session.scalar(live) == comings
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1
    records = select(func.count()).select_from(AuditRecord).where(AuditRecord.verb == "punch.in", AuditRecord.subject_id == held)
    assert db.session.scalar(records) == comings
