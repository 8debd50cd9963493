"""Forgetting what accounts left behind: forms that nobody came back for, sessions that are long over."""

from __future__ import annotations

from datetime import timedelta

from civic.core import unsent
from civic.core.jobs import Job, once, until_none_left
from civic.identity.actions import sessions

JOBS = [
    Job("identity.unsent", timedelta(minutes=5), once(unsent.purge)),
    Job("identity.sign_ins", timedelta(hours=6), until_none_left(sessions.purge, sessions.BATCH)),
]
