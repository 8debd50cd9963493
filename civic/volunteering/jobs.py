"""What the clock does in volunteering: offers lapse, hours are drafted, hours are settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from civic.core.db import transaction
from civic.core.jobs import Job
from civic.volunteering.actions import attendance, signing


def _until_none_left(step: Callable[[], int], batch: int) -> Callable[[], int]:
    """In small transactions until nothing is due: a long backlog never holds a long lock."""

    def run() -> int:
        total = 0
        while True:
            with transaction():
                count = step()
            total += count
            if count < batch:
                return total

    return run


JOBS = [
    Job("volunteering.lapse", timedelta(seconds=20), _until_none_left(signing.lapse_due, signing.BATCH)),
    Job("volunteering.count", timedelta(seconds=60), _until_none_left(attendance.count_ended, attendance.BATCH)),
    Job("volunteering.settle", timedelta(seconds=60), _until_none_left(attendance.settle_due, attendance.BATCH)),
]
