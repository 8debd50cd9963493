"""Tables of the pipeline, by noun: cases, rounds, councils, notices, inquiries, likenesses."""

from civic.nominations.models import cases, councils, inquiries, likenesses, notices, rounds  # noqa: F401
