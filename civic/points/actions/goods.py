"""Donated goods and their exchange: offering, redeeming, handing over, giving back.

The order of locks is stock → ledger: a good's row first, then the person's balance.
"""

from __future__ import annotations

import secrets
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock, crypto
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotFound, NotNow
from civic.identity import queries as identity
from civic.identity.permissions import Actor, Permission, concerned, demand, out_of_reach
from civic.points import letters, queries, rules
from civic.points.actions.entries import BATCH, balance_held, entered, lapsed, use
from civic.points.models import EntryKind, Good, Redemption, RedemptionStatus
from civic.regions.models import Region


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


def correct_good(actor: Actor, good_id: int, *, name: str, donor: str, counter: str, points: int, received: int) -> Good:
    """Put right what was written wrong about a good. Who exchanged for it already keeps the good at what they gave."""
    good = good_held(actor, good_id)
    given = good.received - good.stock
    if received < given:
        raise Invalid("below_given", _l("已经换出去 %(count)s 件了，总数不能比这个少。", count=given), field="count")
    good.name, good.donor, good.counter, good.points = name.strip(), donor.strip(), counter.strip(), points
    good.received, good.stock = received, received - given
    audit.record(actor.user_id, "good.correct", ("good", good.id), region_path=good.region_path, points=points, count=received)
    return good


def take_down(actor: Actor, good_id: int, *, reason: str, gives_back: bool) -> int:
    """Take a good off the shelf. Who exchanged for it and has not fetched it still may; or, where `gives_back`, gets the points
    back and is told why. How many exchanges were given back."""
    good = good_held(actor, good_id)
    if good.taken_down_at is not None:
        raise NotNow("taken_down_already", _l("这样东西已经下架了。"))
    if not reason.strip():
        raise Invalid("reason_missing", _l("请写为什么下架，换了的人会看到。"), field="reason")
    good.taken_down_at, good.taken_down_for = clock.now(), reason.strip()[:200]
    held = select(Redemption).where(Redemption.good_id == good.id, Redemption.status == RedemptionStatus.HELD)
    # Balances in one order, so that two who take goods down do not wait for each other.
    waiting = db.session.scalars(locked(held.order_by(Redemption.person_id, Redemption.id))).all() if gives_back else ()
    for redemption in waiting:
        _given_back(redemption, good, RedemptionStatus.CANCELLED, actor.user_id)
        letters.tell_given_back(redemption)
    audit.record(actor.user_id, "good.take_down", ("good", good.id), region_path=good.region_path, given_back=len(waiting))
    return len(waiting)


def put_back(actor: Actor, good_id: int) -> Good:
    """Put a good on the shelf again."""
    good = good_held(actor, good_id)
    if good.taken_down_at is None:
        raise NotNow("not_taken_down", _l("这样东西在架上。"))
    good.taken_down_at = good.taken_down_for = None
    audit.record(actor.user_id, "good.put_back", ("good", good.id), region_path=good.region_path)
    return good


def good_held(actor: Actor, good_id: int) -> Good:
    """A good, locked, where the actor runs goods."""
    good = _good(good_id)
    demand(actor, Permission.GOODS_RUN, good.region_path)
    return good


def _good(good_id: int) -> Good:
    good = db.session.scalars(locked(select(Good).where(Good.id == good_id))).first()
    if good is None:
        raise NotFound("good_unknown", _l("没有这样东西，可能已经下架了。"))
    return good


