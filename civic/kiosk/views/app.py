"""The app of a kiosk: its shell in both languages, its service worker, its manifest; the same for whoever asks, no session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from flask import Response, abort, current_app, jsonify, render_template, send_from_directory, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from civic.kiosk.views import pages
from civic.web.guards import anyone
from civic.web.i18n import LANGUAGES
from civic.web.styles import style_text, style_url

FOLDER = "kiosk"
# What the shell shows besides its modules and the style sheet.
PICTURES = ("icons.svg", "mark.svg", "kiosk-192.png", "kiosk-512.png", *(f"step-{step}.svg" for step in range(1, 6)))
# Scripts that have to stand under /kiosk/, for a worker is served by what lies above its own address.
SCRIPTS = ("worker", "decoder")
# Kept on the device only where its browser reads no codes by itself.
DECODER = "vendor/jsQR.js"


@pages.get("/")
@anyone
def app() -> Response:
    """The page that a paired tablet shows, and an unpaired one too."""
    answer = Response(str(_made()["shell"]), mimetype="text/html")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/<name>.js")
@anyone
def script(name: str) -> Response:
    """The service worker, with the list of what it keeps before it, and the decoder."""
    if name not in SCRIPTS:
        abort(404)
    if name == "worker":
        text = (_static() / FOLDER / "worker.js").read_text(encoding="utf-8")
        answer = Response(f"const SHELL = {json.dumps(_announced())};\n{text}", mimetype="text/javascript")
    else:
        answer = send_from_directory(_static() / FOLDER, "decoder.js", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/manifest.webmanifest")
@anyone
def manifest() -> Response:
    """What a browser needs to install it."""
    icons = [{"src": url_for("static", filename=f"img/kiosk-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)]
    answer = jsonify(
        id="/kiosk/", name=_("好人城签到台"), short_name=_("签到台"), lang="zh-CN", start_url=url_for("kiosk.app"), scope=url_for("kiosk.app"),
        display="fullscreen", background_color="#14352a", theme_color="#14352a", icons=icons,
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer


@pages.get("/files.json")
@anyone
def files() -> Response:
    """What the shell consists of: each file with its digest, and the version they make together."""
    return jsonify(_announced())


def _static() -> Path:
    return Path(current_app.static_folder or "")


def _modules() -> Iterator[Path]:
    """The modules of the page; the two workers are fetched by addresses of their own."""
    return (path for path in sorted((_static() / FOLDER).glob("*.js")) if path.stem not in SCRIPTS)


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _screens() -> dict[str, Markup]:
    """All screens and sentences, in every language."""
    found = {}
    for name in LANGUAGES:
        with force_locale(name):
            found[name] = Markup(render_template("kiosk/screens.html", prefix=name))  # escaped where it was made
    return found


def _shell() -> str:
    """In Chinese, whoever asks: the language is switched on the screen."""
    screens = _screens()
    parts = [_digest(path) for path in (*_modules(), *_pictures())]
    version = sha256("".join([*parts, *screens.values(), style_url()]).encode()).hexdigest()[:8]
    with force_locale("zh"):
        return render_template("kiosk/app.html", languages=screens, version=version)


def _pictures() -> Iterator[Path]:
    return (_static() / "img" / name for name in PICTURES)


def _made() -> dict[str, object]:
    """{shell, version, files, lazy} for this browser's style sheet; made once, made anew at each request while developing."""
    sheet = style_url()
    known = current_app.extensions.setdefault("civic.kiosk.shell", {})
    if sheet not in known or current_app.debug:
        known[sheet] = _listed(sheet, _shell())
    return known[sheet]


def _listed(sheet: str, shell: str) -> dict[str, object]:
    kept = {url_for("kiosk.app"): sha256(shell.encode()).hexdigest(), sheet: sha256(style_text().encode()).hexdigest()}
    for path in (*_modules(), *_pictures()):
        kept[url_for("static", filename=str(path.relative_to(_static())))] = _digest(path)
    lazy = {url_for("kiosk.script", name="decoder"): _digest(_static() / FOLDER / "decoder.js")}
    decoder = _static() / DECODER
    if decoder.exists():
        lazy[url_for("static", filename=DECODER)] = _digest(decoder)
    whole = sha256(json.dumps([kept, lazy]).encode()).hexdigest()[:12]
    return {"shell": shell, "version": whole, "files": kept, "lazy": lazy}


def _announced() -> dict[str, object]:
    """What the service worker is told: everything but the shell's text."""
    return {name: value for name, value in _made().items() if name != "shell"}
