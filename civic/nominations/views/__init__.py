"""Pages for everyone who nominates: the four steps, the proof, supplementing and withdrawing, photographs;
public notices and objections; the ballots of council members."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.nominations.views import again, council, following, guarding, inquiring, jury, noticing, proving, reacting, writing  # noqa: E402, F401
