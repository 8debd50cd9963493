"""Pages for organisers: events and their shifts, teams, hours that wait for a word."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.volunteering.desk import events, hours, teams  # noqa: E402, F401
