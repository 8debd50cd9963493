"""Tables of the pipeline, one module for each noun; imported by full path."""

from civic.nominations.models import (  # noqa: F401
    cases,
    councils,
    decisions,
    guardians,
    inquiries,
    juries,
    levels,
    likenesses,
    looks,
    mentioned,
    notices,
    reactions,
    rounds,
    second_looks,
    voices,
)
