"""What the clock does with points: expire, warn, give back what nobody fetched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from civic.core.db import transaction
from civic.core.jobs import Job
from civic.points import actions


def _until_none_left(step: Callable[[], int]) -> int:
    total = 0
    while True:
        with transaction():
            count = step()
        total += count
        if count < actions.BATCH:
            return total


def _warn() -> int:
    with transaction():
        return actions.warn_due()


JOBS = [
    Job("points.expire", timedelta(hours=1), lambda: _until_none_left(actions.expire_due)),
    Job("points.lapse", timedelta(minutes=10), lambda: _until_none_left(actions.lapse_due)),
    Job("points.warn", timedelta(hours=24), _warn),
]
