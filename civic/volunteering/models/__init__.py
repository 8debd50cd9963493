"""Tables of volunteering, one module for each noun; imported by full path."""

from civic.volunteering.models import attendance, events, people

__all__ = ["attendance", "events", "people"]
