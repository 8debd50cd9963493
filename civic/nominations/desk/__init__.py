"""Pages of those who decide: the queue with its deeds, publication, rounds and councils, objections, the levels' rules."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.nominations.desk import (  # noqa: E402, F401
    batches,
    closing,
    clues,
    entries,
    handing,
    inquiries,
    juries,
    likenesses,
    meetings,
    objections,
    prints,
    publication,
    queues,
    rounds,
    ruling,
    second_looks,
    sheets,
    undoing,
)
