"""The style sheet: its parts in layer order as one text, and a flattened copy for browsers that lack layers."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, current_app, request, url_for

from civic.web.guards import anyone

# The order of the layers, and where the files of each lie. Source order is layer order, so the flattened copy is the same.
PARTS = (
    "icon btn chip seal plate glyph cells due quota journey log card slip frame ruled "
    "field choice shots banner table date stars prose"
)
PAGES = "section home notice tracking story roll nominate event me kiosk console queue dashboard sheet about tablets"
ORDER = (
    "tokens",
    "base",
    "layout",
    *(f"parts/{name}" for name in PARTS.split()),
    *(f"pages/{name}" for name in PAGES.split()),
    "modes",
    "print",
)
HEAD = '@charset "UTF-8";\n@layer tokens, base, layout, parts, pages, modes, print;\n'
OLD_CHROMIUM = re.compile(r"Chrome/(\d+)")
LAYERS_SINCE = 99
LAYER = re.compile(r"@layer\s+\w+\s*\{")


def gathered(folder: Path) -> str:
    """All parts as one style sheet."""
    return HEAD + "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in ORDER)


def flattened(css: str) -> str:
    """The same rules without `@layer`: right because specificity is flat and source order is layer order."""
    css = re.sub(r"@layer [\w, ]+;", "", css)
    out: list[str] = []
    at = 0
    while opening := LAYER.search(css, at):
        out.append(css[at : opening.start()])
        end = _closing(css, opening.end())
        out.append(css[opening.end() : end])
        at = end + 1
    return "".join(out) + css[at:]


def _closing(css: str, at: int) -> int:
    """Where the brace that is open at `at` closes; braces in strings and comments do not count."""
    depth = 1
    for mark in re.compile(r'/\*.*?\*/|"[^"]*"|[{}]', re.S).finditer(css, at):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.start()
    raise ValueError("a layer that never closes")


def _lacks_layers() -> bool:
    found = OLD_CHROMIUM.search(request.headers.get("User-Agent", ""))
    return found is not None and int(found[1]) < LAYERS_SINCE


def _sheets() -> dict[str, str]:
    """name → text; made at start, made anew at each request while developing."""
    if current_app.debug or "civic.styles" not in current_app.extensions:
        whole = gathered(Path(current_app.static_folder or "") / "css")
        mark = sha256(whole.encode()).hexdigest()[:12]
        current_app.extensions["civic.styles"] = {f"{mark}.css": whole, f"{mark}-flat.css": flattened(whole)}
    return current_app.extensions["civic.styles"]


def style_url() -> str:
    """The style sheet for this browser."""
    whole, flat = _sheets()
    return url_for("styles", name=flat if _lacks_layers() else whole)


def style_text() -> str:
    """What stands at style_url()."""
    whole, flat = _sheets().values()
    return flat if _lacks_layers() else whole


def init(app: Flask) -> None:
    @app.get("/style/<name>", endpoint="styles")
    @anyone
    def styles(name: str) -> Response:
        sheet = _sheets().get(name)
        if sheet is None:
            abort(404)
        answer = Response(sheet, mimetype="text/css")
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer

    app.jinja_env.globals["style_url"] = style_url
