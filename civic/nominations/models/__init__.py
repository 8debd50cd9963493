"""Tables of the pipeline, by noun: cases, rounds, councils, notices, inquiries."""

from civic.nominations.models import cases, councils, inquiries, notices, rounds  # noqa: F401
