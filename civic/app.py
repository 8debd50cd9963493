"""create_app(): settings, extensions, every feature's models, pages, letters and commands."""

from __future__ import annotations

import importlib
import importlib.util
import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_mail import Mail
from flask_wtf import CSRFProtect
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from civic.core import alone, clock, crypto, storage
from civic.core.db import db
from civic.errands import running
from civic.identity.actions import accounts
from civic.nominations.rules import climbing, links
from civic.pages.rules import scene_of
from civic.web import api, arguments, errors, filters, guards, headers, i18n, icons, logs, nav, session, styles, takeaway, unsent

ROOT = Path(__file__).resolve().parent.parent
FEATURES = ("core", "audit", "outbox", "regions", "identity", "errands", "points", "honours", "nominations", "volunteering", "kiosk", "pages", "demo")
WEB_HALVES = ("views", "desk")
MEBIBYTE = 1024 * 1024

csrf = CSRFProtect()
mail = Mail()


class Civic(Flask):
    """The house. None of its functions is a coroutine, so nobody has to look each one up before it is called."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class NotReady(SystemExit):
    """A deployment that must not start; the sentence says what to set."""


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The application. Settings come from defaults, instance/settings.cfg, CIVIC_* variables and `settings`."""
    app = Civic(
        "civic",
        root_path=str(ROOT / "civic"),
        template_folder="../templates",
        static_folder="../static",
        instance_path=str(ROOT / "instance"),
        instance_relative_config=True,
    )
    _configure(app, settings or {})
    _check(app)
    crypto.configure(app.config["DATA_KEYS"])
    clock.configure(app.config["TIMEZONE"])
    if app.config.get("ARGON2_CHEAP"):
        accounts.hash_cheaply()
    storage.configure(Path(app.config["UPLOAD_FOLDER"]))
    if app.config["TRUSTED_PROXIES"]:
        # Behind a proxy the visitor's address stands in a header; without one, that header is the visitor's own claim.
        hops = int(app.config["TRUSTED_PROXIES"])
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    alone.init(app)
    _load("models")
    # Found out once, before a server forks, not by every worker for itself.
    configure_mappers()
    csrf.init_app(app)
    mail.init_app(app)
    for part in (arguments, logs, i18n, session, unsent, guards, headers, errors, filters, icons, styles):
        part.init(app)
    _words(app)
    _register_pages(app)
    _register_commands(app)
    _register_letters(app)
    _register_errands()
    return app


