"""What the worker does for the pipeline, by the clock."""

from __future__ import annotations

from datetime import timedelta

from civic.core.db import transaction
from civic.core.jobs import Job
from civic.honours import actions as honours
from civic.nominations.actions import drafting, inquiring, rounds, timing


def _tallies() -> int:
    with transaction():
        honours.refresh_tally()
        return timing.refresh_tallies()


def _until_none_left(step: object) -> int:
    """Small transactions until nothing is due: a long backlog never holds a long lock."""
    total = 0
    while True:
        with transaction():
            count = step()  # type: ignore[operator]
        total += count
        if count < min(timing.BATCH, rounds.BATCH):
            return total


JOBS = [
    Job("nominations.resume", timedelta(seconds=60), lambda: _until_none_left(timing.resume_unanswered)),
    Job("nominations.raise", timedelta(seconds=60), lambda: _until_none_left(timing.raise_overdue)),
    Job("nominations.reroute", timedelta(seconds=60), lambda: _once(timing.reroute_changed)),
    Job("nominations.confirm", timedelta(seconds=60), lambda: _until_none_left(rounds.confirm_late)),
    Job("nominations.chase", timedelta(minutes=10), lambda: _once(inquiring.chase_opinions)),
    Job("honours.expire", timedelta(hours=1), lambda: _once(honours.expire_due)),
    Job("nominations.tally", timedelta(seconds=60), _tallies),
    Job("nominations.purge", timedelta(hours=1), lambda: _once(drafting.purge_old)),
]


def _once(step: object) -> int:
    with transaction():
        return step()  # type: ignore[operator]
