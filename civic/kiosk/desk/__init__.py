"""Pages for organisers and team leaders: their kiosks, what waits for a decision, member cards."""

from flask import Blueprint

pages = Blueprint("desk", __name__)

from civic.kiosk.desk import cards, conflicts, kiosks  # noqa: E402, F401
