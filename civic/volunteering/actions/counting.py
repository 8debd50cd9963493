"""Hours: drafted when a shift is over, the volunteer's word, settlement, corrections.

The volunteer has three working days to object; then settlement makes the draft final and awards points, all in one
transaction for each person.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import calendar, clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity import queries as identity
from civic.identity.models import Person
from civic.identity.permissions import MACHINE, Actor, Permission, concerned, demand, out_of_reach
from civic.points import queries as ledger
from civic.points.actions import entries as points
from civic.volunteering import letters
from civic.volunteering.actions.attendance import led, live, punched
from civic.volunteering.actions.signing import stepped
from civic.volunteering.models.attendance import Direction, Hours, HoursKind, HoursPolicy, Means
from civic.volunteering.models.events import Basis, Shift, SignUp
from civic.volunteering.models.people import Volunteer
from civic.volunteering.queries import hours as questions
from civic.volunteering.rules import hours as rules
from civic.volunteering.states import OPEN, ShiftStatus, SignUpStatus, Verb

BATCH = 50


def final_from(policy: HoursPolicy, how: str) -> datetime:
    return calendar.add_working_days(clock.now(), max(policy.objection_days, policy.leader_days if how == "no_out" else 0))


def count_ended(limit: int = BATCH) -> int:
    """Draft the hours of shifts that are over; who held a place and never came is noted as missed."""
    due = db.session.scalars(
        select(Shift.id)
        .where(Shift.status == ShiftStatus.OPEN, Shift.ends_at <= clock.now() - rules.LATE_TICK)
        .order_by(Shift.ends_at, Shift.id)
        .limit(limit)
    ).all()
    for shift_id in due:
        count_shift(shift_id)
    return len(due)


def count_shift(shift_id: int) -> None:
    """Draft the hours of one shift that is over; the second time nothing happens."""
    shift = db.session.scalars(locked(select(Shift).where(Shift.id == shift_id))).one()
    if shift.status is not ShiftStatus.OPEN or shift.ends_at > clock.now():
        return
    rows = db.session.scalars(
        locked(select(SignUp).where(SignUp.shift_id == shift.id, SignUp.status.in_(OPEN)).order_by(SignUp.id))
    ).all()
    policy = questions.policy_on(shift.day)
    for row in rows:
        if row.status is not SignUpStatus.CONFIRMED:
            stepped(row, Verb.LAPSE, None, None)
            continue
        if live(row.id, Direction.IN) is None:
            stepped(row, Verb.MISS, None, None)
            letters.tell("shift_missed", row)
            continue
        stepped(row, Verb.ATTEND, None, None)
        drafted(row, shift, policy)
    shift.taken = shift.waiting = 0
    shift.status = ShiftStatus.COUNTED
    audit.record(None, "shift.count", ("shift", shift.id), region_path=shift.event.region_path)
    db.session.flush()


def cut_short(row: SignUp, shift: Shift, *, by_user_id: int | None) -> bool:
    """A shift that is under way is called off: whoever came keeps the time until now. Whether this one had come."""
    if live(row.id, Direction.IN) is None:
        return False
    punched(row, Direction.OUT, at=clock.now(), means=Means.TICK, recorded_by_id=by_user_id)
    stepped(row, Verb.ATTEND, by_user_id, None)
    drafted(row, shift, questions.policy_on(shift.day))
    return True


def drafted(row: SignUp, shift: Shift, policy: HoursPolicy) -> Hours:
    counted = credited(row, shift, policy)
    draft = Hours(
        person_id=row.person_id, sign_up_id=row.id, shift_id=shift.id, kind=HoursKind.VERIFIED, day=shift.day, minutes=counted.minutes,
        how=counted.how, policy_id=policy.id, earns_points=_earns(row), drafted_at=clock.now(),
        final_from=final_from(policy, counted.how),
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    letters.tell_hours("hours_drafted", draft)
    return draft


def _earns(row: SignUp) -> bool:
    """Only registered volunteers earn; duty in working time never does."""
    return not row.is_working_time and row.basis is not Basis.UNIT


def credited(row: SignUp, shift: Shift, policy: HoursPolicy, *, confirmed_out: bool = False) -> rules.Credit:
    came, went = live(row.id, Direction.IN), live(row.id, Direction.OUT)
    other, today = questions.spans_counted(row.person_id, shift.day, row.id)
    return rules.credit(
        rules.Policy(policy.least_minutes, policy.most_a_day, policy.grace_minutes, policy.missing_out_percent), shift.starts_at, shift.ends_at,
        came.at if came is not None else None, went.at if went is not None else None, other=other, minutes_today=today, confirmed_out=confirmed_out,
    )  # fmt: skip


def _draft_held(hours_id: int) -> Hours:
    row = db.session.scalars(locked(select(Hours).where(Hours.id == hours_id))).first()
    if row is None:
        raise out_of_reach()
    if row.final_at is not None:
        raise NotNow("final_already", _l("这一笔已经入账了。要改，请组织者更正。"))
    return row


def object_to(actor: Actor, hours_id: int, *, words: str) -> Hours:
    """The volunteer says that a draft is wrong; nothing becomes final before somebody answered."""
    row = _draft_held(hours_id)
    if not identity.speaks_for(actor.person_id, row.person_id):
        raise out_of_reach()
    if not words.strip():
        raise Invalid("words_missing", _l("请写哪里不对，比如“我待到 9 点才走”。"), field="words")
    if row.objected_at is not None:
        raise NotNow("objected_already", _l("您已经说过了，等组织者答复。"))
    row.objection, row.objected_at = words.strip()[:300], clock.now()
    audit.record(actor.user_id, "hours.object", ("hours", row.id), region_path=row.shift.event.region_path)
    return row


def settle_word(actor: Actor, hours_id: int, *, minutes: int | None = None, answer: str | None = None, stayed: bool = False) -> Hours:
    """The leader's word on a draft: that somebody without a going stayed, or other minutes, and an answer to an objection."""
    row = _draft_held(hours_id)
    led(actor, row.shift, row.person_id)
    longest = int((row.shift.ends_at - row.shift.starts_at).total_seconds()) // 60
    if stayed:
        policy = db.session.get(HoursPolicy, row.policy_id)
        assert policy is not None
        counted = credited(row.sign_up, row.shift, policy, confirmed_out=True)
        row.minutes, row.how = counted.minutes, counted.how
    if minutes is not None:
        policy = db.session.get(HoursPolicy, row.policy_id)
        assert policy is not None
        if not 0 <= minutes <= longest + policy.grace_minutes:
            raise Invalid("minutes_wrong", _l("分钟数不能超过这一班的长度。"), field="minutes")
        row.minutes, row.how = minutes, "corrected"
    row.confirmed_by_id, row.confirmed_at = actor.user_id, clock.now()
    if row.objected_at is not None and row.answered_at is None:
        if not (answer or "").strip():
            raise Invalid("answer_missing", _l("请写一句答复，本人看得到。"), field="answer")
        row.answer, row.answered_at = (answer or "").strip()[:300], clock.now()
    audit.record(actor.user_id, "hours.word", ("hours", row.id), region_path=row.shift.event.region_path, minutes=row.minutes)
    return row


