"""Every question about points; and the proof that ledger, balances, lots and stock agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import case, column, func, or_, select, table
from sqlalchemy.orm import aliased, joinedload

from civic.core import clock, listing, paging
from civic.core.db import db
from civic.identity.models import Person, User
from civic.identity.queries import Rows, rows_of
from civic.points.models import (
    Balance,
    Entry,
    EntryKind,
    Good,
    Lot,
    LotUse,
    Redemption,
    RedemptionStatus,
    Shortfall,
    Tariff,
)


def find_tariff_on(day: date) -> Tariff | None:
    """The tariff in force on a day, where there is one."""
    return db.session.scalars(select(Tariff).where(Tariff.since <= day).order_by(Tariff.since.desc()).limit(1)).first()


def tariff_on(day: date) -> Tariff:
    """The tariff in force on a day."""
    found = find_tariff_on(day)
    if found is None:
        # Hours served before the first tariff are worth what the first one says.
        found = db.session.scalars(select(Tariff).order_by(Tariff.since).limit(1)).one()
    return found


def tariffs() -> Sequence[Tariff]:
    return db.session.scalars(select(Tariff).order_by(Tariff.since.desc())).all()


# The register of volunteers stands above this feature: its table is named, nothing of it is imported.
_VOLUNTEERS = table("volunteer", column("person_id"), column("guardian_id"), column("guardian_consented_at"))


def is_registered(person_id: int) -> bool:
    """Whether a person is a registered volunteer: nobody else earns."""
    return db.session.execute(select(_VOLUNTEERS.c.person_id).where(_VOLUNTEERS.c.person_id == person_id)).first() is not None


def balance_of(person_id: int) -> int:
    return db.session.scalar(select(Balance.points).where(Balance.person_id == person_id)) or 0


def spendable_of(person_id: int) -> int:
    """What a person can still use: what expired is not shown as theirs, though the job may not have come by yet."""
    return db.session.scalar(
        select(func.coalesce(func.sum(Lot.left), 0)).where(Lot.person_id == person_id, Lot.left > 0, Lot.expires_on >= clock.today())
    )


def back_too_late(redemption_id: int) -> int:
    """How many points of an exchange come back after their day, and so to nothing."""
    return db.session.scalar(
        select(func.coalesce(func.sum(LotUse.points), 0))
        .join(Entry, Entry.id == LotUse.entry_id)
        .join(Lot, Lot.id == LotUse.lot_id)
        .where(Entry.source == f"redemption:{redemption_id}", Entry.reason == "redeem", Lot.expires_on < clock.today())
    )


def hearer_of(person_id: int) -> int | None:
    """The account that hears for a person: their own, else that of who speaks for them."""
    speaks = select(_VOLUNTEERS.c.guardian_id).where(_VOLUNTEERS.c.person_id == person_id, _VOLUNTEERS.c.guardian_consented_at.is_not(None)).scalar_subquery()
    rows = db.session.execute(select(User.person_id, User.id).where(or_(User.person_id == person_id, User.person_id == speaks), User.closed_at.is_(None))).all()
    return next((user_id for _person, user_id in sorted(rows, key=lambda row: row[0] != person_id)), None)


def earned_on(person_id: int, first: date, last: date) -> int:
    """Points earned by service (less those taken back) for the days from `first` to `last`: what the caps count."""
    return db.session.scalar(
        select(func.coalesce(func.sum(Entry.points), 0)).where(
            Entry.person_id == person_id, Entry.day.between(first, last), Entry.kind.in_((EntryKind.EARN, EntryKind.REVERSE)),
            Entry.source.not_like("honour:%"),
        )
    )  # fmt: skip


def lots_of(person_id: int) -> Sequence[Lot]:
    """What can still be used, the first to expire first. Whoever changes them holds the balance."""
    return db.session.scalars(
        select(Lot)
        .where(Lot.person_id == person_id, Lot.left > 0, Lot.expires_on >= clock.today())
        .order_by(Lot.expires_on, Lot.id)
        .execution_options(populate_existing=True)
    ).all()


def uses_of(entry_id: int) -> Sequence[LotUse]:
    return db.session.scalars(select(LotUse).where(LotUse.entry_id == entry_id).order_by(LotUse.id)).all()


def expired_of(lot_id: int) -> int:
    """How many points of a lot expired."""
    return db.session.scalar(
        select(func.coalesce(func.sum(LotUse.points), 0))
        .join(Entry, Entry.id == LotUse.entry_id)
        .where(LotUse.lot_id == lot_id, Entry.kind == EntryKind.EXPIRE)
    )


def entry_of(source: str, reason: str) -> Entry:
    return db.session.scalars(select(Entry).where(Entry.source == source, Entry.reason == reason)).one()


def find_entry(source: str, reason: str) -> Entry | None:
    return db.session.scalars(select(Entry).where(Entry.source == source, Entry.reason == reason)).first()


def count_source(source: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Entry).where(Entry.source == source))


def entries_of(person_id: int, *, after: str | None = None, limit: int = 30) -> paging.Page[Entry]:
    """The person's ledger, newest first."""
    query = select(Entry).where(Entry.person_id == person_id).order_by(Entry.id.desc()).limit(limit + 1)
    values = paging.values_of(after, (int,))
    if values is not None:
        query = query.where(paging.after((Entry.id,), values, descending=True))
    return paging.cut(db.session.scalars(query).all(), limit, lambda e: (e.id,), is_first=values is None)


