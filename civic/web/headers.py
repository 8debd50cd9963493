"""Headers of every answer: a strict content policy and its companions."""

from __future__ import annotations

from flask import Flask, Response, request, session
from flask_login import COOKIE_NAME as REMEMBER

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


# What a browser's cookie may hold without the page being anybody's.
IMPERSONAL = frozenset({"text", "language", "csrf_token", "visitor", "was", "_permanent", "_remember", "_flashes"})
PRIVATE_LINKS = frozenset({"token", "reference", "key"})


def _is_personal(answer: Response) -> bool:
    """Whether a page is of somebody who signed in, drafts or holds a private link; of a form that was refused, too."""
    return (
        "Set-Cookie" in answer.headers
        or request.method == "POST"
        or bool(PRIVATE_LINKS & set(request.view_args or ()))
        or not IMPERSONAL.issuperset(session)
        or (REMEMBER in request.cookies and not request.path.startswith("/api/"))
    )


def _add(answer: Response) -> Response:
    answer.headers.extend(pair for pair in ALWAYS if pair[0] not in answer.headers)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if answer.mimetype == "text/html":
        # Pages carry people's data and forms' tokens: nothing in between may keep them, and of what is somebody's own nothing
        # is left in the browser either, for the next to find with its arrow.
        answer.headers.setdefault("Cache-Control", "no-store" if _is_personal(answer) else "private, no-cache")
        answer.headers.add("Vary", "Cookie")
    return answer


def init(app: Flask) -> None:
    app.after_request(_add)
