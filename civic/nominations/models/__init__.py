"""Tables of the pipeline, by noun: cases, rounds, councils, notices, guardians, inquiries, likenesses, looks, the mentioned."""

from civic.nominations.models import cases, councils, guardians, inquiries, likenesses, looks, mentioned, notices, rounds  # noqa: F401
