"""Every change of points: earning, exchanging, handing over, giving back, expiring, taking back what was wrong.

The order of locks is stock → ledger: a good's row first where one is involved, then the person's balance.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotFound, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.identity.rules import next_polite
from civic.outbox import actions as outbox
from civic.points import queries, rules
from civic.points.models import (
    Balance,
    Entry,
    EntryKind,
    Factor,
    Good,
    Lot,
    LotUse,
    Redemption,
    RedemptionStatus,
    Shortfall,
    Tariff,
)
from civic.regions.models import Region

BATCH = 100


def ensure_tariff(since: date) -> None:
    """The default tariff, where there is none: 10 points an hour, recorders a quarter more."""
    if db.session.scalars(select(Tariff.id).limit(1)).first() is None:
        db.session.add(Tariff(since=since, factors=[Factor(role="recorder", percent=125)]))
        db.session.flush()


@dataclass(frozen=True)
class Rates:
    """The numbers of a tariff; `factors`: role → percent of the hour."""

    per_hour: int
    most_a_day: int
    most_a_month: int
    lasts_days: int
    nominee_points: int = 0
    nominator_points: int = 0
    factors: Mapping[str, int] = field(default_factory=dict)


def change_tariff(actor: Actor, city: Region, *, since: date, rates: Rates) -> Tariff:
    """A new version of the tariff; entries made before keep theirs."""
    demand(actor, Permission.RULES_EDIT, city.path)
    # The city's row stands for its rules: two versions cannot be written for one day at once.
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    if since <= clock.today():
        raise Invalid("since_past", _l("新规则最早从明天起。已经记的分不变。"), field="since")
    if db.session.scalars(select(Tariff.id).where(Tariff.since == since)).first() is not None:
        raise Invalid("since_taken", _l("那一天已经有一版规则了，换一天。"), field="since")
    if not 0 <= rates.per_hour <= 1000:
        raise Invalid("per_hour_wrong", _l("每小时 0 到 1000 分。"), field="per_hour")
    if not 0 <= rates.most_a_day <= rates.most_a_month:
        raise Invalid("caps_order", _l("一个月的上限不能小于一天的上限。"), field="most_a_month")
    if not 1 <= rates.lasts_days <= 36600:
        raise Invalid("lasts_wrong", _l("至少能用一天。"), field="lasts_days")
    for name in ("nominee_points", "nominator_points"):
        if not 0 <= getattr(rates, name) <= 10_000:
            raise Invalid("honours_wrong", _l("0 到 10000 分，0 就是不给。"), field=name)
    for role, percent in rates.factors.items():
        if not 0 <= percent <= 500:
            raise Invalid("factor_wrong", _l("岗位系数在 0 到 500 之间，100 就是照常。"), field=f"factor_{role}")
    tariff = Tariff(
        since=since, per_hour=rates.per_hour, most_a_day=rates.most_a_day, most_a_month=rates.most_a_month, lasts_days=rates.lasts_days,
        nominee_points=rates.nominee_points, nominator_points=rates.nominator_points,
        factors=[Factor(role=role, percent=percent) for role, percent in sorted(rates.factors.items()) if percent != 100],
    )  # fmt: skip
    db.session.add(tariff)
    db.session.flush()
    audit.record(actor.user_id, "tariff.change", ("tariff", tariff.id), since=since, per_hour=rates.per_hour)
    return tariff


def _balance(person_id: int) -> Balance:
    """The person's balance, locked; made at its first use."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    db.session.execute(dialect.insert(Balance).values(person_id=person_id, points=0).on_conflict_do_nothing())
    return db.session.scalars(locked(select(Balance).where(Balance.person_id == person_id))).one()


