"""What the clock does for kiosks: events that begin soon get their key."""

from __future__ import annotations

from datetime import timedelta

from civic.core.jobs import Job, until_none_left
from civic.kiosk.actions import enrolling

JOBS = [Job("kiosk.keys", timedelta(seconds=60), until_none_left(enrolling.ensure_keys, 100))]
