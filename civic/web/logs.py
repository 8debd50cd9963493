"""Structured logs, one line a request, without personal data: no addresses, no queries, no names, no texts."""

from __future__ import annotations

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from civic.core.errors import passed
from civic.web import session

log = structlog.get_logger("civic.web")


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(6)


def _end(answer: Response) -> Response:
    # The endpoint's name, never the path: paths hold references and links that open cases.
    log.info(
        "request",
        id=g.get("request_id"),
        method=request.method,
        endpoint=request.endpoint,
        status=answer.status_code,
        ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000),
        user=session.actor().user_id if "actor" in g else None,
    )
    return answer


def broken(error: BaseException) -> None:
    """A failure of ours: its kind and the places in our code, never its words, its values or the path that was asked for."""
    log.error("broken", id=g.get("request_id"), endpoint=request.endpoint, error=type(error).__name__, at=passed(error))


def init(app: Flask) -> None:
    level = logging.WARNING if app.testing or app.config["DEMO"] else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    app.before_request(_begin)
    app.after_request(_end)
