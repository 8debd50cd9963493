"""Tables of the pipeline, by noun: cases, rounds, councils, notices, guardians, inquiries, likenesses."""

from civic.nominations.models import cases, councils, guardians, inquiries, likenesses, notices, rounds  # noqa: F401
