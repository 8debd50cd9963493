"""What a desk should look at: back-fills and words of leaders that repeat too much. Named rules; nothing follows by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from civic.core import clock
from civic.core.db import db
from civic.regions.queries import within
from civic.volunteering.models.attendance import Attestation, Hours
from civic.volunteering.models.events import Event, Shift, SignUp
from civic.volunteering.rules import flags as rules

READ_MOST = 5000


@dataclass(frozen=True)
class Flag:
    """One rule that struck: accounts concerned, how often, and on which day or for whom where the rule knows."""

    rule: str
    user_ids: tuple[int, ...]
    count: int
    day: date | None = None
    person_id: int | None = None


def flags(paths: Sequence[str]) -> list[Flag]:
    """Everything that stands out in these places in the last ninety days; three statements."""
    since = clock.now() - rules.FLAGS_LOOK_BACK
    here = or_(*(within(Event.region_path, path) for path in paths))
    asked = (
        select(Attestation.requested_by_id, Attestation.decided_by_id, Attestation.is_confirmed, Attestation.requested_at)
        .join(SignUp, SignUp.id == Attestation.sign_up_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Attestation.requested_at >= since, here)
        .order_by(Attestation.id.desc())
        .limit(READ_MOST)
    )
    pairs: Counter[tuple[int, int]] = Counter()
    days: Counter[tuple[int, date]] = Counter()
    for asker, decider, is_confirmed, at in db.session.execute(asked):
        days[asker, clock.local(at).date()] += 1
        if is_confirmed and decider is not None:
            pairs[asker, decider] += 1
    found = [Flag("same_two", (one, other), count) for one, other, count in rules.same_two(pairs)]
    found += [Flag("burst", (asker,), count, day=day) for (asker, day), count in sorted(days.items()) if count >= rules.BURST_FROM]
    stayed = db.session.execute(
        select(Hours.confirmed_by_id, Hours.person_id, func.count())
        .join(Shift, Shift.id == Hours.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Hours.confirmed_by_id.is_not(None), Hours.objected_at.is_(None), Hours.how == "full", Hours.day >= clock.local(since).date(), here)
        .group_by(Hours.confirmed_by_id, Hours.person_id)
        .having(func.count() >= rules.STAYED_FROM)
        .order_by(func.count().desc())
        .limit(50)
    )
    return found + [Flag("stayed_again", (leader,), count, person_id=person) for leader, person, count in stayed]
