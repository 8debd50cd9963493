"""Courtesies because of an honour (礼遇): given by a provider for a time, used, ended; they end with the honour itself."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Invalid, NotNow
from civic.honours.models import Benefit, BenefitUse, Honour, HonourStatus
from civic.identity.permissions import Actor, Permission, concerned, demand, out_of_reach

HOLDING = frozenset({HonourStatus.ACTIVE, HonourStatus.EXPIRED})


def give(actor: Actor, honour_id: int, *, name: str, provider: str, since: date, until: date | None) -> Benefit:
    """Write down a courtesy. Only somebody whose honour stands has any."""
    honour = db.session.scalars(locked(select(Honour).where(Honour.id == honour_id))).first()
    if honour is None:
        raise out_of_reach()
    demand(actor, Permission.HONOUR_CHANGE, honour.region_path, concerned(honour.person_id))
    if honour.status not in HOLDING:
        raise NotNow("honour_not_standing", _l("这份荣誉现在不作数，不能添礼遇。"))
    if not name.strip() or not provider.strip():
        raise Invalid("benefit_unclear", _l("请写是什么礼遇、谁提供。"), field="name")
    if until is not None and until < since:
        raise Invalid("term_backwards", _l("到期的日子要在开始之后。"), field="until")
    assert actor.user_id is not None
    row = Benefit(
        honour_id=honour.id, region_path=honour.region_path, name=name.strip(), provider=provider.strip(), since=since, until=until,
        given_at=clock.now(), given_by_id=actor.user_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(actor.user_id, "benefit.give", ("benefit", row.id), region_path=row.region_path, honour=honour.id, since=since, until=until)
    return row


def _held(actor: Actor, benefit_id: int) -> Benefit:
    row = db.session.scalars(locked(select(Benefit).where(Benefit.id == benefit_id))).first()
    if row is None:
        raise out_of_reach()
    honour = db.session.get_one(Honour, row.honour_id)
    demand(actor, Permission.HONOUR_CHANGE, row.region_path, concerned(honour.person_id))
    return row


def use(actor: Actor, benefit_id: int, *, used_on: date, words: str) -> BenefitUse:
    """It was used once, within its time."""
    row = _held(actor, benefit_id)
    if used_on > clock.today():
        raise Invalid("use_in_future", _l("还没到这一天，请再看一眼。"), field="used_on")
    if used_on < row.since or (row.until is not None and used_on > row.until):
        raise Invalid("use_out_of_term", _l("这一天不在它的期限里。"), field="used_on")
    if row.ended_at is not None and used_on > clock.local(row.ended_at).date():
        raise NotNow("benefit_ended", _l("这项礼遇已经停了。"))
    if not words.strip():
        raise Invalid("use_unclear", _l("请写用在哪里，比如“陪母亲体检一次”。"), field="words")
    assert actor.user_id is not None
    found = BenefitUse(benefit_id=row.id, used_on=used_on, words=words.strip()[:200], at=clock.now(), recorded_by_id=actor.user_id)
    db.session.add(found)
    db.session.flush()
    audit.record(actor.user_id, "benefit.use", ("benefit", row.id), region_path=row.region_path, on=used_on)
    return found


def end(actor: Actor, benefit_id: int, *, why: str) -> None:
    """End one now; ended twice, it keeps its first reason."""
    row = _held(actor, benefit_id)
    if not why.strip():
        raise Invalid("reason_missing", _l("请写明原因，会留在档案里。"), field="why")
    _end(actor.user_id, row, why.strip())


def end_all(actor_id: int | None, honour_id: int, *, why: str) -> int:
    """The honour no longer stands: its courtesies end in the same transaction. How many."""
    rows = db.session.scalars(locked(select(Benefit).where(Benefit.honour_id == honour_id, Benefit.ended_at.is_(None)).order_by(Benefit.id))).all()
    for row in rows:
        _end(actor_id, row, why)
    return len(rows)


def _end(actor_id: int | None, row: Benefit, why: str) -> None:
    if row.ended_at is None:
        row.ended_at, row.ended_why = clock.now(), why[:200]
        audit.record(actor_id, "benefit.end", ("benefit", row.id), region_path=row.region_path)
