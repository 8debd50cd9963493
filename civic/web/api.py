"""JSON for machines: how interfaces are described (OpenAPI 3.1), who may call them, and what keeps them from a browser's cookies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Flask, Request, Response, jsonify, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from civic.web.guards import anyone

PREFIX = "/api/"
LARGEST = 2 * 1024 * 1024


class Api(flask_smorest.Api):
    """The description. Errors of the whole house stay with web/errors, and the document stands at an address of ours."""

    # Each operation names all its errors itself.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Nothing: the library would answer for every page."""

    def _register_doc_blueprint(self) -> None:
        """Nothing: see `init`."""


class Cookieless(SecureCookieSessionInterface):
    """Machines come with a key, never with a cookie: under /api/ none is read and none is set."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(PREFIX):
            return SecureCookieSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if not request.path.startswith(PREFIX):
            super().save_session(app, session, response)


def _bounded() -> None:
    if request.path.startswith(PREFIX):
        request.max_content_length = LARGEST


def init(app: Flask) -> Api:
    app.config.update(API_TITLE="好人城", API_VERSION="v1", OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=None)
    app.session_interface = Cookieless()
    app.before_request_funcs.setdefault(None, []).insert(0, _bounded)
    api = Api(app)
    api.spec.components.security_scheme("device", {"type": "http", "scheme": "bearer", "description": "The key a kiosk got when it was paired."})
    kept: list[dict[str, Any]] = []

    @app.get("/api/openapi.json", endpoint="openapi")
    @anyone
    def openapi() -> Response:
        if not kept:
            kept.append(api.spec.to_dict())
        return jsonify(kept[0])

    return api


def documented(blueprint: flask_smorest.Blueprint, schema: Any, *statuses: int) -> Callable[[Any], Any]:
    """The errors that an operation may answer with, all of one shape."""

    def mark(view: Any) -> Any:
        for status in statuses:
            view = blueprint.alt_response(status, schema=schema)(view)
        return view

    return mark
