"""Language and text size of the page: both kept by the server in the session, both one tap away."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context, request, session, url_for
from flask_babel import Babel, get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("zh", "en")


def language() -> str:
    """The page's language: chosen, else Chinese (a city's residents do not choose it by their browser's settings)."""
    chosen = session.get("language") if has_request_context() else None
    return chosen if chosen in LANGUAGES else "zh"


def locale_code() -> str:
    """The value of the page's `lang`."""
    return {"zh": "zh-CN", "en": "en"}[language()]


def large_text() -> bool:
    """Whether 大字版 is on."""
    return session.get("text") == "large"


@pass_eval_context
def _said(page: EvalContext, words: str, /, **values: Any) -> str:
    """Words of a template in the page's language. A page has a hundred: the catalogue is found once, and one call says it
    where the library's needs three."""
    locale = get_locale()
    known = g.get("catalogue")
    if known is None or known[0] is not locale:
        known = g.catalogue = (locale, get_translations())
    said = known[1].ugettext(words)
    if page.autoescape:
        said = Markup(said)
    # As the library does: a format always, also where nothing is filled in.
    return said % values if "%" in said else said


def _remember_choice() -> None:
    if request.path.startswith("/api/"):
        return
    if request.args.get("text") in ("large", "normal"):
        session["text"] = request.args["text"]
        session.permanent = True
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
        session.permanent = True


def _here(**changes: str) -> str:
    if request.endpoint is None or request.method != "GET":
        return "/?" + "&".join(f"{k}={v}" for k, v in changes.items())
    values = {**(request.view_args or {}), **request.args.to_dict(), **changes}
    return url_for(request.endpoint, **values)


def toggle_text_url() -> str:
    """This page in the other text size."""
    return _here(text="normal" if large_text() else "large")


def toggle_language_url() -> str:
    """This page in the other language."""
    return _here(lang="zh" if language() == "en" else "en")


def init(app: Flask) -> None:
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh")
    Babel(app, locale_selector=language, timezone_selector=lambda: app.config["TIMEZONE"])
    app.before_request(_remember_choice)
    app.jinja_env.globals.update(
        _=_said,
        language=language,
        locale_code=locale_code,
        large_text=large_text,
        toggle_text_url=toggle_text_url,
        toggle_language_url=toggle_language_url,
    )
