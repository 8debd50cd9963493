"""Pages for volunteers: what I can take now, an event, my shifts and hours, my family; and the leader's tick list."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.volunteering.views import boards, calendars, counting, handing, leading, mine, papers, taking  # noqa: E402, F401
