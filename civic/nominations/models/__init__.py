"""Tables of the pipeline, by noun: cases, rounds, councils, notices, guardians, inquiries, juries, likenesses, looks, the mentioned."""

from civic.nominations.models import (  # noqa: F401
    cases,
    councils,
    guardians,
    inquiries,
    juries,
    likenesses,
    looks,
    mentioned,
    notices,
    reactions,
    rounds,
    second_looks,
)
