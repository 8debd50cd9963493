"""What the worker does for the pipeline, by the clock."""

from __future__ import annotations

from datetime import timedelta

from civic.core.db import transaction
from civic.core.jobs import Job, once, until_none_left
from civic.honours import actions as honours
from civic.honours.actions import reviews
from civic.nominations.actions import drafting, inquiring, juries, rounds, second_looks, timing


def _tallies() -> int:
    with transaction():
        honours.refresh_tally()
        return timing.refresh_tallies()


BATCH = min(timing.BATCH, rounds.BATCH)
JOBS = [
    Job("nominations.resume", timedelta(seconds=60), until_none_left(timing.resume_unanswered, BATCH)),
    Job("nominations.raise", timedelta(seconds=60), until_none_left(timing.raise_overdue, BATCH)),
    Job("nominations.reroute", timedelta(seconds=60), once(timing.reroute_changed)),
    Job("nominations.confirm", timedelta(seconds=60), until_none_left(rounds.confirm_late, BATCH)),
    Job("nominations.chase", timedelta(minutes=10), once(inquiring.chase_opinions)),
    Job("nominations.jurors", timedelta(minutes=10), until_none_left(juries.chase_silent, juries.BATCH)),
    Job("nominations.look_again", timedelta(minutes=10), until_none_left(second_looks.chase, second_looks.BATCH)),
    Job("honours.remind", timedelta(hours=6), until_none_left(reviews.remind_due, reviews.BATCH)),
    Job("honours.expire", timedelta(hours=1), once(honours.expire_due)),
    Job("nominations.tally", timedelta(seconds=60), _tallies),
    Job("nominations.purge", timedelta(hours=1), once(drafting.purge_old)),
]
