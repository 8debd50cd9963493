"""Forgetting errands that are over since a day, with the files they made."""

from __future__ import annotations

from datetime import timedelta

from civic.core.jobs import Job, until_none_left
from civic.errands import actions

JOBS = [Job("errands.purge", timedelta(minutes=10), until_none_left(actions.purge, actions.BATCH))]
