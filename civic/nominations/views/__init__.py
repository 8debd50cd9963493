"""Pages for everyone who nominates: the four steps, the proof, supplementing and withdrawing, photographs."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.nominations.views import following, writing  # noqa: E402, F401
