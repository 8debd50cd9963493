"""Sealing, by the clock."""

from __future__ import annotations

from datetime import timedelta

from civic.audit import actions
from civic.core.db import transaction
from civic.core.jobs import Job

BATCH = 1000


def seal_all() -> int:
    """Seal until nothing is left, batch by batch."""
    total = 0
    while True:
        with transaction():
            count = actions.seal(BATCH)
        total += count
        if count < BATCH:
            return total


JOBS = [Job("audit.seal", timedelta(seconds=15), seal_all)]
