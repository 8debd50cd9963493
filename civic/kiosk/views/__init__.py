"""Pages of the kiosk for everybody: the app that a paired tablet shows, and the volunteer's pass."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.kiosk.views import app, passes  # noqa: E402, F401
