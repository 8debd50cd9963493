"""Pages for organisers: events and their shifts, teams, hours that wait for a word, sheets, certificates, rules."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.volunteering.desk import categories, certificates, events, hours, qualifications, rules, schedule, sheets, teams  # noqa: E402, F401
