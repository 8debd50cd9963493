"""Random legal and illegal sequences over sign-up, offers, hand-over, punches, paper sheets, ledger and redemption: the invariants hold throughout."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from civic.core import clock
from civic.core.db import db, transaction
from civic.core.errors import DomainError
from civic.points import queries as ledger
from civic.points.actions import entries as points
from civic.points.actions import goods
from civic.points.models import Entry, Redemption
from civic.volunteering.actions import attendance, cancelling, counting, handing, offers, paper, scheduling, signing
from civic.volunteering.models.attendance import Direction, Hours, Means, Punch
from civic.volunteering.models.events import Shift, SignUp, SignUpStep
from civic.volunteering.models.handing import AskStatus, HandOver
from civic.volunteering.models.paper import PaperSheet, PaperStatus
from civic.volunteering.queries import hours
from civic.volunteering.states import ShiftStatus, SignUpStatus
from tests.conftest import START, _empty
from tests.support import builders

DEEDS = (
    "sign", "sign", "sign", "sign_unread", "wait", "wait", "withdraw", "withdraw", "accept", "accept", "decline", "move_up", "arrange",
    "come", "come", "go", "go", "undo", "count", "object", "word", "settle", "settle", "reverse", "redeem", "redeem", "hand", "cancel",
    "lapse", "hour", "hour", "morning", "week", "rain", "resize", "expire", "hand_over", "hand_over", "name", "take", "take", "leave_it", "call_back",
    "paper", "paper", "check", "check", "send_back",
)  # fmt: skip
MOVE = st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(0, 3))
# What a sensible month does, so that sequences get as far as the counter; noise comes between.
WAY = (
    ("sign", 0, 1), ("sign", 3, 1), ("wait", 2, 1), ("hand_over", 0, 1), ("take", 2, 1),
    ("sign", 0, 0), ("sign", 1, 0), ("wait", 2, 0), ("withdraw", 1, 0), ("accept", 2, 0), ("come", 0, 0), ("come", 2, 0), ("go", 0, 0),
    ("hour", 0, 0), ("count", 0, 0), ("object", 2, 0), ("word", 2, 3), ("paper", 2, 1), ("check", 0, 1), ("hour", 0, 0), ("count", 0, 0), ("week", 0, 3), ("week", 0, 3), ("settle", 0, 0), ("redeem", 0, 1),
    ("reverse", 0, 0), ("redeem", 2, 1), ("hand", 0, 0), ("cancel", 2, 0), ("expire", 0, 3),
)  # fmt: skip


@settings(max_examples=int(os.environ.get("CIVIC_EXAMPLES", "10")), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(noise=st.lists(st.tuples(st.integers(0, len(WAY)), MOVE), max_size=25))
def test_no_sequence_breaks_a_shift_or_the_ledger(app, noise):
    moves = list(WAY)
    for at, move in sorted(noise, key=lambda n: -n[0]):
        moves.insert(at, move)
    db.session.remove()
    _empty(app)
    clock.freeze(START)
    street = Street()
    for deed, who, what in moves:
        try:
            with transaction():
                getattr(street, deed)(who, what)
        except DomainError:
            pass
        consistent()


def test_the_way_without_noise_is_lawful_to_its_end(app):
    street = Street()
    for deed, who, what in WAY:
        with transaction():
            getattr(street, deed)(who, what)
    consistent()
    assert db.session.scalar(select(func.count()).select_from(Entry)) >= 6


def consistent() -> None:
    """What must hold after every step."""
    assert hours.discrepancies() == []
    assert ledger.discrepancies() == []
    for shift in db.session.scalars(select(Shift)):
        assert 0 <= shift.taken <= shift.most
    # Nobody is in two places at once.
    rows = db.session.execute(
        select(SignUp.person_id, SignUp.starts_at, SignUp.ends_at).where(SignUp.status.in_([SignUpStatus.CONFIRMED])).order_by(SignUp.person_id, SignUp.starts_at)
    ).all()
    for before, after in pairwise(rows):
        assert before.person_id != after.person_id or before.ends_at <= after.starts_at
    # While a place is free nobody waits, as long as the shift is open and to come.
    for shift in db.session.scalars(select(Shift).where(Shift.status == ShiftStatus.OPEN, Shift.starts_at > clock.now())):
        assert not shift.waiting or shift.taken == shift.most
    # Every place is explained by its steps.
    last = select(func.max(SignUpStep.id)).group_by(SignUpStep.sign_up_id)
    for step in db.session.scalars(select(SignUpStep).where(SignUpStep.id.in_(last))):
        assert db.session.get(SignUp, step.sign_up_id).status is step.after
    # Whoever handed a place over holds it no longer, unless they came back for another.
    for ask in db.session.scalars(select(HandOver).where(HandOver.status == AskStatus.TAKEN)):
        assert ask.sign_up.times > ask.times or ask.sign_up.status is not SignUpStatus.CONFIRMED
    # Nothing that one person typed alone is a punch.
    papers = db.session.scalar(select(func.count()).select_from(PaperSheet).where(PaperSheet.status == PaperStatus.CONFIRMED))
    assert papers or not db.session.scalars(select(Punch.id).where(Punch.means == Means.PAPER)).first()
    # Hours only where somebody came; points only from final hours.
    for row in db.session.scalars(select(Hours)):
        punches = db.session.scalars(select(Punch).where(Punch.sign_up_id == row.sign_up_id, Punch.is_live)).all()
        assert any(p.direction is Direction.IN for p in punches)
        assert abs(row.minutes) <= 120
    for entry in db.session.scalars(select(Entry).where(Entry.source.like("hours:%"), Entry.kind == "earn")):
        assert db.session.get(Hours, int(entry.source.split(":")[1])).final_at is not None


class Street:
    """Two shifts of two places each morning, four people, one umbrella stand."""

    def __init__(self) -> None:
        self.zebra = builders.crossing(most=2, days=4, posts=("育才小学路口",))
        self.people = [builders.volunteer() for _ in range(4)]
        self.leader = builders.identity.actor_of(self.zebra.leader)
        with transaction():
            self.good = goods.offer_good(self.zebra.organiser, self.zebra.town.line[3], name="伞", donor="店", counter="台", points=10, count=2).id
        self.pages = 0

    def shift(self, what: int) -> Shift:
        return self.zebra.shifts()[what]

    def place(self, who: int, what: int) -> int:
        found = db.session.scalars(select(SignUp.id).where(SignUp.shift_id == self.shift(what).id, SignUp.person_id == self.people[who].person_id)).first()
        return found or 0

    def sign(self, who, what):
        signing.sign_up(self.people[who], self.shift(what).id, has_read_briefing=True)

    def sign_unread(self, who, what):
        signing.sign_up(self.people[who], self.shift(what).id)

    def wait(self, who, what):
        signing.sign_up(self.people[who], self.shift(what).id, has_read_briefing=True, wants_to_wait=True)

    def withdraw(self, who, what):
        offers.withdraw(self.people[who], self.place(who, what))

    def accept(self, who, what):
        offers.answer(self.people[who], self.place(who, what), accepts=True)

    def decline(self, who, what):
        offers.answer(self.people[who], self.place(who, what), accepts=False)

    def move_up(self, who, what):
        offers.move_up(self.zebra.organiser, self.place(who, what), reason="约好了")

    def arrange(self, who, what):
        offers.arrange(self.zebra.organiser, self.shift(what).id, self.people[who].person_id, is_working_time=bool(who % 2))

    def _ask(self, who) -> int:
        query = select(HandOver.id).where(HandOver.to_person_id == self.people[who].person_id).order_by(HandOver.id.desc()).limit(1)
        return db.session.scalars(query).first() or 0

    def hand_over(self, who, what):
        handing.hand_over(self.people[who], self.place(who, what))

    def name(self, who, what):
        handing.name_successor(self.leader, self.place(who, what), self.people[(who + 1) % 4].person_id, reason="约好了")

    def take(self, who, _what):
        handing.answer(self.people[who], self._ask(who), accepts=True, has_read_briefing=True)

    def leave_it(self, who, _what):
        handing.answer(self.people[who], self._ask(who), accepts=False)

    def call_back(self, who, what):
        handing.call_back(self.people[who], self.place(who, what))

    def paper(self, who, what):
        """The whole list on paper; one of it went without signing."""
        shift = self.shift(what)
        clock.freeze(max(clock.now(), shift.ends_at + timedelta(minutes=5)))
        came, went = clock.local(shift.starts_at).time(), clock.local(shift.ends_at).time()
        rows = db.session.scalars(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(paper.LISTED))).all()
        lines = {row.id: (came, None if row.person_id == self.people[who].person_id else went) for row in rows}
        paper.type_in(self.leader, shift.id, lines, photo_key="k")

    def _sheet(self, what):
        return db.session.scalars(select(PaperSheet).where(PaperSheet.shift_id == self.shift(what).id).order_by(PaperSheet.id.desc()).limit(1)).first()

    def check(self, who, what):
        sheet = self._sheet(what)
        checker = self.leader if who == 3 else self.zebra.organiser
        paper.confirm(checker, sheet.id if sheet else 0, right=[line.id for line in sheet.lines] if sheet else [])

    def send_back(self, _who, what):
        sheet = self._sheet(what)
        paper.send_back(self.zebra.organiser, sheet.id if sheet else 0, reason="少一行")

    def come(self, who, what):
        clock.freeze(max(clock.now(), self.shift(what).starts_at))
        attendance.tick(self.leader, self.place(who, what), Direction.IN)

    def go(self, who, what):
        clock.freeze(max(clock.now(), self.shift(what).ends_at))
        attendance.tick(self.leader, self.place(who, what), Direction.OUT)

    def undo(self, who, what):
        punch = db.session.scalars(select(Punch.id).where(Punch.sign_up_id == self.place(who, what)).order_by(Punch.id.desc()).limit(1)).first()
        attendance.undo(self.leader, punch or 0, reason="点错了")

    def count(self, _who, _what):
        counting.count_ended()

    def settle(self, _who, _what):
        counting.settle_due()

    def _hours(self, who) -> int:
        return db.session.scalars(select(Hours.id).where(Hours.person_id == self.people[who].person_id).order_by(Hours.id.desc()).limit(1)).first() or 0

    def object(self, who, _what):
        counting.object_to(self.people[who], self._hours(who), words="不止这些")

    def word(self, who, what):
        counting.settle_word(self.leader, self._hours(who), minutes=30 * what, answer="核过了")

    def reverse(self, who, _what):
        counting.reverse(self.zebra.organiser, self._hours(who), reason="记错了人")

    def redeem(self, who, what):
        self.pages += what != 0
        goods.redeem(self.people[who], self.good, request=str(self.pages))

    def _redemption(self, who) -> int:
        return db.session.scalars(select(Redemption.id).where(Redemption.person_id == self.people[who].person_id).order_by(Redemption.id.desc()).limit(1)).first() or 0

    def hand(self, who, _what):
        goods.hand_over(self.zebra.organiser, self._redemption(who))

    def cancel(self, who, _what):
        goods.cancel(self.people[who], self._redemption(who))

    def lapse(self, _who, _what):
        offers.lapse_due()
        handing.pass_due()
        goods.lapse_due()

    def expire(self, _who, what):
        if what == 3:
            clock.advance(timedelta(days=1200))
        points.expire_due()

    def hour(self, _who, _what):
        clock.advance(timedelta(hours=1))

    def morning(self, _who, _what):
        clock.advance(timedelta(hours=12))

    def week(self, _who, what):
        clock.advance(timedelta(days=2 + what))

    def rain(self, who, what):
        if who == 3:
            cancelling.cancel_shift(self.zebra.organiser, self.shift(what).id, reason="大雨")

    def resize(self, who, what):
        scheduling.resize(self.zebra.organiser, self.shift(what).id, most=1 + who)
