"""Rare signs that no font has are said before a print, with what to do and a way to have it all the same."""

from __future__ import annotations

from flask import Flask, has_request_context, render_template, request

from civic.core import pdf
from civic.core.db import db
from civic.web.asking import frame

ANYWAY = "anyway"


def _is_untold() -> bool:
    return has_request_context() and ANYWAY not in request.values


def _carried() -> list[tuple[str, str]]:
    """What was sent and goes along when it is printed all the same."""
    sent = request.args if request.method == "GET" else request.form
    return [(name, value) for name, value in sent.items(multi=True) if name not in (ANYWAY, "csrf_token")]


def init(app: Flask) -> None:
    if _is_untold not in pdf.warns:
        pdf.warns.append(_is_untold)

    @app.errorhandler(pdf.Unprintable)
    def lacking(error: pdf.Unprintable) -> tuple[str, int]:
        db.session.rollback()
        return render_template(
            "web/unprintable.html", frame=frame(), signs=error.signs, around=error.around, method=request.method.lower(), where=request.full_path.rstrip("?"),
            carried=_carried(), name=ANYWAY, back=request.referrer or "/",
        ), 409  # fmt: skip