def _configure(app: Flask, settings: dict[str, Any]) -> None:
    instance = Path(app.instance_path)
    app.config.from_mapping(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{instance / 'civic.db'}",
        UPLOAD_FOLDER=str(instance / "uploads"),
        DEMO=False,
        TIMEZONE="Asia/Shanghai",
        CITY_NAME="云汀市",
        HOTLINE="12345 转 5",
        HOST_ORGANISATION="云汀市精神文明建设办公室",
        BASE_URL="http://127.0.0.1:8000",
        CODE_SENDER=None,  # "page" is the development sender; real gateways come later
        MAIL_SENDER="smtp",
        MAIL_DEFAULT_SENDER="civic@localhost",
        MAIL_CONNECT_TIMEOUT=10,  # seconds until the mail server has let us in
        MAIL_TIMEOUT=20,  # for each of its answers
        MAIL_LETTER_TIMEOUT=60,  # for one letter as a whole
        TRUSTED_PROXIES=0,
        COMPLAINT_DAYS=10,  # working days until a complaint is answered
        OUTBOX_MAX_AGE=3600,  # seconds a due letter may wait before the site calls itself not ready
        WORKER_MAX_AGE=20,  # seconds the worker may be silent before the site calls itself not ready
        MAX_CONTENT_LENGTH=56 * MEBIBYTE,
        MAX_FORM_MEMORY_SIZE=2 * MEBIBYTE,
        MAX_FORM_PARTS=200,
        PERMANENT_SESSION_LIFETIME=timedelta(days=365),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=None,
        # Else every picture on its way would bring back the cookie as it was before the form was opened.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.config.from_pyfile("settings.cfg", silent=True)
    app.config.from_prefixed_env("CIVIC")
    app.config.from_mapping(settings)
    if app.config["DEMO"]:
        app.config.setdefault("CODE_SENDER", "page")
        app.config["CODE_SENDER"] = app.config["CODE_SENDER"] or "page"
        app.config["MAIL_SENDER"] = settings.get("MAIL_SENDER", "page")
    if app.config["SESSION_COOKIE_SECURE"] is None:
        app.config["SESSION_COOKIE_SECURE"] = app.config["BASE_URL"].startswith("https://")


def _check(app: Flask) -> None:
    """Unsafe defaults do not start."""
    if app.config["DEMO"]:
        _keys_of_the_demo(app)
    if not app.config.get("SECRET_KEY"):
        raise NotReady("Civic does not start without CIVIC_SECRET_KEY: set it to a long random text. 缺少 CIVIC_SECRET_KEY。")
    if not app.config.get("DATA_KEYS"):
        raise NotReady("Civic does not start without CIVIC_DATA_KEYS: `id:base64` of 32 random bytes. 缺少 CIVIC_DATA_KEYS。")


def _keys_of_the_demo(app: Flask) -> None:
    """A demonstration makes its own keys once and keeps them in instance/; a real deployment never does."""
    for name, make in (("SECRET_KEY", lambda: secrets.token_urlsafe(48)), ("DATA_KEYS", crypto.new_key)):
        if app.config.get(name):
            continue
        file = Path(app.instance_path) / f"demo-{name.lower()}"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(make(), encoding="ascii")
        app.config[name] = file.read_text(encoding="ascii")


def _load(name: str) -> list[Any]:
    """The module of that name of every feature that has one."""
    found = (f"civic.{feature}.{name}" for feature in FEATURES)
    return [importlib.import_module(m) for m in found if importlib.util.find_spec(m) is not None]


def _register_pages(app: Flask) -> None:
    """One name, five places: `civic/nominations/desk.py` becomes `nominations.desk` at /nominations/desk.

    `views` gives its feature's own name; `pages` stands at the root, for its addresses are printed on paper.
    """
    for half in WEB_HALVES:
        for module in _load(half):
            feature = module.__name__.split(".")[1]
            name = feature if half == "views" else f"{feature}.{half}"
            prefix = "/" + name.replace(".", "/").removeprefix("pages").lstrip("/")
            app.register_blueprint(module.pages, name=name, url_prefix=prefix.rstrip("/") or None)
    description = api.init(app)
    for module in _load("api"):
        # Machines come without cookies, so there is no form of ours to prove.
        csrf.exempt(module.pages)
        module.init(app, description)
        description.register_blueprint(module.pages, name=f"{module.__name__.split('.')[1]}.api", url_prefix=module.PREFIX)


def with_migrations(app: Flask) -> Flask:
    """The same application with `flask db`: the command line has it, no server needs the 11 MB that it brings."""
    flask_migrate = importlib.import_module("flask_migrate")
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    return app


def _register_commands(app: Flask) -> None:
    for module in _load("cli"):
        app.cli.add_command(module.commands)
    worker = importlib.import_module("civic.worker")
    app.extensions["civic.jobs"] = worker.all_jobs
    app.cli.add_command(worker.command)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        with_migrations(app)


def _register_letters(app: Flask) -> None:
    """Each feature says how its letters are addressed and when they are still due."""
    delivery = importlib.import_module("civic.outbox.delivery")
    delivery.init(app)
    for module in _load("letters"):
        delivery.learn(module.KINDS)
    delivery.learn_hours(importlib.import_module("civic.identity.letters").quiet_hours_of)


def _register_errands() -> None:
    """Each feature says which errands it carries out."""
    for module in _load("errands"):
        running.learn(module.KINDS)


def _words(app: Flask) -> None:
    app.jinja_env.globals.update(
        nav_items=nav.nav_items,
        city_name=lambda: app.config["CITY_NAME"],
        is_demo=lambda: app.config["DEMO"],
        purposes_of_sheets=takeaway.PURPOSES,
        scene_of=scene_of,
        tracking_token=links.tracking_token,
        glyph_of=climbing.glyph_of,
    )

    @app.context_processor
    def _viewer() -> dict[str, Any]:
        account = session.account()
        return {"viewer": None if account is None else nav.Viewer(account.id, account.name)}
