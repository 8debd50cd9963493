"""Icons of the one drawn sheet. A function, not a macro: a page shows sixty, and each macro asks for the sheet's address anew."""

from __future__ import annotations

from flask import Flask, g, url_for
from markupsafe import Markup

_ICON = Markup('<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>')


def icon(name: str, extra: str = "") -> Markup:
    """The icon of that name; `extra` are more classes."""
    if "icons" not in g:
        g.icons = url_for("static", filename="img/icons.svg")
    return _ICON.format(extra, g.icons, name)


def init(app: Flask) -> None:
    app.jinja_env.globals["icon"] = icon
