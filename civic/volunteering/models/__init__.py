"""Tables of volunteering, one module for each noun; imported by full path."""

from civic.volunteering.models import attendance, events, handing, paper, people, qualifications, rechecks

__all__ = ["attendance", "events", "handing", "paper", "people", "qualifications", "rechecks"]