def _entered(balance: Balance, kind: EntryKind, points: int, *, source: str, reason: str, words: str, **more: object) -> Entry:
    balance.points += points
    entry = Entry(
        person_id=balance.person_id, kind=kind, points=points, balance_after=balance.points, source=source, reason=reason,
        words=words[:80], at=clock.now(), **{"day": clock.today(), **more},
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def award(
    actor: Actor, person_id: int, *, minutes: int, role: str, source: str, reason: str = "service", words: str, day: date
) -> Entry | None:
    """Points for verified minutes, by the tariff of the day they were served, under its caps. None: nothing to award.

    The same source and reason award once, however often this is called.
    """
    balance = _balance(person_id)
    known = db.session.scalars(select(Entry).where(Entry.source == source, Entry.reason == reason)).first()
    if known is not None:
        return known
    tariff = queries.tariff_on(day)
    percent = next((f.percent for f in tariff.factors if f.role == role), 100)
    points = rules.within_caps(
        rules.worth(minutes, tariff.per_hour, percent), queries.earned_on(person_id, day, day), tariff.most_a_day,
        queries.earned_on(person_id, day.replace(day=1), _month_end(day)), tariff.most_a_month,
    )  # fmt: skip
    if points == 0:
        return None
    return _earned(actor, balance, tariff, points, source=source, reason=reason, words=words, day=day)


def _earned(actor: Actor, balance: Balance, tariff: Tariff, points: int, *, source: str, reason: str, words: str, day: date) -> Entry:
    """The entry of an earning, and its lot."""
    entry = _entered(
        balance, EntryKind.EARN, points, source=source, reason=reason, words=words, day=day, tariff_id=tariff.id, actor_id=actor.user_id
    )
    db.session.add(
        Lot(entry_id=entry.id, person_id=balance.person_id, points=points, left=points, expires_on=day + timedelta(days=tariff.lasts_days))
    )
    db.session.flush()
    return entry


def award_honour(actor: Actor, person_id: int, *, honour_id: int, voice_id: int | None = None, words: str, day: date) -> Entry | None:
    """What the tariff of the day gives the nominee of an honour, or (`voice_id`) one who nominated them; by default
    nothing. Once for each honour and voice; the caps of service do not count it."""
    tariff = queries.tariff_on(day)
    is_nominee = voice_id is None
    points = tariff.nominee_points if is_nominee else tariff.nominator_points
    if points == 0:
        return None
    source = f"honour:{honour_id}" if is_nominee else f"honour:{honour_id}:{voice_id}"
    reason = rules.HONOUR_REASONS[0 if is_nominee else 1]
    balance = _balance(person_id)
    known = queries.find_entry(source, reason)
    return known or _earned(actor, balance, tariff, points, source=source, reason=reason, words=words, day=day)


def take_back_honour(actor: Actor, honour_id: int, *, words: str) -> int:
    """The honour was revoked: what it brought is reversed; of how many people."""
    entries = queries.earned_of_honour(honour_id)
    for entry_id in entries:
        reverse(actor, entry_id, words=words)
    return len(entries)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _use(entry: Entry, parts: Sequence[tuple[int, int]]) -> None:
    """Take parts [(lot, points)] out of their lots."""
    for lot_id, points in parts:
        lot = db.session.get(Lot, lot_id)
        assert lot is not None
        lot.left -= points
        db.session.add(LotUse(lot_id=lot_id, entry_id=entry.id, points=points))
    db.session.flush()


def reverse(actor: Actor, entry_id: int, *, words: str) -> Entry:
    """Take back an earning. What was spent of it meanwhile is taken from what is left; the rest becomes a shortfall."""
    wrong = db.session.get(Entry, entry_id)
    if wrong is None or wrong.kind is not EntryKind.EARN:
        raise NotFound("entry_unknown", _l("没有这一笔。"))
    balance = _balance(wrong.person_id)
    known = db.session.scalars(select(Entry).where(Entry.reverses_id == entry_id)).first()
    if known is not None:
        return known
    _lapsed(balance)
    lot = db.session.scalars(locked(select(Lot).where(Lot.entry_id == entry_id))).one()
    # What expired is gone already and nobody had it; what was spent has to come from elsewhere.
    owed = wrong.points - queries.expired_of(lot.id)
    others = [(other.id, other.left) for other in queries.lots_of(wrong.person_id) if other.id != lot.id]
    parts = rules.taken_from([(lot.id, lot.left), *others], owed)
    taken = sum(points for _, points in parts)
    entry = _entered(
        balance, EntryKind.REVERSE, -taken, source=wrong.source, reason="reverse", words=words, reverses_id=wrong.id,
        actor_id=actor.user_id, tariff_id=wrong.tariff_id, day=wrong.day,
    )  # fmt: skip
    _use(entry, parts)
    if taken < owed:
        db.session.add(Shortfall(entry_id=entry.id, person_id=wrong.person_id, points=owed - taken, at=clock.now()))
    audit.record(actor.user_id, "points.reverse", ("entry", entry.id), reverses=wrong.id, points=taken)
    return entry


def expire_due(limit: int = BATCH) -> int:
    """Let lapse what nobody used in its time; for how many people."""
    today = clock.today()
    people = db.session.scalars(
        select(Lot.person_id).where(Lot.left > 0, Lot.expires_on < today).distinct().order_by(Lot.person_id).limit(limit)
    ).all()
    for person_id in people:
        _lapsed(_balance(person_id))
    return len(people)


def _lapsed(balance: Balance) -> None:
    """Take out of a held balance what has expired, one line for each lot: also before anything is spent, for the job may
    not have come by yet."""
    due = db.session.scalars(
        select(Lot)
        .where(Lot.person_id == balance.person_id, Lot.left > 0, Lot.expires_on < clock.today())
        .order_by(Lot.expires_on, Lot.id)
        .execution_options(populate_existing=True)
    ).all()
    for lot in due:
        # A part may be given back after the lot's day, so one lot can lapse twice.
        times = queries.count_source(f"lot:{lot.id}")
        entry = _entered(
            balance, EntryKind.EXPIRE, -lot.left, source=f"lot:{lot.id}", reason=f"expire{times or ''}", words="到期清零"
        )
        _use(entry, [(lot.id, lot.left)])


def warn_due() -> int:
    """Tell people 60, 30 and 7 days before points of theirs expire; asked once a day, told outside their quiet hours."""
    today = clock.today()
    told = 0
    for days in rules.WARNED_AT:
        for person_id, user_id in queries.owners_of_lots_expiring_on(today + timedelta(days=days)):
            key = f"{person_id}:{today + timedelta(days=days)}:{days}"
            if not outbox.is_owed("points_expiring", key):
                choice = identity.letter_choice_of(user_id)
                due = next_polite(clock.local(clock.now()), time(choice.quiet_from), time(choice.quiet_until))
                outbox.enqueue("points_expiring", key, ("user", user_id), due_at=due, person=person_id, days=days)
                told += 1
    return told


def offer_good(
    actor: Actor, place: Region, *, name: str, donor: str, counter: str, points: int, count: int, until: date | None = None
) -> Good:
    """Put a donated good on the shelf."""
    demand(actor, Permission.GOODS_RUN, place.path)
    good = Good(
        region_id=place.id, region_path=place.path, name=name.strip(), donor=donor.strip(), counter=counter.strip(), points=points,
        received=count, stock=count, since=clock.today(), until=until,
    )  # fmt: skip
    db.session.add(good)
    db.session.flush()
    audit.record(actor.user_id, "good.offer", ("good", good.id), region_path=place.path, count=count, points=points)
    return good


def restock(actor: Actor, good_id: int, count: int) -> Good:
    """Add what a merchant brought."""
    good = _good(good_id)
    demand(actor, Permission.GOODS_RUN, good.region_path)
    if count < 1:
        raise Invalid("count_wrong", _l("请写添了几件。"), field="count")
    good.received += count
    good.stock += count
    audit.record(actor.user_id, "good.restock", ("good", good.id), region_path=good.region_path, count=count)
    return good


def _good(good_id: int) -> Good:
    good = db.session.scalars(locked(select(Good).where(Good.id == good_id))).first()
    if good is None:
        raise NotFound("good_unknown", _l("没有这样东西，可能已经下架了。"))
    return good


def redeem(actor: Actor, good_id: int, *, request: str) -> Redemption:
    """Exchange points for a good: it is held for a week under a code of six digits.

    `request` names the page it was asked on; the same page sent twice exchanges once.
    """
    assert actor.person_id is not None
    good = _good(good_id)
    known = db.session.scalars(
        select(Redemption).where(Redemption.person_id == actor.person_id, Redemption.request == request)
    ).first()
    if known is not None:
        return known
    today, now = clock.today(), clock.now()
    if good.since > today or (good.until is not None and good.until < today):
        raise NotNow("good_over", _l("这样东西现在不换了，看看别的。"))
    if good.stock < 1:
        raise NotNow("good_gone", _l("这样东西换完了。商家再送来，会重新上架。"))
    balance = _balance(actor.person_id)
    _lapsed(balance)
    if balance.points < good.points:
        raise NotNow("points_short", _l("还差 %(count)s 分。再去服务几回就够了。", count=good.points - balance.points))
    code = _new_code()
    redemption = Redemption(
        person_id=actor.person_id, good_id=good.id, request=request, points=good.points, code=code,
        code_digest=code_digest(code), held_at=now, until=now + rules.HELD_FOR,
    )  # fmt: skip
    db.session.add(redemption)
    good.stock -= 1
    db.session.flush()
    entry = _entered(
        balance, EntryKind.REDEEM, -good.points, source=f"redemption:{redemption.id}", reason="redeem",
        words=f"兑换 {good.name}", actor_id=actor.user_id,
    )  # fmt: skip
    _use(entry, rules.taken_from([(lot.id, lot.left) for lot in queries.lots_of(actor.person_id)], good.points))
    audit.record(actor.user_id, "redemption.hold", ("redemption", redemption.id), region_path=good.region_path, good=good.id)
    return redemption


def code_digest(code: str) -> str:
    """By which the counter finds an exchange."""
    return crypto.digest("redemption.code", code)


def _new_code() -> str:
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        taken = select(Redemption.id).where(
            Redemption.code_digest == code_digest(code), Redemption.status == RedemptionStatus.HELD
        )
        if db.session.scalars(taken).first() is None:
            return code


def _held(redemption_id: int) -> tuple[Redemption, Good]:
    """An exchange and its good, both locked, the good first as everywhere."""
    found = db.session.get(Redemption, redemption_id)
    if found is None:
        raise out_of_reach()
    good = _good(found.good_id)
    redemption = db.session.scalars(locked(select(Redemption).where(Redemption.id == redemption_id))).one()
    return redemption, good


def _still_held(redemption: Redemption) -> None:
    words = {
        RedemptionStatus.HANDED: ("already_handed", _l("这件已经领走了。")),
        RedemptionStatus.CANCELLED: ("cancelled", _l("这件已经取消，积分退回去了。")),
        RedemptionStatus.LAPSED: ("lapsed", _l("这件过了领取的日子，积分退回去了。")),
    }.get(redemption.status)
    if words is not None:
        raise NotNow(*words)


def hand_over(actor: Actor, redemption_id: int) -> Redemption:
    """The counter gave the good to whoever said the code."""
    redemption, good = _held(redemption_id)
    demand(actor, Permission.GOODS_RUN, good.region_path, frozenset({redemption.person_id}))
    _still_held(redemption)
    redemption.status = RedemptionStatus.HANDED
    redemption.ended_at = clock.now()
    redemption.handed_by_id = actor.user_id
    audit.record(actor.user_id, "redemption.hand", ("redemption", redemption.id), region_path=good.region_path, good=good.id)
    return redemption


def cancel(actor: Actor, redemption_id: int) -> Redemption:
    """Take an exchange back, within 24 hours; the points return to where they came from."""
    redemption, good = _held(redemption_id)
    if redemption.person_id != actor.person_id:
        raise out_of_reach()
    _still_held(redemption)
    if clock.now() - redemption.held_at > rules.CANCEL_WITHIN:
        raise NotNow("cancel_too_late", _l("过了 24 小时，不能自己取消了。不来领的话，到期积分会自己退回。"))
    _given_back(redemption, good, RedemptionStatus.CANCELLED, actor.user_id)
    return redemption


def lapse_due(limit: int = BATCH) -> int:
    """Give the points back for what nobody fetched in a week."""
    due = db.session.scalars(
        select(Redemption.id)
        .where(Redemption.status == RedemptionStatus.HELD, Redemption.until < clock.now())
        .order_by(Redemption.good_id, Redemption.id)
        .limit(limit)
    ).all()
    for redemption_id in due:
        redemption, good = _held(redemption_id)
        if redemption.status is RedemptionStatus.HELD:
            _given_back(redemption, good, RedemptionStatus.LAPSED, None)
    return len(due)


def _given_back(redemption: Redemption, good: Good, status: RedemptionStatus, actor_id: int | None) -> None:
    balance = _balance(redemption.person_id)
    spent = queries.entry_of(f"redemption:{redemption.id}", "redeem")
    redemption.status = status
    redemption.ended_at = clock.now()
    good.stock += 1
    entry = _entered(
        balance, EntryKind.RESTORE, redemption.points, source=f"redemption:{redemption.id}", reason="restore",
        words=f"退回 {good.name}", actor_id=actor_id,
    )  # fmt: skip
    _use(entry, [(use.lot_id, -use.points) for use in queries.uses_of(spent.id)])
    audit.record(actor_id, f"redemption.{status.value}", ("redemption", redemption.id), region_path=good.region_path, good=good.id)


def decide_shortfall(actor: Actor, shortfall_id: int, *, city: Region, decision: str) -> Shortfall:
    """Somebody says what becomes of points that could not be taken back."""
    demand(actor, Permission.RULES_EDIT, city.path)
    row = db.session.scalars(locked(select(Shortfall).where(Shortfall.id == shortfall_id))).first()
    if row is None:
        raise out_of_reach()
    if row.decided_at is not None:
        raise NotNow("decided_already", _l("这一笔已经定过了。"))
    if not decision.strip():
        raise Invalid("decision_missing", _l("请写怎么处理，比如“不再追”。"), field="decision")
    row.decision, row.decided_at, row.decided_by_id = decision.strip()[:300], clock.now(), actor.user_id
    audit.record(actor.user_id, "shortfall.decide", ("shortfall", row.id))
    return row