def settle_due(limit: int = BATCH) -> int:
    """Make hours final whose time to object is over, award their points, give stars; one person after the other."""
    due = db.session.execute(
        select(Hours.id, Hours.person_id)
        .where(
            Hours.final_at.is_(None), Hours.final_from <= clock.now(),
            Hours.objected_at.is_(None) | Hours.answered_at.is_not(None),
        )
        .order_by(Hours.final_from, Hours.id)
        .limit(limit)
    ).all()  # fmt: skip
    for hours_id, person_id in sorted(due, key=lambda row: (row[1], row[0])):
        _settled(hours_id, person_id)
    return len(due)


def _settled(hours_id: int, person_id: int) -> None:
    db.session.scalars(locked(select(Person.id).where(Person.id == person_id), may_be_named=True)).one()
    row = db.session.scalars(locked(select(Hours).where(Hours.id == hours_id))).one()
    if row.final_at is not None:
        return
    row.final_at = clock.now()
    _totalled(row)
    if row.earns_points and row.minutes:
        points.award(
            MACHINE, person_id, minutes=row.minutes, role=row.shift.post.role.value,
            category=row.shift.event.category.code if row.shift.event.category is not None else None, source=f"hours:{row.id}",
            words=f"{row.shift.event.name} · {row.shift.name}", day=row.day,
        )  # fmt: skip
    letters.tell_hours("hours_settled", row)
    left = db.session.scalars(select(Hours.id).where(Hours.shift_id == row.shift_id, Hours.final_at.is_(None)).limit(1)).first()
    if left is None and row.shift.status is ShiftStatus.COUNTED:
        row.shift.status = ShiftStatus.SETTLED
    audit.record(None, "hours.settle", ("hours", row.id), region_path=row.shift.event.region_path, minutes=row.minutes)
    db.session.flush()


def _totalled(row: Hours) -> None:
    """Add a final row to the person's totals, and give the stars that follow."""
    volunteer = db.session.scalars(locked(select(Volunteer).where(Volunteer.person_id == row.person_id), may_be_named=True)).one()
    if row.kind is HoursKind.VERIFIED:
        volunteer.verified_minutes += row.minutes
    else:
        volunteer.attested_minutes += row.minutes
    stars = rules.stars_for(volunteer.verified_minutes, questions.stars_on(clock.today()))
    if stars > volunteer.stars:
        volunteer.stars = stars
        letters.tell_stars(volunteer)
    elif stars < volunteer.stars:
        volunteer.stars = stars


def reverse(actor: Actor, hours_id: int, *, reason: str) -> Hours:
    """Take back final hours that were wrong, and the points that came of them: rows are added, none is changed."""
    wrong = db.session.get(Hours, hours_id)
    if wrong is None:
        raise out_of_reach()
    db.session.scalars(locked(select(Person.id).where(Person.id == wrong.person_id), may_be_named=True)).one()
    demand(actor, Permission.EVENT_RUN, wrong.shift.event.region_path, concerned(wrong.person_id))
    if wrong.final_at is None or wrong.reverses_id is not None or wrong.minutes == 0:
        raise NotNow("not_final", _l("还没入账的直接改就行。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="reason")
    if db.session.scalars(select(Hours.id).where(Hours.reverses_id == wrong.id)).first() is not None:
        raise Conflict("reversed_already", _l("这一笔已经冲掉了。"))
    row = Hours(
        person_id=wrong.person_id, sign_up_id=wrong.sign_up_id, shift_id=wrong.shift_id, kind=wrong.kind, day=wrong.day, minutes=-wrong.minutes,
        policy_id=wrong.policy_id, how="reversed", earns_points=wrong.earns_points, drafted_at=clock.now(), final_from=clock.now(),
        final_at=clock.now(), reverses_id=wrong.id, answer=reason.strip()[:300], answered_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _totalled(row)
    earned = ledger.find_entry(f"hours:{wrong.id}", "service")
    if earned is not None:
        points.reverse(actor, earned.id, words=f"更正：{wrong.shift.event.name}")
    letters.tell_hours("hours_reversed", row)
    audit.record(actor.user_id, "hours.reverse", ("hours", row.id), region_path=wrong.shift.event.region_path, reverses=wrong.id)
    db.session.flush()
    return row
