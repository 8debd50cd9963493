"""Headers of every answer: a strict content policy and its companions."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def _add(answer: Response) -> Response:
    answer.headers.extend(pair for pair in ALWAYS if pair[0] not in answer.headers)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if answer.mimetype == "text/html":
        # Pages carry people's data and forms' tokens: nothing in between may keep them.
        answer.headers.setdefault("Cache-Control", "no-store" if "Set-Cookie" in answer.headers else "private, no-cache")
        answer.headers.add("Vary", "Cookie")
    return answer


def init(app: Flask) -> None:
    app.after_request(_add)