def redeem(actor: Actor, good_id: int, *, request: str, person_id: int | None = None) -> Redemption:
    """Exchange points for a good, one's own or those of one of the family: it is held for a week under a code of six digits.

    `request` names the page it was asked on; the same page sent twice exchanges once.
    """
    whose = actor.person_id if person_id is None else person_id
    if whose is None or not identity.speaks_for(actor.person_id, whose):
        raise out_of_reach()
    good = _good(good_id)
    known = db.session.scalars(select(Redemption).where(Redemption.person_id == whose, Redemption.request == request)).first()
    if known is not None:
        return known
    today, now = clock.today(), clock.now()
    if good.taken_down_at is not None or good.since > today or (good.until is not None and good.until < today):
        raise NotNow("good_over", _l("这样东西现在不换了，看看别的。"))
    if good.stock < 1:
        raise NotNow("good_gone", _l("这样东西换完了。商家再送来，会重新上架。"))
    balance = balance_held(whose)
    lapsed(balance)
    if balance.points < good.points:
        raise NotNow("points_short", _l("还差 %(count)s 分。再去服务几回就够了。", count=good.points - balance.points))
    code = _new_code()
    redemption = Redemption(
        person_id=whose, good_id=good.id, request=request, points=good.points, code=code,
        code_digest=code_digest(code), held_at=now, until=now + rules.HELD_FOR,
    )  # fmt: skip
    db.session.add(redemption)
    good.stock -= 1
    db.session.flush()
    entry = entered(
        balance, EntryKind.REDEEM, -good.points, source=f"redemption:{redemption.id}", reason="redeem",
        words=f"兑换 {good.name}", actor_id=actor.user_id,
    )  # fmt: skip
    use(entry, rules.taken_from([(lot.id, lot.left) for lot in queries.lots_of(whose)], good.points))
    audit.record(actor.user_id, "redemption.hold", ("redemption", redemption.id), region_path=good.region_path, good=good.id, person=whose)
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
    demand(actor, Permission.GOODS_RUN, good.region_path, concerned(redemption.person_id))
    _still_held(redemption)
    redemption.status = RedemptionStatus.HANDED
    redemption.ended_at = clock.now()
    redemption.handed_by_id = actor.user_id
    audit.record(actor.user_id, "redemption.hand", ("redemption", redemption.id), region_path=good.region_path, good=good.id)
    return redemption


def cancel(actor: Actor, redemption_id: int) -> Redemption:
    """Take an exchange back, within 24 hours; the points return to where they came from."""
    redemption, good = _held(redemption_id)
    if not identity.speaks_for(actor.person_id, redemption.person_id):
        raise out_of_reach()
    _still_held(redemption)
    if clock.now() - redemption.held_at > rules.CANCEL_WITHIN:
        raise NotNow("cancel_too_late", _l("过了 24 小时，不能自己取消了。不来领的话，到期积分会自己退回。"))
    _given_back(redemption, good, RedemptionStatus.CANCELLED, actor.user_id)
    return redemption


def leave(actor: Actor, person_id: int) -> None:
    """What somebody whose account closes has not fetched goes back on the shelf; their points end with their days."""
    rows = select(Redemption.id).where(Redemption.person_id == person_id, Redemption.status == RedemptionStatus.HELD)
    for redemption_id in db.session.scalars(rows.order_by(Redemption.good_id, Redemption.id)).all():
        redemption, good = _held(redemption_id)
        if redemption.status is RedemptionStatus.HELD:
            _given_back(redemption, good, RedemptionStatus.CANCELLED, actor.user_id)


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
    balance = balance_held(redemption.person_id)
    spent = queries.entry_of(f"redemption:{redemption.id}", "redeem")
    redemption.status = status
    redemption.ended_at = clock.now()
    good.stock += 1
    entry = entered(
        balance, EntryKind.RESTORE, redemption.points, source=f"redemption:{redemption.id}", reason="restore",
        words=f"退回 {good.name}", actor_id=actor_id,
    )  # fmt: skip
    use(entry, [(use.lot_id, -use.points) for use in queries.uses_of(spent.id)])
    # What comes back after its day is gone at once, and stands in the ledger as such.
    lapsed(balance)
    audit.record(actor_id, f"redemption.{status.value}", ("redemption", redemption.id), region_path=good.region_path, good=good.id)
