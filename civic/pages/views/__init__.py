"""Pages that mix features, each noun in its own module."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.pages.views import about, birthday, complaints, export, health, home, kinship, leaving, me, roll, tracking, unsent  # noqa: E402, F401
