"""That an honour should be looked at again: to those who decide where it was given."""

from __future__ import annotations

from datetime import date

from civic.core import clock
from civic.core.db import db
from civic.honours.models import Honour, HonourStatus
from civic.identity.letters import address_of
from civic.outbox import actions as outbox
from civic.outbox.delivery import Kind
from civic.outbox.models import Message


def tell_review(honour_id: int, due: date, user_id: int) -> bool:
    """A letter to somebody at the desk, once for each time it falls due; whether it is new."""
    key = f"{honour_id}:{due:%Y%m%d}:{user_id}"
    if outbox.is_owed("review_due", key):
        return False
    outbox.enqueue("review_due", key, ("user", user_id), honour=honour_id)
    return True


def _honour(message: Message) -> Honour | None:
    return db.session.get(Honour, message.fact("honour"))


def _is_due(message: Message) -> bool:
    honour = _honour(message)
    return honour is not None and honour.status is HonourStatus.ACTIVE and honour.review_due is not None and honour.review_due <= clock.today()


KINDS = {"review_due": Kind(still_due=_is_due, address=address_of, context=lambda m: {"honour": _honour(m)})}
