"""Tables of the pipeline, by noun: cases, rounds, councils, notices, guardians, inquiries, likenesses, looks."""

from civic.nominations.models import cases, councils, guardians, inquiries, likenesses, looks, notices, rounds  # noqa: F401
