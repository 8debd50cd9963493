"""Pages of those who decide: the queue with its deeds, publication, the levels' rules."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.nominations.desk import publication, queues, ruling  # noqa: E402, F401
