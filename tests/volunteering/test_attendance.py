"""From a tick to points: punches, drafts, the volunteer's word, settlement, corrections; and redemption of what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from civic.core import clock
from civic.core.db import db, transaction
from civic.points import queries as ledger
from civic.points.actions import entries as points
from civic.points.actions import goods, tariffs
from civic.points.models import Balance, Entry, Good, Lot, LotUse, Shortfall, Tariff
from civic.volunteering.actions import attendance, attesting, cancelling, certificates, counting, signing
from civic.volunteering.jobs import JOBS
from civic.volunteering.models.attendance import Direction, Hours, Punch
from civic.volunteering.models.events import Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules import hours as rules
from civic.volunteering.rules.hours import Credit, Policy, credit
from civic.volunteering.rules.signing import offer_until
from civic.volunteering.states import ShiftStatus, SignUpStatus
from tests.support import builders
from tests.support.refusals import refused

ZONE = ZoneInfo("Asia/Shanghai")


def at(hour, minute=0, day=17):
    return datetime(2026, 7, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("came", "went", "more", "expected"),
    [
        (at(7, 30), at(9), {}, Credit(90, "full")),
        (at(7), at(9), {}, Credit(90, "full")),  # early is no more
        (at(8), at(9), {}, Credit(60, "full")),
        (at(7, 30), at(9, 20), {}, Credit(110, "full")),
        (at(7, 30), at(12), {}, Credit(120, "capped")),  # the shift and thirty minutes
        (at(7, 30), at(7, 44), {}, Credit(0, "short")),
        (at(7, 30), at(7, 45), {}, Credit(15, "full")),
        (None, None, {}, Credit(0, "absent")),
        (at(7, 30), None, {}, Credit(45, "no_out")),
        (at(8, 40), None, {}, Credit(20, "no_out")),
        (at(7, 30), None, {"confirmed_out": True}, Credit(90, "full")),
        (at(7, 30), at(9), {"other": [(at(8), at(8, 30)), (at(8, 15), at(8, 45))]}, Credit(45, "overlap")),
        (at(7, 30), at(9), {"minutes_today": 420}, Credit(60, "day_full")),
        (at(7, 30), at(9), {"minutes_today": 480}, Credit(0, "day_full")),
    ],
)
def test_minutes_by_the_policy(came, went, more, expected):
    assert credit(Policy(), at(7, 30), at(9), came, went, **more) == expected


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        (at(10), at(7, 30, 20), at(12)),
        (at(19), at(7, 30, 20), at(9, 0, 18)),  # an hour tonight, an hour in the morning
        (at(22), at(7, 30, 20), at(10, 0, 18)),
        (at(6), at(7, 30, 20), at(10)),
        (at(10), at(17), at(10, 30)),  # near
        (at(22), at(7, 30, 18), at(22, 30)),  # begins before the morning: the night does not count
        (at(7, 20), at(7, 30), at(7, 30)),  # never past the start
    ],
)
def test_how_long_an_offered_place_is_held(now, starts, until):
    assert offer_until(now.astimezone(UTC), starts.astimezone(UTC), ZONE) == until


@pytest.mark.parametrize(("minutes", "stars"), [(0, 0), (5999, 0), (6000, 1), (18000, 2), (90000, 5), (900000, 5)])
def test_stars(minutes, stars):
    assert rules.stars_for(minutes, rules.DEFAULT_STARS) == stars


@pytest.fixture
def zebra(app):
    return builders.crossing(most=6)


def leader(zebra):
    return builders.identity.actor_of(db.session.get(builders.User, zebra.leader.id))


def served(zebra, actor, shift, *, out=True):
    """Somebody signs up, comes at the start and goes at the end."""
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    clock.freeze(shift.starts_at)
    with transaction():
        attendance.tick(leader(zebra), row.id, Direction.IN)
    clock.freeze(shift.ends_at)
    if out:
        with transaction():
            attendance.tick(leader(zebra), row.id, Direction.OUT)
    return row


def run_jobs():
    for job in JOBS:
        job.run()


def settled(zebra, actor, shift, **more):
    row = served(zebra, actor, shift, **more)
    clock.advance(timedelta(hours=1))
    run_jobs()
    clock.advance(timedelta(days=7))
    run_jobs()
    return db.session.query(Hours).filter_by(sign_up_id=row.id, reverses_id=None).one()


def test_hours_and_points_come_at_settlement_and_only_once(zebra):
    actor = builders.volunteer()
    served(zebra, actor, zebra.shifts()[0])
    assert ledger.balance_of(actor.person_id) == 0
    clock.advance(timedelta(hours=1))
    run_jobs()
    draft = db.session.query(Hours).one()
    assert (draft.minutes, draft.final_at, ledger.balance_of(actor.person_id)) == (90, None, 0)
    clock.advance(timedelta(days=7))
    for _ in range(3):
        run_jobs()
    db.session.expire_all()
    assert db.session.query(Hours).one().final_at is not None
    assert ledger.balance_of(actor.person_id) == 15
    assert db.session.get(Volunteer, actor.person_id).verified_minutes == 90
    assert db.session.get(Shift, draft.shift_id).status is ShiftStatus.SETTLED
    assert ledger.discrepancies() == questions.discrepancies() == []


def test_somebody_who_never_came_is_noted_and_may_appeal(zebra):
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    run_jobs()
    assert db.session.get(SignUp, row.id).status is SignUpStatus.MISSED
    with transaction():
        attesting.appeal(actor, row.id, words="那天送孩子去医院了")
    assert db.session.query(Hours).count() == 0


def test_after_three_misses_one_books_later_for_ninety_days_and_nothing_else(zebra):
    actor = builders.volunteer()
    for shift in zebra.shifts()[:3]:
        clock.freeze(min(clock.now(), shift.starts_at - timedelta(hours=1)))
        with transaction():
            signing.sign_up(actor, shift.id, has_read_briefing=True)
    clock.freeze(zebra.shifts()[2].ends_at + timedelta(hours=1))
    run_jobs()
    late = zebra.shifts()[-1]
    assert refused(lambda: signing.sign_up(actor, late.id, has_read_briefing=True)) == "too_early"
    clock.freeze(late.starts_at - timedelta(days=2))
    with transaction():
        assert signing.sign_up(actor, late.id, has_read_briefing=True).status is SignUpStatus.CONFIRMED


def test_a_forgotten_going_is_half_until_the_leader_says_they_stayed(zebra):
    actor = builders.volunteer()
    served(zebra, actor, zebra.shifts()[0], out=False)
    clock.advance(timedelta(hours=1))
    run_jobs()
    draft = db.session.query(Hours).one()
    assert (draft.minutes, draft.how) == (45, "no_out")
    with transaction():
        counting.settle_word(leader(zebra), draft.id, stayed=True)
    assert db.session.query(Hours).one().minutes == 90


def test_an_objection_holds_settlement_until_it_is_answered(zebra):
    actor = builders.volunteer()
    served(zebra, actor, zebra.shifts()[0])
    clock.advance(timedelta(hours=1))
    run_jobs()
    draft = db.session.query(Hours).one()
    with transaction():
        counting.object_to(actor, draft.id, words="我 9 点 20 才走")
    clock.advance(timedelta(days=10))
    run_jobs()
    assert db.session.query(Hours).one().final_at is None
    assert refused(lambda: counting.settle_word(leader(zebra), draft.id, minutes=110)) == "answer_missing"
    with transaction():
        counting.settle_word(leader(zebra), draft.id, minutes=110, answer="查了，是 9 点 20")
    run_jobs()
    db.session.expire_all()
    assert db.session.query(Hours).one().minutes == 110
    assert ledger.balance_of(actor.person_id) == 18


def test_ticks_are_idempotent_undone_by_rows_and_never_ones_own(zebra):
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    assert refused(lambda: attendance.tick(leader(zebra), row.id, Direction.IN)) == "tick_too_early"
    clock.freeze(shift.starts_at)
    assert refused(lambda: attendance.tick(leader(zebra), row.id, Direction.OUT)) == "not_come"
    assert refused(lambda: attendance.tick(actor, row.id, Direction.IN)) == "not_found"
    with transaction():
        first = attendance.tick(leader(zebra), row.id, Direction.IN)
        assert attendance.tick(leader(zebra), row.id, Direction.IN).id == first.id
    with transaction():
        attendance.undo(leader(zebra), first.id, reason="点错人了")
    assert refused(lambda: attendance.undo(leader(zebra), first.id, reason="再撤")) == "undone_already"
    with transaction():
        attendance.tick(leader(zebra), row.id, Direction.IN)
    assert db.session.query(Punch).count() == 3


def good(zebra, *, price=10, count=2):
    with transaction():
        return goods.offer_good(zebra.organiser, zebra.town.line[3], name="雨伞", donor="桥东超市", counter="梧桐里社区服务台", points=price, count=count).id


def test_points_are_exchanged_held_and_handed_over_once(zebra):
    actor = builders.volunteer()
    settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra)
    with transaction():
        first = goods.redeem(actor, umbrella, request="page-1")
        assert goods.redeem(actor, umbrella, request="page-1").id == first.id
    assert ledger.balance_of(actor.person_id) == 5
    assert refused(lambda: goods.redeem(actor, umbrella, request="page-2")) == "points_short"
    with transaction():
        goods.hand_over(zebra.organiser, ledger.held_by_code(goods.code_digest(first.code)).id)
    assert refused(lambda: goods.hand_over(zebra.organiser, first.id)) == "already_handed"
    assert refused(lambda: goods.cancel(actor, first.id)) == "already_handed"
    assert ledger.discrepancies() == []


def test_a_cancelled_exchange_gives_everything_back(zebra):
    actor = builders.volunteer()
    settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra, count=1)
    with transaction():
        taken = goods.redeem(actor, umbrella, request="a")
    other = builders.volunteer()
    assert refused(lambda: goods.redeem(other, umbrella, request="b")) == "good_gone"
    with transaction():
        goods.cancel(actor, taken.id)
    assert (ledger.balance_of(actor.person_id), db.session.get(Good, umbrella).stock) == (15, 1)
    with transaction():
        late = goods.redeem(actor, umbrella, request="c")
    clock.advance(timedelta(days=8))
    with transaction():
        assert goods.lapse_due() == 1
    assert refused(lambda: goods.hand_over(zebra.organiser, late.id)) == "lapsed"
    assert ledger.discrepancies() == []


def test_points_expire_by_their_lot_and_what_was_restored_too_late_expires_after(zebra):
    actor = builders.volunteer()
    settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra)
    lot = db.session.query(Lot).one()
    clock.freeze(datetime(lot.expires_on.year, lot.expires_on.month, lot.expires_on.day, 9, tzinfo=ZONE))
    with transaction():
        taken = goods.redeem(actor, umbrella, request="a")
    clock.advance(timedelta(days=1))
    with transaction():
        assert points.expire_due() == 1
    with transaction():
        goods.cancel(actor, taken.id)
    with transaction():
        points.expire_due()
    assert ledger.balance_of(actor.person_id) == 0
    assert ledger.discrepancies() == []


def test_reversing_spent_points_takes_what_is_left_and_leaves_a_shortfall_to_decide(zebra):
    actor = builders.volunteer()
    row = settled(zebra, actor, zebra.shifts()[0])
    with transaction():
        goods.redeem(actor, _offered(zebra), request="a")
    with transaction():
        counting.reverse(zebra.organiser, row.id, reason="那天他没来")
    assert ledger.balance_of(actor.person_id) == 0
    short = db.session.query(Shortfall).one()
    assert short.points == 10
    assert db.session.get(Volunteer, actor.person_id).verified_minutes == 0
    assert refused(lambda: counting.reverse(zebra.organiser, row.id, reason="再冲一次")) == "reversed_already"
    assert ledger.discrepancies() == questions.discrepancies() == []


def _offered(zebra):
    return goods.offer_good(zebra.organiser, zebra.town.line[3], name="雨伞", donor="桥东超市", counter="服务台", points=10, count=1).id


@pytest.mark.parametrize(
    "corrupt",
    [
        lambda: db.session.query(Balance).update({"points": 999}),
        lambda: db.session.query(Lot).update({"left": 1}),
        lambda: db.session.query(Lot).update({"points": 40, "left": 30}),
        lambda: db.session.query(LotUse).update({"points": 3}),
        lambda: db.session.query(LotUse).delete(),
        lambda: db.session.query(Entry).filter_by(kind="earn").update({"points": 25}),
        lambda: db.session.query(Entry).filter_by(kind="earn").update({"balance_after": 25}),
        lambda: db.session.query(Entry).filter_by(kind="redeem").update({"points": -1}),
        lambda: db.session.query(Good).update({"stock": 2}),
        lambda: db.session.query(Good).update({"received": 7}),
    ],
)
def test_the_proof_finds_what_somebody_changed_by_hand(zebra, corrupt):
    actor = builders.volunteer()
    settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra)
    with transaction():
        goods.redeem(actor, umbrella, request="a")
    assert ledger.discrepancies() == []
    with transaction():
        corrupt()
    assert ledger.discrepancies() != []


@pytest.mark.parametrize(
    "corrupt",
    [
        lambda: db.session.query(Volunteer).update({"verified_minutes": 1}),
        lambda: db.session.query(Volunteer).update({"attested_minutes": 60}),
        lambda: db.session.query(Hours).update({"minutes": 300}),
        lambda: db.session.query(Shift).filter(Shift.taken == 1).update({"taken": 2}),
        lambda: db.session.query(SignUp).filter_by(status="confirmed").update({"status": "withdrawn"}),
    ],
)
def test_the_proof_of_hours_and_places_finds_it_too(zebra, corrupt):
    actor = builders.volunteer()
    row = settled(zebra, actor, zebra.shifts()[0])
    assert row.final_at
    with transaction():
        signing.sign_up(actor, zebra.shifts()[-1].id, has_read_briefing=True)
    assert questions.discrepancies() == []
    with transaction():
        corrupt()
    assert questions.discrepancies() != []


def test_the_days_cap_of_points_holds(zebra):
    with transaction():
        tariffs.ensure_tariff(clock.today())
        db.session.query(Tariff).update({"most_a_day": 20})
    actor = builders.volunteer()
    day = zebra.shifts()[0].day
    for shift in [s for s in zebra.shifts() if s.day == day]:
        with transaction():
            signing.sign_up(actor, shift.id, has_read_briefing=True)
    for shift in [s for s in zebra.shifts() if s.day == day]:
        row = db.session.query(SignUp).filter_by(shift_id=shift.id).one()
        for direction, moment in ((Direction.IN, shift.starts_at), (Direction.OUT, shift.ends_at)):
            clock.freeze(moment)
            with transaction():
                attendance.tick(leader(zebra), row.id, direction)
    clock.advance(timedelta(hours=1))
    run_jobs()
    clock.advance(timedelta(days=7))
    run_jobs()
    assert ledger.balance_of(actor.person_id) == 20


def test_a_certificate_is_made_of_final_hours_and_can_be_revoked(zebra):
    actor = builders.volunteer()
    day = zebra.shifts()[0].day
    assert refused(lambda: certificates.issue(actor, first=day, last=day)) == "nothing_to_certify"
    settled(zebra, actor, zebra.shifts()[0])
    with transaction():
        made = certificates.issue(actor, first=day, last=day)
        assert certificates.issue(actor, first=day, last=day).id == made.id
    assert (made.minutes, made.records, len(made.digest)) == (90, 1, 64)
    assert refused(lambda: certificates.revoke(zebra.organiser, made.number, reason="代签")) == "not_here"


def test_points_that_expired_before_the_job_came_by_cannot_be_spent(zebra):
    actor = builders.volunteer()
    settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra)
    clock.advance(timedelta(days=1200))
    assert refused(lambda: goods.redeem(actor, umbrella, request="a")) == "points_short"
    assert ledger.discrepancies() == []


def test_reversing_what_was_spent_whole_is_a_shortfall_of_all(zebra):
    actor = builders.volunteer()
    row = settled(zebra, actor, zebra.shifts()[0])
    umbrella = good(zebra, price=15)
    with transaction():
        goods.redeem(actor, umbrella, request="a")
    with transaction():
        counting.reverse(zebra.organiser, row.id, reason="那天他没来")
    assert db.session.query(Shortfall).one().points == 15
    assert ledger.discrepancies() == []


def test_reversing_what_expired_takes_nothing_more(zebra):
    actor = builders.volunteer()
    row = settled(zebra, actor, zebra.shifts()[0])
    clock.advance(timedelta(days=1200))
    with transaction():
        counting.reverse(zebra.organiser, row.id, reason="那天他没来")
    assert db.session.query(Shortfall).count() == 0
    assert ledger.balance_of(actor.person_id) == 0
    assert ledger.discrepancies() == []


def test_hours_filled_in_afterwards_take_two_people_and_bring_no_points(zebra):
    actor, shift = builders.volunteer(), zebra.shifts()[0]
    with transaction():
        row = signing.sign_up(actor, shift.id, has_read_briefing=True)
    clock.freeze(shift.ends_at + timedelta(hours=1))
    run_jobs()
    for minutes, evidence, code in ((91, "照片里有他", "minutes_wrong"), (90, "有", "evidence_missing")):
        assert refused(lambda m=minutes, e=evidence: attesting.request_attestation(zebra.organiser, row.id, minutes=m, evidence=e)) == code
    with transaction():
        asked = attesting.request_attestation(zebra.organiser, row.id, minutes=90, evidence="照片里有他，交警也看见了")
    assert refused(lambda: attesting.request_attestation(zebra.organiser, row.id, minutes=90, evidence="照片里有他")) == "attested_already"
    assert refused(lambda: attesting.decide_attestation(zebra.organiser, asked.id, confirms=True)) == "two_people"
    with transaction():
        second = builders.identity.actor_of(builders.account(builders.Role.ORGANISER, zebra.town.line[3]))
    with transaction():
        attesting.decide_attestation(second, asked.id, confirms=True)
    clock.advance(timedelta(days=8))
    run_jobs()
    volunteer = db.session.get(Volunteer, actor.person_id)
    assert (volunteer.attested_minutes, volunteer.verified_minutes, volunteer.stars) == (90, 0, 0)
    assert ledger.balance_of(actor.person_id) == 0
    assert questions.discrepancies() == []


def test_rain_in_the_middle_keeps_the_time_of_those_who_came(zebra):
    shift = zebra.shifts()[0]
    came, coming = builders.volunteer(), builders.volunteer()
    with transaction():
        here = signing.sign_up(came, shift.id, has_read_briefing=True)
        away = signing.sign_up(coming, shift.id, has_read_briefing=True)
    clock.freeze(shift.starts_at)
    with transaction():
        attendance.tick(leader(zebra), here.id, Direction.IN)
    clock.advance(timedelta(minutes=40))
    assert refused(lambda: cancelling.cancel_shift(came, shift.id, reason="大雨")) == "not_found"
    with transaction():
        assert cancelling.cancel_shift(leader(zebra), shift.id, reason="大雨").people == 2
    clock.advance(timedelta(days=7))
    run_jobs()
    db.session.expire_all()
    assert db.session.get(SignUp, away.id).status is SignUpStatus.CANCELLED
    assert db.session.get(SignUp, here.id).status is SignUpStatus.CAME
    assert db.session.get(Volunteer, came.person_id).verified_minutes == 40
    assert ledger.balance_of(came.person_id) == 6
    assert ledger.discrepancies() == questions.discrepancies() == []
