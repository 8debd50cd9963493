"""Tables of the pipeline, by noun: cases, rounds, councils, notices."""

from civic.nominations.models import cases, councils, notices, rounds  # noqa: F401
