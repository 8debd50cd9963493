"""Delivering letters, and forgetting old copies and tries."""

from __future__ import annotations

from datetime import timedelta

from civic.core import limits
from civic.core.db import transaction
from civic.core.jobs import Job, once
from civic.outbox import actions
from civic.outbox.delivery import deliver_due


def _purge() -> int:
    with transaction():
        return actions.purge_shown() + limits.purge()


JOBS = [
    Job("outbox.deliver", timedelta(seconds=2), deliver_due, hand="letters"),
    Job("outbox.mend_times", timedelta(minutes=1), once(actions.mend_times)),
    Job("outbox.purge", timedelta(hours=1), _purge),
]
