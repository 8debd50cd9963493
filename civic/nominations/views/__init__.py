"""Pages for everyone who nominates: the four steps, the proof, supplementing and withdrawing, photographs;
public notices and objections; the ballots of council members."""

from flask import Blueprint

pages = Blueprint("views", __name__)

from civic.nominations.views import (  # noqa: E402, F401
    again,
    council,
    following,
    guarding,
    holding,
    inquiring,
    jury,
    noticing,
    proving,
    reacting,
    writing,
)