def ledger_of(person_id: int, *, limit: int = 20_000) -> Sequence[Entry]:
    """The person's whole ledger, oldest first."""
    return db.session.scalars(select(Entry).where(Entry.person_id == person_id).order_by(Entry.id).limit(limit)).all()


def expiring_soon(person_id: int) -> tuple[int, date] | None:
    """(points, day) that expire next."""
    row = db.session.execute(
        select(func.sum(Lot.left), Lot.expires_on)
        .where(Lot.person_id == person_id, Lot.left > 0, Lot.expires_on >= clock.today())
        .group_by(Lot.expires_on)
        .order_by(Lot.expires_on)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def owners_of_lots_expiring_on(day: date) -> Sequence[tuple[int, int]]:
    """(person, account) of those who have points that expire on the day: their own account, else that of who speaks for them."""
    own, other = aliased(User), aliased(User)
    speaks = (_VOLUNTEERS.c.person_id == Lot.person_id) & _VOLUNTEERS.c.guardian_consented_at.is_not(None)
    hearer = func.coalesce(own.id, other.id)
    return db.session.execute(
        select(Lot.person_id, hearer)
        .outerjoin(own, (own.person_id == Lot.person_id) & own.closed_at.is_(None))
        .outerjoin(_VOLUNTEERS, speaks)
        .outerjoin(other, (other.person_id == _VOLUNTEERS.c.guardian_id) & other.closed_at.is_(None))
        .where(Lot.expires_on == day, Lot.left > 0, hearer.is_not(None))
        .distinct()
        .order_by(Lot.person_id)
    ).all()  # type: ignore[return-value]


def goods() -> Sequence[Good]:
    """What can be exchanged now."""
    today = clock.today()
    return db.session.scalars(
        select(Good).where(Good.since <= today, or_(Good.until.is_(None), Good.until >= today), Good.taken_down_at.is_(None)).order_by(Good.points, Good.id)
    ).all()


def taken_down() -> Sequence[Good]:
    """What was taken off the shelf, the last first: it can be put back."""
    return db.session.scalars(select(Good).where(Good.taken_down_at.is_not(None)).order_by(Good.taken_down_at.desc(), Good.id)).all()


def count_held_of(good_id: int) -> int:
    """How many exchanges of a good wait to be fetched."""
    return db.session.scalar(select(func.count()).select_from(Redemption).where(Redemption.good_id == good_id, Redemption.status == RedemptionStatus.HELD))


def good_by_id(good_id: int) -> Good | None:
    return db.session.get(Good, good_id)


def redemptions_of(person_id: int) -> Sequence[Redemption]:
    """The person's exchanges, newest first."""
    return db.session.scalars(
        select(Redemption).where(Redemption.person_id == person_id).options(joinedload(Redemption.good)).order_by(Redemption.id.desc())
    ).all()


def redemption_by_id(redemption_id: int) -> Redemption | None:
    return db.session.scalars(
        select(Redemption).where(Redemption.id == redemption_id).options(joinedload(Redemption.good), joinedload(Redemption.person))
    ).first()


def held_by_code(digest: str) -> Redemption | None:
    """The exchange that waits under a code."""
    return db.session.scalars(
        select(Redemption)
        .where(Redemption.code_digest == digest, Redemption.status == RedemptionStatus.HELD)
        .options(joinedload(Redemption.good), joinedload(Redemption.person))
    ).first()


def earned_of_honour(honour_id: int) -> Sequence[int]:
    """The entries that an honour brought, to its nominee and its nominators."""
    return db.session.scalars(
        select(Entry.id)
        .where(Entry.kind == EntryKind.EARN, or_(Entry.source == f"honour:{honour_id}", Entry.source.like(f"honour:{honour_id}:%")))
        .order_by(Entry.person_id, Entry.id)
    ).all()


def open_shortfalls() -> listing.Some[Shortfall]:
    """What somebody has to decide, oldest first, with whose it is and what it came from."""
    return listing.some(
        select(Shortfall).where(Shortfall.decided_at.is_(None)).options(joinedload(Shortfall.person), joinedload(Shortfall.entry)).order_by(Shortfall.id),
        100,
    )


def decided_shortfalls() -> listing.Some[Shortfall]:
    """The last ones decided."""
    return listing.some(
        select(Shortfall).where(Shortfall.decided_at.is_not(None)).options(joinedload(Shortfall.person), joinedload(Shortfall.entry)).order_by(Shortfall.decided_at.desc()),
        20,
    )


def discrepancies() -> list[str]:
    """Everything in which the ledger, the balances, the lots and the stock disagree; empty when all is well.

    Six statements over the whole, run by the nightly check and by `flask points verify`.
    """
    found = []
    sums = select(Entry.person_id, func.sum(Entry.points).label("points")).group_by(Entry.person_id).subquery()
    lots = select(Lot.person_id, func.sum(Lot.left).label("left")).group_by(Lot.person_id).subquery()
    rows = db.session.execute(
        select(Person.id, func.coalesce(sums.c.points, 0), func.coalesce(Balance.points, 0), func.coalesce(lots.c.left, 0))
        .outerjoin(sums, sums.c.person_id == Person.id)
        .outerjoin(Balance, Balance.person_id == Person.id)
        .outerjoin(lots, lots.c.person_id == Person.id)
        .where(
            or_(
                func.coalesce(sums.c.points, 0) != func.coalesce(Balance.points, 0),
                func.coalesce(lots.c.left, 0) != func.coalesce(Balance.points, 0),
            )
        )
    )
    found += [f"person {p}: entries {e}, balance {b}, lots {n}" for p, e, b, n in rows]

    running = func.sum(Entry.points).over(partition_by=Entry.person_id, order_by=Entry.id)
    lines = select(Entry.id, Entry.balance_after, running.label("running")).subquery()
    for number, after, total in db.session.execute(select(lines).where(lines.c.balance_after != lines.c.running)):
        found.append(f"entry {number}: says {after} after it, the lines before make {total}")

    used = select(LotUse.lot_id, func.sum(LotUse.points).label("used")).group_by(LotUse.lot_id).subquery()
    for number, points, left, gone in db.session.execute(
        select(Lot.id, Lot.points, Lot.left, func.coalesce(used.c.used, 0))
        .outerjoin(used, used.c.lot_id == Lot.id)
        .where(Lot.points - func.coalesce(used.c.used, 0) != Lot.left)
    ):
        found.append(f"lot {number}: of {points} used {gone}, left {left}")

    spent = select(LotUse.entry_id, func.sum(LotUse.points).label("used")).group_by(LotUse.entry_id).subquery()
    for number, points, gone in db.session.execute(
        select(Entry.id, Entry.points, func.coalesce(spent.c.used, 0))
        .outerjoin(spent, spent.c.entry_id == Entry.id)
        .where(Entry.kind != EntryKind.EARN, -Entry.points != func.coalesce(spent.c.used, 0))
    ):
        found.append(f"entry {number}: {points} points, its lots say {-gone}")
    for number, points, had in db.session.execute(
        select(Entry.id, Entry.points, Lot.points)
        .outerjoin(Lot, Lot.entry_id == Entry.id)
        .where(Entry.kind == EntryKind.EARN, or_(Lot.id.is_(None), Lot.points != Entry.points))
    ):
        found.append(f"entry {number}: earned {points}, its lot has {had}")

    out = (
        select(Redemption.good_id, func.sum(case((Redemption.status.in_((RedemptionStatus.HELD, RedemptionStatus.HANDED)), 1), else_=0)).label("out"))
        .group_by(Redemption.good_id)
        .subquery()
    )
    for number, received, stock, gone in db.session.execute(
        select(Good.id, Good.received, Good.stock, func.coalesce(out.c.out, 0))
        .outerjoin(out, out.c.good_id == Good.id)
        .where(Good.received - func.coalesce(out.c.out, 0) != Good.stock)
    ):
        found.append(f"good {number}: received {received}, given {gone}, stock {stock}")
    return found


def own_data(person_id: int) -> dict[str, Rows]:
    """What the ledger holds about a person, to be taken along."""
    return {
        "points": rows_of(
            select(Entry.day, Entry.kind, Entry.points, Entry.words, Entry.balance_after, Entry.at).where(Entry.person_id == person_id).order_by(Entry.id)
        ),
        "points_left": rows_of(select(Lot.points, Lot.left, Lot.expires_on).where(Lot.person_id == person_id, Lot.left > 0).order_by(Lot.id)),
        "points_owed": rows_of(
            select(Shortfall.points, Shortfall.at, Shortfall.decision, Shortfall.decided_at).where(Shortfall.person_id == person_id).order_by(Shortfall.id)
        ),
        "exchanges": rows_of(
            select(Good.name.label("good"), Redemption.points, Redemption.status, Redemption.held_at, Redemption.until, Redemption.ended_at)
            .join(Good, Good.id == Redemption.good_id).where(Redemption.person_id == person_id).order_by(Redemption.id)
        ),
    }  # fmt: skip
