"""What the clock does with points: expire, warn, give back what nobody fetched."""

from __future__ import annotations

from datetime import timedelta

from civic.core.jobs import Job, once, until_none_left
from civic.points.actions import entries, goods

JOBS = [
    Job("points.expire", timedelta(hours=1), until_none_left(entries.expire_due, entries.BATCH)),
    Job("points.lapse", timedelta(minutes=10), until_none_left(goods.lapse_due, entries.BATCH)),
    Job("points.warn", timedelta(hours=24), once(entries.warn_due)),
]
