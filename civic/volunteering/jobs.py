"""What the clock does in volunteering: offers lapse, free places are offered, questions pass on, hours are drafted, hours are settled,
qualifications end."""

from __future__ import annotations

from datetime import timedelta

from civic.core.jobs import Job, until_none_left
from civic.volunteering.actions import counting, handing, offers, qualifications

JOBS = [
    Job("volunteering.lapse", timedelta(seconds=20), until_none_left(offers.lapse_due, offers.BATCH)),
    Job("volunteering.fill", timedelta(seconds=20), until_none_left(offers.fill_due, offers.BATCH)),
    Job("volunteering.pass_on", timedelta(seconds=20), until_none_left(handing.pass_due, handing.BATCH)),
    Job("volunteering.count", timedelta(seconds=60), until_none_left(counting.count_ended, counting.BATCH)),
    Job("volunteering.qualifications", timedelta(hours=1), until_none_left(qualifications.warn_ending, qualifications.BATCH)),
    Job("volunteering.settle", timedelta(seconds=60), until_none_left(counting.settle_due, counting.BATCH)),
]
