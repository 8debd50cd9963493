"""Staff pages that mix features, each noun in its own module."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.pages.desk import birthdays, complaints, places, roles  # noqa: E402, F401
