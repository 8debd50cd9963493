"""Entries of the ledger: earning, expiring, taking back what was wrong. The person's balance is held while one is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotFound, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.outbox import actions as outbox
from civic.points import queries, rules
from civic.points.models import Balance, Entry, EntryKind, FactorKind, Lot, LotUse, Shortfall, Tariff
from civic.regions.models import Region

BATCH = 100


def balance_held(person_id: int) -> Balance:
    """The person's balance, locked; made at its first use."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    db.session.execute(dialect.insert(Balance).values(person_id=person_id, points=0).on_conflict_do_nothing())
    return db.session.scalars(locked(select(Balance).where(Balance.person_id == person_id))).one()


def entered(balance: Balance, kind: EntryKind, points: int, *, source: str, reason: str, words: str, **more: object) -> Entry:
    """Write one entry on a held balance."""
    balance.points += points
    entry = Entry(
        person_id=balance.person_id, kind=kind, points=points, balance_after=balance.points, source=source, reason=reason,
        words=words[:80], at=clock.now(), **{"day": clock.today(), **more},
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def award(
    actor: Actor, person_id: int, *, minutes: int, role: str, category: str | None = None, source: str, reason: str = "service", words: str, day: date
) -> Entry | None:
    """Points for verified minutes, by the tariff of the day they were served and its factors of role and kind of service,
    under its caps. None: nothing to award.

    The same source and reason award once, however often this is called.
    """
    balance = balance_held(person_id)
    known = db.session.scalars(select(Entry).where(Entry.source == source, Entry.reason == reason)).first()
    if known is not None:
        return known
    tariff = queries.tariff_on(day)
    points = rules.within_caps(
        rules.worth(minutes, tariff.per_hour, tariff.percent(FactorKind.ROLE, role), tariff.percent(FactorKind.CATEGORY, category)), queries.earned_on(person_id, day, day), tariff.most_a_day,
        queries.earned_on(person_id, day.replace(day=1), _month_end(day)), tariff.most_a_month,
    )  # fmt: skip
    if points == 0:
        return None
    return _earned(actor, balance, tariff, points, source=source, reason=reason, words=words, day=day)


def _earned(actor: Actor, balance: Balance, tariff: Tariff, points: int, *, source: str, reason: str, words: str, day: date) -> Entry:
    """The entry of an earning, and its lot."""
    entry = entered(
        balance, EntryKind.EARN, points, source=source, reason=reason, words=words, day=day, tariff_id=tariff.id, actor_id=actor.user_id
    )
    db.session.add(
        Lot(entry_id=entry.id, person_id=balance.person_id, points=points, left=points, expires_on=day + timedelta(days=tariff.lasts_days))
    )
    db.session.flush()
    return entry


def award_honour(actor: Actor, person_id: int, *, honour_id: int, voice_id: int | None = None, words: str, day: date) -> Entry | None:
    """What the tariff of the day gives the nominee of an honour, or (`voice_id`) one who nominated them; by default
    nothing, and nothing to who is no registered volunteer. Once for each honour and voice; the caps of service do not
    count it."""
    tariff = queries.tariff_on(day)
    is_nominee = voice_id is None
    points = tariff.nominee_points if is_nominee else tariff.nominator_points
    if points == 0 or not queries.is_registered(person_id):
        return None
    source = f"honour:{honour_id}" if is_nominee else f"honour:{honour_id}:{voice_id}"
    reason = rules.HONOUR_REASONS[0 if is_nominee else 1]
    balance = balance_held(person_id)
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


def use(entry: Entry, parts: Sequence[tuple[int, int]]) -> None:
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
    balance = balance_held(wrong.person_id)
    known = db.session.scalars(select(Entry).where(Entry.reverses_id == entry_id)).first()
    if known is not None:
        return known
    lapsed(balance)
    lot = db.session.scalars(locked(select(Lot).where(Lot.entry_id == entry_id))).one()
    # What expired is gone already and nobody had it; what was spent has to come from elsewhere.
    owed = wrong.points - queries.expired_of(lot.id)
    others = [(other.id, other.left) for other in queries.lots_of(wrong.person_id) if other.id != lot.id]
    parts = rules.taken_from([(lot.id, lot.left), *others], owed)
    taken = sum(points for _, points in parts)
    entry = entered(
        balance, EntryKind.REVERSE, -taken, source=wrong.source, reason="reverse", words=words, reverses_id=wrong.id,
        actor_id=actor.user_id, tariff_id=wrong.tariff_id, day=wrong.day,
    )  # fmt: skip
    use(entry, parts)
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
        lapsed(balance_held(person_id))
    return len(people)


def lapsed(balance: Balance) -> None:
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
        entry = entered(
            balance, EntryKind.EXPIRE, -lot.left, source=f"lot:{lot.id}", reason=f"expire{times or ''}", words="到期清零"
        )
        use(entry, [(lot.id, lot.left)])


def warn_due() -> int:
    """Tell people 60, 30 and 7 days before points of theirs expire; asked once a day. What a day without the worker left out
    is told on the days after."""
    today = clock.today()
    told = 0
    for days in rules.WARNED_AT:
        for late in range(rules.WARNED_LATE_BY + 1):
            day = today + timedelta(days=days - late)
            for person_id, user_id in queries.owners_of_lots_expiring_on(day):
                key = f"{person_id}:{day}:{days}"
                if not outbox.is_owed("points_expiring", key):
                    outbox.enqueue("points_expiring", key, ("user", user_id), person=person_id, days=days)
                    told += 1
    return told


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
