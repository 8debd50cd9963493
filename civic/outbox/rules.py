"""When one may write to somebody, and when one tries again."""

from __future__ import annotations

from datetime import datetime, time, timedelta

# When nobody is written to without need, unless they said other hours.
QUIET_FROM, QUIET_UNTIL = time(20), time(8)

# After each try that failed for this time; then a person has to look.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
# How long a letter of a group waits for the next of its group.
GATHER = timedelta(minutes=30)


def next_polite(local: datetime, quiet_from: time = QUIET_FROM, quiet_until: time = QUIET_UNTIL) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in; there are none where both ends are alike."""
    at, over_night = local.time(), quiet_from > quiet_until
    is_quiet = at >= quiet_from or at < quiet_until if over_night else quiet_from <= at < quiet_until
    if not is_quiet:
        return local
    end = local.replace(hour=quiet_until.hour, minute=0, second=0, microsecond=0)
    return end + timedelta(days=1) if over_night and at >= quiet_from else end
