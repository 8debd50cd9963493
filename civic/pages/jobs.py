"""What the clock does for features that meet only here: roles whose last day is over."""

from __future__ import annotations

from datetime import timedelta

from civic.core.jobs import Job, until_none_left
from civic.pages.actions import leaving

JOBS = [Job("pages.roles_over", timedelta(minutes=10), until_none_left(leaving.end_roles_over, leaving.BATCH))]
